"""Measure the kit: whole runs, families of clauses, the model, and the time to a first failure."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks import runs
from tests.benchmarks.rows import USER, row
from tests.mutants import mutants_of
from tokenstore_conformance.contract import Level, contract_of
from tokenstore_conformance.oracle.zohocrmsdk import Model
from tokenstore_conformance.records import Record, zoho_token

STORES = ("list", "memory", "sqlite-memory", "sqlite")
FLOOR = "floor"
STEPS = 1000
HELD = 8
"""The number of records in the model: a sequence has about as many."""


@pytest.mark.parametrize("workers", [0, 2], ids=["alone", "two-workers"])
@pytest.mark.parametrize("target", [FLOOR, *STORES])
def test_run(
    benchmark: BenchmarkFixture, target: str, workers: int, tmp_path: Path, request: Any
) -> None:
    """Measure a whole run."""
    one = partial(runs.floor, tmp_path, workers)
    if target != FLOOR:
        one = partial(runs.judged, tmp_path, target, workers)
    processor = runs.timed(benchmark, one, 0, request.config.getoption("--runs"))
    benchmark.extra_info |= {"target": target, "workers": workers, "processor": processor}
    if target != FLOOR:
        benchmark.extra_info["families"] = runs.families(tmp_path)


def mutants(count: int) -> list[Any]:
    """Return mutants that break a MUST, taken evenly from all of the six-method generation."""
    binding = {each.id for each in contract_of("zohocrmsdk").clauses if each.level is Level.MUST}
    found = [each for each in mutants_of("zohocrmsdk") if each.clause in binding]  # type: ignore[attr-defined]
    step = max(1, len(found) // max(1, count))
    return [pytest.param(each, id=each.__name__) for each in found[step // 2 :: step][:count]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", mutants(metafunc.config.getoption("--mutants")))


def test_first_failure(benchmark: BenchmarkFixture, mutant: type, tmp_path: Path) -> None:
    """Measure how long it takes to see that a store is broken."""
    target = f"{mutant.__module__}:{mutant.__name__}"
    processor = runs.timed(benchmark, partial(runs.first_failure, tmp_path, target), 1, 1)
    clause = mutant.clause  # type: ignore[attr-defined]
    benchmark.extra_info |= {"mutant": mutant.__name__, "clause": clause, "processor": processor}


def test_model(benchmark: BenchmarkFixture) -> None:
    """Measure the steps of the model: saves, finds and deletes among a few records."""
    users = [row(number)[USER] for number in range(HELD)]
    tokens = [
        Record(user=users[number % HELD], access_token=zoho_token(f"{number}"))
        for number in range(STEPS // 4)
    ]

    def steps() -> None:
        model = Model()
        for number, token in enumerate(tokens):
            stored = model.save(token, str(number))
            model.find(token.only("user"))
            model.find_by_id(stored.id or "")
            model.delete(str(number - HELD))

    benchmark.pedantic(steps, rounds=20)
    benchmark.extra_info |= {"steps": STEPS}
