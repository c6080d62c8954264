"""The five-method contract: each clause is seen to fail on a liar, and to pass on right stores."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from reference_stores.zcrmsdk.list_store import ListStore
from reference_stores.zcrmsdk.memory_store import InMemoryStore
from reference_stores.zcrmsdk.sqlite_store import SQLiteStore
from tests.zcrmsdk.correct import CORRECT
from tests.zcrmsdk.liars import LIARS
from tokenstore_conformance.checks import FIVE, all_checks
from tokenstore_conformance.contract.zcrmsdk import CLAUSES
from tokenstore_conformance.judge import Judge
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.targets import Target

BY_CALLS = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO")
ALSO_BROKEN = {
    "NoTokenStore": set(),
    "Ascii": {"FIND-5"},  # what is mangled on its way in is found by another text
}
"""Clauses of other families that the lie does break."""


def judge_of(store: type, directory: Path) -> Judge:
    target = Target(store.__name__, store.__module__, store.__name__, store, ())
    return Judge(open_door("zcrmsdk"), target, directory)


def failed(judge: Judge, families: tuple[str, ...] = ()) -> set[str]:
    """The clauses that fail, of all families or of these."""
    wanted = [c.id for c in judge.clauses.values() if not families or c.family in families]
    return {id for id in wanted if judge.judge(id).outcome == "failed"}


def test_every_clause_has_a_check() -> None:
    """And every check a clause; what it rests on has one too."""
    checks = all_checks(FIVE)

    assert set(checks) == {clause.id for clause in CLAUSES}
    assert {each for check in checks.values() for each in check.rests_on} <= set(checks)


def test_no_check_rests_on_itself() -> None:
    """By whatever detour."""
    left = {id: set(check.rests_on) for id, check in all_checks(FIVE).items()}
    while left:
        free = {id for id, rests in left.items() if not rests & set(left)}
        assert free
        for id in free:
            del left[id]


@pytest.mark.parametrize("liar", LIARS, ids=lambda liar: f"{liar.clause}-{liar.__name__}")
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """With what was expected, and what came."""
    result = judge_of(liar, tmp_path).judge(liar.clause)

    assert result.outcome == "failed"
    assert result.expected
    assert result.got


@pytest.mark.parametrize(
    "liar",
    [liar for liar in LIARS if liar.clause.partition("-")[0] in BY_CALLS],
    ids=lambda liar: liar.__name__,
)
def test_a_liar_fails_no_other_family(liar: type, tmp_path: Path) -> None:
    """A lie is told once."""
    broken = failed(judge_of(liar, tmp_path), BY_CALLS)

    family = liar.clause.partition("-")[0]
    foreign = {id for id in broken if id.partition("-")[0] != family}
    assert foreign <= ALSO_BROKEN.get(liar.__name__, set())


@pytest.mark.parametrize("store", CORRECT, ids=lambda store: store.__name__)
def test_a_correct_store_is_never_blamed(store: type, tmp_path: Path) -> None:
    """It fails just the SHOULD clauses that it says it does not keep."""
    assert failed(judge_of(store, tmp_path)) == set(getattr(store, "breaks_should", ()))


@pytest.mark.parametrize("store", [ListStore, InMemoryStore, SQLiteStore])
def test_reference_stores_keep_every_clause(store: type, tmp_path: Path) -> None:
    """Those that a SHOULD states, too."""
    assert failed(judge_of(store, tmp_path)) == set()


def test_every_clause_by_calls_has_a_liar() -> None:
    """No clause is believed before it was seen to fail."""
    named = {liar.clause for liar in LIARS}
    without_ids = {c.id for c in CLAUSES if c.family == "BYID" and not open_door("zcrmsdk").by_id}

    assert {c.id for c in CLAUSES if c.family in BY_CALLS} - without_ids <= named
