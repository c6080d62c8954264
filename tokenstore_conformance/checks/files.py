"""SEC-2: who can read and write the files that a store creates.

The check sets the umask that most systems have, 022. A store that creates its files for their owner
alone passes under any umask. A store that relies on the umask would pass only on some machines.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.samples import ANNA, BERT, finding_requests, user_of
from tokenstore_conformance.checks.texts import HALF
from tokenstore_conformance.failures import ClauseFailed, NotApplicable
from tokenstore_conformance.processes.outward import outward_calls
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import COMPANIONS

UMASK: Final = 0o022

NOT_THE_OWNERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""The mode bits that a file must not have: they let others do something with it."""

TOKENS: Final = tuple(str(each.refresh_token).encode() for each in (ANNA, BERT))
"""A file that contains one of these holds a login. Encrypted or encoded logins are missed."""

WRITING: Final = stat.S_IWGRP | stat.S_IWOTH
"""The mode bits that a directory must not have: they let others write to it."""

Modes = dict[Path, int]
"""The modes of files and directories, as `os.stat` has them."""


@dataclass
class _Passing:
    """What the check saw during one call on the store, before each outward call of the store."""

    modes: Modes = field(default_factory=dict)
    """The mode that each file had when it was last seen."""
    shown: Modes = field(default_factory=dict)
    """The files that held a token while others could read or write them."""


@check("SEC-2")
def keeps_its_files_to_their_owner(store: Subject) -> None:
    """On POSIX systems, only the owner can read or write the files that the store creates, and only
    the owner can write to its directories.
    """
    if os.name != "posix":
        raise NotApplicable("this system has no owner, group and others for files")
    with _umask(UMASK):
        store = store.fresh()
        directory = store.storage.directory
        made = _look(store, _Passing(), "once the store is built")
        for request in list(_requests(store)):
            passing = _Passing()
            with outward_calls(partial(_note_modes, passing, directory)):
                store.try_request(request)
            made |= _look(store, passing, f"after {request.method}")
        if not made:
            raise NotApplicable("the store creates no file in its working directory")


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _requests(store: Subject) -> Iterator[Request]:
    """Yield calls that make a store write. It does not matter whether they succeed."""
    door = store.door
    anna, bert = (door.in_full(user_of(door, name)) for name in ("anna", "bert"))
    yield door.to_save(anna.but(id="anna-1"))
    yield door.to_save(bert)
    yield door.to_save(anna.but(id="anna-1", access_token="anna.second"))
    yield from finding_requests(door, anna)
    yield door.to_save(anna.but(id="anna-1", access_token=HALF))  # may leave what it wrote
    yield Request("get_tokens", ())
    yield door.to_delete(anna.but(id="anna-1"))
    yield Request("delete_tokens", ())


def _note_modes(passing: _Passing, directory: Path, number: int, place: object) -> None:
    """Note the modes of all files. This is called before each outward call of the store."""
    now = _modes(directory)
    passing.modes.update(now)
    for path, mode in now.items():
        if stat.S_ISREG(mode) and mode & NOT_THE_OWNERS and _holds_a_token(path):
            passing.shown[path] = mode


def _holds_a_token(path: Path) -> bool:
    with suppress(OSError):
        content = path.read_bytes()
        return any(token in content for token in TOKENS)
    return False


def _modes(directory: Path) -> Modes:
    """Return the modes of a directory, and of all files and directories in it."""
    modes = {}
    for path in (directory, *directory.rglob("*")):
        with suppress(FileNotFoundError):  # it was removed meanwhile
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                modes[path] = mode
    return modes


def _look(store: Subject, passing: _Passing, when: str) -> bool:
    """Return whether the store has made a file. Fail if others can read or write one.

    A file that is gone again counts with the mode that it had when it was last seen. A file that
    held a token counts with the mode that let others use it.
    """
    storage = store.storage
    now = _modes(storage.directory)
    modes = passing.modes | now | passing.shown
    made = [each for each in modes if each != storage.directory and not _is_prepared(store, each)]
    for path in made:
        if not _is_open(path, modes, storage.directory):
            continue
        if not _keeps_modes(storage.directory.parent):
            raise NotApplicable("this file system does not keep the modes of files")
        what = "directory that only its owner can write to"
        if stat.S_ISREG(modes[path]):
            what = "file that only its owner can read and write"
        is_over = path in passing.shown or path not in now
        moment = when.replace("after", "during") if is_over else when
        name = path.relative_to(storage.directory)
        raise ClauseFailed(
            f"{moment}, a {what}", f"{name} with the mode {stat.filemode(modes[path])}"
        )
    return bool(made)


def _is_prepared(store: Subject, path: Path) -> bool:
    """Whether set_up() of the harness made it, or SQLite made it for a database from set_up()."""
    prepared = store.storage.prepared
    names = (path.name.removesuffix(each) for each in COMPANIONS)
    return path in prepared or any(path.with_name(name) in prepared for name in names)


def _is_open(path: Path, modes: Modes, top: Path) -> bool:
    """Whether the mode lets others do what they must not, and no directory above keeps them out."""
    mode = modes[path]
    bits = mode & (WRITING if stat.S_ISDIR(mode) else NOT_THE_OWNERS)
    for parent in path.parents:
        if not modes.get(parent, 0) & stat.S_IXGRP:
            bits &= ~stat.S_IRWXG
        if not modes.get(parent, 0) & stat.S_IXOTH:
            bits &= ~stat.S_IRWXO
        if parent == top:
            break
    return bits != 0


def _keeps_modes(directory: Path) -> bool:
    """Whether a new file has the mode that it was created with."""
    path = directory / "mode"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        return os.fstat(descriptor).st_mode & NOT_THE_OWNERS == 0
    finally:
        os.close(descriptor)
        path.unlink()
