"""The five-method contract: its clauses, their checks and their liars stand for one another."""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from tests.mutants import CALL_BY_CALL as FAMILIES
from tests.mutants import CAPABILITIES, PROGRAM
from tests.mutants.zcrmsdk import MUTANTS as LIARS
from tokenstore_conformance.checks import FIVE, all_checks
from tokenstore_conformance.contract.zcrmsdk import CLAUSES
from tokenstore_conformance.sdk import open_door

ABOUT_IDS = {"BYID-1", "BYID-4", "BYID-3", "SDK-4"}
"""Clauses that ask nothing of a store of 3.x."""


def test_every_clause_has_a_check() -> None:
    """And every check a clause; what it rests on has one too."""
    checks = all_checks(FIVE)

    assert set(checks) == {clause.id for clause in CLAUSES}
    assert {each for check in checks.values() for each in check.rests_on} <= set(checks)


def test_no_check_rests_on_itself() -> None:
    """Clauses excuse one another in one direction alone."""
    left = {id: set(check.rests_on) for id, check in all_checks(FIVE).items()}
    while left:
        free = {id for id, rests in left.items() if not rests & set(left)}
        assert free
        for id in free:
            del left[id]


def test_every_clause_has_two_liars() -> None:
    """No clause is believed before it was seen to fail, in more than one way."""
    known = ABOUT_IDS if not open_door("zcrmsdk").by_id else set()
    lies = Counter(liar.clause for liar in LIARS)

    assert {clause.id for clause in CLAUSES} - known == set(lies)
    assert {clause for clause, count in lies.items() if count < 2} == set()


def test_every_family_is_tested() -> None:
    """The families of the tests here are those of the contract."""
    families = {clause.family for clause in CLAUSES}

    assert families == {*FAMILIES, "SEQ", *PROGRAM, *CAPABILITIES}


def test_every_liar_names_its_lie() -> None:
    """A liar has a docstring of its own, and no name twice."""
    names = Counter(liar.__name__ for liar in LIARS)

    assert [liar for liar in LIARS if not vars(liar).get("__doc__")] == []
    assert [name for name, count in names.items() if count > 1] == []
