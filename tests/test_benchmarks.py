"""The benchmarks work, measure what they say, and docs/performance.md shows the kept figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import matplotlib
import pytest

pytest.importorskip("zohocrmsdk", reason="the benchmarks are about stores of this SDK")

from tests.benchmarks import figures, page, picture, servers
from tests.benchmarks.calls import CALLS, on_floor, on_store
from tests.benchmarks.contenders import CONTENDERS, FLOORS, STORES, Contender, Place
from tests.benchmarks.floors import Database
from tests.benchmarks.rows import query, row, rows
from tokenstore_conformance.sdk import open_door

BENCHMARKS: Final = Path(page.__file__).parent
FEW: Final = 100
MEDIA: Final = [each for each in FLOORS if each.most > 1]

Fill = Callable[[Contender], Any]


def named(contender: Contender) -> str:
    return contender.name


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Return a function that fills a store or a floor with a few rows, in its own directory."""

    def fill(contender: Contender) -> Any:
        directory = tmp_path / contender.name
        directory.mkdir()
        monkeypatch.chdir(directory)
        return contender.filled(Place(FEW, directory, tmp_path))

    return fill


def test_the_page_shows_the_figures() -> None:
    """docs/performance.md is generated from the committed figures."""
    assert figures.PAGE.read_text("utf-8") == page.as_page(figures.read()), (
        "run: python -m tests.benchmarks --page"
    )


def test_the_readme_says_how_long_a_run_takes() -> None:
    """The README shows the time in whole seconds."""
    found = figures.read()
    readme = (figures.PAGE.parents[1] / "README.md").read_text("utf-8")

    in_memory, in_a_file = (f"{found.run(name).seconds:.0f}" for name in ("memory", "sqlite"))
    assert f"[{in_memory} seconds](docs/performance.md)" in readme
    assert f"and {in_a_file} for one in a" in readme


def test_the_picture_shows_the_figures() -> None:
    """docs/performance.svg is drawn from the committed figures, and is equal byte for byte."""
    found = figures.read()
    if found.machine["matplotlib"] != matplotlib.__version__:
        pytest.skip("another version of matplotlib draws another picture")

    assert figures.PICTURE.read_text("utf-8") == picture.as_svg(found)


def test_figures_are_kept_whole() -> None:
    """Reading performance.json and writing it again changes nothing."""
    assert figures.written(figures.read()) == figures.DATA.read_text("utf-8")


@pytest.mark.parametrize("contender", STORES, ids=named)
def test_a_store_holds_what_it_was_filled_with(contender: Contender, filled: Fill) -> None:
    """A store that was filled in bulk lists the rows, and finds each row by each of its keys."""
    store = filled(contender)

    door = open_door("zohocrmsdk")
    held = [tuple(dict(door.read(each).items()).values()) for each in store.get_tokens()]
    assert sorted(held) == rows(FEW)
    for each in rows(FEW):
        assert store.find_token_by_id(each[0]).get_access_token() == each[5]
        for field in ("user", "access_token"):
            assert store.find_token(query(each, field)).get_id() == each[0]


@pytest.mark.slow
@pytest.mark.parametrize("contender", servers.CONTENDERS.values(), ids=named)
def test_what_is_on_a_server_holds_what_it_was_filled_with(
    contender: Contender, tmp_path: Path
) -> None:
    """A store on a server finds each row. Its floor lists all rows, updates one and adds one."""
    place = Place(FEW, tmp_path, tmp_path)
    renewed, new = (*row(7)[:5], "renewed", *row(7)[6:]), row(FEW)

    with place.closing:
        filled = contender.filled(place)

        if contender.medium:
            assert len(filled.get_tokens()) == FEW
            assert all(filled.find_token(query(each, "user")) for each in rows(FEW))
        else:
            assert len(filled.rows()) == FEW
            filled.save(renewed)
            filled.save(new)
            assert "renewed" in str(filled.find("user_name", renewed[1]))
            assert new[5] in str(filled.find("user_name", new[1]))


@pytest.mark.parametrize("contender", [*STORES, *MEDIA], ids=named)
def test_no_call_leaves_anything(contender: Contender, filled: Fill) -> None:
    """Each call works, and measuring it does not change the number of records."""
    store = filled(contender)
    on, held = (on_floor, "rows") if contender in MEDIA else (on_store, "get_tokens")

    for call in CALLS:
        on(store, call, FEW).rounds(0)

        assert len(getattr(store, held)()) == FEW, call


@pytest.mark.parametrize("contender", MEDIA, ids=named)
def test_a_floor_keeps_tokens(contender: Contender, filled: Fill) -> None:
    """A floor, which stores are compared to, does the work: it finds, updates, adds and deletes."""
    floor = filled(contender)
    known, new = (*row(7)[:5], "renewed", *row(7)[6:]), row(FEW)

    floor.save(known)
    floor.save(new)
    floor.delete(row(3)[0])

    assert _values(floor.find("access_token", "renewed")) == known
    assert _values(floor.find("id", new[0])) == new
    assert floor.find("user_name", row(3)[1]) is None
    assert len(floor.rows()) == FEW


def _values(found: Any) -> tuple[str, ...]:
    return tuple(found.values()) if isinstance(found, dict) else tuple(found)


@pytest.mark.parametrize("call", CALLS)
def test_the_floor_of_sqlite_makes_the_same_statements(call: str, filled: Fill) -> None:
    """The floor of the SQLite store runs the statements of the store, and no others."""
    store, floor = filled(CONTENDERS["SQLiteStore, memory"]), filled(CONTENDERS["sqlite3, memory"])
    assert isinstance(floor, Database)

    expected = _statements(store._connection, on_store(store, call, FEW))
    got = _statements(floor.connection, on_floor(floor, call, FEW))

    assert len(got) >= 1
    assert got == expected


def _statements(connection: Any, measured: Any) -> list[str]:
    """Return the SQL statements that a call runs, without the values."""
    arguments = measured.before()
    traced: list[str] = []
    connection.set_trace_callback(traced.append)
    measured.method(*arguments)
    connection.set_trace_callback(None)
    return [
        each.partition(" VALUES ")[0].partition(" SET ")[0].partition(" = '")[0] for each in traced
    ]


def test_the_default_run_collects_no_benchmark(pytester: pytest.Pytester) -> None:
    """With the settings of this repository, pytest collects no benchmark and does not warn."""
    run = pytester.runpytest_inprocess("--collect-only", "-n0", str(BENCHMARKS))

    assert run.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.slow
def test_benchmarks_become_figures(tmp_path: Path) -> None:
    """A few benchmarks, measured as the command does, give the figures that the page needs."""
    report = tmp_path / "benchmarks.json"
    command = [sys.executable, "-m", "pytest", "-q", "--override-ini=addopts=", "-p", "no:xdist"]
    command += [f"--benchmark-json={report}", "--records=100", "--seconds=0", "--runs=1"]
    command += ["-k", "InMemoryStore-100 or test_model or floor-alone"]
    files = [str(BENCHMARKS / name) for name in ("bench_stores.py", "bench_kit.py")]

    # pytest-benchmark warns if it runs in a worker of pytest-xdist: hide that this may be one.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_XDIST")}

    done = subprocess.run(
        [*command, *files], capture_output=True, text=True, check=False, env=environment
    )

    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(report.read_text("utf-8"))
    found = figures.measured(written["benchmarks"], figures.machine())
    assert found.sizes == [FEW]
    assert {each.call for each in found.cells if each.store == "InMemoryStore"} == set(CALLS)
    assert all(each.seconds > 0 for each in found.cells)
    assert found.run("floor").processor > 0
    assert found.steps_a_second > 0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(1.23e-7, "0.12 µs"), (9.96e-4, "1 ms"), (0.0123, "12 ms"), (0.999, "1 s"), (None, "-")],
)
def test_times_are_in_the_unit_that_people_read(seconds: float | None, shown: str) -> None:
    """A time has at most two digits, in a readable unit."""
    assert page._took(seconds) == shown
