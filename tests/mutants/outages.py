"""Faults of a store in a file while its storage is out, as far as the generations share them.

A generation puts each of them before its own store in a file.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from tests.correct.capable import owner_only

HEADER = 100
"""Bytes at the start of a file that say how often it was written, as in a SQLite database."""


class MakesItsDirectory:
    """Makes the directory of its file again where that is away, and starts empty there."""

    clause = "ERR-1"

    path: str

    def _alone(self) -> Any:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        return super()._alone()  # type: ignore[misc]


class IsEmptyWithoutItsDirectory:
    """Answers as an empty store where the directory of its file is away."""

    clause = "ERR-1"

    path: str

    @contextlib.contextmanager
    def _turn(self, name: str):
        if os.path.isdir(os.path.dirname(self.path)):
            with super()._turn(name):  # type: ignore[misc]
                yield
        else:
            self._forget()  # type: ignore[attr-defined]
            yield


class ReadsWhenItIsMade:
    """Reads its file in its constructor, and lets pass what the system raises."""

    clause = "ERR-1"

    path: str

    def __init__(self) -> None:
        super().__init__()
        with contextlib.suppress(FileNotFoundError):
            Path(self.path).read_bytes()


class StartsWithNothing:
    """Answers from memory what it cannot read, though it was made a moment ago."""

    clause = "ERR-1"

    def _load(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super()._load()  # type: ignore[misc]


class TakesOtherTextForNothing:
    """Ignores text that is not JSON."""

    clause = "ERR-1"

    def _load(self) -> None:
        try:
            super()._load()  # type: ignore[misc]
        except json.JSONDecodeError:
            self._forget()  # type: ignore[attr-defined]

    def _parse(self, text: bytes) -> Any:
        text.decode()  # raises for bytes that are not text
        return super()._parse(text)  # type: ignore[misc]


class SavesNoMore:
    """Reads again after a failure, and saves never again."""

    clause = "ERR-2"

    failed = False

    def _load(self) -> None:
        try:
            super()._load()  # type: ignore[misc]
        except Exception:
            self.failed = True
            raise

    def _store(self, text: bytes) -> None:
        if self.failed:
            raise OSError("gave up")
        super()._store(text)  # type: ignore[misc]


class KeepsItsFileOpen:
    """Reads and writes the file that it opened first, whatever has its name now."""

    clause = "ERR-2"

    path: str
    file = None

    def _load(self) -> None:
        self._open()
        assert self.file is not None
        self.file.seek(0)
        text = self.file.read()
        self._restore(self._parse(text)) if text else self._forget()  # type: ignore[attr-defined]

    def _open(self) -> None:
        if self.file is None:
            self.file = open(self.path, "a+b", buffering=0, opener=owner_only)  # noqa: SIM115

    def _store(self, text: bytes) -> None:
        assert self.file is not None
        self.file.truncate(0)
        self.file.write(text)

    def __del__(self) -> None:
        if self.file is not None:
            self.file.close()


class ReadsTheFileThatItOpened(KeepsItsFileOpen):
    """Reads the file that it opened, whatever has its name now, until it saves."""

    clause = "ERR-2"

    def _store(self, text: bytes) -> None:
        assert self.file is not None
        self.file.close()
        self.file = None
        self._open()
        super()._store(text)


class RemembersWhatItReads:
    """Keeps what it read, damaged or not, until another save changes the file."""

    clause = "ERR-2"

    path: str
    text = b""

    def _load(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._read_again()
        self._restore(self._parse(self.text)) if self.text else self._forget()  # type: ignore[attr-defined]

    def _read_again(self) -> None:
        with open(self.path, "rb") as file:
            text = file.read()
        if text[:HEADER] != self.text[:HEADER]:
            self.text = text

    def _parse(self, text: bytes) -> Any:
        return super()._parse(text[HEADER:])  # type: ignore[misc]

    def _store(self, text: bytes) -> None:
        number = int(self.text[:HEADER] or b"0") + 1
        super()._store(b"%0*d" % (HEADER, number) + text)  # type: ignore[misc]


IN_FILE = (
    *(MakesItsDirectory, IsEmptyWithoutItsDirectory, ReadsWhenItIsMade, StartsWithNothing),
    TakesOtherTextForNothing,
    *(SavesNoMore, KeepsItsFileOpen, ReadsTheFileThatItOpened, RemembersWhatItReads),
)
"""The faults, which are put over a store in a file that is replaced whole."""
