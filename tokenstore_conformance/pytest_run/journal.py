"""What is known of a run so far, in files, in case the run is ended from outside."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.judging.facts import Facts
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.result_data import as_data, from_data
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.pytest_run.options import Options

_RUN: Final = "run"
_RESULTS: Final = "results"
_REPORTS: Final = "reports"
MOST_REPORTS: Final = 8 * 1024 * 1024
"""Bytes; where this is memory, the stores need the rest of it."""


@dataclass(frozen=True)
class Begun:
    """What a run is about; the verdicts have no results yet."""

    verdicts: Sequence[Verdict]
    facts: Facts
    options: Options
    command: tuple[str, ...] = ()
    """Runs the same again in another process; empty where that is of no use."""
    directory: Path = Path()
    """Where to run that."""
    ended: tuple[Result, ...] = ()
    """What is known of the clauses at which the processes before this one ended."""
    group: int = field(default_factory=lambda: os.getpgrp())  # there is none on Windows
    """The process group of the run."""


class Journal:
    """Written as the run goes on."""

    def __init__(self, folder: Path, run: Begun) -> None:
        self.folder = folder
        (folder / _RUN).write_bytes(pickle.dumps(run))
        self._results = folder / _RESULTS
        self._results.touch()
        self._reports = folder / _REPORTS
        self.keeps_reports = bool(run.command)
        """Whether another process may need them."""

    def began(self, target: str, clause: str) -> None:
        """The check of a clause begins."""
        self._write([target, clause])

    def add(self, result: Result) -> None:
        self._write(as_data(result))

    def add_report(self, nodeid: str, report: Any) -> None:
        """What pytest reports of a test, as data; another process may show it again.

        What is not kept is run again there.
        """
        with contextlib.suppress(Exception):  # a test of the user's may report what cannot be kept
            data = pickle.dumps((nodeid, report))
            with self._reports.open("ab") as file:
                if file.tell() < MOST_REPORTS:
                    file.write(data)

    def _write(self, data: object) -> None:
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")


def read(folder: Path) -> tuple[Begun, tuple[str, str] | None] | None:
    """The run with its results so far, and the target and the clause that it stands in.

    None where nothing was judged yet.
    """
    if not (folder / _RESULTS).is_file():
        return None
    run: Begun = pickle.loads((folder / _RUN).read_bytes())
    verdicts = {each.target: each for each in run.verdicts}
    begun: tuple[str, str] | None = None
    for line in (folder / _RESULTS).read_text("utf-8").splitlines():
        data = json.loads(line)
        if isinstance(data, list):
            begun = (data[0], data[1])
            continue
        verdicts[data["target"]].add(from_data(data))
        begun = None
    return run, begun


def reports(folder: Path) -> Iterator[tuple[str, Any]]:
    """The id of each test that was reported, and what was."""
    ended = (OSError, EOFError, pickle.UnpicklingError)
    with contextlib.suppress(*ended), (folder / _REPORTS).open("rb") as file:
        while True:
            yield pickle.load(file)
