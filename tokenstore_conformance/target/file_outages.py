"""Outages that the kit can make by itself: of a store that keeps its tokens in one file.

The file is found by looking at the directory of the storage, where nothing else is. Stores with
their tokens elsewhere need a harness with an `outage` of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tokenstore_conformance.target.storage import Storage

COMPANIONS: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps next to a database."""
SQLITE: Final = b"SQLite format 3\0"
HEADER: Final = 100
"""Bytes at the start of a SQLite database that say what it is, and how often it was changed."""
GARBAGE: Final = b"\0\xff garbage {[<\"',;\n" * 64
BUSY: Final = 0.05
"""Seconds that a connection of Python's sqlite3 waits for a lock in these clauses: a store that
gives up after five seconds gives up in the same way."""


@dataclass(frozen=True)
class Outage:
    """A way to put the backend out."""

    during: str
    """When, in words, a call is made in it: "while its file is away". No two have the same."""
    after: str
    """When, in words, a call is made after it."""
    begin: Callable[[], AbstractContextManager[None]]
    keeps: bool = True
    """Whether what is written meanwhile is still there afterwards."""
    waits: bool = False
    """Whether a store may wait for its end."""
    looks_new: bool = False
    """Whether a store that is made meanwhile cannot tell this from its first start."""


def ready_outages(storage: Storage) -> list[Outage]:
    """The ways to put out a backend that keeps its tokens in its directory; none if unsure."""
    path = main_file(storage.directory)
    if path is None:
        return []
    outages = [
        Outage(
            "while its file is replaced by a directory",
            "after its file was replaced by a directory for a while",
            lambda: _replaced_by_directory(path),
        ),
        Outage(
            "while its file is truncated to garbage",
            "after its file was truncated to garbage for a while",
            lambda: _garbage(path),
            keeps=False,
        ),
        Outage(
            "while the directory of its file is away",
            "after the directory of its file was away for a while",
            lambda: _directory_away(path, storage),
            looks_new=True,
        ),
    ]
    if any(each.stat().st_size for each in _group(path)[1:] if not each.name.endswith("-shm")):
        outages.append(
            Outage(
                "while its file is away, and its log is not",
                "after its file was away for a while, and its log was not",
                lambda: _main_file_away(path),
                looks_new=True,
            )
        )
    if _is_sqlite(path):
        outages += [
            Outage(
                "while its database is locked by another connection",
                "after its database was locked by another connection for a while",
                lambda: _in_use(path, "BEGIN EXCLUSIVE"),
                waits=True,
            ),
            Outage(  # a save gets as far as its commit, unless there is a write-ahead log
                "while another connection reads its database",
                "after another connection read its database for a while",
                lambda: _in_use(path, "BEGIN", "SELECT * FROM sqlite_master"),
                waits=True,
            ),
        ]
    return outages


def main_file(directory: Path) -> Path | None:
    """The one file in which the tokens are; None if there is no such file, or several."""
    try:
        files = [each for each in directory.rglob("*") if each.is_file() and each.stat().st_size]
        main = [each for each in files if not each.name.endswith(COMPANIONS)]
        return main[0] if len(main) == 1 and main[0].read_bytes() else None
    except OSError:  # files come and go there
        return None


def _is_sqlite(path: Path) -> bool:
    return path.read_bytes()[: len(SQLITE)] == SQLITE


@contextlib.contextmanager
def impatient() -> Iterator[None]:
    """Inside, Python's sqlite3 gives up soon where a database is locked."""
    connect = sqlite3.connect

    def connect_briefly(*arguments: Any, **named: Any) -> Any:
        if len(arguments) > 1:
            arguments = (arguments[0], min(arguments[1], BUSY), *arguments[2:])
        else:
            named["timeout"] = min(named.get("timeout", BUSY), BUSY)
        connection = connect(*arguments, **named)
        connection.set_authorizer(_no_longer_wait)
        return connection

    places = [  # a store may import it by its name
        (namespace, name)
        for module in list(sys.modules.values())
        if issubclass(type(module), ModuleType)  # a library of cffi says that it is one
        for namespace in [object.__getattribute__(module, "__dict__")]  # loads no lazy module
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


def _no_longer_wait(action: int, name: str | None, value: str | None, *_: object) -> int:
    """Leave out the pragma that sets how long a connection waits."""
    is_wait = action == sqlite3.SQLITE_PRAGMA and str(name).lower() == "busy_timeout" and value
    return sqlite3.SQLITE_IGNORE if is_wait else sqlite3.SQLITE_OK


@contextlib.contextmanager
def _replaced_by_directory(path: Path) -> Iterator[None]:
    aside = path.with_name(f"{path.name}.aside")
    aside.mkdir()
    for each in _group(path):
        each.rename(aside / each.name)
    path.mkdir()
    try:
        yield
    finally:
        for each in _group(path):
            _remove(each)
        for each in list(aside.iterdir()):
            each.rename(path.with_name(each.name))
        aside.rmdir()


@contextlib.contextmanager
def _garbage(path: Path) -> Iterator[None]:
    restore = backed_up(path)
    path.write_bytes(GARBAGE)
    try:
        yield
    finally:
        restore()


def backed_up(path: Path) -> Callable[[], None]:
    """What puts the file back as it is now, with what SQLite keeps next to it."""
    copies = {each: each.read_bytes() for each in _group(path) if not each.name.endswith("-shm")}

    def restore() -> None:
        # New files: what still has the old ones open shall have no part in them.
        for each in _group(path):
            _remove(each)
        for each, copy in copies.items():
            each.write_bytes(copy)

    return restore


def has_companions(path: Path) -> bool:
    """Whether SQLite keeps something next to the file, which may be newer than what is in it."""
    return len(_group(path)) > 1


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Inside, the file is overwritten in place, except for the header of a database.

    What has it open reads the damage, and reads the old bytes afterwards.
    """
    content = path.read_bytes()
    _overwrite(path, content[:HEADER] + (GARBAGE * (len(content) // len(GARBAGE) + 1)))
    try:
        yield
    finally:
        _overwrite(path, content)


def _overwrite(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT), "wb") as file:
        file.write(content)
        file.truncate()


@contextlib.contextmanager
def _directory_away(path: Path, storage: Storage) -> Iterator[None]:
    """A store with a relative path goes on where its working directory is now."""
    directory = path.parent
    aside = directory.with_name(f"{directory.name}.aside")
    directory.rename(aside)
    if directory == storage.directory:
        storage.elsewhere = aside
    try:
        yield
    finally:
        storage.elsewhere = None
        if directory.exists():
            _remove(directory)
        aside.rename(directory)


@contextlib.contextmanager
def _main_file_away(path: Path) -> Iterator[None]:
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        if path.exists():
            _remove(path)
        aside.rename(path)


@contextlib.contextmanager
def _in_use(path: Path, *statements: str) -> Iterator[None]:
    """Another connection has run these, and has not ended its transaction."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in statements:
            other.execute(statement).fetchall()
        yield
    finally:
        other.close()


def _group(path: Path) -> list[Path]:
    """The file, and what SQLite keeps next to it."""
    group = [path, *(path.with_name(path.name + suffix) for suffix in COMPANIONS)]
    return [each for each in group if each.exists()]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
