"""SEQ-1: what only a sequence of calls shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_process import judge_of
from tests.stores.honest import Honest
from tests.stores.liars import LIARS
from tokenstore_conformance.checks import sequences
from tokenstore_conformance.judge import DEFAULT_EXAMPLES

SEQUENTIAL = [liar for liar in LIARS if getattr(liar, "clause", "") == "SEQ-1"]


DEEP = {"InsertDeleteInsertUpdateLosesTheRefreshToken": 400}
"""What the default number of sequences does not reach, and a nightly run does."""


@pytest.mark.parametrize("liar", SEQUENTIAL, ids=lambda liar: liar.__name__)
def test_a_sequence_finds_what_no_single_check_shows(
    liar: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lie that needs several calls in a certain order is found."""
    monkeypatch.setattr(sequences, "SHRINKING", sequences.FINDING)
    examples = DEEP.get(liar.__name__, DEFAULT_EXAMPLES)

    result = judge_of(liar, tmp_path, clauses=["SEQ-1"], examples=examples).judge("SEQ-1")

    assert result.outcome == "failed"


def test_a_failure_shrinks_to_the_calls_that_it_needs(tmp_path: Path) -> None:
    """What is shown is the shortest sequence: find, clear, and the same find again."""
    liar = next(each for each in SEQUENTIAL if each.__name__ == "CacheOutlivesAClear")

    result = judge_of(liar, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.calls[-2].method == "delete_tokens"
    assert len(result.calls) <= 4


def test_the_same_store_gets_the_same_shortest_sequence(tmp_path: Path) -> None:
    """Two runs over a store come to the same calls: the verdict is no matter of luck."""
    first, second = (
        judge_of(SEQUENTIAL[0], tmp_path / name, clauses=["SEQ-1"]).judge("SEQ-1") for name in "ab"
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
