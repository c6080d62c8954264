"""What counts as one verdict, and what does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests import steady
from tests.mutants import CAPABILITIES
from tests.steady import Row, Steadiness

PASSED = ("SAVE-1", "passed", "")
FAILED = ("THR-2", "failed", "the record of 'dora' is lost")
OTHERWISE = ("THR-2", "failed", "the record of 'carl' is lost")

STEADY = Steadiness("list", Counter({(PASSED, FAILED): 5}))
UNSTEADY = Steadiness("mypkg:MyStore", Counter({(PASSED, FAILED): 4, (PASSED, OTHERWISE): 1}))


def test_other_words_are_another_verdict() -> None:
    """A failure with different words in one run of five is found."""
    assert STEADY.differing() == []
    assert UNSTEADY.differing() == ["THR-2"]
    assert UNSTEADY.runs == 5


def test_a_clause_that_did_not_run_is_another_verdict() -> None:
    """A clause that is in one report and not in the other differs."""
    assert Steadiness("list", Counter([(PASSED, FAILED), (PASSED,)])).differing() == ["THR-2"]


def test_the_page_names_the_clauses_that_differ() -> None:
    """For each store, the page has the number of runs and verdicts, and the differing clauses."""
    page = steady.as_page([STEADY.row(), UNSTEADY.row()])

    assert "1 of 2 stores got one verdict in all of their runs, 10 in total." in page
    assert "| list | 5 | 1 |  |" in page
    assert "| MyStore | 5 | 2 | THR-2 |" in page


@pytest.mark.slow
def test_a_store_is_judged_in_an_order_of_its_own() -> None:
    """A run without workers gives a verdict on each clause."""
    ids = [id for id, _, _ in steady.verdict_of("list", [], 1)]

    assert {"SAVE-1", "THR-2", "SEQ-1"} <= set(ids)


def test_the_mutants_that_are_chosen() -> None:
    """Twenty are about threads, processes and outages; the others were unsteady once."""
    chosen = steady.mutants()

    assert set(chosen.values()) == set(CAPABILITIES)
    assert len(chosen) == 20 + len(steady.ONCE_UNSTEADY)
    assert {each.rpartition(":")[2] for each in chosen} >= {*steady.ONCE_UNSTEADY}


def test_what_was_found_before_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each store has its newest result. Stores that are not measured any more are left out."""
    monkeypatch.setattr(steady, "PAGE", tmp_path / "steadiness.md")
    monkeypatch.setattr(steady, "DATA", tmp_path / "steadiness.json")

    for row in (Row("gone", 1, 1, ()), Row("list", 5, 2, ("THR-2",)), Row("sqlite", 3, 1, ())):
        steady.write(row, ["sqlite", "list", "gone"])
    steady.write(Row("list", 7, 1, ()), ["sqlite", "list"])

    assert list(steady.rows_on_record().values()) == [
        Row("sqlite", 3, 1, ()),
        Row("list", 7, 1, ()),
    ]
    assert "2 of 2 stores got one verdict" in steady.PAGE.read_text()


def test_the_page_is_written_from_the_data() -> None:
    """The page shows what the data says, and nothing else."""
    rows = list(steady.rows_on_record().values())

    assert steady.PAGE.read_text("utf-8") == steady.as_page(rows)


def test_the_readme_counts_the_runs() -> None:
    """The README says how many stores got one verdict, and in how many runs."""
    rows = list(steady.rows_on_record().values())
    readme = (steady.ROOT / "README.md").read_text("utf-8")

    steadily = sum(each.verdicts == 1 for each in rows)
    said = f"{steadily} of {len(rows)} stores, in {sum(each.runs for each in rows):,} runs, got"
    assert said in readme
