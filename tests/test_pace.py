"""Estimates of the time that clauses take."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.drivers.in_process import judge_of
from tests.mutants import GENERATIONS
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.patience import LATE
from tokenstore_conformance.pytest_run.pace import ENOUGH, USUAL, Pace, about

BY_A_MINUTE = 500
"""Someone who waits does not notice this many calls more or less."""

EXAMPLES = 10


def judged(*, calls: int = 40, seconds: float = 12.0) -> Pace:
    """Return what is known after a few clauses like this were judged."""
    pace = Pace()
    for _ in range(ENOUGH):
        pace.add("mypkg:MyStore", calls, seconds)
    return pace


@pytest.mark.slow
@pytest.mark.parametrize(
    "generation",
    [
        pytest.param(each, marks=[pytest.mark.nightly] * (each != GENERATIONS[0]))
        for each in GENERATIONS
    ],
)
def test_the_calls_of_clauses_are_known_to_a_factor_of_two(generation: str, tmp_path: Path) -> None:
    """At each clause of a run on a correct store, the calls left are known to a factor of two.

    Races stop at the lines of a store, so the number of their calls differs from store to store.
    """
    correct = import_module(f"reference_stores.{generation}.memory_store").InMemoryStore
    judge = judge_of(correct, tmp_path, examples=EXAMPLES)
    pace = Pace(EXAMPLES)
    calls = {}
    for clause in judge.clauses:
        before = limits.steps()
        judge.judge(clause)
        calls[clause] = limits.steps() - before

    made = expected = 0.0
    wrong = []
    for clause in reversed(judge.clauses):
        made, expected = made + calls[clause], expected + pace.calls(clause)
        if not made / 2 - BY_A_MINUTE < expected < made * 2 + BY_A_MINUTE:
            wrong.append(f"from {clause} on: expected {expected}, made {made}")

    many = {clause: count for clause, count in calls.items() if count > BY_A_MINUTE}
    assert wrong == []
    assert {each: count / pace.calls(each) for each, count in many.items()} == {
        each: pytest.approx(1, abs=0.6) for each in many
    }


def test_what_is_left_takes_as_long_as_its_calls() -> None:
    """At 0.3 s a call, two usual clauses take 0.3 s for each of their calls."""
    left = [("mypkg:MyStore", "SAVE-2"), ("mypkg:MyStore", "SAVE-3")]

    assert judged().of_a_call("mypkg:MyStore") == pytest.approx(0.3)
    assert judged().of(left) == pytest.approx(2 * USUAL * 0.3)


def test_a_clause_takes_no_longer_than_it_may() -> None:
    """A clause ends early after 30 times as long as a call may take."""
    assert judged().of([("mypkg:MyStore", "SEQ-1")]) == limits.WHOLE * limits.DEFAULT


def test_a_run_that_has_taken_long_is_hurried() -> None:
    """After 15 minutes, each clause that is left ends early after 20 seconds."""
    pace = judged(seconds=40.0)
    for _ in range(20):
        pace.add("mypkg:MyStore", 40, 40.0)

    left = pace.of([("mypkg:MyStore", "SAVE-2"), ("mypkg:MyStore", "SEQ-1")])

    assert left == 2 * LATE * limits.DEFAULT


def test_one_call_that_connects_is_no_slow_store() -> None:
    """One clause of a quick store took long, but the others are not expected to."""
    pace = judged(seconds=0.04)
    pace.add("mypkg:MyStore", 40, 30.0)

    assert pace.of_a_call("mypkg:MyStore") == pytest.approx(0.001)


def test_nothing_is_expected_too_early() -> None:
    """Clauses with hardly any calls do not count, and a few clauses are not enough."""
    pace = Pace()
    for calls in (1, 1, 40, 1, 1, 1):
        pace.add("mypkg:MyStore", calls, 2.0)

    assert pace.of([("mypkg:MyStore", "SEQ-1")]) is None


def test_a_store_says_nothing_of_another() -> None:
    """If a second store follows, the end is known only after some of its clauses were judged."""
    assert judged().of([("mypkg:MyStore", "SAVE-2"), ("mypkg:Other", "SAVE-2")]) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 5 seconds"),
        (42, "about 40 seconds"),
        (58, "about 1 minute"),
        (250, "about 4 minutes"),
        (9000, "about 2.5 hours"),
    ],
)
def test_a_time_in_words(seconds: float, words: str) -> None:
    """The time is rounded, because it is only an estimate."""
    assert about(seconds) == words
