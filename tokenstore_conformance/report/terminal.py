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
    Harm,
    Level,
    contract_of,
)
from tokenstore_conformance.judging.result import Result, Status, where
from tokenstore_conformance.judging.verdict import LeftOut, Verdict
from tokenstore_conformance.report import intervals

MOST_CALLS: Final = 6
"""So many calls of a session are shown; the JSON report has them all."""

MOST_EFFECTS: Final = 6
"""So many effects are named in the headline."""

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


def details(clause: Clause, result: Result, width: int) -> list[str]:
    """What to know of a broken clause: its sentence, expected, got, after which calls, and why."""
    lines = _wrapped("  ", clause.sentence, width)
    for name, words in (("expected", result.expected), ("got", result.got)):
        lines += _wrapped(f"  {name:<9} ", cut(words), width)
    for number, call in enumerate(_calls(result)):
        lines += _wrapped("  after     " if number == 0 else " " * 12, call, width)
    happened = [] if result.history is None else intervals.as_lines(result.history)
    happened += result.stacks.splitlines()
    if happened:
        lines += ["  what happened:", *(f"    {line}" for line in happened)]
    lines += _wrapped("  why       ", clause.why, width)
    return lines + _wrapped("  see       ", where(result), width)


def _calls(result: Result) -> list[str]:
    """The calls that led to a failure: of a long session the lookups go first."""
    calls = list(result.calls)
    for lookup in [call for call in calls[:-1] if call.is_lookup]:
        if len(calls) > MOST_CALLS:
            calls.remove(lookup)
    left_out = len(result.calls) - len(calls[-MOST_CALLS:])
    lines = [cut(call.brief(answered=call.answer != result.got)) for call in calls[-MOST_CALLS:]]
    if left_out:
        lines.insert(0, f"({_counted(left_out, 'more call')} before and between)")
    return lines


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
    yield from _headline(verdict, width)
    for level in Level:
        yield _counts(verdict, level), ""
    for line in [
        *_ended_early(verdict, width),
        *_explained(verdict, width),
        *_not_judged(verdict, width),
        *_capabilities(verdict, width),
    ]:
        yield line, ""
    failures = gravest_first(verdict.with_status(Status.FAILED))
    for clause, result in failures:
        fails = verdict.fails_the_run(clause)
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


def gravest_first(results: Iterable[tuple[Clause, Result]]) -> list[tuple[Clause, Result]]:
    """Results by how much harm their clauses do to users, else in the contract's order."""
    grades = list(Harm)
    return sorted(results, key=lambda each: grades.index(each[0].harm))


def effects(verdict: Verdict) -> dict[str, list[str]]:
    """What the store does to its users, the gravest first, with the clauses that show it."""
    found: dict[str, list[str]] = {}
    for clause, _ in gravest_first(verdict.with_status(Status.FAILED)):
        found.setdefault(clause.effect, []).append(clause.id)
    return found


def _headline(verdict: Verdict, width: int) -> Iterator[Line]:
    sdk = f"contract {VERSION}, {verdict.sdk}" if verdict.sdk else f"contract {VERSION}"
    warnings = len(verdict.with_status(Status.FAILED))
    if not verdict.with_status(Status.PASSED, Status.FAILED, Status.EXPLAINED):
        yield f"NO VERDICT: no clause was judged ({sdk})", "red"
    elif verdict.conformant is False:
        yield f"NOT CONFORMANT ({sdk})", "red"
    elif verdict.conformant is None:
        red = verdict.is_cut_by_settings
        yield f"INCOMPLETE: no verdict without all clauses ({sdk})", "red" if red else "yellow"
    elif warnings:
        broken = _counted(warnings, "SHOULD clause")
        yield f"CONFORMANT, but {broken} failed ({sdk})", "yellow"
    else:
        yield f"CONFORMANT ({sdk})", "green"
    for line in _effects(verdict, width):
        yield line, "red" if verdict.fatal else "yellow"
    if verdict.missing:
        yield f"{verdict.has_run} of {len(verdict.contract.clauses)} clauses ran", "yellow"
    for left_out in verdict.left_out:
        style = "yellow" if left_out.typed else "red"
        for line in _wrapped("", _said_of(left_out, verdict), width, "  "):
            yield line, style


def _effects(verdict: Verdict, width: int) -> list[str]:
    shown = [
        f"{effect}: {in_families(ids, verdict.contract)}"
        for effect, ids in effects(verdict).items()
    ]
    if not shown:
        return []
    more = [f"and {len(shown) - MOST_EFFECTS} more"] if len(shown) > MOST_EFFECTS else []
    return _wrapped("", f"This store {'; '.join([*shown[:MOST_EFFECTS], *more])}", width, "  ")


def _said_of(left_out: LeftOut, verdict: Verdict) -> str:
    count = len(left_out.clauses)
    named = in_families(left_out.clauses, verdict.contract) if count <= 3 else ""
    clauses = named or _counted(count, "clause")
    if left_out.typed:
        return f"left out: {clauses}, by {left_out.by}"
    return f"this run fails: {clauses} did not run, because of {left_out.by}"


def _counts(verdict: Verdict, level: Level) -> str:
    ran = [each for clause, each in verdict.results() if verdict.level_of(clause) is level]
    counts: list[str] = []
    for status in (Status.PASSED, Status.FAILED, *_RARER):
        count = sum(each.status is status for each in ran)
        if count or status not in _RARER:
            counts.append(f"{count:>{0 if counts else 3}} {_WORDS[status]}")
    return f"{level:<6} {', '.join(counts)}"


_RARER: Final = (Status.EXPLAINED, Status.UNKNOWN, Status.NOT_APPLICABLE)
_WORDS: Final = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.EXPLAINED: "explained",
    Status.UNKNOWN: "not judged",
    Status.NOT_APPLICABLE: "not applicable",
}


def _ended_early(verdict: Verdict, width: int) -> Iterator[str]:
    """The clauses that a slow store kept as far as they were tried."""
    early = [(clause.id, each.reached) for clause, each in verdict.results() if each.reached]
    if early:
        said = ", ".join(f"{id} after {reached}" for id, reached in early)
        yield from _wrapped("ended early, since the store is slow: ", said, width, "  ")


def _explained(verdict: Verdict, width: int) -> Iterator[str]:
    """What each cause explains beside its own failure."""
    causes: dict[str, list[str]] = {}
    for clause, result in verdict.with_status(Status.EXPLAINED):
        for cause in result.causes:
            causes.setdefault(cause, []).append(clause.id)
    for cause, ids in causes.items():
        named = in_families(ids, verdict.contract)
        yield from _wrapped(f"{cause} also explains ", f"{len(ids)} more: {named}", width, "  ")


def _not_judged(verdict: Verdict, width: int) -> Iterator[str]:
    """The clauses without a judgement, those with the same reason in one line."""
    for status in (Status.UNKNOWN, Status.NOT_APPLICABLE):
        groups: dict[str, list[str]] = {}
        for clause, result in verdict.with_status(status):
            groups.setdefault(_why(result, verdict), []).append(clause.id)
        for why, ids in groups.items():
            named = in_families(ids, verdict.contract)
            yield from _wrapped(f"{_WORDS[status]}: ", f"{named}: {why}", width, "  ")


def _why(result: Result, verdict: Verdict) -> str:
    if not result.causes:
        return result.reason
    is_or_are = "is" if len(result.causes) == 1 else "are"
    return f"unknown until {in_families(result.causes, verdict.contract)} {is_or_are} fixed"


def _capabilities(verdict: Verdict, width: int) -> Iterator[str]:
    """What the store can do although the run does not require it."""
    if verdict.unclaimed:
        have = ", ".join(verdict.unclaimed)
        option = f"--tokenstore-require={','.join(verdict.unclaimed)}"
        yield from _wrapped("also supports: ", f"{have} (not enforced; use {option})", width, "  ")


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
