"""Faults of a store in a file while its storage is out, as far as the generations share them.

A generation puts each of them before its own store in a file.
"""

import contextlib
import os
from pathlib import Path
from typing import Any

from tests.correct.capable import owner_only


class MakesItsDirectory:
    """Makes the directory of its file again where that is away, and starts empty there."""

    path: str

    def _alone(self) -> Any:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        return super()._alone()  # type: ignore[misc]


class IsEmptyWithoutItsDirectory:
    """Answers as an empty store where the directory of its file is away."""

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

    path: str

    def __init__(self) -> None:
        super().__init__()
        with contextlib.suppress(FileNotFoundError):
            Path(self.path).read_bytes()


class StartsWithNothing:
    """Answers from memory what it cannot read, though it was made a moment ago."""

    def _load(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super()._load()  # type: ignore[misc]


class SavesNoMore:
    """Reads again after a failure, and saves never again."""

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

    path: str
    file = None

    def _load(self) -> None:
        if self.file is None:
            self.file = open(self.path, "a+b", buffering=0, opener=owner_only)  # noqa: SIM115
        self.file.seek(0)
        text = self.file.read()
        self._restore(self._parse(text)) if text else self._forget()  # type: ignore[attr-defined]

    def _store(self, text: bytes) -> None:
        assert self.file is not None
        self.file.truncate(0)
        self.file.write(text)

    def __del__(self) -> None:
        if self.file is not None:
            self.file.close()
