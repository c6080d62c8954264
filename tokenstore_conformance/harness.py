"""For a store that needs more than a factory: derive from `Harness`, and name your class.

``pytest --tokenstore=stores.py:OnMyServer``. You have to write `open`; all else is optional.
"""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar


class Harness(abc.ABC):
    """One storage, which is empty at first, and any number of stores over it.

    The kit makes one harness for each storage. It calls `set_up`, then `open` each time it needs
    another store over the storage, and `tear_down` at the end. In a full run it does this some 450
    times; see `reuses_storage`. For clauses that need several processes, each process makes a
    harness with the same arguments and calls `open` only. So `open` may use ``tmp_path``,
    ``namespace`` and environment variables, and nothing that `set_up` put on ``self``.

    `set_up`, `tear_down`, `empty`, `outage` and `advance` may take 60 seconds each, or the value of
    --tokenstore-timeout if that is more; `open` and `close`, as long as a call on the store.
    """

    capabilities: ClassVar[Collection[str]] = ()
    """What the store promises: of threads, durable, processes, crash-safe, outage. The clauses of
    these are MUST, as with --tokenstore-require."""

    reuses_storage: ClassVar[bool] = False
    """Whether the kit calls `empty` between two tests and keeps the storage, instead of calling
    `tear_down` and `set_up`."""

    def __init__(self, tmp_path: Path, namespace: str) -> None:
        self.tmp_path = tmp_path
        """An empty directory of this storage alone."""
        self.namespace = namespace
        """A text that no other storage gets: for a table, a schema, a prefix of keys. It begins
        with a letter, and has letters, digits and underscores."""

    @classmethod
    @contextlib.contextmanager
    def session(cls) -> Iterator[None]:
        """Override this to do something once for the whole run: start a server, make a database.

        A context manager: the run takes place inside the block. With pytest-xdist the block is
        entered once, before the workers start. The workers, and the processes that a test starts,
        see the environment variables that you set in it; the kit restores them afterwards.
        There is no time limit.
        """
        yield

    def set_up(self) -> None:  # noqa: B027 - most have nothing to do here
        """Make the storage, before the first store is opened: a schema, a table."""

    @abc.abstractmethod
    def open(self) -> Any:
        """Return another store over the storage, as your program makes it when it starts."""

    def close(self, store: Any) -> None:
        """Close a store that `open` returned, after the last call on it.

        This calls ``store.close()`` if the store has such a method. Override it if your store has
        another one, or if several stores share a connection.
        """
        close = getattr(store, "close", None)
        if callable(close):
            close()

    def empty(self) -> None:
        """Delete all tokens in the storage. Called only if `reuses_storage` is true.

        This calls ``delete_tokens()`` of another store. Override it for a way that is faster or
        more reliable, such as TRUNCATE.
        """
        store = self.open()
        try:
            store.delete_tokens()
        finally:
            self.close(store)

    @classmethod
    def has_empty(cls) -> bool:
        """Whether `empty` was overridden."""
        return cls.empty is not Harness.empty

    def tear_down(self) -> None:  # noqa: B027
        """Remove the storage, after the last call."""

    def outage(self) -> AbstractContextManager[None]:
        """The backend is down inside the block; after it, it is back with everything that it held.

        Do not override this if you cannot break the backend: the clauses on outages do not apply
        then. The kit opens a store inside the block, and does not judge these clauses if the store
        works as usual.
        """
        raise NotImplementedError

    def advance(self, seconds: int) -> None:
        """Move the backend's clock, or what it counts down, forward by this many seconds.

        The kit moves the clocks of Python in its own process, and calls this as well. Leave it
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
