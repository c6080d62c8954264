"""What a picture of a history is made of, and the short texts in it. Lengths are in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record, shortened
from tokenstore_conformance.report.visible import in_one_line

LONGEST: Final = 34
"""At most this many characters of a text in a bar are shown."""
LONGEST_ID: Final = 12
MOST_LISTED: Final = 2
"""If there are more records than this, the picture shows their number, the table has them."""


@dataclass(frozen=True)
class Bar:
    """A call."""

    name: str
    call: str
    answer: str
    x: float
    width: float
    state: str
    """answered, raised or pending."""


@dataclass(frozen=True)
class Stop:
    """Where a caller stopped, and until when."""

    letter: str
    x: float
    until: float
    place: str
    source: str
    note_x: float
    note_y: float
    anchor: str
    """start or end: which end of the note is at the stop."""


@dataclass(frozen=True)
class Lane:
    """A caller."""

    title: str
    y: float
    height: float
    bars: tuple[Bar, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class CallRow:
    """A call in the table."""

    name: str
    caller: str
    call: str
    when: str
    answer: str
    state: str


def state_of(call: Operation) -> str:
    """Return how a call ended, or that it did not."""
    if call.error is not None:
        return "raised"
    return "pending" if call.returned is None else "answered"


def cut_short(text: str) -> str:
    """Return the text, cut so that it fits a bar."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def short(value: object) -> str:
    """Return a value in few letters. A token is its access token, else its user, else its id."""
    if isinstance(value, Record):
        named = value.access_token or value.user or value.id or "token"
        return in_one_line(shortened(str(named)))
    if not isinstance(value, tuple):
        return in_one_line(repr(_head(value)))
    if len(value) > MOST_LISTED:
        return f"{len(value)} records"
    return f"[{', '.join(map(short, value))}]"


def _head(value: object) -> object:
    """Return the value; of a long id, which the table has in full, only the start."""
    is_long = isinstance(value, str) and len(value) > LONGEST_ID
    return f"{str(value)[: LONGEST_ID - 4]}..." if is_long else value
