"""The verdict in words, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tokenstore_conformance.contract import Level
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.report.accepted import accepted_lines, entries_to_paste
from tokenstore_conformance.report.headline import Line, headline, most_serious_first
from tokenstore_conformance.report.paragraph import details, in_short
from tokenstore_conformance.report.wording import STATUSES, in_families, wrapped

MOST_WHOLE: Final = 3
"""At most this many failures, the worst ones, are shown in full; ``-v`` shows all in full."""

FEW: Final = 5
"""At most this many entries to paste are shown, without ``-v``, to a user who has no file yet."""


def show(
    terminal: Any, verdicts: Iterable[Verdict], known_file: str, *, verbose: bool = False
) -> None:
    """Write a block for each target, through pytest's terminal reporter.

    ``known_file`` is the file of accepted failures; "" if there is none. If ``verbose``, all
    failures are shown in full.
    """
    verdicts = list(verdicts)
    for verdict in verdicts:
        terminal.section(f"token store {verdict.target}", bold=True)
        width = terminal._tw.fullwidth
        pasted = _paste(verdict, known_file, named=len(verdicts) > 1, verbose=verbose)
        for line, style in [
            *block(verdict, width, verbose=verbose),
            *((each, "") for each in pasted),
        ]:
            terminal.line(line, **{style: True} if style else {})


def _paste(verdict: Verdict, known_file: str, *, named: bool, verbose: bool) -> Iterator[str]:
    """Yield how to accept the new failures. Many are shown only with a file, or if ``verbose``."""
    entries = list(entries_to_paste(verdict, named=named))
    if not entries:
        return
    yield ""
    if known_file:
        yield f"To accept a failure for now, add its entry and your reason to {known_file}:"
    else:
        yield "To accept failures for now: --tokenstore-known=FILE.toml (docs/known.md)."
        if entries.count("[[known]]") > FEW and not verbose:
            yield "With -v, this shows the entry to paste for each failure."
            return
        yield "The file has one entry per failure, each with your reason:"
    yield from entries


def block(verdict: Verdict, width: int, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the block of a store, with its worst failures in full, or all if ``verbose``."""
    yield from headline(verdict, width)
    for level in Level:
        yield _counts(verdict, level), ""
    for line in [
        *accepted_lines(verdict, width),
        *_ended_early(verdict, width),
        *_explained(verdict, width, verbose=verbose),
        *_not_judged(verdict, width, verbose=verbose),
        *_capabilities(verdict, width),
    ]:
        yield line, ""
    failures = most_serious_first(verdict.with_status(Status.FAILED))
    most = len(failures) if verbose else MOST_WHOLE
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


def _counts(verdict: Verdict, level: Level) -> str:
    ran = [each for clause, each in verdict.results() if verdict.level_of(clause) is level]
    counts: list[str] = []
    for status in (Status.PASSED, Status.FAILED, *_RARER):
        count = sum(each.status is status for each in ran)
        if count or status not in _RARER:
            counts.append(f"{count:>{0 if counts else 3}} {STATUSES[status]}")
    return f"{level:<6} {', '.join(counts)}"


_RARER: Final = (Status.KNOWN, Status.EXPLAINED, Status.NOT_JUDGED, Status.NOT_APPLICABLE)
FEW_CAUSES: Final = 2
"""If clauses are explained or not judged for more causes than this, only ``-v`` shows each one."""
UNKNOWN: Final = "unknown until the failures are fixed (-v says which)"
MOST_CAUSES: Final = 6
"""At most this many broken clauses are named as the reason why another one is not judged."""


def _ended_early(verdict: Verdict, width: int) -> Iterator[str]:
    """Yield the clauses that ended early because the store is slow, and how far each got."""
    early = [(clause.id, each.reached) for clause, each in verdict.results() if each.reached]
    if early:
        said = ", ".join(f"{id} after {reached}" for id, reached in early)
        yield from wrapped("ended early, since the store is slow: ", said, width, "  ")


def _explained(verdict: Verdict, width: int, *, verbose: bool) -> Iterator[str]:
    """Yield the clauses that fail only because of others. The others are named if they are few, or
    if ``verbose``.
    """
    causes: dict[str, list[str]] = {}
    for clause, result in verdict.with_status(Status.EXPLAINED):
        if verdict.accepted_with(result):
            continue
        for cause in result.causes:
            causes.setdefault(cause, []).append(clause.id)
    if len(causes) > FEW_CAUSES and not verbose:
        named = in_families({id for ids in causes.values() for id in ids}, verdict.contract)
        said = f"{named}: each fails only because of other failures (-v says which)"
        yield from wrapped("explained: ", said, width, "  ")
        return
    for cause, ids in causes.items():
        named = in_families(ids, verdict.contract)
        yield from wrapped(f"{cause} also explains ", f"{len(ids)} more: {named}", width, "  ")


def _not_judged(verdict: Verdict, width: int, *, verbose: bool) -> Iterator[str]:
    """Yield the clauses without a judgement. Clauses with the same reason share a line.

    Clauses that wait for many different failures share one line too, unless ``verbose``.
    """
    for status in (Status.NOT_JUDGED, Status.NOT_APPLICABLE):
        results = [
            each for each in verdict.with_status(status) if not verdict.accepted_with(each[1])
        ]
        causes = {result.causes for _, result in results if result.causes}
        in_short = len(causes) > FEW_CAUSES and not verbose
        groups: dict[str, list[str]] = {}
        for clause, result in results:
            why = UNKNOWN if in_short and result.causes else _why(result, verdict)
            groups.setdefault(why, []).append(clause.id)
        for why, ids in groups.items():
            named = in_families(ids, verdict.contract)
            yield from wrapped(f"{STATUSES[status]}: ", f"{named}: {why}", width, "  ")


def _why(result: Result, verdict: Verdict) -> str:
    if not result.causes:
        return result.reason
    is_or_are = "is" if len(result.causes) == 1 else "are"
    named, more = result.causes[:MOST_CAUSES], len(result.causes) - MOST_CAUSES
    rest = f" and {more} more" if more > 0 else ""
    return f"unknown until {in_families(named, verdict.contract)}{rest} {is_or_are} fixed"


def _capabilities(verdict: Verdict, width: int) -> Iterator[str]:
    """Yield the capabilities that the store has although the run does not require them."""
    if verdict.unclaimed:
        have = ", ".join(verdict.unclaimed)
        option = f"--tokenstore-require={','.join(verdict.unclaimed)}"
        yield from wrapped("also supports: ", f"{have} (not enforced; use {option})", width, "  ")
