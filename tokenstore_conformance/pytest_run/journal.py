"""Keeps what is known about a run in files, in case the run is ended from outside."""

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
"""Bytes after which no report is added. If the file is in memory, stores need the rest of it."""


@dataclass(frozen=True)
class Begun:
    """What a run starts with. The verdicts have no results yet."""

    verdicts: Sequence[Verdict]
    facts: Facts
    options: Options
    command: tuple[str, ...] = ()
    """The command that runs the same in another process; empty if that cannot be done."""
    directory: Path = Path()
    """The directory to run the command in."""
    ended: tuple[Result, ...] = ()
    """The failures of the clauses in which earlier processes of this run ended."""
    group: int = field(default_factory=lambda: os.getpgrp())  # Windows has no os.getpgrp
    """The process group of the run."""


class Journal:
    """Writes what is known about a run while it runs."""

    def __init__(self, folder: Path, run: Begun) -> None:
        self.folder = folder
        (folder / _RUN).write_bytes(pickle.dumps(run))
        self._results = folder / _RESULTS
        self._results.touch()
        self._reports = folder / _REPORTS
        self.keeps_reports = bool(run.command)
        """Whether to keep pytest's reports, because another process may need them."""

    def began(self, target: str, clause: str) -> None:
        """Note that the check of a clause begins."""
        self._write([target, clause])

    def add(self, result: Result) -> None:
        self._write(as_data(result))

    def add_report(self, nodeid: str, report: Any) -> None:
        """Keep a report of pytest on a test, as data. Another process may show it again.

        If a report is not kept, that process runs the test again.
        """
        with contextlib.suppress(Exception):  # pickle may refuse the report of a user's test
            data = pickle.dumps((nodeid, report))
            with self._reports.open("ab") as file:
                if file.tell() < MOST_REPORTS:
                    file.write(data)

    def _write(self, data: object) -> None:
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")


def read(folder: Path) -> tuple[Begun, tuple[str, str] | None] | None:
    """Return the run with its results so far, and the target and clause that are being judged.

    The second part is None if no clause is being judged. Returns None if there is no journal yet.
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
    """Yield the id of a test and its report, for each report that was kept."""
    ended = (OSError, EOFError, pickle.UnpicklingError)
    with contextlib.suppress(*ended), (folder / _REPORTS).open("rb") as file:
        while True:
            yield pickle.load(file)
