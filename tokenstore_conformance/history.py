"""What happened in a store, as data: the calls of several threads and where they stopped, and what
was stored after each call of a sequence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record

MANY: Final = 8
"""If a store or model holds more records than this, a snapshot leaves out those that both hold."""


class Switch(NamedTuple):
    """A place where a thread stopped and another one continued."""

    thread: int
    """Counted from 0."""
    place: str
    """A text such as "store.py:12 in save_token", or "its start"."""
    blocked: bool
    """Whether it waited for something, such as a lock, rather than being stopped on purpose."""
    file: str = ""
    """The path of the file; "" at the start of a thread."""
    line: int = 0
    """The line's number, from 1; 0 at the start of a thread."""
    function: str = ""
    source: str = ""
    """The text of that line."""
    moment: int | None = None
    """When it stopped, by the counter that numbers the calls' moments."""

    def __str__(self) -> str:
        return self.of("thread")

    def of(self, callers: str) -> str:
        """Return it in words, for these callers: "thread 1 is stopped before store.py:12 in f"."""
        how = "waits, at" if self.blocked else "is stopped before"
        return f"{callers} {self.thread + 1} {how} {self.place}"


@dataclass(frozen=True)
class History:
    """A concurrent history: what was stored at first, the calls, and the switches.

    ``left`` is what was stored when all calls were over; None if that is not known. ``callers``
    says what makes the calls: "thread" or "process".
    """

    stored: tuple[Record, ...]
    operations: tuple[Operation, ...]
    switches: tuple[Switch, ...] = ()
    left: tuple[Record, ...] | None = None
    callers: str = "thread"


@dataclass(frozen=True)
class Snapshot:
    """What the store and the model held after a call of a sequence.

    ``same`` counts the records that both held and that are left out of ``store`` and ``model``.
    """

    calls: int
    """How many calls had been made."""
    store: tuple[Record, ...]
    model: tuple[Record, ...]
    same: int = 0

    @classmethod
    def of(cls, calls: int, store: Iterable[Record], model: Iterable[Record]) -> Snapshot:
        """Return a snapshot. If there are many records, leave out those that are in both."""
        in_store, in_model = tuple(store), tuple(model)
        if max(len(in_store), len(in_model)) <= MANY:
            return cls(calls, in_store, in_model)
        both = set(in_store) & set(in_model)
        return cls(
            calls,
            tuple(each for each in in_store if each not in both),
            tuple(each for each in in_model if each not in both),
            len(both),
        )
