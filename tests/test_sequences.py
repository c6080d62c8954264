"""SEQ-1: faults that only a sequence of calls shows."""

from __future__ import annotations

import importlib
import sys
import threading
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.correct.zohocrmsdk.honest import Honest
from tests.drivers.in_process import judge_of
from tests.mutants import GENERATIONS, family_of, mutants_of
from tokenstore_conformance.checks import sequences
from tokenstore_conformance.guard import limits

MUTANTS = {
    f"{each}-{mutant.__name__}": mutant for each in GENERATIONS for mutant in mutants_of(each)
}

SEQUENTIAL = {name: each for name, each in MUTANTS.items() if family_of(each) == "SEQ"}

SHORTEST = {
    "zohocrmsdk-FindsWhatItCleared": [
        *("save_token", "find_token", "delete_tokens", "find_token"),
    ],
    "zcrmsdk-ClearCountsWhatWasThere": [
        *("save_token", "delete_token", "save_token", "delete_tokens", "get_tokens"),
    ],
}
"""The methods of the shortest sequence that shows each mutant."""
SHORTEST = {name: needed for name, needed in SHORTEST.items() if name in MUTANTS}


@pytest.fixture
def found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not shrink what is found, which takes longer than finding it."""
    try_them = sequences.try_sequences

    def found(*how: Any, shrinks: bool) -> None:
        try_them(*how, shrinks=False)

    for each in GENERATIONS:
        module = importlib.import_module(f"tokenstore_conformance.checks.{each}.sequences")
        monkeypatch.setattr(module, "try_sequences", found)


class WaitsWhenFull(Honest):
    """Holds three records at most; saving a fourth hangs."""

    def _add(self, record):
        if len(self.records) == 3:
            threading.Event().wait()
        super()._add(record)


@pytest.mark.usefixtures("found_at_once")
def test_a_traceback_begins_in_the_store(tmp_path: Path) -> None:
    """The traceback shows nothing of the library that makes the sequences."""
    result = judge_of(WaitsWhenFull, tmp_path, clauses=["SEQ-1"], timeout=0.5).judge("SEQ-1")

    first, *_, last = result.trace.splitlines()
    assert first.endswith(", in save_token")
    assert "/hypothesis/" not in result.trace
    assert last.endswith("Hung: save_token has not returned after 0.5 seconds")


@pytest.mark.parametrize("mutant", SEQUENTIAL.values(), ids=SEQUENTIAL)
@pytest.mark.usefixtures("found_at_once")
def test_a_sequence_finds_what_no_single_check_shows(mutant: type, tmp_path: Path) -> None:
    """A fault that needs several calls in a certain order is found."""
    result = judge_of(mutant, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.outcome == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "needed"), SHORTEST.items(), ids=SHORTEST)
def test_a_failure_shrinks_to_the_calls_that_it_needs(
    name: str, needed: list[str], tmp_path: Path
) -> None:
    """The failure shows the shortest sequence, and nothing that came before it. It shows the kit's
    own lookups only if the fault needs them, whatever ids the store makes.
    """

    class OtherIdsEachTime(MUTANTS[name]):
        def _new_id(self) -> str:
            return uuid.uuid4().hex

    result = judge_of(OtherIdsEachTime, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert [call.method for call in result.calls] == needed


@pytest.mark.parametrize("name", SHORTEST)
@pytest.mark.usefixtures("found_at_once")
def test_the_same_store_gets_the_same_sequence(name: str, tmp_path: Path) -> None:
    """Two runs on a store make the same calls: the verdict does not depend on luck."""
    first, second = (
        judge_of(MUTANTS[name], tmp_path / each, clauses=["SEQ-1"]).judge("SEQ-1") for each in "ab"
    )

    assert first.calls == second.calls
    assert first.got == second.got


@pytest.mark.slow
def test_what_else_is_imported_changes_no_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constants of the user's own modules do not affect the sequences.

    Hypothesis mixes them into what it draws, but a verdict must be the same in every project.
    """
    drawn: list[list[int]] = []

    class Noted(sequences.Numbers):
        def __init__(self, number: int) -> None:
            drawn[-1].append(number)
            super().__init__(number)

    monkeypatch.setattr(sequences, "Numbers", Noted)
    (tmp_path / "users_own_constants.py").write_text("A = [3, 77, 4096]; B = b'abc'; C = 'text'")

    drawn.append([])
    judge_of(Honest, tmp_path / "before", examples=20).judge("SEQ-1")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("users_own_constants")
    drawn.append([])
    judge_of(Honest, tmp_path / "after", examples=20).judge("SEQ-1")

    assert len(drawn[0]) > 1000
    assert drawn[0] == drawn[1]


def test_hypothesis_reads_no_module_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading them takes seconds in a large project."""
    readers: list[str] = []

    class Own(ModuleType):
        @property
        def __file__(self) -> str:
            readers.append(sys._getframe(1).f_globals["__name__"])
            return str(tmp_path / "own.py")

    monkeypatch.setitem(sys.modules, "own", Own("own"))

    result = judge_of(Honest, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.outcome == "passed"
    assert [each for each in readers if each.startswith("hypothesis")] == []


class FindByIdRaises(Honest):
    """find_token_by_id raises for an unknown id. This breaks BYID-2, and sequences show it too."""

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is None:
            raise KeyError(id)
        return found


@pytest.mark.slow
def test_a_disagreement_that_another_clause_explains_is_reported_once(tmp_path: Path) -> None:
    """If BYID-2 fails by itself, SEQ-1 is skipped and says so."""
    result = judge_of(FindByIdRaises, tmp_path, examples=20).judge("SEQ-1")

    assert result.outcome == "skipped"
    assert "BYID-2" in result.message


def test_a_disagreement_is_reported_where_the_other_clause_is_not_part_of_the_run(
    tmp_path: Path,
) -> None:
    """When SEQ-1 runs alone, it hides nothing."""
    judge = judge_of(FindByIdRaises, tmp_path, clauses=["SEQ-1"], examples=20)

    assert judge.judge("SEQ-1").outcome == "failed"


def test_what_hypothesis_does_is_not_the_time_of_a_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hypothesis may take long on a busy machine."""
    left: list[float] = []

    def drawn(sequence: bytes) -> bytes:
        assert limits._limit is not None
        left.append(limits._limit.left)
        return sequence

    monkeypatch.setattr(sequences, "sequences", sequences.sequences.map(drawn))

    result = judge_of(Honest, tmp_path, clauses=["SEQ-1"], examples=5).judge("SEQ-1")

    assert result.outcome == "passed"
    assert len(left) >= 5
    assert min(left) > limits.AROUND / 2
