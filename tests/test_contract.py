"""The contract as data: whole, well-formed, and each clause tied to one check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from graphlib import TopologicalSorter
from itertools import groupby
from typing import Final

import pytest

from tokenstore_conformance.checks import all_checks
from tokenstore_conformance.contract import SOURCES, VERSION, Clause, Level
from tokenstore_conformance.contract.page import FAMILIES
from tokenstore_conformance.contract.zohocrmsdk import CLAUSES, OPEN_POINTS

CAPABILITIES: Final = {"threads", "durable", "processes", "crash-safe", "outage"}

each_clause = pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)


def test_ids_are_unique() -> None:
    """No two clauses share an id."""
    assert len({clause.id for clause in CLAUSES}) == len(CLAUSES)


def test_families_stand_together() -> None:
    """The clauses of a family follow one another, in the order in which families are described."""
    assert [family for family, _ in groupby(clause.family for clause in CLAUSES)] == list(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_numbered_without_gaps(family: str) -> None:
    """The clauses of a family are numbered in order, from 1 on."""
    ids = [clause.id for clause in CLAUSES if clause.family == family]

    assert ids == [f"{family}-{number}" for number in range(1, len(ids) + 1)]


@each_clause
def test_a_clause_says_what_and_why(clause: Clause) -> None:
    """A clause has a sentence and a reason, each beginning and ending as a sentence does."""
    for text in (clause.sentence, clause.why):
        assert re.fullmatch(r"\S.*\.", text)
        assert "  " not in text
        assert not text[0].islower() or re.match(r"\w+_\w+", text)  # but for a name in code


@each_clause
def test_a_clause_has_a_known_origin(clause: Clause) -> None:
    """A clause names its sources, each of them known and once, and the version that brought it."""
    sources = clause.sources.split()

    assert sources
    assert len(set(sources)) == len(sources)
    assert set(sources) <= SOURCES.keys()
    assert version(clause.since) <= version(VERSION)


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


@each_clause
def test_a_capability_binds_nobody_unasked(clause: Clause) -> None:
    """A clause of a capability is no MUST by itself, and the capability is a known one."""
    assert clause.capability is None or (
        clause.level is Level.SHOULD and clause.capability in CAPABILITIES
    )


@pytest.mark.parametrize("point", OPEN_POINTS, ids=lambda point: " ".join(point.split()[:5]))
def test_open_points_are_sentences(point: str) -> None:
    """A point on which the contract is open ends with a full stop and names clauses that exist."""
    assert point.endswith(".")
    assert set(re.findall(r"[A-Z]+-\d+", point)) <= {clause.id for clause in CLAUSES}


def test_every_check_has_a_clause() -> None:
    """No check judges what the contract does not say."""
    assert all_checks().keys() <= {clause.id for clause in CLAUSES}


def test_every_clause_has_a_check() -> None:
    """No clause goes unchecked."""
    assert {clause.id for clause in CLAUSES} - all_checks().keys() == set()


def test_checks_rest_on_clauses_that_exist() -> None:
    """What a check rests on is a clause that has a check itself."""
    named = {each for check in all_checks().values() for each in check.rests_on}

    assert named <= all_checks().keys()


def test_checks_do_not_rest_on_each_other() -> None:
    """No two checks excuse each other: what rests on what has no circle."""
    rests_on: dict[str, Iterable[str]] = {
        clause: check.rests_on for clause, check in all_checks().items()
    }

    assert len(list(TopologicalSorter(rests_on).static_order())) == len(rests_on)
