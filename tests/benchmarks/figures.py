"""The figures that docs/performance.md is made of: read from pytest-benchmark, kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import matplotlib

PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"
DATA: Final = PAGE.with_suffix(".json")
PICTURE: Final = PAGE.with_suffix(".svg")


@dataclass(frozen=True)
class Run:
    """A whole run of pytest, with the least time that it took, in seconds."""

    target: str
    workers: int
    seconds: float
    processor: float
    families: Mapping[str, float] = field(default_factory=dict)
    server: str = ""
    """Where the store keeps its tokens. "" stands for this machine."""


@dataclass(frozen=True)
class Failure:
    """A mutant, the clause that it breaks, and the seconds of a run that stopped at a failure."""

    mutant: str
    clause: str
    seconds: float
    processor: float


@dataclass(frozen=True)
class Cell:
    """The median time, in seconds, of a call of a store that holds this many records."""

    store: str
    call: str
    records: int
    seconds: float
    rounds: int


@dataclass(frozen=True)
class Figures:
    """All that was measured, and what it was measured on."""

    machine: Mapping[str, Any]
    rounds: int
    """How many runs of pytest were made for each line."""
    steps_a_second: float
    runs: tuple[Run, ...]
    failures: tuple[Failure, ...]
    cells: tuple[Cell, ...]

    def run(self, target: str, workers: int = 0, server: str = "") -> Run:
        """Return the run on a target."""
        return next(each for each in self.runs if _kind(each) == (target, server, workers))

    def seconds(self, store: str, call: str, records: int) -> float | None:
        """Return the time of a call, or None if it was not measured."""
        wanted = (store, call, records)
        found = (each for each in self.cells if (each.store, each.call, each.records) == wanted)
        return next((each.seconds for each in found), None)

    def updated_by(self, newer: Figures) -> Figures:
        """Return these figures, updated with newer ones of the kit or of the stores."""
        changes = {
            each.name: value
            for each in fields(newer)
            if each.name not in ("cells", "runs") and (value := getattr(newer, each.name))
        }
        measured = set(map(_kind, newer.runs))
        runs = [each for each in self.runs if _kind(each) not in measured]
        again = {each.store for each in newer.cells}
        kept = tuple(each for each in self.cells if each.store not in again)
        return replace(self, **changes, runs=(*runs, *newer.runs), cells=(*kept, *newer.cells))

    @property
    def sizes(self) -> list[int]:
        """The numbers of records."""
        return sorted({each.records for each in self.cells} - {1})


def _kind(run: Run) -> tuple[str, str, int]:
    """Return what tells runs apart. Of two runs of the same kind, the later one counts."""
    return run.target, run.server, run.workers


def measured(benchmarks: Iterable[Mapping[str, Any]], machine: Mapping[str, Any]) -> Figures:
    """Return the figures of benchmarks, which pytest-benchmark has written to JSON."""
    runs, failures, cells = [], [], []
    steps, rounds = 0.0, 0
    for each in benchmarks:
        stats = each["stats"]
        known = {name: _rounded(value) for name, value in each["extra_info"].items()}
        if "store" in known:
            cells.append(Cell(**known, seconds=_rounded(stats["median"]), rounds=stats["rounds"]))
        elif "target" in known:
            runs.append(Run(**known, seconds=_rounded(stats["min"])))
            rounds = rounds if "server" in known else stats["rounds"]
        elif "mutant" in known:
            failures.append(Failure(**known, seconds=_rounded(stats["min"])))
        else:
            steps = float(round(known["steps"] / stats["median"], -3))
    return Figures(machine, rounds, steps, tuple(runs), tuple(failures), tuple(cells))


def _rounded(value: Any) -> Any:
    """Round times to three digits. Further digits differ from run to run."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return float(f"{value:.3g}") if isinstance(value, float) else value


def machine() -> dict[str, Any]:
    """Return what the figures depend on. The load is the work already going on, in processors."""
    return {
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "matplotlib": matplotlib.__version__,
    }


def written(figures: Figures) -> str:
    """Return the figures as JSON, one figure on each line."""
    whole = asdict(figures)
    lists = {name: value for name, value in whole.items() if isinstance(value, tuple)}
    lines = [
        f"{json.dumps(name)}: {json.dumps(whole[name])}" for name in whole if name not in lists
    ]
    for name, values in lists.items():
        items = ",\n".join(f"  {json.dumps(value)}" for value in values)
        lines.append(f"{json.dumps(name)}: [\n{items}\n ]")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def read(file: Path = DATA) -> Figures:
    """Return the figures that were kept."""
    whole = json.loads(file.read_text("utf-8"))
    kinds = {"runs": Run, "failures": Failure, "cells": Cell}
    lists = {name: tuple(kind(**each) for each in whole[name]) for name, kind in kinds.items()}
    return Figures(**{**whole, **lists})
