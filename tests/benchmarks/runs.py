"""Run pytest in a separate process, as a user does, and measure what it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_benchmark.fixture import BenchmarkFixture

ROOT: Final = Path(__file__).parents[2]
REPORT: Final = "report.json"

EMPTY_TEST: Final = """
import hypothesis
import zohocrmsdk.src.com.zoho.api.authenticator.store.token_store


def test_nothing():
    pass
"""
"""The floor: a test that does nothing."""


@dataclass(frozen=True)
class Spent:
    """The time that a run took, and its result."""

    seconds: float
    processor: float
    """Seconds of CPU time, including that of child processes."""
    status: int
    output: str


def run(directory: Path, *arguments: str, workers: int = 0, url: str = "") -> Spent:
    """Run pytest in a directory, without the settings and plugins that the kit does not need."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:benchmark", "-p", "no:django"]
    command += ["--config-file", os.devnull, "--rootdir", str(directory), *arguments]
    command += ["-n", str(workers)] if workers else ["-p", "no:xdist"]
    ours = ("PYTEST_", "CI", "GITHUB_", "TOKENSTORE_")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=directory,
        env={**environment, "PYTHONPATH": str(ROOT), "TOKENSTORE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, after = time.perf_counter() - began, os.times()
    processor = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return Spent(seconds, processor, done.returncode, done.stdout + done.stderr)


def floor(directory: Path, workers: int = 0) -> Spent:
    """Run one empty test."""
    file = directory / "test_nothing.py"
    file.write_text(EMPTY_TEST)
    return run(directory, file.name, workers=workers)


def judged(directory: Path, target: str, workers: int = 0, url: str = "") -> Spent:
    """Judge a store, on the server at ``url`` if there is one, and write a report."""
    arguments = (f"--tokenstore={target}", f"--tokenstore-report={REPORT}")
    return run(directory, *arguments, workers=workers, url=url)


def first_failure(directory: Path, target: str) -> Spent:
    """Judge a store up to the first clause that it breaks."""
    return run(directory, f"--tokenstore={target}", "-x")


def timed(benchmark: BenchmarkFixture, run: Callable[[], Spent], status: int, rounds: int) -> float:
    """Measure runs, which must end with this status. Return the least seconds of CPU time."""
    processor = []

    def whole_run() -> None:
        spent = run()
        assert spent.status == status, spent.output
        processor.append(spent.processor)

    benchmark.pedantic(whole_run, rounds=rounds)
    return min(processor)


def families(directory: Path) -> dict[str, float]:
    """Return the seconds that each family of clauses took, from the report in this directory."""
    report: Any = json.loads((directory / REPORT).read_text("utf-8"))
    seconds: Counter[str] = Counter()
    for each in report["stores"][0]["clauses"]:
        seconds[each["id"].rpartition("-")[0]] += each["seconds"] or 0
    return dict(seconds)
