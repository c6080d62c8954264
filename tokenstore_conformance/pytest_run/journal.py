"""What is known of a run so far, in a file, in case that the run is ended from outside."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokenstore_conformance.judging.facts import Facts
from tokenstore_conformance.judging.result import Result, as_data, from_data
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.report.wanted import Wanted

_RUN: Final = "run"
_RESULTS: Final = "results"


@dataclass(frozen=True)
class Begun:
    """What a run is about; the verdicts have no results yet."""

    verdicts: Sequence[Verdict]
    facts: Facts
    wanted: Wanted
    known_file: str
    timeout: float


class Journal:
    """Written as the run goes on."""

    def __init__(self, folder: Path, run: Begun) -> None:
        (folder / _RUN).write_bytes(pickle.dumps(run))
        self._results = folder / _RESULTS
        self._results.touch()

    def began(self, target: str, clause: str) -> None:
        """The check of a clause begins."""
        self._write([target, clause])

    def add(self, result: Result) -> None:
        self._write(as_data(result))

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
