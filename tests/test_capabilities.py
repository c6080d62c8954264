"""THR, DUR and ERR: liars about what they can do are found, and what is right is not blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_stores import InMemoryStore, ListStore, SQLiteStore
from tests.in_process import judge_of, outcomes
from tests.stores import capable
from tests.stores.honest import HonestFile
from tokenstore_conformance.contract import CAPABILITIES

FAMILIES = ("THR", "DUR", "ERR")

WORDS = {
    "SameThread": "in another thread than that which made the store",
    "RemembersPerThread": "None from find_token_by_id: another thread deleted",
    "Unlocked": "two users log in for the first time: ids are not unique",
    "LocksLate": "two users log in, the first that a store is called for",
    "TellsTheLastId": "on the token that it was given",
    "ClearsOneByOne": "delete_tokens while users are found and saved",
    "ReadsUnlocked": "no order of these calls explains their answers",
    "FindsItsOwn": "in another store, found by its id",
    "Departs": "every process with a store to answer; got a process that died of itself",
    "KeepsSome": "expected 8 records in the store",
    "LocksThreadsAlone": "while another saved: ",
    "WritesInPlace": "lost is what was saved before: anna, bert",
    "LeavesItsLock": "somebody has the lock",
    "WritesLater": "lost: dora",
    "SwallowsErrors": "by a save that returned, is stored",
    "AnswersNone": "SDKException, or the stored",
    "RawErrors": "a true answer or SDKException; got raised",
    "TellsNothing": "SDKException with the cause; got one that tells nothing",
    "QuotesWhatItCannotSave": "save_token in an outage (its file is replaced by a directory)",
    "GivesUp": "get_tokens to answer again, within 5 tries",
}
"""The decisive words of the message."""


@pytest.mark.parametrize("liar", capable.LIARS, ids=lambda liar: f"{liar.clause}-{liar.__name__}")
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """With the words that say what is wrong."""
    result = judge_of(liar, tmp_path, clauses=[liar.clause]).judge(liar.clause)

    assert result.outcome == "failed"
    assert WORDS.get(liar.__name__, "") in result.message


@pytest.mark.parametrize("store", [*capable.RIGHT, InMemoryStore, ListStore, SQLiteStore])
def test_what_is_right_is_not_blamed(store: type, tmp_path: Path) -> None:
    """Every clause of what it can do passes, and the others do not apply."""
    judge = judge_of(store, tmp_path)

    assert outcomes(judge, FAMILIES, "failed") == set()
    has = getattr(store, "has", CAPABILITIES if store is SQLiteStore else ("threads",))
    skipped = {judge.clauses[id].capability for id in outcomes(judge, FAMILIES, "skipped")}
    assert skipped == set(CAPABILITIES) - set(has)


def test_what_does_not_apply_says_why(tmp_path: Path) -> None:
    """A store in memory is not durable, and has no backend that the kit could put out."""
    judge = judge_of(InMemoryStore, tmp_path)

    assert judge.judge("DUR-1").message.startswith("not applicable: not durable: ")
    assert judge.judge("ERR-1").message.startswith("not applicable: the kit cannot put ")


def test_the_history_of_threads_is_shown(tmp_path: Path) -> None:
    """Where a thread was stopped, and each call with its interval and its answer."""
    history = judge_of(capable.Unlocked, tmp_path).judge("THR-2").history

    assert "thread 1 is stopped before honest.py:" in history
    assert "get_tokens() -> [token(" in history


@pytest.mark.parametrize("clause", ["THR-2", "THR-3", "DUR-2", "DUR-3"])
def test_the_verdict_is_the_same_again(clause: str, tmp_path: Path) -> None:
    """No chance is involved in what is found."""
    first, second = (
        judge_of(capable.WritesInPlace, tmp_path / each).judge(clause) for each in ("1", "2")
    )

    assert first.outcome == second.outcome
    assert first.expected == second.expected


def test_the_sdks_own_way_of_writing_is_found(tmp_path: Path) -> None:
    """A file that is rewritten in place loses what was saved, by processes and by kills."""
    judge = judge_of(HonestFile, tmp_path)

    assert {"DUR-2", "DUR-3"} <= outcomes(judge, ("DUR",), "failed")


@pytest.mark.nightly
def test_the_unlocked_are_found_each_time(tmp_path: Path) -> None:
    """And the locked never: what is right is not blamed by chance."""
    found = [judge_of(capable.Unlocked, tmp_path / f"u{n}").judge("THR-2") for n in range(200)]
    right = [judge_of(capable.Locked, tmp_path / f"l{n}").judge("THR-2") for n in range(100)]

    assert {each.outcome for each in found} == {"failed"}
    assert {each.outcome for each in right} == {"passed"}
