"""A broken clause in words, for the terminal."""

from __future__ import annotations

import os
from typing import Final

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.judging.result import Result, fix_of, where, why_of
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report import intervals
from tokenstore_conformance.report.wording import cut, wrapped

MOST_CALLS: Final = 6
"""At most this many calls of a session are shown; the JSON report has them all."""

MOST_TRACE: Final = 8
MOST_PRINTED: Final = 5
"""At most this many lines are shown of the end of a traceback and of what a store printed."""


def in_short(clause: Clause, result: Result, width: int) -> list[str]:
    """Return a broken clause in short: its sentence, and what was expected and got."""
    lines = wrapped("  ", clause.sentence, width)
    for name, words in (("expected", result.expected), ("got", result.got)):
        lines += wrapped(f"  {name:<9} ", cut(words), width)
    return lines


def details(clause: Clause, result: Result, width: int) -> list[str]:
    """Return a broken clause in full: also the calls before, what happened, why, and the fix."""
    lines = in_short(clause, result, width)
    for number, call in enumerate(shown_calls(result)):
        lines += wrapped("  after     " if number == 0 else " " * 12, call, width)
    happened = [] if result.history is None else intervals.as_lines(result.history)
    happened += result.stacks.splitlines()
    if happened:
        lines += ["  what happened:", *(f"    {line}" for line in happened)]
    lines += wrapped("  why       ", why_of(clause, result), width)
    lines += wrapped("  fix       ", fix_of(clause, result), width)
    lines += wrapped("  see       ", where(result), width)
    return lines + [f"  {line}" for line in raised_and_printed(result)]


def raised_and_printed(result: Result) -> list[str]:
    """Return the end of the traceback of what the store raised, and of what it printed."""
    lines = []
    if result.trace:
        lines.append("where it hangs:" if result.hung else "what the store raised:")
        lines += map(_from_here, result.trace.splitlines()[-MOST_TRACE:])
    if result.output.strip():
        lines.append("what the store printed and logged:")
        lines += map(cut, result.output.strip().splitlines()[-MOST_PRINTED:])
    return lines


def _from_here(line: str) -> str:
    """Return a line of a traceback, with its path relative to the working directory."""
    return line.replace(f'File "{os.getcwd()}{os.sep}', 'File "')


def shown_calls(result: Result) -> list[str]:
    """Return the calls that led to a failure, without the logins that Zoho knows beforehand.

    If there are too many, drop the lookups first, but keep the last call, and one call that
    answered with what was got: if possible, one with the same arguments as the last call.
    """
    every = [number for number, call in enumerate(result.calls) if not call.is_login]
    asked = [call.arguments for call in result.calls]
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
        lines.insert(0, f"({counted(left_out, 'other call')} not shown)")
    return lines
