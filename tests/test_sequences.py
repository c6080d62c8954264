"""SEQ-1: what only a sequence of calls shows."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.in_process import judge_of
from tests.stores.honest import Honest
from tests.stores.liars import LIARS
from tokenstore_conformance.checks import sequences

SEQUENTIAL = [liar for liar in LIARS if getattr(liar, "clause", "") == "SEQ-1"]


@pytest.mark.parametrize("liar", SEQUENTIAL, ids=lambda liar: liar.__name__)
def test_a_sequence_finds_what_no_single_check_shows(
    liar: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lie that needs several calls in a certain order is found."""
    monkeypatch.setattr(sequences, "SHRINKING", sequences.FINDING)

    result = judge_of(liar, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

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


def test_what_else_is_imported_changes_no_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constants of the user's own modules do not leak into the sequences.

    Hypothesis mixes them into what it draws; a verdict must be the same in every project.
    """
    drawn: list[list[int]] = []

    class Noted(sequences.Numbers):
        def __init__(self, number: int) -> None:
            drawn[-1].append(number)
            super().__init__(number)

    monkeypatch.setattr(sequences, "Numbers", Noted)
    (tmp_path / "users_own_constants.py").write_text("A = [3, 77, 4096]; B = b'abc'; C = 'text'")

    drawn.append([])
    judge_of(Honest, tmp_path / "before").judge("SEQ-1")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("users_own_constants")
    drawn.append([])
    judge_of(Honest, tmp_path / "after").judge("SEQ-1")

    assert len(drawn[0]) > 1000
    assert drawn[0] == drawn[1]


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
