"""What is taken for one verdict, and what is not."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import steady
from tests.steady import Steadiness

PASSED = ("SAVE-1", "passed", "")
FAILED = ("THR-2", "failed", "the record of 'dora' is lost")
OTHERWISE = ("THR-2", "failed", "the record of 'carl' is lost")

STEADY = Steadiness("list", Counter({(PASSED, FAILED): 5}))
UNSTEADY = Steadiness("mypkg:MyStore", Counter({(PASSED, FAILED): 4, (PASSED, OTHERWISE): 1}))


def test_other_words_are_another_verdict() -> None:
    """A failure that is told in other words in one run of five is found."""
    assert STEADY.differing() == []
    assert UNSTEADY.differing() == ["THR-2"]
    assert UNSTEADY.runs == 5


def test_a_clause_that_did_not_run_is_another_verdict() -> None:
    """A clause that is in one report and not in the other differs."""
    assert Steadiness("list", Counter([(PASSED, FAILED), (PASSED,)])).differing() == ["THR-2"]


def test_the_page_names_the_clauses_that_differ() -> None:
    """For each store: how many runs, how many verdicts, which clauses."""
    page = steady.as_page([STEADY, UNSTEADY])

    assert "1 of 2 stores got one verdict in all of their runs, 10 in total." in page
    assert "| list | 5 | 1 |  |" in page
    assert "| MyStore | 5 | 2 | THR-2 |" in page


@pytest.mark.slow
def test_a_store_is_judged_in_an_order_of_its_own() -> None:
    """A run without workers gives a verdict on each clause."""
    ids = [id for id, _, _ in steady.verdict_of("list", 1)]

    assert {"SAVE-1", "THR-2", "SEQ-1"} <= set(ids)


def test_twenty_mutants_are_chosen() -> None:
    """Mutants of threads, processes and outages, each once."""
    chosen = steady.mutants(steady.MUTANTS)

    assert len(set(chosen)) == steady.MUTANTS
