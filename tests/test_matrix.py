"""The page on mutants shows the results of exactly the mutants that exist."""

from __future__ import annotations

import pytest

from tests import matrix
from tests.matrix import Row
from tests.mutants import GENERATIONS, mutants_of

KILLED = Row("zohocrmsdk", "SAVE-2", "AddsAgain", 90, ("SAVE-2", "SAVE-3"), ("SEQ-1",), ("DEL-1",))
ALIVE = Row("zohocrmsdk", "SAVE-10", "ForgetsIds", 90, ("SAVE-9",), (), ())


@pytest.fixture
def page() -> str:
    """Return the page on two mutants, one of which survives."""
    return matrix.as_page([ALIVE, KILLED])


def test_the_page_names_what_else_fails(page: str) -> None:
    """For each mutant, it lists the other clauses that fail, are explained, or are not judged."""
    assert "| [SAVE-2](contract.md#save-2) | AddsAgain | SAVE-3 | SEQ-1 | DEL-1 |" in page


def test_the_page_shows_survivors(page: str) -> None:
    """The page marks a mutant that does not fail its clause, and counts it."""
    assert "**ForgetsIds (survives)**" in page
    assert "1 of 2 mutants fail their clause" in page
    assert "1 not judged (0.6%)" in page


def test_clauses_are_in_the_order_of_their_numbers(page: str) -> None:
    """SAVE-2 comes before SAVE-10."""
    assert page.index("[SAVE-2]") < page.index("[SAVE-10]")


@pytest.mark.slow
def test_a_mutant_is_judged() -> None:
    """The first mutant of the contract fails its clause, and the row says so."""
    row = matrix.row_of(GENERATIONS[0], 0)

    assert row.mutant == mutants_of(GENERATIONS[0])[0].__name__
    assert row.is_killed
    assert row.judged > len(row.failed)


def test_the_committed_page_is_made_from_the_committed_data() -> None:
    """`python -m tests.matrix --page` would change nothing."""
    assert matrix.PAGE.read_text("utf-8") == matrix.as_page(matrix.read())


def test_every_mutant_was_judged_and_killed() -> None:
    """The committed matrix has exactly the existing mutants; else run `python -m tests.matrix`."""
    rows = [row for row in matrix.read() if row.generation in GENERATIONS]

    assert {(row.generation, row.clause, row.mutant) for row in rows} == {
        (each, mutant.clause, mutant.__name__)  # type: ignore[attr-defined]
        for each in GENERATIONS
        for mutant in mutants_of(each)
    }
    assert [row.mutant for row in rows if not row.is_killed] == []


def test_the_readme_counts_them() -> None:
    """The README says how many mutants the matrix has."""
    readme = (matrix.PAGE.parents[1] / "README.md").read_text("utf-8")

    assert f"Each of {len(matrix.read()):,} stores with one deliberate fault" in readme
