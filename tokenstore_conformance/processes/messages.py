"""What this process, the seed and the workers send to one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenstore_conformance.history import Switch
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.records import Record


@dataclass(frozen=True)
class Setting:
    """Where a worker stands: the target, and the storage over which it builds its store."""

    target: str
    places: tuple[Path, ...]
    offered: dict[str, Any]
    directory: Path
    timeout: float
    environment: dict[str, str]
    import_path: list[str]
    is_visible: bool = False
    """Whether the building of the store is: its moments are told."""
    stop_at: Moment | None = None
    """At which of them to say so, and wait."""


@dataclass(frozen=True)
class Work:
    """Saves to make one after another, then a listing if asked for, then other calls.

    The last save is visible: the process can be stopped or killed in it. So is another call after
    the saves, or a listing where nothing comes before it.
    """

    saves: tuple[Record, ...] = ()
    call: Ask | None = None
    """A deletion or a find that is made after the saves."""
    listing: bool = False
    asks: tuple[Ask, ...] = ()
    stop_at: Moment | None = None
    """At which moment of the visible call to say so, and wait."""
    kill_at: Moment | None = None
    """At which moment of the last save to die by SIGKILL, or else on its return."""
    file_size: int = 0
    """Beyond so many bytes of a file the last save is killed by SIGXFSZ, or else when it returns or
    raises; 0 for no limit."""
    mark: Path | None = None
    """A file of one byte; it becomes 1 when the last save has returned."""


@dataclass(frozen=True)
class Fork:
    """Fork. The child goes on with the same store, and is told what to do at this address."""

    address: Any
    key: bytes


@dataclass(frozen=True)
class Reap:
    """Wait until a child that was forked has ended."""

    pid: int


@dataclass(frozen=True)
class Stopped:
    """The worker waits before an outward call, until it is sent anything."""

    place: str
    switch: Switch
    """The same with the text of the line; its caller is 0."""


@dataclass(frozen=True)
class Done:
    """What came of some work."""

    listed: tuple[Record, ...] | None = None
    answers: tuple[Answer, ...] = ()
    """To what was asked, each with what it raised."""
    error: str = ""
    """What the store raised, in one line; "" where it raised nothing."""
    hung: bool = False
    """Whether the call did not return in time."""
    gave_up: bool = False
    """Whether the call that raised had waited before: it may be made again."""
    in_store: bool = False
    """Whether the store's own code raised when it was built, and not the target around it."""
    doing: str = ""
    """The call that raised."""
    moments: tuple[Moment, ...] = ()
    """Those of the visible call: before each of its outward calls."""
