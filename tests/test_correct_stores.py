"""No false alarm: correct stores of very different construction keep every clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_process import judge_of, outcomes
from tests.stores.correct import CORRECT
from tests.stores.honest import Honest, HonestFile
from tests.test_liars import FAMILIES


@pytest.mark.parametrize("store", [Honest, HonestFile, *CORRECT], ids=lambda each: each.__name__)
def test_a_correct_store_is_never_blamed(store: type, tmp_path: Path) -> None:
    """It fails just the SHOULD clauses that it says it does not keep, and nothing is skipped."""
    judge = judge_of(store, tmp_path)

    failed = outcomes(judge, FAMILIES, "failed")

    assert failed == set(getattr(store, "breaks_should", ()))
    assert outcomes(judge, FAMILIES, "skipped") == set()


@pytest.mark.nightly
@pytest.mark.parametrize("store", CORRECT, ids=lambda each: each.__name__)
def test_sequences_blame_no_correct_store(store: type, tmp_path: Path) -> None:
    """The model agrees with correct stores of every construction."""
    assert judge_of(store, tmp_path, examples=20).judge("SEQ-1").outcome == "passed"


@pytest.mark.parametrize("store", [Honest, HonestFile], ids=lambda each: each.__name__)
def test_long_sequences_blame_no_correct_store(store: type, tmp_path: Path) -> None:
    """The model agrees with a correct store over the default number of sequences."""
    assert judge_of(store, tmp_path).judge("SEQ-1").outcome == "passed"
