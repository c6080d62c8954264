"""Measure each call of the reference stores, of their floors, and of the stores to replace."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.calls import CALLS, LIST, on_floor, on_store
from tests.benchmarks.contenders import CONTENDERS, FLOORS, Contender, Place

LISTED = 100_000
"""`get_tokens` is measured with at most this many records."""

Filled = tuple[Contender, int, Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run with each size, and for each size with each contender that is measured with it."""
    sizes = [int(each) for each in metafunc.config.getoption("--records").split(",")]
    pairs = [
        (size, name) for size in sizes for name, each in CONTENDERS.items() if size <= each.most
    ]
    pairs += [(1, name) for name, each in CONTENDERS.items() if each.most == 1]
    ids = [f"{name}-{size}" for size, name in pairs]
    metafunc.parametrize("filled", pairs, ids=ids, indirect=True, scope="module")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="module")
def filled(
    request: pytest.FixtureRequest, templates: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """A contender that holds this many records. Garbage collection is off meanwhile."""
    records, name = request.param
    directory = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        gc.disable()
        store = CONTENDERS[name].filled(Place(records, directory, templates))
        yield CONTENDERS[name], records, store
        getattr(store, "close", lambda: None)()
        del store
        gc.enable()
    for file in directory.iterdir():
        file.unlink()


@pytest.mark.parametrize("call", CALLS)
def test_call(benchmark: BenchmarkFixture, filled: Filled, call: str, request: Any) -> None:
    """Measure a call."""
    contender, records, store = filled
    if call == LIST and records > LISTED:
        pytest.skip(f"{LIST} is measured with at most {LISTED} records")
    on = on_floor if contender in FLOORS and contender.most > 1 else on_store

    measured = on(store, call, records)
    rounds = measured.rounds(request.config.getoption("--seconds"))
    benchmark.extra_info |= {"store": contender.name, "call": call, "records": records}
    benchmark.pedantic(
        measured.method,
        setup=lambda: (measured.before(), {}),
        teardown=measured.after,
        rounds=rounds,
    )
