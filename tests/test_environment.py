"""The verdict on a correct store does not depend on the time zone, the date or the locale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import GENERATIONS

ROOT = Path(__file__).resolve().parent.parent

AHEAD = """\
import datetime
import time_machine

now = datetime.datetime.now(datetime.timezone.utc)
time_machine.travel(now + datetime.timedelta(days=730), tick=True).start()
"""
"""A pytest plugin, loaded before anything else, that moves the run two years ahead."""

SURROUNDINGS = {
    "in India": {"TZ": "Asia/Kolkata"},
    "in New York": {"TZ": "America/New_York"},
    "in two years": {"PYTEST_ADDOPTS": "-p ahead"},
    "with the locale C": {
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
}
"""The environment variables of a run."""

FEW = "--tokenstore-examples=5"
"""An effect of the surroundings shows in the first few sequences."""

ALL_AT_ONCE = {
    **SURROUNDINGS["in India"],
    **SURROUNDINGS["in two years"],
    **SURROUNDINGS["with the locale C"],
}


def run(directory: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run pytest, which has to succeed, and return what it prints."""
    if "ahead" in environment.get("PYTEST_ADDOPTS", ""):
        pytest.importorskip("time_machine")
    (directory / "ahead.py").write_text(AHEAD)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": f"{directory}{os.pathsep}{ROOT}", **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("store", ["list", pytest.param("sqlite", marks=pytest.mark.nightly)])
def test_a_reference_store_is_conformant_anywhere(
    store: str, generation: str, tmp_path: Path
) -> None:
    """A zone that is not UTC, a date two years ahead and the locale C change no verdict."""
    options = (f"--tokenstore={store}", f"--tokenstore-generation={generation}")

    printed = run(tmp_path, ALL_AT_ONCE, *options, "--tokenstore-strict", FEW)

    assert "\nCONFORMANT" in printed


@pytest.mark.nightly
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_no_correct_store_is_blamed_anywhere(name: str, tmp_path: Path) -> None:
    """The tests of the correct stores pass in each of the surroundings."""
    tests = ROOT / "tests" / "test_correct_stores.py"

    run(
        tmp_path,
        SURROUNDINGS[name],
        "-m",
        "slow or not slow",
        f"--rootdir={ROOT}",
        str(tests),
    )
