"""Judge stores as a user does: with pytest in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """A run that has ended."""

    status: int
    text: str
    """The output of the run, on one line."""
    report: Any
    """The JSON report, or None if none was written."""

    def clause(self, id: str, target: str | None = None) -> Any:
        """Return what the report says about a clause. ``target`` is needed if there are several."""
        (store,) = (each for each in self.report["stores"] if target in (None, each["target"]))
        return next(each for each in store["clauses"] if each["id"] == id)

    def statuses(self, target: str | None = None) -> dict[str, str]:
        """Return the status of each clause that was part of the run."""
        (store,) = (each for each in self.report["stores"] if target in (None, each["target"]))
        found = {each["id"]: str(each["status"]) for each in store["clauses"]}
        return {id: status for id, status in found.items() if status != "not-run"}


def run(directory: Path, *arguments: str) -> Ran:
    """Run pytest in a directory. Calls may take a second. A run without an end fails the test."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tokenstore-timeout=1"),
            *("--tokenstore-report=v.json", *arguments),
        ],
        cwd=directory,
        env={**clean, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    report = directory / "v.json"
    return Ran(
        done.returncode,
        " ".join(done.stdout.split()),
        json.loads(report.read_text("utf-8")) if report.exists() else None,
    )
