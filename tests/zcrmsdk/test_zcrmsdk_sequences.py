"""SEQ-1: what only a sequence of calls shows."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from tests.zcrmsdk.in_process import FAMILIES, family_of, judge_of, outcomes
from tests.zcrmsdk.stores.liars import LIARS
from tests.zcrmsdk.stores.liars.sequence import ClearCountsWhatWasThere
from tokenstore_conformance.checks.zcrmsdk import sequences

SEQUENTIAL = [liar for liar in LIARS if family_of(liar) == "SEQ"]


@pytest.mark.parametrize("liar", SEQUENTIAL, ids=lambda liar: liar.__name__)
def test_a_sequence_finds_what_no_single_check_shows(
    liar: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lie that needs several calls in a certain order is found."""
    monkeypatch.setattr(sequences, "SHRINKING", sequences.FINDING)

    result = judge_of(liar, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.outcome == "failed"


@pytest.mark.parametrize("liar", SEQUENTIAL, ids=lambda liar: liar.__name__)
def test_no_single_check_shows_it(liar: type, tmp_path: Path) -> None:
    """A lie that needs several calls in a certain order fails no clause of another family."""
    assert outcomes(judge_of(liar, tmp_path), FAMILIES, "failed") == set()


def test_a_failure_shrinks_to_the_calls_that_it_needs(tmp_path: Path) -> None:
    """What is shown is the shortest sequence, and the listing that is wrong."""
    result = judge_of(ClearCountsWhatWasThere, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    needed = ["save_token", "delete_token", "save_token", "delete_tokens", "get_tokens"]
    assert [call.method for call in result.calls] == needed
    assert "expected 0 records in the store; got 1 record" in result.message


def test_the_same_store_gets_the_same_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs over a store come to the same calls: the verdict is no matter of luck."""
    monkeypatch.setattr(sequences, "SHRINKING", sequences.FINDING)

    first, second = (
        judge_of(ClearCountsWhatWasThere, tmp_path / name, clauses=["SEQ-1"]).judge("SEQ-1")
        for name in "ab"
    )

    assert first.calls == second.calls
    assert first.got == second.got
