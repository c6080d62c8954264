"""A store whose calls return never fails for the time that they take."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of
from tests.drivers.verdicts import data
from tests.mutants import GENERATIONS
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.report.terminal import block
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import resolve


class Clock:
    """A clock that the store moves."""

    now = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(limits, "clock", lambda: clock.now)
    return clock


def slow(generation: str, clock: Clock, seconds: float, **broken: Any) -> type:
    """Return a store whose calls take this many seconds each, by that clock."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    def taking_time(method: str) -> Any:
        def call(self: Any, *arguments: Any) -> Any:
            clock.now += seconds
            return broken.get(method, getattr(honest, method))(self, *arguments)

        return call

    methods = {method: taking_time(method) for method in open_door(generation).methods}
    return type("Slow", (honest,), methods)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_slow_store_keeps_what_it_was_seen_to_keep(
    generation: str, clock: Clock, tmp_path: Path
) -> None:
    """A clause that takes too long ends early and passes. Reports say how far it got."""
    judge = judge_of(slow(generation, clock, 4.0), tmp_path, clauses=["SEQ-1", "RES-1"])
    verdict = Verdict("slow", None, generation=generation)
    for each in ("SEQ-1", "RES-1"):
        verdict.add(judge.judge(each))

    clauses = {each["id"]: each for each in data(verdict)["stores"][0]["clauses"]}
    shown = " ".join(" ".join(line for line, _ in block(verdict, 80)).split())

    assert {clauses[each]["outcome"] for each in ("SEQ-1", "RES-1")} == {"passed"}
    assert clauses["SEQ-1"]["reached"].endswith("of 50 sequences")
    assert clauses["RES-1"]["reached"].endswith("of 1,500 calls")
    assert f"SEQ-1 after {clauses['SEQ-1']['reached']}" in shown
    assert clauses["SEQ-1"]["reached"] in clauses["SEQ-1"]["message"]


def listing_takes(seconds: float, clock: Clock) -> type:
    """Return a store in memory whose listing takes this many seconds."""
    memory = import_module("reference_stores.zohocrmsdk.memory_store").InMemoryStore

    class Slow(memory):
        def get_tokens(self):
            clock.now += seconds
            return super().get_tokens()

    return Slow


def test_a_deletion_of_many_tokens_has_more_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The limit of a deletion grows with what is saved in the storage, and shrinks again."""
    limited = []
    step = limits.step

    def noted(doing: str = "", saved: int = 0) -> None:
        limited.append((doing, saved))
        step(doing, saved)

    monkeypatch.setattr(limits, "step", noted)
    result = judge_of(resolve("sqlite"), tmp_path, clauses=["DUR-1"]).judge("DUR-1")

    assert not result.failed
    most = max(saved for _, saved in limited)
    emptied = limited.index(("delete_tokens", most))
    assert most > 130
    assert {saved for doing, saved in limited if doing == "save_token"} == {0}
    assert max(saved for _, saved in limited[emptied + 1 :]) < limits.MANY


@pytest.mark.slow
def test_a_race_ends_early(clock: Clock, tmp_path: Path) -> None:
    """The races on a slow store continue as long as there is time."""
    store = listing_takes(1.0, clock)

    result = judge_of(store, tmp_path, clauses=["THR-3"]).judge("THR-3")

    assert str(result.status) == "passed"
    assert result.reached.endswith(" of 16 races")


def test_what_was_not_tried_is_not_kept(clock: Clock, tmp_path: Path) -> None:
    """A clause whose time is up before the first race has ended is not judged."""
    store = listing_takes(30.0, clock)

    result = judge_of(store, tmp_path, clauses=["THR-3"]).judge("THR-3")

    assert str(result.status) == "not-judged"
    assert result.reason.startswith("the store is slow, 0 of 16 races took 300 seconds")


@pytest.mark.slow
def test_every_clause_of_a_slow_store_is_judged(clock: Clock, tmp_path: Path) -> None:
    """At 50 ms a call, no clause fails and none ends early."""
    judge = judge_of(slow("zohocrmsdk", clock, 0.05), tmp_path)
    families = {"THR", "DUR", "ERR"}
    about_files = "SEC-2"  # this store makes no files

    results = [
        judge.judge(id)
        for id, clause in judge.clauses.items()
        if clause.family not in families and id != about_files
    ]

    assert [each.clause for each in results if str(each.status) != "passed"] == []
    assert [each.clause for each in results if each.reached] == []


@pytest.mark.slow
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_run_is_bounded(generation: str, clock: Clock, tmp_path: Path) -> None:
    """At one second a call, the verdict is there within 45 minutes, and says what ended early."""
    judge = judge_of(slow(generation, clock, 1.0), tmp_path)

    results = [judge.judge(each) for each in judge.clauses if each not in ("THR-2", "THR-3")]

    assert clock.now < 45 * 60
    assert {str(each.status) for each in results} == {"passed", "not-applicable"}
    assert any(each.reached for each in results)


def test_a_fault_is_not_lost_for_lack_of_time(clock: Clock, tmp_path: Path) -> None:
    """If a sequence fails, its clause fails, even if no time is left to shrink the sequence."""
    honest = import_module("tests.correct.zohocrmsdk.honest").Honest

    def forget(self: Any, *arguments: Any) -> Any:
        if not self.records:
            return honest.delete_tokens(self, *arguments)
        clock.now += 120.0
        return None

    store = slow("zohocrmsdk", clock, 0.1, delete_tokens=forget)

    result = judge_of(store, tmp_path, clauses=["SEQ-1"]).judge("SEQ-1")

    assert result.failed
    assert result.calls
