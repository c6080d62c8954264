"""For a store that needs more than a factory: derive from `Harness`, and name your class.

``pytest --tokenstore=stores.py:OnMyServer``. Only `open` has to be written.
"""

from __future__ import annotations

import abc
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar


class Harness(abc.ABC):
    """One storage, that is empty at first, and any number of stores over it.

    For each storage the kit makes one harness, calls `set_up`, then `open` as often as it wants
    another store over it, and at last `tear_down`. Where a clause takes several processes, each of
    them makes a harness with the same arguments and calls `open` alone. So what `open` needs must
    follow from ``tmp_path`` and ``namespace``.
    """

    capabilities: ClassVar[Collection[str]] = ()
    """What the store promises: of threads, durable, processes, crash-safe, outage. The clauses of
    these are MUST, as with --tokenstore-require."""

    def __init__(self, tmp_path: Path, namespace: str) -> None:
        self.tmp_path = tmp_path
        """An empty directory of this storage alone."""
        self.namespace = namespace
        """A text that no other storage gets: for a table, a schema, a prefix of keys. It begins
        with a letter, and has letters, digits and underscores."""

    def set_up(self) -> None:  # noqa: B027 - most have nothing to do here
        """Make the storage, before the first store is opened: a schema, a container."""

    @abc.abstractmethod
    def open(self) -> Any:
        """Another store over the storage, as a program that starts would make it."""

    def tear_down(self) -> None:  # noqa: B027
        """Remove the storage, after the last call."""

    def outage(self) -> AbstractContextManager[None]:
        """Inside the block the backend is out; after it, it is back with all that it held.

        Leave it out where you cannot break the backend; the clauses on outages do not apply then.
        """
        raise NotImplementedError

    def advance(self, seconds: int) -> None:
        """Make the backend so many seconds older: move its clock on, or what it counts down.

        The kit moves the clocks of Python in its own process, and calls this beside it. Leave it
        out where the backend has no clock, or one that you cannot move. The storage is not used
        any more afterwards: the time need not be set back, except on a server that others share.
        """
        raise NotImplementedError

    @classmethod
    def has_advance(cls) -> bool:
        """Whether `advance` was written."""
        return cls.advance is not Harness.advance

    @classmethod
    def has_outage(cls) -> bool:
        """Whether `outage` was written."""
        return cls.outage is not Harness.outage
