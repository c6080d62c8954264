"""Generate docs/performance.md from the figures."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tests.benchmarks import servers
from tests.benchmarks.calls import CALLS, FIND_BY_USER, LIST, ROUNDS, SAVE_KNOWN
from tests.benchmarks.contenders import CONTENDERS, FLOORS, MILLION, STORES
from tests.benchmarks.figures import DATA, PICTURE, Figures

FLOOR: Final = "floor"
TOKEN: Final = "token"
"""The floor without a medium. It is measured with one record."""
WITH_FLOOR: Final = ("InMemoryStore", "ListStore", "SQLiteStore, memory", "SQLiteStore, file")
"""The stores with all their calls on the page."""
_TIMES: Final = (FIND_BY_USER, SAVE_KNOWN)
"""The calls that are shown for all stores."""
_FAMILIES: Final = 6
"""How many families are shown: those that take longest."""

_HEAD: Final = """
`python -m tests.benchmarks` measures this with pytest-benchmark and writes this page; with `--page`
it writes the page again from [the figures]({data}).

Measured with {processors} CPUs, {system}, {python} and SQLite {sqlite}. Times depend on the
machine; ratios within one session vary less.{load}
"""
_LOAD: Final = (
    " The machine was busy with other work: its load was {load:.1f} at the start. Trust the ratios"
    " of CPU time; those of seconds are distorted, in either direction."
)
"""The note if the machine had more work than one processor can do."""
_RUNS: Final = """
`pytest --tokenstore=...` in a process of its own, {runs}. The floor is a run with one empty test
that imports Hypothesis and the SDK. CPU time includes child processes, and is steadier on a busy
machine. All ratios are to the floor without `-n`.
"""
_RUNS_ON_SERVERS: Final = """
With the server on the same machine, one run each. CPU time is that of the run, without the
server's. Most of the time goes into the many calls of THR-2, THR-3 and SEQ-1, and into the
processes of DUR-2 and DUR-3: with pytest-xdist they run at the same time.
"""
_BY_FAMILY: Final = """
Seconds of each [family](contract.md), from the JSON report of a run without `-n`. The rest of a run
is the start of pytest and of the kit.
"""
_FAILURES: Final = """
`pytest --tokenstore=... -x` over {count} [mutants](../tests/mutants) that break a MUST, taken
evenly from all of them: {median} the floor in the median, {least} at least, {most} at most. In CPU
time it is {processor} in the median.

The model, which a store is compared to, takes {steps:,.0f} steps a second.
"""
_CALLS: Final = """
Each figure is the median of {least} to {most} calls, spread over all tokens of the store, without
garbage collection. The stores are filled in bulk, in their own form. A known token is saved with a
new access token, as after a refresh.

The floor is the least that a store has to do, and has two parts. One is the work of the medium: the
same look-ups in dictionaries or in a list, or the same statements on one open connection of
`sqlite3`, with the same indexes and the same durability. The other is to read and fill the SDK's
token, which takes {find} in a find and {save} in a save.

Saves and deletes in a file wait for the disk, whose time varies more than the stores differ: such
a ratio, also one below 1, says little. What the store adds, the same store in memory shows.
"""
_SERVERS: Final = """
With {records:,} tokens in each, and the server on the same machine; in brackets, the ratio to the
bare client. That is one open connection and the least that could do: a SELECT by the user, an
UPDATE, and an INSERT where that changed nothing; on Redis, one command for each of these. It builds
no token, and keeps no rule of the contract. A save waits for the server's disk, as the servers'
settings have it.
"""


def as_page(figures: Figures) -> str:
    """Return the page as Markdown."""
    parts = [*_head(figures), *_kit(figures), *_stores(figures)]
    return "\n\n".join(parts) + "\n"


def in_short(figures: Figures) -> str:
    """Return one line for the README."""
    floor, *runs = (figures.run(each) for each in (FLOOR, "list", "sqlite"))
    took = " and ".join(
        f"{each.processor:.1f} seconds for the `{each.target}` store" for each in runs
    )
    ratios = " and ".join(f"{each.processor / floor.processor:.1f}" for each in runs)
    return (
        f"A whole run takes {took} of CPU time ({ratios} times an empty pytest run that imports "
        "Hypothesis and the SDK)."
    )


def _head(figures: Figures) -> Iterator[str]:
    yield "# Performance"
    load = figures.machine["load"]
    busy = _LOAD.format(load=load) if load > 1 else ""
    yield _prose(_HEAD, data=DATA.name, **{**figures.machine, "load": busy})


# The kit ------------------------------------------------------------------------------------------


def _kit(figures: Figures) -> Iterator[str]:
    yield "## The kit"
    yield "### A whole run"
    runs = "once" if figures.rounds == 1 else f"the best of {figures.rounds} runs"
    yield _prose(_RUNS, runs=runs)
    yield _runs(figures)
    if any(each.server for each in figures.runs):
        yield "### A whole run on a server"
        yield _prose(_RUNS_ON_SERVERS)
        yield _runs_on_servers(figures)
    yield "### By family of clauses"
    yield _prose(_BY_FAMILY)
    yield _families(figures)
    yield "### To the first failure"
    floor = figures.run(FLOOR)
    ratios = [each.seconds / floor.seconds for each in figures.failures]
    processor = statistics.median(each.processor for each in figures.failures) / floor.processor
    yield _prose(
        _FAILURES,
        count=len(ratios),
        median=_times(statistics.median(ratios)),
        least=_times(min(ratios)),
        most=_times(max(ratios)),
        processor=_times(processor),
        steps=figures.steps_a_second,
    )


def _runs(figures: Figures) -> str:
    floor = figures.run(FLOOR)
    lines = []
    for each in figures.runs:
        if each.workers == 0 and not each.server:
            parallel = figures.run(each.target, 2).seconds
            cells = [each.target, f"{each.seconds:.2f}", _times(each.seconds / floor.seconds)]
            cells += [f"{each.processor:.2f}", _times(each.processor / floor.processor)]
            cells += [f"{parallel:.2f}", _times(parallel / floor.seconds)]
            lines.append(cells)
    return _table(("Store", "Seconds", "Ratio", "CPU", "Ratio", "`-n 2`", "Ratio"), lines)


def _runs_on_servers(figures: Figures) -> str:
    lines = []
    for each in figures.runs:
        if each.workers == 0 and each.server:
            parallel = figures.run(each.target, 2, each.server).seconds
            cells = [f"{each.seconds:.0f}", f"{each.processor:.0f}", f"{parallel:.0f}"]
            lines.append([f"{each.target} on {servers.WORDS[each.server]}", *cells])
    return _table(("Store", "Seconds", "CPU", "`-n 2`"), lines)


def _families(figures: Figures) -> str:
    runs = [each for each in figures.runs if each.families and each.workers == 0]
    sums = {name: sum(run.families[name] for run in runs) for name in runs[0].families}
    longest = sorted(sums, key=lambda name: -sums[name])[:_FAMILIES]
    lines = []
    for run in runs:
        shown = [run.families[name] for name in longest]
        every = sum(run.families.values())
        cells = [*shown, every - sum(shown), every]
        lines.append([run.target, *(f"{seconds:.2f}" for seconds in cells)])
    return _table(("Store", *longest, "others", "all"), lines)


# The stores ---------------------------------------------------------------------------------------


def _stores(figures: Figures) -> Iterator[str]:
    yield "## The reference stores"
    yield f"![How the time of each call grows]({PICTURE.name})"
    find, save = (_took(_token(figures, call)) for call in _TIMES)
    yield _prose(_CALLS, least=ROUNDS[0], most=ROUNDS[1], find=find, save=save)
    yield "### As a ratio to the floor"
    yield _ratios(figures)
    for call in _TIMES:
        yield f"### Time to {call}"
        yield _took_by_all(figures, call)
    if any(each.store in servers.CONTENDERS for each in figures.cells):
        yield "### On servers"
        yield from _on_servers(figures)
    yield "### What is left out"
    yield "\n".join(_left_out())


def _ratios(figures: Figures) -> str:
    sizes = figures.sizes
    lines = [
        [name if call == CALLS[0] else "", call, *(_ratio(figures, name, call, n) for n in sizes)]
        for name in WITH_FLOOR
        for call in CALLS
    ]
    return _table(("Store", "Call", *(f"{size:,}" for size in sizes)), lines)


def _took_by_all(figures: Figures, call: str) -> str:
    sizes = figures.sizes
    lines = [
        [_named(name), *(_took(figures.seconds(name, call, size)) for size in sizes)]
        for name in CONTENDERS
        if name != TOKEN
    ]
    return _table(("Store", *(f"{size:,}" for size in sizes)), lines)


def _on_servers(figures: Figures) -> Iterator[str]:
    records = max(each.records for each in figures.cells if each.store in servers.CONTENDERS)
    yield _prose(_SERVERS, records=records)
    lines = []
    for name, contender in servers.CONTENDERS.items():
        cells = [f"*floor: {name}, {contender.words}*" if contender.medium is None else name]
        for call in servers.CALLS:
            took = figures.seconds(name, call, records)
            floor = figures.seconds(contender.medium or "", call, records)
            ratio = f" ({_times(took / floor)})" if took and floor else ""
            cells.append(servers.FAILS.get((name, call)) or f"{_took(took)}{ratio}")
        lines.append(cells)
    yield _table(("Store", *servers.CALLS), lines)


def _left_out() -> Iterator[str]:
    for each in STORES:
        if each.most < MILLION:
            yield f"- {each.name} beyond {each.most:,} records: {each.why}."
    yield f'- "{LIST}" beyond 100,000 records: it makes a token of each record.'
    yield "- DynamoDBStore and SecretsManagerStore: how fast moto is says nothing of AWS."


def _token(figures: Figures, call: str) -> float:
    return figures.seconds(TOKEN, call, 1) or 0.0


def _ratio(figures: Figures, name: str, call: str, records: int) -> str:
    took = figures.seconds(name, call, records)
    medium = figures.seconds(CONTENDERS[name].medium or "", call, records)
    if took is None or medium is None:
        return "-"
    tokens = _token(figures, call) * (records if call == LIST else 1)
    return _times(took / (medium + tokens))


def _named(name: str) -> str:
    contender = CONTENDERS[name]
    if contender in FLOORS:
        return f"*floor: {contender.words}*"
    return f"{name} {contender.words}".rstrip()


_UNITS: Final = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


def _took(seconds: float | None) -> str:
    """Return a time with two digits, in a readable unit."""
    if seconds is None:
        return "-"
    seconds = float(f"{seconds:.2g}")
    unit, factor = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return f"{float(f'{seconds / factor:.2g}'):g} {unit}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f} x" if ratio < 9.995 else f"{ratio:.0f} x"


def _prose(text: str, **values: object) -> str:
    """Return paragraphs with these values, in lines of at most 100 characters."""
    paragraphs = text.strip().format(**values).split("\n\n")
    return "\n\n".join(textwrap.fill(each, 100, break_on_hyphens=False) for each in paragraphs)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table. All columns except those with words are figures, aligned to the right."""
    marks = ("---" if each in ("Store", "Call") else "---:" for each in head)
    return "\n".join([*(f"| {' | '.join(each)} |" for each in (head, [*marks], *lines))])
