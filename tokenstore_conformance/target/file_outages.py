"""Outages that the kit can make by itself, for a store that keeps its tokens in one file.

The kit finds the file in the directory of the storage, which holds nothing else. Stores that keep
their tokens elsewhere need a harness with an `outage` method.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokenstore_conformance.target.broken_files import (
    being_read,
    beside,
    directory_away,
    garbage,
    group,
    locked,
    main_file,
    main_file_away,
    other_text,
    replaced_by_directory,
)
from tokenstore_conformance.target.impatience import giving_up_at_once
from tokenstore_conformance.target.storage import Storage

SQLITE: Final = b"SQLite format 3\0"


@dataclass(frozen=True)
class Outage:
    """A way to make the backend fail."""

    during: str
    """When a call in the outage is made, in words: "while its file is away". It is unique."""
    after: str
    """When a call after the outage is made, in words."""
    begin: Callable[[], AbstractContextManager[None]]
    kind: str
    """Its name in scripts: that of a function in `broken_files`, or ``harness``."""
    keeps: bool = True
    """Whether what is written during the outage is still there afterwards."""
    waits: bool = False
    """Whether a store may wait for the end of the outage."""
    looks_new: bool = False
    """Whether a store that is made during the outage cannot tell it from its first start."""


def ready_outages(storage: Storage) -> list[Outage]:
    """Return the outages of a store with its tokens in the storage's directory. [] if unsure."""
    path = main_file(storage.directory)
    if path is None:
        return []
    outages = [
        Outage(
            "while its file is replaced by a directory",
            "after its file was replaced by a directory for a while",
            lambda: replaced_by_directory(path),
            kind=replaced_by_directory.__name__,
        ),
        Outage(
            "while its file is truncated to garbage",
            "after its file was truncated to garbage for a while",
            lambda: garbage(path),
            kind=garbage.__name__,
            keeps=False,
        ),
        Outage(
            "while its file holds other text",
            "after its file held other text for a while",
            lambda: other_text(path),
            kind=other_text.__name__,
            keeps=False,
        ),
        Outage(
            "while the directory of its file is away",
            "after the directory of its file was away for a while",
            lambda: _directory_away(path, storage),
            kind=directory_away.__name__,
            looks_new=True,
        ),
    ]
    if any(each.stat().st_size for each in group(path)[1:] if not each.name.endswith("-shm")):
        outages.append(
            Outage(
                "while its file is away, and its log is not",
                "after its file was away for a while, and its log was not",
                lambda: main_file_away(path),
                kind=main_file_away.__name__,
                looks_new=True,
            )
        )
    if _is_sqlite(path):
        outages += [
            Outage(
                "while its database is locked by another connection",
                "after its database was locked by another connection for a while",
                lambda: giving_up_at_once(locked(path)),
                kind=locked.__name__,
                waits=True,
            ),
            Outage(  # without a write-ahead log, a save fails at its commit
                "while another connection reads its database",
                "after another connection read its database for a while",
                lambda: giving_up_at_once(being_read(path)),
                kind=being_read.__name__,
                waits=True,
            ),
        ]
    return outages


def _is_sqlite(path: Path) -> bool:
    return path.read_bytes()[: len(SQLITE)] == SQLITE


@contextlib.contextmanager
def _directory_away(path: Path, storage: Storage) -> Iterator[None]:
    with directory_away(path):
        if path.parent == storage.directory:
            storage.elsewhere = beside(path.parent)
        try:
            yield
        finally:
            storage.elsewhere = None
