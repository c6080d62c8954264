"""THR, DUR and ERR: liars about what they can do are found, and what is right is not blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from reference_stores.zcrmsdk.list_store import ListStore
from reference_stores.zcrmsdk.memory_store import InMemoryStore
from reference_stores.zcrmsdk.sqlite_store import SQLiteStore
from tests.zcrmsdk.in_process import CAPABILITIES as FAMILIES
from tests.zcrmsdk.in_process import family_of, judge_of, outcomes
from tests.zcrmsdk.stores import capable
from tests.zcrmsdk.stores.honest import HonestFile
from tests.zcrmsdk.stores.liars import LIARS
from tests.zcrmsdk.stores.liars.files import WritesInPlace
from tests.zcrmsdk.stores.liars.threads import Unlocked
from tokenstore_conformance.contract import CAPABILITIES

INCAPABLE = [liar for liar in LIARS if family_of(liar) in FAMILIES]

WORDS = {
    "SameThread": "in another thread than that which made the store",
    "EachThreadHasItsOwn": "got 0 records",
    "Unlocked": "is lost",
    "LooksBeforeItLocks": "'anna@users.example' has 2 records",
    "ReadsUnlocked": "no order of these calls explains their answers",
    "IsEmptyForAMoment": "no order of these calls explains their answers",
    "KeepsSome": "got 5 records",
    "KeepsNoExpiry": "in another store, after save number 1: 1 record",
    "WritesAtTheEnd": "in another store, after save number 2: 2 records",
    "LocksThreadsAlone": "while another saved: ",
    "ReadsOnce": "lost: ",
    "WritesInPlace": "lost is what was saved before: anna@users.example, bert@users.example",
    "WritesInOneLine": "lost is what was saved before: anna@users.example, bert@users.example",
    "Pickles": "lost is what was saved before: anna@users.example, bert@users.example",
    "LeavesItsLock": "somebody has the lock",
    "WritesLater": "lost: dora",
    "SwallowsErrors": "by a save that returned, is stored",
    "SwallowsErrorsOfDeletions": "delete_token deletes it or raises SDKException",
    "AnswersNone": "SDKException, or the stored",
    "AnswersNoneById": "SDKException, or the stored",
    "ListsNothing": "listed: SDKException, or the stored",
    "RawErrors": "a true answer or SDKException; got raised",
    "TellsNothing": "SDKException with the cause; got one that tells nothing",
    "StartsAnew": "SDKException, or the stored",
    "GivesUp": "get_tokens to answer again, within 5 tries",
    "RepairsItsFile": "which was saved before; got 0 records without it",
}
"""The decisive words of the message."""

IN_FILES = [capable.InFile, capable.ServesFromMemory, capable.InADatabase]

RIGHT = [
    *(capable.Locked, InMemoryStore, ListStore, SQLiteStore),
    *(pytest.param(each, marks=pytest.mark.nightly) for each in IN_FILES),
]


def capabilities_of(store: type) -> tuple[str, ...]:
    """What the store can do."""
    return getattr(store, "has", CAPABILITIES if store is SQLiteStore else ("threads",))


@pytest.mark.parametrize("liar", INCAPABLE, ids=lambda liar: f"{liar.clause}-{liar.__name__}")
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """With the words that say what is wrong."""
    result = judge_of(liar, tmp_path, clauses=[liar.clause]).judge(liar.clause)

    assert result.outcome == "failed"
    assert WORDS[liar.__name__] in result.message


@pytest.mark.parametrize("store", RIGHT)
def test_what_is_right_is_not_blamed(store: type, tmp_path: Path) -> None:
    """Every clause of what it can do passes, and the others do not apply."""
    judge = judge_of(store, tmp_path)

    assert outcomes(judge, FAMILIES, "failed") == set()
    skipped = {judge.clauses[id].capability for id in outcomes(judge, FAMILIES, "skipped")}
    assert skipped == set(CAPABILITIES) - set(capabilities_of(store))


@pytest.mark.parametrize("store", IN_FILES)
def test_files_and_outages_blame_no_right_store(store: type, tmp_path: Path) -> None:
    """One that goes on from memory, and one that refuses every call, are right."""
    judge = judge_of(store, tmp_path)

    assert outcomes(judge, ("ERR",), "passed") == {"ERR-1", "ERR-2"}
    assert judge.judge("DUR-1").outcome == "passed"


def test_what_does_not_apply_says_why(tmp_path: Path) -> None:
    """A store in memory is not durable, and has no backend that the kit could put out."""
    judge = judge_of(InMemoryStore, tmp_path)

    assert judge.judge("DUR-1").message.startswith("not applicable: not durable: ")
    assert judge.judge("ERR-1").message.startswith("not applicable: the kit cannot put ")


def test_the_history_of_threads_is_shown(tmp_path: Path) -> None:
    """Where a thread was stopped, and each call with its interval and its answer."""
    history = judge_of(Unlocked, tmp_path).judge("THR-2").history

    assert "thread 1 is stopped before threads.py:" in history
    assert "get_tokens() -> [token(" in history


@pytest.mark.parametrize(
    "clause", ["THR-2", pytest.param("DUR-2", marks=pytest.mark.nightly), "DUR-3"]
)
def test_the_verdict_is_the_same_again(clause: str, tmp_path: Path) -> None:
    """No chance is involved in what is found."""
    liar = Unlocked if clause == "THR-2" else WritesInPlace

    first, second = (judge_of(liar, tmp_path / each).judge(clause) for each in ("1", "2"))

    assert first.outcome == second.outcome
    assert first.expected == second.expected


def test_the_sdks_own_way_of_writing_is_found(tmp_path: Path) -> None:
    """A file that is rewritten in place loses what was saved, by processes and by kills."""
    judge = judge_of(HonestFile, tmp_path)

    assert {"DUR-2", "DUR-3"} <= outcomes(judge, ("DUR",), "failed")


@pytest.mark.nightly
def test_the_unlocked_are_found_each_time(tmp_path: Path) -> None:
    """And the locked never: what is right is not blamed by chance."""
    found = [judge_of(Unlocked, tmp_path / f"u{n}").judge("THR-2") for n in range(100)]
    right = [judge_of(capable.Locked, tmp_path / f"l{n}").judge("THR-2") for n in range(30)]

    assert {each.outcome for each in found} == {"failed"}
    assert {each.outcome for each in right} == {"passed"}
