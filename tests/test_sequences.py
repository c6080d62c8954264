"""SEQ-1: what only a sequence of calls shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_process import judge_of
from tests.stores.honest import Honest
from tests.stores.liars import LIARS

DEEP = {"InsertDeleteInsertUpdateLosesTheRefreshToken", "IdsComeAgainAfterADeletionAndAClear"}
"""Liars that the default number of sequences need not reach: a nightly run digs for them."""

SEQUENTIAL = [liar for liar in LIARS if liar.clause == "SEQ-1"]


@pytest.mark.parametrize(
    "liar",
    [liar for liar in SEQUENTIAL if liar.__name__ not in DEEP],
    ids=lambda liar: liar.__name__,
)
def test_a_sequence_finds_what_no_single_check_shows(liar: type, tmp_path: Path) -> None:
    """A lie that needs several calls is found, and shrunk to few."""
    result = judge_of(liar, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.outcome == "failed"
    assert len(result.calls) <= 20


def test_the_same_store_gets_the_same_shortest_sequence(tmp_path: Path) -> None:
    """Two runs over a store come to the same calls: the verdict is no matter of luck."""
    liar = next(each for each in SEQUENTIAL if each.__name__ not in DEEP)

    first, second = (
        judge_of(liar, tmp_path / name, clauses=["SEQ-1"]).judge("SEQ-1") for name in "ab"
    )

    assert first.calls == second.calls
    assert first.got == second.got


class FindByIdRaises(Honest):
    """find_token_by_id raises for an unknown id: BYID-2, and all over the sequences."""

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is None:
            raise KeyError(id)
        return found


def test_a_disagreement_that_another_clause_tells_is_not_told_twice(tmp_path: Path) -> None:
    """Where BYID-2 fails by itself, SEQ-1 is skipped and says so."""
    result = judge_of(FindByIdRaises, tmp_path, examples=20).judge("SEQ-1")

    assert result.outcome == "skipped"
    assert "BYID-2" in result.message


def test_a_disagreement_is_told_where_the_other_clause_is_not_part_of_the_run(
    tmp_path: Path,
) -> None:
    """SEQ-1 run alone hides nothing."""
    judge = judge_of(FindByIdRaises, tmp_path, clauses=["SEQ-1"], examples=20)

    assert judge.judge("SEQ-1").outcome == "failed"
