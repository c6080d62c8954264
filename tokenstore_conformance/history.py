"""What happened at the same time, as data: the calls of several threads, and where they stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record


class Switch(NamedTuple):
    """A place at which a thread stopped and another one went on."""

    thread: int
    """Counted from 0."""
    place: str
    """As in "store.py:12 in save_token", or "its start"."""
    blocked: bool
    """Whether it waited for something, such as a lock, rather than being stopped on purpose."""
    file: str = ""
    """The path of the file; "" at the start of a thread."""
    line: int = 0
    """From 1; 0 at the start of a thread."""
    function: str = ""
    source: str = ""
    """The text of that line."""

    def __str__(self) -> str:
        how = "waits, at" if self.blocked else "is stopped before"
        return f"thread {self.thread + 1} {how} {self.place}"


@dataclass(frozen=True)
class History:
    """A concurrent history: what was stored at first, the calls, and the switches."""

    stored: tuple[Record, ...]
    operations: tuple[Operation, ...]
    switches: tuple[Switch, ...] = ()
