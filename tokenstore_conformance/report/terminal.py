"""The verdict in words, for the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tokenstore_conformance.contract import (
    GRADES,
    HANGS,
    Clause,
    Level,
)
from tokenstore_conformance.judging.result import Result, Status, where
from tokenstore_conformance.judging.verdict import LeftOut, Verdict
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report import intervals
from tokenstore_conformance.report.accepted import accepted_lines, entries_to_paste
from tokenstore_conformance.report.wording import cut, in_families, wrapped

MOST_CALLS: Final = 6
"""At most this many calls of a session are shown; the JSON report has them all."""

MOST_TRACE: Final = 8
MOST_PRINTED: Final = 5
"""The last lines of a traceback, and of what a store printed, are shown: at most this many."""

MOST_WHOLE: Final = 3
"""The gravest failures are shown in full, at most this many; ``-v`` shows all in full."""

MOST_EFFECTS: Final = 6
"""At most this many effects are named in the headline."""

FEW: Final = 5
"""At most this many entries to paste are shown to a user who has no file for them yet."""

Line = tuple[str, str]
"""A line, and the name of its style, "" for none."""


def show(
    terminal: Any, verdicts: Iterable[Verdict], known_file: str, *, verbose: bool = False
) -> None:
    """Write a block for each target, through pytest's terminal reporter.

    ``known_file`` is the file of accepted failures, "" for none. All failures are shown in full
    where the run is ``verbose``.
    """
    verdicts = list(verdicts)
    for verdict in verdicts:
        terminal.section(f"token store {verdict.target}", bold=True)
        width = terminal._tw.fullwidth
        pasted = _paste(verdict, known_file, named=len(verdicts) > 1)
        most = len(verdict.contract.clauses) if verbose else MOST_WHOLE
        for line, style in [*_block(verdict, width, most), *((each, "") for each in pasted)]:
            terminal.line(line, **{style: True} if style else {})


def _paste(verdict: Verdict, known_file: str, *, named: bool) -> Iterator[str]:
    """How to accept the new failures; where they are many, only once there is a file for them."""
    entries = list(entries_to_paste(verdict, named=named))
    if not entries:
        return
    yield ""
    if known_file:
        yield f"To accept a failure for now, add its entry and your reason to {known_file}:"
    else:
        yield "To accept failures for now: --tokenstore-known=FILE.toml (docs/known.md)."
        if entries.count("[[known]]") > FEW:
            return
        yield "Such a file has an entry for each, with your reason:"
    yield from entries


def in_short(clause: Clause, result: Result, width: int) -> list[str]:
    """The least to know of a broken clause: its sentence, expected and got."""
    lines = wrapped("  ", clause.sentence, width)
    for name, words in (("expected", result.expected), ("got", result.got)):
        lines += wrapped(f"  {name:<9} ", cut(words), width)
    return lines


def details(clause: Clause, result: Result, width: int) -> list[str]:
    """What to know of a broken clause: the same, after which calls, and why."""
    lines = in_short(clause, result, width)
    for number, call in enumerate(_calls(result)):
        lines += wrapped("  after     " if number == 0 else " " * 12, call, width)
    happened = [] if result.history is None else intervals.as_lines(result.history)
    happened += result.stacks.splitlines()
    if happened:
        lines += ["  what happened:", *(f"    {line}" for line in happened)]
    lines += wrapped("  why       ", clause.why, width)
    lines += wrapped("  see       ", where(result), width)
    return lines + [f"  {line}" for line in raised_and_printed(result)]


def raised_and_printed(result: Result) -> list[str]:
    """The end of the traceback of what the store raised, and of what it printed."""
    lines = []
    if result.trace:
        lines.append("where it hangs:" if result.hung else "what the store raised:")
        lines += map(_from_here, result.trace.splitlines()[-MOST_TRACE:])
    if result.output.strip():
        lines.append("what the store printed and logged:")
        lines += map(cut, result.output.strip().splitlines()[-MOST_PRINTED:])
    return lines


def _from_here(line: str) -> str:
    """A line of a traceback, with the path as seen from the working directory."""
    return line.replace(f'File "{os.getcwd()}{os.sep}', 'File "')


def _calls(result: Result) -> list[str]:
    """The calls that led to a failure: of a long session the lookups go first, but not the last,
    nor the one that answered with what was got: if it can be, to the same question as the last.
    """
    every, asked = range(len(result.calls)), [call.arguments for call in result.calls]
    wrong = [number for number in every if result.calls[number].answered_with(result.got)]
    wrong.sort(key=lambda number: asked[number] == asked[-1])
    kept = list(every)
    for number in every[:-1]:
        is_needed = number in wrong[-1:] or not result.calls[number].is_lookup
        if len(kept) > MOST_CALLS and not is_needed:
            kept.remove(number)
    left_out = len(every) - len(kept[-MOST_CALLS:])
    calls = [result.calls[number] for number in kept[-MOST_CALLS:]]
    lines = [cut(call.brief(answered=call.answer != result.got)) for call in calls]
    if left_out:
        lines.insert(0, f"({counted(left_out, 'more call')} before and between)")
    return lines


def _block(verdict: Verdict, width: int, most: int = MOST_WHOLE) -> Iterator[Line]:
    """What is said of a store, with ``most`` of its failures in full."""
    yield from _headline(verdict, width)
    for level in Level:
        yield _counts(verdict, level), ""
    for line in [
        *accepted_lines(verdict, width),
        *_ended_early(verdict, width),
        *_explained(verdict, width),
        *_not_judged(verdict, width),
        *_capabilities(verdict, width),
    ]:
        yield line, ""
    failures = gravest_first(verdict.with_status(Status.FAILED))
    for number, (clause, result) in enumerate(failures):
        fails = verdict.fails_the_run(clause)
        yield "", ""
        note = "" if fails else ", a warning"
        standing = clause.standing
        if clause.capability in verdict.required:
            standing = f"MUST: capability {clause.capability} is required"
        yield f"{clause.id} ({standing}{note})", "red" if fails else "yellow"
        told = details if number < most else in_short
        yield from ((line, "") for line in told(clause, result, width))
    if failures:
        yield "", ""
    if len(failures) > most:
        yield f"The first {most} failures are shown in full; for the others, run pytest -v.", ""
    if failures:
        yield "For the whole contract, add --tokenstore-clauses; for a script per failure,", ""
        yield "--tokenstore-scripts=DIR; for every call, --tokenstore-report=FILE.json.", ""


def gravest_first(results: Iterable[tuple[Clause, Result]]) -> list[tuple[Clause, Result]]:
    """Results by how much harm their clauses do to users, else in the contract's order."""
    return sorted(results, key=lambda each: GRADES[effect_of(*each)])


def effect_of(clause: Clause, result: Result) -> str:
    """What a failure does to users."""
    return HANGS if result.hung else clause.effect


def effects(verdict: Verdict) -> dict[str, list[str]]:
    """What the store does to its users, the gravest first, with the clauses that show it."""
    found: dict[str, list[str]] = {}
    for clause, result in gravest_first(verdict.with_status(Status.FAILED)):
        found.setdefault(effect_of(clause, result), []).append(clause.id)
    return found


def _headline(verdict: Verdict, width: int) -> Iterator[Line]:
    contract = f"contract {verdict.contract.version}"
    sdk = f"{contract}, {verdict.sdk}" if verdict.sdk else contract
    warnings = len(verdict.with_status(Status.FAILED))
    if not verdict.with_status(Status.PASSED, Status.FAILED, Status.KNOWN, Status.EXPLAINED):
        yield f"NO VERDICT: no clause was judged ({sdk})", "red"
    elif verdict.word == "not-conformant":
        yield f"NOT CONFORMANT ({sdk})", "red"
    elif verdict.word == "incomplete":
        red = verdict.is_cut_by_settings or verdict.fatal
        why = "the harness or the factory failed" if verdict.fatal else _ALL
        yield f"INCOMPLETE: {why} ({sdk})", "red" if red else "yellow"
    elif verdict.word == "known-deviations":
        count = counted(len(verdict.with_status(Status.KNOWN)), "accepted failure")
        yield f"KNOWN DEVIATIONS: {count} ({sdk})", "yellow"
    elif warnings:
        broken = counted(warnings, "SHOULD clause")
        yield f"CONFORMANT, but {broken} failed ({sdk})", "yellow"
    else:
        yield f"CONFORMANT ({sdk})", "green"
    for line in _effects(verdict, width):
        yield line, "red" if verdict.fatal else "yellow"
    if verdict.missing:
        yield f"{verdict.has_run} of {len(verdict.contract.clauses)} clauses ran", "yellow"
    if verdict.ended_a_process:
        yield "this run fails: the process that judged it died, or had to be killed", "red"
    for entry in verdict.outdated:
        said = f"this run fails: {entry.known.place}: {entry.why}"
        yield from ((line, "red") for line in wrapped("", said, width, "  "))
    for left_out in verdict.left_out:
        style = "yellow" if left_out.typed else "red"
        for line in wrapped("", _said_of(left_out, verdict), width, "  "):
            yield line, style


_ALL: Final = "no verdict without all clauses"


def _effects(verdict: Verdict, width: int) -> list[str]:
    shown = [
        f"{effect}: {in_families(ids, verdict.contract)}"
        for effect, ids in effects(verdict).items()
    ]
    if not shown:
        return []
    more = [f"and {len(shown) - MOST_EFFECTS} more"] if len(shown) > MOST_EFFECTS else []
    return wrapped("", f"This store {'; '.join([*shown[:MOST_EFFECTS], *more])}", width, "  ")


def _said_of(left_out: LeftOut, verdict: Verdict) -> str:
    count = len(left_out.clauses)
    named = in_families(left_out.clauses, verdict.contract) if count <= 3 else ""
    clauses = named or counted(count, "clause")
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


_RARER: Final = (Status.KNOWN, Status.EXPLAINED, Status.UNKNOWN, Status.NOT_APPLICABLE)
MOST_CAUSES: Final = 6
"""Of so many broken clauses it is said that another one is not judged because of them."""

_WORDS: Final = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.KNOWN: "accepted",
    Status.EXPLAINED: "explained",
    Status.UNKNOWN: "not judged",
    Status.NOT_APPLICABLE: "not applicable",
}


def _ended_early(verdict: Verdict, width: int) -> Iterator[str]:
    """The clauses that a slow store kept as far as they were tried."""
    early = [(clause.id, each.reached) for clause, each in verdict.results() if each.reached]
    if early:
        said = ", ".join(f"{id} after {reached}" for id, reached in early)
        yield from wrapped("ended early, since the store is slow: ", said, width, "  ")


def _explained(verdict: Verdict, width: int) -> Iterator[str]:
    """What each cause explains beside its own failure."""
    causes: dict[str, list[str]] = {}
    for clause, result in verdict.with_status(Status.EXPLAINED):
        if verdict.accepted_with(result):
            continue
        for cause in result.causes:
            causes.setdefault(cause, []).append(clause.id)
    for cause, ids in causes.items():
        named = in_families(ids, verdict.contract)
        yield from wrapped(f"{cause} also explains ", f"{len(ids)} more: {named}", width, "  ")


def _not_judged(verdict: Verdict, width: int) -> Iterator[str]:
    """The clauses without a judgement, those with the same reason in one line."""
    for status in (Status.UNKNOWN, Status.NOT_APPLICABLE):
        groups: dict[str, list[str]] = {}
        for clause, result in verdict.with_status(status):
            if verdict.accepted_with(result):
                continue
            groups.setdefault(_why(result, verdict), []).append(clause.id)
        for why, ids in groups.items():
            named = in_families(ids, verdict.contract)
            yield from wrapped(f"{_WORDS[status]}: ", f"{named}: {why}", width, "  ")


def _why(result: Result, verdict: Verdict) -> str:
    if not result.causes:
        return result.reason
    is_or_are = "is" if len(result.causes) == 1 else "are"
    named, more = result.causes[:MOST_CAUSES], len(result.causes) - MOST_CAUSES
    rest = f" and {more} more" if more > 0 else ""
    return f"unknown until {in_families(named, verdict.contract)}{rest} {is_or_are} fixed"


def _capabilities(verdict: Verdict, width: int) -> Iterator[str]:
    """What the store can do although the run does not require it."""
    if verdict.unclaimed:
        have = ", ".join(verdict.unclaimed)
        option = f"--tokenstore-require={','.join(verdict.unclaimed)}"
        yield from wrapped("also supports: ", f"{have} (not enforced; use {option})", width, "  ")
