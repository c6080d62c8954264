"""The calls that led to a failure, as a session at Python's prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from tokenstore_conformance.failures import Call, Said
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.visible import cut, visible

SHOWN: Final = 10
"""The last calls, at most this many, are shown; the calls before them are folded."""
MOST: Final = 6
"""At most this many of the folded calls are in the page."""
LONGEST: Final = 200
"""At most this many characters are shown of a call, and of an answer."""


class Line(NamedTuple):
    """A call, and what it answered; "" if that was None."""

    call: str
    answer: str


@dataclass(frozen=True)
class Session:
    """Calls as lines."""

    before: tuple[Line, ...]
    """The calls that are folded."""
    last: tuple[Line, ...]
    left_out: int
    """How many calls at the start are not in the page."""

    @classmethod
    def of(cls, calls: Sequence[Call]) -> Session:
        lines = tuple(map(_line, calls[-(SHOWN + MOST) :]))
        return cls(lines[:-SHOWN], lines[-SHOWN:], len(calls) - len(lines))


def _line(call: Call) -> Line:
    made = replace(call, answer="None").brief()
    answer = "" if call.answer == "None" else _said(call.answer)
    return Line(cut(visible(made), LONGEST), cut(visible(answer), LONGEST))


def _said(answer: Said) -> str:
    if isinstance(answer, Record):
        return answer.brief()
    if isinstance(answer, tuple):
        return "[" + ", ".join(map(_said, answer)) + "]"
    return answer
