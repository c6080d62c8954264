"""The verdict in words, for the terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from tokenstore_conformance.contract import SOURCES, VERSION, Clause, Level
from tokenstore_conformance.contract.zohocrmsdk import CLAUSES

if TYPE_CHECKING:
    from tokenstore_conformance.judge import Result
    from tokenstore_conformance.verdict import Verdict

MOST_CALLS: Final = 6
"""Of a long sequence of calls the last ones are shown; the JSON report has them all."""


def show(terminal: Any, verdicts: Iterable[Verdict]) -> None:
    """Write a block for each target, through pytest's terminal reporter."""
    for verdict in verdicts:
        terminal.section(f"token store {verdict.target}", bold=True)
        for line, style in _block(verdict, terminal._tw.fullwidth):
            terminal.line(line, **{style: True} if style else {})


def explanation(result: Result) -> str:
    """A broken clause: first all in one line, then what to know, then the store's traceback."""
    head = f"{result.clause.id} {result.clause.level}: {result.message}"
    lines = [head, "", *_details(result.clause, _as_data(result), 100)]
    if result.trace:
        lines += ["", "what the store raised:", *result.trace.splitlines()]
    return "\n".join(lines)


def contract_as_text() -> str:
    """The contract, one clause after the other."""
    lines = [f"The token store contract {VERSION}, for zohocrmsdk (SDK lines 5 to 8)", ""]
    for clause in CLAUSES:
        lines.append(f"{clause.id} ({clause.standing})")
        lines += _wrapped("    ", clause.sentence, 100)
        lines += _wrapped("    why: ", clause.why, 100)
        lines.append(f"    source: {', '.join(clause.sources.split())}; since {clause.since}")
        lines.append("")
    lines += [f"source {key}: {words}" for key, words in SOURCES.items()]
    return "\n".join(lines)


def _block(verdict: Verdict, width: int) -> Iterator[tuple[str, str]]:
    yield from _headline(verdict)
    for level in Level:
        yield _counts(verdict, level), ""
    yield from ((line, "") for line in _skipped(verdict))
    for clause, result in verdict.results():
        if result["outcome"] == "failed":
            fails = clause in verdict.fatal
            yield "", ""
            note = "" if fails else ", a warning"
            yield f"{clause.id} ({clause.standing}{note})", "red" if fails else "yellow"
            yield from ((line, "") for line in _details(clause, result, width))


def _headline(verdict: Verdict) -> Iterator[tuple[str, str]]:
    sdk = f"contract {VERSION}, {verdict.sdk}" if verdict.sdk else f"contract {VERSION}"
    if verdict.fatal:
        yield f"NOT CONFORMANT ({sdk})", "red"
    elif not verdict.conformant:
        yield f"NO VERDICT: no clause was checked ({sdk})", "yellow"
    elif verdict.is_whole:
        yield f"CONFORMANT ({sdk})", "green"
    else:
        yield f"NO FAILURE in the clauses that ran ({sdk})", "green"
    if not verdict.is_whole:
        yield f"{verdict.has_run} of {len(CLAUSES)} clauses ran", "yellow"


def _counts(verdict: Verdict, level: Level) -> str:
    passed = len(verdict.with_outcome("passed", level))
    failed = len(verdict.with_outcome("failed", level))
    skipped = len(verdict.with_outcome("skipped", level))
    return f"{level:<6} {passed:>3} passed, {failed} failed, {skipped} skipped"


def _skipped(verdict: Verdict) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for clause, result in verdict.results():
        if result["outcome"] == "skipped":
            reasons.setdefault(result["message"], []).append(clause.id)
    for reason, ids in reasons.items():
        yield f"skipped: {_families(ids)}: {reason}"


def _families(ids: list[str]) -> str:
    """The ids, and whole families by their name."""
    whole = Counter(clause.family for clause in CLAUSES)
    here = Counter(id.partition("-")[0] for id in ids)
    names = (
        f"{id.partition('-')[0]}-*"
        if here[id.partition("-")[0]] == whole[id.partition("-")[0]] > 1
        else id
        for id in ids
    )
    return ", ".join(dict.fromkeys(names))


def _details(clause: Clause, result: dict[str, Any], width: int) -> list[str]:
    lines = _wrapped("  ", clause.sentence, width)
    for name in ("expected", "got"):
        if result.get(name):
            lines += _wrapped(f"  {name:<9} ", result[name], width)
    if not result.get("expected") and result.get("message"):
        lines += _wrapped("  got       ", result["message"], width)
    calls = result.get("told", [])
    if len(calls) > MOST_CALLS:
        earlier = f"({len(calls) - MOST_CALLS} earlier calls)"
        calls = [earlier, *calls[-MOST_CALLS:]]
    for number, call in enumerate(each if len(each) <= 700 else f"{each[:700]}..." for each in calls):
        lines += _wrapped("  after     " if number == 0 else "            ", call, width)
    return lines + _wrapped("  why       ", clause.why, width)


def _wrapped(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_on_hyphens=False,
    ) or [label.rstrip()]


def _as_data(result: Result) -> dict[str, Any]:
    told = [call.brief() for call in result.calls]
    return {"expected": result.expected, "got": result.got, "told": told}
