"""Measure stores on servers: their calls, next to those of the bare clients, and whole runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks import runs
from tests.benchmarks.calls import on_floor, on_store
from tests.benchmarks.contenders import Contender, Place
from tests.benchmarks.servers import CALLS, CONTENDERS, FAILS, JUDGED
from tests.servers import url_of

Filled = tuple[Contender, int, Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run with each contender, and the largest number of records that it is measured with."""
    if "filled" not in metafunc.fixturenames:
        return
    sizes = [int(each) for each in metafunc.config.getoption("--records").split(",")]
    pairs = [
        (max(size for size in sizes if size <= each.most), name)
        for name, each in CONTENDERS.items()
    ]
    ids = [f"{name}-{size}" for size, name in pairs]
    metafunc.parametrize("filled", pairs, ids=ids, indirect=True, scope="module")


@pytest.fixture(scope="module")
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """A contender that holds this many records. Garbage collection is off meanwhile."""
    records, name = request.param
    directory = tmp_path_factory.mktemp("filled")
    place = Place(records, directory, directory)
    gc.disable()
    with place.closing:
        store = CONTENDERS[name].filled(place)
        yield CONTENDERS[name], records, store
        getattr(store, "close", lambda: None)()
    gc.enable()


@pytest.mark.parametrize("call", CALLS)
def test_call(filled: Filled, call: str, request: pytest.FixtureRequest) -> None:
    """Measure a call."""
    contender, records, store = filled
    if (contender.name, call) in FAILS:
        pytest.skip(FAILS[contender.name, call])
    benchmark: BenchmarkFixture = request.getfixturevalue("benchmark")
    measured = (on_store if contender.medium else on_floor)(store, call, records)
    rounds = measured.rounds(request.config.getoption("--seconds"))
    benchmark.extra_info |= {"store": contender.name, "call": call, "records": records}
    benchmark.pedantic(
        measured.method,
        setup=lambda: (measured.before(), {}),
        teardown=measured.after,
        rounds=rounds,
    )


@pytest.mark.parametrize("workers", [0, 2], ids=["alone", "two-workers"])
@pytest.mark.parametrize(("target", "server"), JUDGED)
def test_run(
    benchmark: BenchmarkFixture, target: str, server: str, workers: int, tmp_path: Path
) -> None:
    """Measure a whole run."""
    one = partial(runs.judged, tmp_path, target, workers, url_of(server))
    processor = runs.timed(benchmark, one, 0, 1)
    benchmark.extra_info |= {"target": target, "server": server}
    benchmark.extra_info |= {"workers": workers, "processor": processor}
