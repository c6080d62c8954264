"""The verdict in words, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from tokenstore_conformance.contract import (
    CLAUSES,
    SOURCES,
    VERSION,
    Clause,
    Contract,
    Level,
    contract_of,
)
from tokenstore_conformance.judging.judge import NOT_APPLICABLE
from tokenstore_conformance.judging.verdict import Verdict

MOST_CALLS: Final = 3
"""Of a long sequence of calls the last ones are shown; the JSON report has them all."""

LONGEST: Final = 360
"""Characters that are shown of a call, and of what was expected and got."""

Line = tuple[str, str]
"""A line, and the name of its style, "" for none."""


def show(terminal: Any, verdicts: Iterable[Verdict]) -> None:
    """Write a block for each target, through pytest's terminal reporter."""
    for verdict in verdicts:
        terminal.section(f"token store {verdict.target}", bold=True)
        for line, style in _block(verdict, terminal._tw.fullwidth):
            terminal.line(line, **{style: True} if style else {})


def details(clause: Clause, result: dict[str, Any], width: int) -> list[str]:
    """What to know of a broken clause: its sentence, expected, got, after which calls, and why."""
    lines = _wrapped("  ", clause.sentence, width)
    for name in ("expected", "got"):
        if result.get(name):
            lines += _wrapped(f"  {name:<9} ", cut(result[name]), width)
    said_above = f"  ->  {result.get('got')}"
    calls = [cut(call.removesuffix(said_above)) for call in result.get("told", [])]
    if len(calls) > MOST_CALLS:
        calls = [f"({_counted(len(calls) - MOST_CALLS, 'earlier call')})", *calls[-MOST_CALLS:]]
    for number, call in enumerate(calls):
        lines += _wrapped("  after     " if number == 0 else " " * 12, call, width)
    shown = result.get("history", "").splitlines()
    if shown:
        lines += ["  what happened:", *(f"    {line}" for line in shown)]
    return lines + _wrapped("  why       ", clause.why, width)


def contract_as_text(generation: str | None = None) -> str:
    """The clauses that bind a generation, or all of them, one after the other."""
    clauses, bound = CLAUSES, ""
    if generation:
        contract = contract_of(generation)
        clauses, bound = contract.clauses, f", for {contract.title}"
    lines = [f"The token store contract {VERSION}{bound}", ""]
    for clause in clauses:
        lines.append(f"{clause.id} ({clause.standing})")
        lines += _wrapped("    ", clause.sentence, 100)
        lines += _wrapped("    why: ", clause.why, 100)
        lines.append(f"    binds: {', '.join(clause.generations)}; since {clause.since}")
        lines += _wrapped("    source: ", "; ".join(map(str, clause.sources)), 100)
        lines.append("")
    lines += [f"source {key}: {words}" for key, words in SOURCES.items()]
    return "\n".join(lines)


def _block(verdict: Verdict, width: int) -> Iterator[Line]:
    yield from _headline(verdict)
    for level in Level:
        yield _counts(verdict, level), ""
    for line in [
        *_unjudged(verdict, width),
        *_skipped(verdict, width),
        *_capabilities(verdict, width),
    ]:
        yield line, ""
    failures = [each for each in verdict.results() if _is_broken(each[1])]
    for clause, result in failures:
        fails = clause in verdict.fatal
        yield "", ""
        note = "" if fails else ", a warning"
        standing = clause.standing
        if clause.capability in verdict.required:
            standing = f"MUST: capability {clause.capability} is required"
        yield f"{clause.id} ({standing}{note})", "red" if fails else "yellow"
        yield from ((line, "") for line in details(clause, result, width))
    if failures:
        yield "", ""
        yield "The whole contract: --tokenstore-clauses. Every call in full, and a script that", ""
        yield "repeats each failure: --tokenstore-report=FILE.json", ""


def _is_broken(result: dict[str, Any]) -> bool:
    return bool(result["outcome"] == "failed" and result.get("judged", True))


def _headline(verdict: Verdict) -> Iterator[Line]:
    sdk = f"contract {VERSION}, {verdict.sdk}" if verdict.sdk else f"contract {VERSION}"
    warned = len(verdict.with_outcome("failed"))
    if not verdict.is_known:
        yield f"NO VERDICT: no clause was judged ({sdk})", "yellow"
    elif verdict.fatal:
        yield f"NOT CONFORMANT ({sdk})", "red"
    elif not verdict.is_whole:
        yield f"NO FAILURE in the clauses that ran ({sdk})", "green"
    elif warned:
        broken = _counted(warned, "clause")
        yield f"CONFORMANT, with {broken} broken that SHOULD hold ({sdk})", "yellow"
    else:
        yield f"CONFORMANT ({sdk})", "green"
    if not verdict.is_whole:
        yield f"{verdict.has_run} of {len(verdict.contract.clauses)} clauses ran", "yellow"


def _counts(verdict: Verdict, level: Level) -> str:
    passed = len(verdict.with_outcome("passed", level))
    failed = len(verdict.with_outcome("failed", level))
    skipped = sum(verdict.level_of(clause) is level for clause, _ in verdict.skipped())
    return f"{level:<6} {passed:>3} passed, {failed} failed, {skipped} skipped"


def _unjudged(verdict: Verdict, width: int) -> Iterator[str]:
    """What went wrong around the store: a fixture of the user's, mostly, and for many clauses."""
    reasons: dict[str, list[str]] = {}
    for clause, result in verdict.results():
        if result["outcome"] == "failed" and not _is_broken(result):
            reasons.setdefault(result["message"], []).append(clause.id)
    for reason, ids in reasons.items():
        named = in_families(ids, verdict.contract)
        yield from _wrapped("no verdict: ", f"{named}: {reason}", width, "  ")


def _skipped(verdict: Verdict, width: int) -> Iterator[str]:
    rest: dict[tuple[str, ...], list[str]] = {}
    reasons: dict[str, list[str]] = {}
    for clause, result in verdict.skipped():
        if result.get("because"):
            rest.setdefault(tuple(result["because"]), []).append(clause.id)
        else:
            reasons.setdefault(result["message"], []).append(clause.id)
    if len(rest) > 3:
        rest = {("what is broken below",): [each for ids in rest.values() for each in ids]}
    for culprits, ids in rest.items():
        until = in_families(culprits, verdict.contract)
        is_or_are = "is" if len(culprits) == 1 else "are"
        skipped = in_families(ids, verdict.contract)
        what = f"{skipped}: cannot be judged until {until} {is_or_are} mended"
        yield from _wrapped("skipped: ", what, width, "  ")
    for reason, ids in reasons.items():
        label, colon, why = reason.partition(": ")
        if label != NOT_APPLICABLE:
            label, colon, why = "skipped", ": ", reason
        named = in_families(ids, verdict.contract)
        yield from _wrapped(f"{label}{colon}", f"{named}: {why}", width, "  ")


def _capabilities(verdict: Verdict, width: int) -> Iterator[str]:
    """What the store can do, of which nobody would hear that it no longer can."""
    if verdict.unclaimed:
        have = ", ".join(verdict.unclaimed)
        option = f"--tokenstore-require={','.join(verdict.unclaimed)}"
        told = f"{have} (not required of it; {option} makes that a MUST)"
        yield from _wrapped("has also: ", told, width, "  ")


def in_families(ids: Iterable[str], contract: Contract) -> str:
    """Ids in short, in the contract's order: SAVE-2..5 for a row of them, FIND-* for a family."""
    ids = list(ids)
    clauses = contract.clauses
    chosen = [clause.id for clause in clauses if clause.id in ids]
    words = [each for each in ids if each not in chosen]
    for family, members in groupby(chosen, lambda id: id.partition("-")[0]):
        here = list(members)
        if len(here) > 1 and len(here) == sum(clause.family == family for clause in clauses):
            words.append(f"{family}-*")
            continue
        for _, row in groupby(enumerate(here), lambda each: _number(each[1]) - each[0]):
            numbers = [_number(id) for _, id in row]
            if len(numbers) > 2:
                words.append(f"{family}-{numbers[0]}..{numbers[-1]}")
            else:
                words += [f"{family}-{number}" for number in numbers]
    return ", ".join(words)


def _number(id: str) -> int:
    return int(id.partition("-")[2])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def cut(text: str) -> str:
    """The head of a text that is too long to be read."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _wrapped(label: str, text: str, width: int, indent: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=label,
        subsequent_indent=" " * len(label) if indent is None else indent,
        break_on_hyphens=False,
    ) or [label.rstrip()]
