"""Makes the connections of Python's sqlite3 give up soon if a database is locked.

A store that gives up after five seconds behaves in the same way, so the clauses about outages need
not wait that long.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import sys
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Final

BUSY: Final = 0.05
"""Seconds that a connection waits for a lock in these clauses, such as a lock of another thread of
the store."""

LOCKED_OUT: Final = 0.001
"""Like BUSY, while the kit locks the database: it keeps the lock however long a store waits."""

PLACE_OF_FACTORY: Final = 5
"""How many positional arguments sqlite3.connect takes before ``factory``."""


class _Connection(sqlite3.Connection):
    """A connection that allows weak references, so that the kit keeps no connection open."""


class _Waits:
    """How long connections wait."""

    def __init__(self) -> None:
        self.seconds = BUSY
        self.open: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._is_set = False

    def change(self, seconds: float) -> None:
        """Set how long connections wait, both the open ones and those opened from now on."""
        self.seconds = seconds
        self._is_set = True
        with _no_collection():
            for connection in list(self.open):
                with contextlib.suppress(Exception):  # it is closed, or of another thread
                    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
        self._is_set = False

    def authorize(self, action: int, name: str | None, value: str | None, *_: object) -> int:
        """Ignore the pragma with which a store sets how long a connection waits."""
        is_wait = action == sqlite3.SQLITE_PRAGMA and str(name).lower() == "busy_timeout" and value
        return sqlite3.SQLITE_IGNORE if is_wait and not self._is_set else sqlite3.SQLITE_OK


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Stop garbage collection inside the block.

    A collected store could close its connection during a call on it, and crash Python 3.11.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_waits = _Waits()


@contextlib.contextmanager
def impatient() -> Iterator[None]:
    """Inside, Python's sqlite3 gives up soon if a database is locked."""
    connect = sqlite3.connect

    def connect_briefly(*arguments: Any, **named: Any) -> Any:
        if len(arguments) > 1:
            arguments = (arguments[0], min(arguments[1], _waits.seconds), *arguments[2:])
        else:
            named["timeout"] = min(named.get("timeout", _waits.seconds), _waits.seconds)
        if len(arguments) <= PLACE_OF_FACTORY:
            named.setdefault("factory", _Connection)
        connection = connect(*arguments, **named)
        connection.set_authorizer(_waits.authorize)
        if isinstance(connection, _Connection):
            _waits.open.add(connection)
        return connection

    places = [  # a store may have imported `connect` by name
        (namespace, name)
        for module in list(sys.modules.values())
        if issubclass(type(module), ModuleType)  # a cffi library only claims to be one
        for namespace in [object.__getattribute__(module, "__dict__")]  # keeps lazy modules lazy
        for name, value in list(namespace.items())
        if value is connect
    ]
    for namespace, name in places:
        namespace[name] = connect_briefly
    try:
        yield
    finally:
        for namespace, name in places:
            namespace[name] = connect


@contextlib.contextmanager
def giving_up_at_once(lock: AbstractContextManager[None]) -> Iterator[None]:
    """Hold this lock of a database. Inside, connections do not wait for its end."""
    with lock:
        _waits.change(LOCKED_OUT)
        try:
            yield
        finally:
            _waits.change(BUSY)
