"""The matrix of mutants: which clauses fail on each, and which of these explain or hide others.

    python -m tests.matrix                   judge every mutant, and write docs/mutants.md
    python -m tests.matrix SAVE FIND-3       judge those of a family or a clause, or by name
    python -m tests.matrix --page            write the page again from docs/mutants.json

Each mutant is judged by its own clause, and by the clauses that need no other thread or process.
The exit status is 1 if a mutant does not fail its own clause.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.drivers.in_process import judge_of
from tests.mutants import CALL_BY_CALL, GENERATIONS, PROGRAM, family_of, mutants_of
from tokenstore_conformance.judging.result import Status

PAGE: Final = Path(__file__).parents[1] / "docs" / "mutants.md"
DATA: Final = PAGE.with_suffix(".json")

_HEAD: Final = """\
# Mutants

A mutant is a store with one deliberate fault. Each clause has at least two mutants, and each mutant
must fail its clause. `python -m tests.matrix` judges them and writes this page; their code is in
`tests/mutants`.

"Fails also" lists the other clauses that the same fault breaks. "Explained" lists clauses whose
check fails, and passes once the fault of an earlier clause is corrected. "Not judged" lists clauses
that cannot be judged until the mutant's own clause is fixed. Clauses about threads, processes,
outages and sequences are tried on their own mutants only.
"""


@dataclass(frozen=True)
class Row:
    """A mutant, and the results of the clauses that judged it."""

    generation: str
    clause: str
    """The clause that the mutant breaks."""
    mutant: str
    judged: int
    """The number of clauses that judged the mutant."""
    failed: tuple[str, ...]
    explained: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_killed(self) -> bool:
        """Whether the mutant fails its own clause."""
        return self.clause in self.failed

    @property
    def others(self) -> tuple[str, ...]:
        """The other clauses that fail."""
        return tuple(each for each in self.failed if each != self.clause)


def row_of(generation: str, position: int) -> Row:
    """Judge the mutant at this position among those of its generation."""
    mutant = mutants_of(generation)[position]
    clause: str = mutant.clause  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as directory:
        judged = judge_of(mutant, Path(directory))
        ids = [
            id for id, each in judged.clauses.items() if each.family in (*CALL_BY_CALL, *PROGRAM)
        ]
        found = {id: judged.judge(id).status for id in dict.fromkeys([*ids, clause])}

    def with_status(*wanted: Status) -> tuple[str, ...]:
        return tuple(id for id, status in found.items() if status in wanted)

    return Row(
        generation,
        clause,
        mutant.__name__,
        len(found),
        with_status(Status.FAILED),
        with_status(Status.EXPLAINED),
        with_status(Status.NOT_JUDGED),
    )


def rows_of(wanted: Iterable[str], jobs: int) -> Iterator[Row]:
    """Judge the mutants of these families, clauses or names; all mutants if none is named."""
    names = set(wanted)
    chosen = [
        (generation, position)
        for generation in GENERATIONS
        for position, mutant in enumerate(mutants_of(generation))
        if not names or {family_of(mutant), mutant.clause, mutant.__name__} & names
    ]
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(row_of, *zip(*chosen, strict=True), chunksize=1)


def as_page(rows: Iterable[Row]) -> str:
    """Return the page, as Markdown."""
    rows = list(rows)
    parts = [_HEAD, f"{in_short(rows)}\n"]
    for generation in dict.fromkeys(row.generation for row in rows):
        parts += [
            f"## {generation}\n",
            *_table(row for row in rows if row.generation == generation),
        ]
    return "\n".join(parts)


def in_short(rows: list[Row]) -> str:
    """Return the figures in one sentence."""
    killed = sum(row.is_killed for row in rows)
    verdicts = sum(row.judged for row in rows)
    unknown = sum(len(row.unknown) for row in rows)
    explained = sum(len(row.explained) for row in rows)
    more = sum(bool(row.others) for row in rows)
    return (
        f"{killed:,} of {len(rows):,} mutants fail their clause, {more:,} of them another one too. "
        f"Of {verdicts:,} verdicts, {explained:,} are explained ({explained / verdicts:.1%}) and "
        f"{unknown:,} not judged ({unknown / verdicts:.1%})."
    )


def _table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| Clause | Mutant | Fails also | Explained | Not judged |"
    yield "|---|---|---|---|---|"
    before = ""
    for row in sorted(rows, key=lambda row: _in_order(row.clause)):
        clause = f"[{row.clause}](contract.md#{row.clause.lower()})" if row.clause != before else ""
        before = row.clause
        name = row.mutant if row.is_killed else f"**{row.mutant} (survives)**"
        cells = (clause, name, *map(", ".join, (row.others, row.explained, row.unknown)))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _in_order(clause: str) -> tuple[str, int]:
    family, _, number = clause.rpartition("-")
    return family, int(number)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return the last row of each mutant that exists, in the order of the mutants."""
    found = {(row.generation, row.clause, row.mutant): row for row in rows}
    keys = (
        (generation, mutant.clause, mutant.__name__)  # type: ignore[attr-defined]
        for generation in GENERATIONS
        for mutant in mutants_of(generation)
    )
    return [found[key] for key in keys if key in found]


def read() -> list[Row]:
    """Return the rows of docs/mutants.json."""
    return [
        Row(**{name: tuple(v) if isinstance(v, list) else v for name, v in each.items()})
        for each in json.loads(DATA.read_text("utf-8"))
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description="Judge mutants.")
    parser.add_argument("wanted", nargs="*", help="families, clauses or names; all without")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    parser.add_argument("--page", action="store_true", help="write the page from what is known")
    chosen = parser.parse_args(arguments)
    if chosen.page:
        PAGE.write_text(as_page(read()), "utf-8")
        return 0
    rows = []
    for row in rows_of(chosen.wanted, chosen.jobs):
        rows.append(row)
        said = "fails also " + ", ".join(row.others) if row.others else "killed"
        print(f"{row.clause:8} {row.mutant}: {said if row.is_killed else 'SURVIVES'}", flush=True)
    print(in_short(rows))
    rows = in_order([*(read() if chosen.wanted else ()), *rows])
    lines = ",\n".join(json.dumps(asdict(row)) for row in rows)
    DATA.write_text(f"[\n{lines}\n]\n", "utf-8")
    PAGE.write_text(as_page(rows), "utf-8")
    return 0 if all(row.is_killed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
