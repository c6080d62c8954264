"""One verdict every time: stores judged again and again, each time under other conditions.

    python -m tests.steady                       as many runs as docs/steadiness.md should rest on
    python -m tests.steady --stores 5 --mutants 2

Each run has its own hash seed and its own order of clauses; every second has two workers of
pytest-xdist. One run in three goes on alone; the others go on two to a processor, so that each of
them waits for the rest. What may not differ is what became of each clause, and the words of each
failure. The exit status is 1 where it does. A full run writes docs/steadiness.md.
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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tests.mutants import CAPABILITIES, family_of, mutants_of

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "steadiness.md"

STORES: Final = ("sqlite", "sqlite-memory", "memory", "list")
STORE_RUNS: Final = 100
MUTANTS: Final = 20
MUTANT_RUNS: Final = 50

CHANGING: Final = re.compile(r"\b\d{13,}\b")
"""An expiry, which is made from the time of the run, or the id of a thread."""

AT_ONCE: Final = 2 * (os.cpu_count() or 1)
"""Runs that share the processors."""

Verdict = tuple[tuple[str, str, str], ...]
"""For each clause, its id, what became of it, and the words of a failure."""


@dataclass
class Steadiness:
    """A target, and how often it got which verdict."""

    target: str
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def runs(self) -> int:
        return self.verdicts.total()

    def differing(self) -> list[str]:
        """The clauses of which not every run says the same."""
        clauses = [{id: rest for id, *rest in verdict} for verdict in self.verdicts]
        ids = dict.fromkeys(id for each in clauses for id in each)
        return [id for id in ids if any(each.get(id) != clauses[0].get(id) for each in clauses)]

    def words_that_differ(self) -> list[str]:
        """What the runs say of those clauses, and how many of them do."""
        said = Counter[str]()
        for verdict, count in self.verdicts.items():
            for id, status, message in verdict:
                if id in self.differing():
                    said[f"{id} {status} {message}".rstrip()] += count
        return sorted(f"{count} of {self.runs}: {words}" for words, count in said.items())


def mutants(count: int) -> list[str]:
    """Mutants of threads, processes and outages, taken evenly from all of them."""
    found = [each for each in mutants_of("zohocrmsdk") if family_of(each) in CAPABILITIES]
    step = max(1, len(found) // count)
    return [f"{each.__module__}:{each.__name__}" for each in found[::step][:count]]


def verdict_of(target: str, run: int) -> Verdict:
    """Judge a store under the conditions of this run."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.drivers.in_any_order"]
        command += ["--config-file", os.devnull, "--rootdir", directory]
        command += [f"--tokenstore={target}", f"--tokenstore-report={report}"]
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


def steadiness_of(target: str, runs: int) -> Steadiness:
    """Judge a store so many times."""
    found, began = Steadiness(target), time.monotonic()
    judged = partial(verdict_of, target)
    found.verdicts.update(map(judged, range(0, runs, 3)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found.verdicts.update(pool.map(judged, (run for run in range(runs) if run % 3)))
    found.seconds = time.monotonic() - began
    return found


def as_page(found: list[Steadiness]) -> str:
    """The page, as Markdown."""
    runs, steady = sum(each.runs for each in found), sum(len(each.verdicts) == 1 for each in found)
    lines = [
        "# One verdict every time",
        "",
        "`python -m tests.steady` judges stores many times and writes this page. Each run has",
        "its own hash seed and its own order of clauses. Every second run uses two workers of",
        "pytest-xdist. One run in three has the machine for itself; the others run two to a",
        "processor. The result of each clause and the words of each failure must be the same",
        "in all runs.",
        "",
        f"{steady} of {len(found)} stores got one verdict in all of their runs, {runs:,} in total.",
        "",
        "| Store | Runs | Verdicts | Clauses that differ |",
        "|---|---:|---:|---|",
    ]
    for each in found:
        name = each.target.rpartition(":")[2]
        differing = ", ".join(each.differing())
        lines.append(f"| {name} | {each.runs} | {len(each.verdicts)} | {differing} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.steady", description=__doc__)
    parser.add_argument("--stores", type=int, default=STORE_RUNS, help="runs of each bundled store")
    parser.add_argument("--mutants", type=int, default=MUTANT_RUNS, help="runs of each mutant")
    parser.add_argument("--write", action="store_true", help="write the page whatever was run")
    chosen = parser.parse_args(arguments)
    wanted = dict.fromkeys(STORES, chosen.stores)
    wanted |= dict.fromkeys(mutants(MUTANTS), chosen.mutants)
    found = []
    for target, runs in wanted.items():
        if runs:
            found.append(steadiness_of(target, runs))
            said = f"{len(found[-1].verdicts)} verdict(s) in {runs} runs, {found[-1].seconds:.0f} s"
            print(target, said, *found[-1].differing(), flush=True)
            for words in found[-1].words_that_differ():
                print(" ", words, flush=True)
    if chosen.write or (chosen.stores, chosen.mutants) == (STORE_RUNS, MUTANT_RUNS):
        PAGE.write_text(as_page(found), "utf-8")
    return 0 if all(len(each.verdicts) == 1 for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
