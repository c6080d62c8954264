"""Judges one clause again, for the scripts of failures that calls alone do not show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_SETTINGS: Final = ("addopts", "tokenstore_report", "tokenstore_scripts", "tokenstore_known")
"""Settings that the configuration of the project may have, and that are not applied again."""


def judge_again(clause: str, *options: str) -> str:
    """Judge one clause, and return "passed", "failed" or "not judged".

    ``options`` are the pytest options that name the store and say how to judge it. Prints what
    pytest prints. A separate process judges, since a store may be so wrong that the process has to
    be killed.
    """
    environment = {name: each for name, each in os.environ.items() if name != "PYTEST_ADDOPTS"}
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "verdict.json"
        command = [
            *(sys.executable, "-m", "pytest"),
            *(f"--override-ini={each}=" for each in _SETTINGS),
            *("--no-tokenstore-github", f"--tokenstore-report={report}", *options),
            f"tokenstore_conformance::{clause}",
        ]
        subprocess.run(command, env=environment, check=False)
        if not report.exists():
            return "not judged"
        (store,) = json.loads(report.read_text("utf-8"))["stores"]
    (status,) = (each["status"] for each in store["clauses"] if each["id"] == clause)
    if status in ("passed", "not-applicable"):
        return "passed"
    return "failed" if status == "failed" else "not judged"
