"""Judges one clause again, for the scripts of failures that calls alone do not show."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

_BROKEN = ("failed", "known")
_KEPT = ("passed", "not-applicable")


def judged(clause: str, *options: str) -> str:
    """What the kit says now of one clause: "passed", "failed" or "not judged".

    ``options`` are those of pytest that name and judge the store. Prints what pytest does. Writes
    no report, whatever the configuration of the project asks for.
    """
    os.environ.pop("PYTEST_ADDOPTS", None)
    nothing_else = ("addopts", "tokenstore_report", "tokenstore_scripts", "tokenstore_known")
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "verdict.json"
        pytest.main(
            [
                *(f"--override-ini={each}=" for each in nothing_else),
                *("--no-tokenstore-github", f"--tokenstore-report={report}", *options),
                f"tokenstore_conformance::{clause}",
            ]
        )
        if not report.exists():
            return "not judged"
        (store,) = json.loads(report.read_text("utf-8"))["stores"]
    (status,) = (each["status"] for each in store["clauses"] if each["id"] == clause)
    if status in _BROKEN:
        return "failed"
    return "passed" if status in _KEPT else "not judged"
