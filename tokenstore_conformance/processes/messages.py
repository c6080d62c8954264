"""The messages that the process of the test run, the seed and the workers send to one another."""

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
    """What a worker needs to build its store: the target, the storage and the environment."""

    target: str
    places: tuple[Path, ...]
    offered: dict[str, Any]
    directory: Path
    timeout: float
    environment: dict[str, str]
    import_path: list[str]
    is_visible: bool = False
    """Whether the worker reports the moments of building the store."""
    stop_at: Moment | None = None
    """The one of these moments at which the worker reports that it has stopped, and waits."""


@dataclass(frozen=True)
class Work:
    """Saves to make one after another, then ``call``, then a listing if asked for, then ``asks``.

    One of these calls is visible: the process can be stopped or killed in it. It is ``call``, or
    else the last save, or else the listing.
    """

    saves: tuple[Record, ...] = ()
    call: Ask | None = None
    """A deletion or a find to make after the saves."""
    listing: bool = False
    asks: tuple[Ask, ...] = ()
    stop_at: Moment | None = None
    """The moment of the visible call at which the worker reports that it has stopped, and waits."""
    kill_at: Moment | None = None
    """The moment of the visible call at which the worker dies by SIGKILL. If the moment does not
    come, the worker dies when the call returns."""
    file_size: int = 0
    """The worker dies by SIGXFSZ if the visible call writes beyond so many bytes of a file, or else
    when the call returns or raises; 0 for no limit."""
    mark: Path | None = None
    """A file of one byte. The byte becomes 1 when the visible call has returned."""


@dataclass(frozen=True)
class Fork:
    """An order to fork. The child keeps the same store, and gets its work from this address."""

    address: Any
    key: bytes


@dataclass(frozen=True)
class Reap:
    """An order to wait until a forked child has ended."""

    pid: int


@dataclass(frozen=True)
class Stopped:
    """The worker has stopped before an outward call. It waits until any message arrives."""

    place: str
    switch: Switch
    """The place as a switch, with the text of the line. Its ``thread`` is 0."""


@dataclass(frozen=True)
class Done:
    """The result of some work."""

    listed: tuple[Record, ...] | None = None
    answers: tuple[Answer, ...] = ()
    """The answers to ``asks``, each with what the call raised."""
    error: str = ""
    """What the store raised, in one line; "" if it raised nothing."""
    hung: bool = False
    """Whether the call did not return in time."""
    gave_up: bool = False
    """Whether the call waited for something before it raised. Then it may be made again."""
    in_store: bool = False
    """Whether the store's own code, not the target around it, raised when the store was built."""
    doing: str = ""
    """The call that raised."""
    moments: tuple[Moment, ...] = ()
    """The moments of the visible call or of the building, one before each outward call."""
