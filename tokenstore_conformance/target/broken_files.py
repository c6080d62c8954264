"""Ways to break a file that holds tokens, each until its block ends.

They need only the standard library: the script that reproduces a failure contains the source of the
function that it needs.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

COMPANIONS: Final = ("-wal", "-shm", "-journal")
"""The suffixes of the files that SQLite keeps next to a database."""
TINY: Final = 32
"""A file of at most this many bytes holds no token: it may be a lock, a version or a process id."""
HEADER: Final = 100
"""Bytes at the start of a SQLite database, which say what it is and how often it was changed."""
LINE_OF_GARBAGE: Final = b"\0\xff garbage {[<\"',;\n"
GARBAGE: Final = LINE_OF_GARBAGE * 64
OTHER_TEXT: Final = b"This is a text, and no tokens.\n"
"""Text that a store can decode, and must not treat as a file without tokens."""


def sizes(directory: Path) -> dict[Path, int]:
    """Return the size of each file below a directory. Files may appear and disappear meanwhile."""
    found = {}
    for each in directory.rglob("*"):
        with contextlib.suppress(OSError):
            if each.is_file():
                found[each] = each.stat().st_size
    return found


def main_file(directory: Path) -> Path | None:
    """Return the file that holds the tokens, or None unless there is exactly one."""
    files = [each for each, size in sizes(directory).items() if size > TINY]
    main = [each for each in files if not each.name.endswith(COMPANIONS)]
    try:
        return main[0] if len(main) == 1 and main[0].read_bytes() else None
    except OSError:
        return None


@contextlib.contextmanager
def replaced_by_directory(path: Path) -> Iterator[None]:
    aside = beside(path)
    aside.mkdir()
    for each in group(path):
        each.rename(aside / each.name)
    path.mkdir()
    try:
        yield
    finally:
        for each in group(path):
            remove(each)
        for each in list(aside.iterdir()):
            each.rename(path.with_name(each.name))
        aside.rmdir()


def garbage(path: Path) -> AbstractContextManager[None]:
    return with_content(path, GARBAGE)


def other_text(path: Path) -> AbstractContextManager[None]:
    return with_content(path, OTHER_TEXT)


@contextlib.contextmanager
def with_content(path: Path, content: bytes) -> Iterator[None]:
    restore = backed_up(path)
    path.write_bytes(content)
    try:
        yield
    finally:
        restore()


def directory_away(path: Path) -> AbstractContextManager[None]:
    """Inside, the directory is renamed. A store with a relative path continues to work in it."""
    return away(path.parent)


def main_file_away(path: Path) -> AbstractContextManager[None]:
    return away(path)


@contextlib.contextmanager
def away(path: Path) -> Iterator[None]:
    """Inside, the file or directory has another name."""
    path.rename(beside(path))
    try:
        yield
    finally:
        if path.exists():
            remove(path)
        beside(path).rename(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Inside, another connection has begun to write."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextlib.contextmanager
def being_read(path: Path) -> Iterator[None]:
    """Inside, another connection has begun to read."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master").fetchall()
        yield


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Inside, the file is overwritten in place, except for the header of a database.

    A store that has the file open reads the damage inside, and the old bytes afterwards.
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


def backed_up(path: Path) -> Callable[[], None]:
    """Return a function that restores the file, and what SQLite keeps next to it, as it is now."""
    copies = {each: each.read_bytes() for each in group(path) if not each.name.endswith("-shm")}

    def restore() -> None:
        # Write new files: a store that still has the old ones open must not share them.
        for each in group(path):
            remove(each)
        for each, copy in copies.items():
            each.write_bytes(copy)

    return restore


def has_companions(path: Path) -> bool:
    """Whether SQLite keeps something next to the file. That may be newer than the file itself."""
    return len(group(path)) > 1


def beside(path: Path) -> Path:
    """Return where a file or directory is while it is away."""
    return path.with_name(f"{path.name}.aside")


def group(path: Path) -> list[Path]:
    """Return the file and what SQLite keeps next to it, as far as they exist."""
    group = [path, *(path.with_name(path.name + suffix) for suffix in COMPANIONS)]
    return [each for each in group if each.exists()]


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


_HELPERS: Final = (main_file, sizes, away, with_content, backed_up, group, remove, beside)


def source_of(kind: str) -> str:
    """Return the Python source of one of these functions, and of what it calls."""
    constants = [
        f"COMPANIONS = {COMPANIONS!r}",
        f"TINY = {TINY}",
        f"GARBAGE = {LINE_OF_GARBAGE!r} * 64",
        f"OTHER_TEXT = {OTHER_TEXT!r}\n",
    ]
    functions: list[Callable[..., object]] = [globals()[kind], *_HELPERS]
    if kind == damaged.__name__:
        constants.insert(0, f"HEADER = {HEADER}")
        functions.append(_overwrite)
    parts = map(inspect.getsource, dict.fromkeys(functions))
    return "\n\n".join(["\n".join(constants), *parts])
