"""Judge stores again and again under other conditions: each must get one verdict every time.

    python -m tests.steady                       the number of runs that docs/steadiness.md needs
    python -m tests.steady sqlite Unlocked       only these stores
    python -m tests.steady --runs 5              fewer runs of each; writes nothing

Each run has its own hash seed and its own order of clauses. Every second run has two workers of
pytest-xdist. One run in ten has the machine for itself. The others run two to a processor, so that
they wait for each other. The result of each clause and the words of each failure must not differ.
If they do, the exit status is 1. The results are added to docs/steadiness.json, and
docs/steadiness.md is written from that file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from tests.mutants import family_of, mutants_of

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "steadiness.md"
DATA: Final = PAGE.with_suffix(".json")

STORES: Final = ("sqlite", "sqlite-memory", "memory", "list")
STORE_RUNS: Final = 100
MUTANTS: Final = {"THR": 8, "DUR": 8, "ERR": 4}
"""How many mutants of each family are judged. THR is about threads, DUR about processes and
crashes, ERR about outages.
"""
MUTANT_RUNS: Final = 50

CHANGING: Final = re.compile(r"\b\d{13,}\b")
"""Matches an expiry, which depends on the time of the run, or the id of a thread."""

ALONE: Final = 10
"""Of this many runs, one has the machine to itself."""

AT_ONCE: Final = 2 * (os.cpu_count() or 1)
"""How many of the other runs share the processors at a time."""

ONCE_UNSTEADY: Final = ("WritesItsFindsUnlocked",)
"""Mutants whose failures had different words in one run. They are judged in addition."""

Verdict = tuple[tuple[str, str, str], ...]
"""For each clause: its id, its status, and the message of a failure."""


class Row(NamedTuple):
    """What the page says about a target."""

    store: str
    runs: int
    verdicts: int
    differing: tuple[str, ...]


@dataclass
class Steadiness:
    """A target, and how often it got each verdict."""

    target: str
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def runs(self) -> int:
        return self.verdicts.total()

    def row(self) -> Row:
        name = self.target.rpartition(":")[2]
        return Row(name, self.runs, len(self.verdicts), tuple(self.differing()))

    def differing(self) -> list[str]:
        """Return the ids of the clauses on which the runs differ."""
        clauses = [{id: rest for id, *rest in verdict} for verdict in self.verdicts]
        ids = dict.fromkeys(id for each in clauses for id in each)
        return [id for id in ids if any(each.get(id) != clauses[0].get(id) for each in clauses)]

    def words_that_differ(self) -> list[str]:
        """Return what the runs say about those clauses, and how many runs say it."""
        said = Counter[str]()
        for verdict, count in self.verdicts.items():
            for id, status, message in verdict:
                if id in self.differing():
                    said[f"{id} {status} {message}".rstrip()] += count
        return sorted(f"{count} of {self.runs}: {words}" for words, count in said.items())


def mutants() -> dict[str, str]:
    """Return the mutants to judge, each with its family.

    They are spread evenly over each family. Those that were unsteady once are added.
    """
    chosen: dict[str, str] = {}
    for family, count in MUTANTS.items():
        found = [each for each in mutants_of("zohocrmsdk") if family_of(each) == family]
        again = [each for each in found if each.__name__ in ONCE_UNSTEADY]
        found = [each for each in found if each not in again]
        for each in (*found[:: len(found) // count][:count], *again):
            chosen[f"{each.__module__}:{each.__name__}"] = family
    return chosen


def verdict_of(target: str, selected: Sequence[str], run: int) -> Verdict:
    """Judge a store under the conditions of this run, with the pytest options ``selected``."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.drivers.in_any_order"]
        command += ["--config-file", os.devnull, "--rootdir", directory]
        command += [f"--tokenstore={target}", f"--tokenstore-report={report}", *selected]
        command += ["-n", "2"] if run % 2 else ["-p", "no:xdist"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(run)}
        environment["TOKENSTORE_ORDER"] = str(run)
        done = subprocess.run(command, cwd=directory, env=environment, capture_output=True)
        if not report.is_file():
            said = done.stdout.decode() + done.stderr.decode()
            raise SystemExit(f"{target}, run {run}: no report\n{said}")
        (store,) = json.loads(report.read_text("utf-8"))["stores"]
    return tuple(
        sorted(
            (each["id"], each["status"], CHANGING.sub("a number", each["message"]))
            for each in store["clauses"]
        )
    )


def steadiness_of(target: str, runs: int, family: str = "") -> Steadiness:
    """Judge a store ``runs`` times, by all clauses or by those of a family."""
    found, began = Steadiness(target), time.monotonic()
    judged = partial(verdict_of, target, ["-k", f"{family}-"] if family else [])
    found.verdicts.update(map(judged, range(0, runs, ALONE)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found.verdicts.update(pool.map(judged, (run for run in range(runs) if run % ALONE)))
    found.seconds = time.monotonic() - began
    return found


def as_page(rows: Sequence[Row]) -> str:
    """Return the page, as Markdown."""
    runs, steady = sum(each.runs for each in rows), sum(each.verdicts == 1 for each in rows)
    lines = [
        "# One verdict every time",
        "",
        "`python -m tests.steady` judges stores many times and writes this page. Each run has",
        "its own hash seed and its own order of clauses. Every second run uses two workers of",
        "pytest-xdist. One run in ten is the only one at the time; the others run two to a",
        "processor. The result of each clause and the words of each failure must be the same",
        "in all runs. The mutants are about threads, processes, crashes and outages. Each is",
        "judged by the clauses of its own family.",
        "",
        f"{steady} of {len(rows)} stores got one verdict in all of their runs, {runs:,} in total.",
        "",
        "| Store | Runs | Verdicts | Clauses that differ |",
        "|---|---:|---:|---|",
        *(f"| {name} | {n} | {count} | {', '.join(ids)} |" for name, n, count, ids in rows),
    ]
    return "\n".join(lines) + "\n"


def rows_on_record() -> dict[str, Row]:
    """Return what was found so far, by the name of the store."""
    if not DATA.is_file():
        return {}
    found = json.loads(DATA.read_text("utf-8"))
    return {name: Row(name, runs, verdicts, tuple(ids)) for name, runs, verdicts, ids in found}


def write(found: Row, stores: Sequence[str]) -> None:
    """Add what was found about a store. The page and the data list ``stores``, in this order."""
    known = rows_on_record() | {found.store: found}
    rows = [known[each] for each in stores if each in known]
    lines = ",\n".join(json.dumps(each) for each in rows)
    DATA.write_text(f"[\n{lines}\n]\n", "utf-8")
    PAGE.write_text(as_page(rows), "utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.steady", description=__doc__)
    parser.add_argument("names", nargs="*", help="stores to judge, else all of them")
    parser.add_argument("--runs", type=int, help="so many runs of each; then nothing is written")
    chosen = parser.parse_args(arguments)
    families = dict.fromkeys(STORES, "") | mutants()
    names = {target: target.rpartition(":")[2] for target in families}
    unsteady = 0
    for target, family in families.items():
        if chosen.names and names[target] not in chosen.names:
            continue
        runs = chosen.runs or (MUTANT_RUNS if family else STORE_RUNS)
        found = steadiness_of(target, runs, family)
        unsteady += len(found.verdicts) > 1
        said = f"{len(found.verdicts)} verdict(s) in {runs} runs, {found.seconds:.0f} s"
        print(target, said, *found.differing(), flush=True)
        for words in found.words_that_differ():
            print(" ", words, flush=True)
        if chosen.runs is None:
            write(found.row(), list(names.values()))
    return 1 if unsteady else 0


if __name__ == "__main__":
    sys.exit(main())
