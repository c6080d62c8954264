"""Each mutant has one fault, and fails the clause about it, but no clause of another family."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CALL_BY_CALL, CAPABILITIES, GENERATIONS, family_of, mutants_of
from tests.mutants.zohocrmsdk.raising import RAISING
from tokenstore_conformance.contract import contract_of
from tokenstore_conformance.guard import limits
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.sdk.zohocrmsdk.program import REVOKES, SWALLOWS

MUTANTS = [(each, mutant) for each in GENERATIONS for mutant in mutants_of(each)]
"""Every mutant, with its generation."""

FIRST = list({(each, mutant.clause): mutant for each, mutant in reversed(MUTANTS)}.values())
"""The first mutant of each clause, in each generation."""

ELSEWHERE = "SEQ"
"""The family whose mutants test_sequences.py judges."""

LINE = 8 if REVOKES else 6 if SWALLOWS else 5
"""The line of zohocrmsdk that is installed. 6 stands for line 7, too."""

ABOUT_IDS = {"SAVE-29", "BYID-1", "BYID-3", "BYID-4", "SDK-4"}
"""Clauses that require nothing of a store for zcrmsdk 3, whose tokens have no ids."""

LONG = ("DUR", "THR", "RES")
"""The families whose checks start processes, search for races, or count. The first mutant of each
of their clauses is judged in every run. The others are marked slow, and every second one nightly
too.
"""

EVERY = 20
"""One mutant in this many is judged by the whole contract in every run, the rest nightly."""

AT_LEAST = 2
"""Each clause has at least this many mutants."""

each_generation = pytest.mark.parametrize("generation", GENERATIONS)


def param(generation: str, mutant: type, *values: Any, marks: Iterable[Any] = ()) -> Any:
    """Return a mutant as a parameter. Its id has the generation, the clause and the name."""
    name = f"{generation}-{mutant.clause}-{mutant.__name__}"
    line = getattr(mutant, "from_line", 0)
    does_harm = pytest.mark.skipif(line > LINE, reason=f"does no harm before line {line}")
    return pytest.param(mutant, *values, id=name, marks=[does_harm, *marks])


def words_for(generation: str, mutant: type) -> str:
    """Return the decisive words of the mutant's message; "" if none are known.

    Before line 8, the messages of the SDK clauses have other words.
    """
    if family_of(mutant) == "SDK" and generation == "zohocrmsdk" and LINE < 8:
        return ""
    words = import_module(f"tests.mutants.{generation}.words")
    of_the_first = words.OF_THE_FIRST if mutant in FIRST else {}
    found: str = of_the_first.get(mutant.clause) or words.OF_EACH.get(mutant.__name__, "")
    return found


def knows_ids(generation: str) -> bool:
    """Whether tokens have ids in the distribution that is installed."""
    return generation == "zohocrmsdk" or open_door(generation).by_id


def is_whole(mutant: type) -> bool:
    """Whether the test with the whole contract also judges the mutant's own clause."""
    return family_of(mutant) not in (ELSEWHERE, *CAPABILITIES)


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        param(
            generation,
            mutant,
            words_for(generation, mutant),
            marks=[pytest.mark.slow, pytest.mark.nightly][: 1 + number % 2]
            if family_of(mutant) in LONG and mutant not in FIRST
            else [],
        )
        for number, (generation, mutant) in enumerate(MUTANTS)
        if family_of(mutant) != ELSEWHERE
    ],
)
def test_a_mutant_fails_its_clause(mutant: type, words: str, tmp_path: Path) -> None:
    """A store with one fault fails the clause about it, and the message shows the fault."""
    timeout = getattr(mutant, "timeout", limits.DEFAULT)
    judged = judge_of(mutant, tmp_path, clauses=[mutant.clause], timeout=timeout)

    result = judged.judge(mutant.clause)

    assert result.outcome == "failed"
    assert result.expected
    assert result.got
    if words:
        assert words in result.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        param(
            generation,
            each,
            words_for(generation, each) if is_whole(each) else None,
            marks=[pytest.mark.nightly] if number % EVERY else [],
        )
        for number, (generation, each) in enumerate(MUTANTS)
    ],
)
def test_a_mutant_fails_no_other_family(mutant: type, words: str | None, tmp_path: Path) -> None:
    """Judged by the whole contract, a mutant fails its clause with the same words: no other clause
    explains the fault. And no family that is checked call by call is blamed for another's fault.
    """
    judged = judge_of(mutant, tmp_path)
    others = set(CALL_BY_CALL) - {family_of(mutant)}

    failed = outcomes(judged, others, "failed")

    assert failed <= set(getattr(mutant, "spills", ()))
    if words is not None:
        result = judged.judge(mutant.clause)
        assert result.outcome == "failed"
        assert words in result.message


@pytest.mark.parametrize(
    ("mutant", "clause"), RAISING, ids=lambda each: getattr(each, "__name__", each)
)
def test_what_a_store_raises_is_not_taken_for_an_outcome(
    mutant: type, clause: str, tmp_path: Path
) -> None:
    """A skip, an exit or an interrupt that the store raises counts as a failure of the clause."""
    result = judge_of(mutant, tmp_path, clauses=[clause]).judge(clause)

    assert result.outcome == "failed"
    assert re.search("raised|the exception", result.got) or result.got == "no such record"


@each_generation
def test_every_clause_has_a_mutant(generation: str) -> None:
    """No clause is trusted before a mutant has made it fail."""
    counts = Counter(mutant.clause for mutant in mutants_of(generation))

    clauses = {each.id for each in contract_of(generation).clauses}
    assert set(counts) == (clauses if knows_ids(generation) else clauses - ABOUT_IDS)
    assert min(counts.values()) >= AT_LEAST


@each_generation
def test_every_mutant_names_its_fault(generation: str) -> None:
    """Every mutant has its own docstring, and no two have the same name."""
    names = Counter(mutant.__name__ for mutant in mutants_of(generation))

    assert [mutant for mutant in mutants_of(generation) if not vars(mutant).get("__doc__")] == []
    assert [name for name, count in names.items() if count > 1] == []


@each_generation
def test_all_words_are_of_a_mutant(generation: str) -> None:
    """No message is expected for a mutant or a clause that does not exist."""
    words = import_module(f"tests.mutants.{generation}.words")

    assert words.OF_THE_FIRST.keys() <= {each.id for each in contract_of(generation).clauses}
    names = {mutant.__name__ for mutant in mutants_of(generation)}
    assert words.OF_EACH.keys() <= names | set(words.ABOUT_IDS)
