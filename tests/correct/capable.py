"""Correct stores in threads and files, as far as the generations share them.

What differs is how the records are locked, written and read. A generation puts each of these on its
own honest store, as in `class InFile(capable.InFile, Locked)`.
"""

import contextlib
import fcntl
import json
import os
import threading
import time
import uuid
import weakref
from pathlib import Path
from typing import Any

from tests.correct.honest import Steps

WRITES = ("save_token", "delete_token", "delete_tokens")


def owner_only(path: str, flags: int) -> int:
    """Opens a file that only its owner can read and write."""
    return os.open(path, flags, 0o600)


def in_turn(honest: type, name: str) -> Any:
    """A method of the honest store, within `_turn`."""

    def method(self, *arguments):
        with self._turn(name):
            return getattr(honest, name)(self, *arguments)

    return method


class InTurn(Steps):
    """Every call within a `_turn`, which does nothing here."""

    has: tuple[str, ...] = ()
    """The capabilities of the store."""

    @contextlib.contextmanager
    def _turn(self, name: str):
        yield


class Locked(InTurn):
    """One lock around every call."""

    has = ("threads",)

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()

    @contextlib.contextmanager
    def _turn(self, name: str):
        with self.lock:
            yield


class InFile(Locked):
    """A file that is replaced whole, under a lock of the system."""

    has = ("threads", "durable", "processes", "crash-safe", "outage")
    refused: type[Exception]
    """SDKException."""

    def __init__(self) -> None:
        super().__init__()
        self.path = os.path.abspath("tokens.json")

    @contextlib.contextmanager
    def _turn(self, name: str):
        try:
            with super()._turn(name), self._alone():
                self._load()
                yield
                if name in WRITES:
                    self._store(self._dump())
        except self.refused:
            raise
        except Exception as error:
            raise self.refused("TOKEN_STORE", "cannot reach the file", None, error) from error

    @contextlib.contextmanager
    def _alone(self):
        with open(f"{self.path}.lock", "a", opener=owner_only) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _load(self) -> None:
        try:
            self._restore(self._parse(Path(self.path).read_bytes()))
        except FileNotFoundError:
            self._forget()

    def _forget(self) -> None:
        """Hold what an empty store holds."""
        raise NotImplementedError

    def _dump(self) -> bytes:
        return json.dumps(self._state()).encode()

    def _parse(self, text: bytes):
        return json.loads(text)

    def _store(self, text: bytes) -> None:
        new = f"{self.path}.{uuid.uuid4().hex}"
        with open(new, "wb", opener=owner_only) as file:
            file.write(text)
        os.replace(new, self.path)


class ChecksEachWrite(InFile):
    """Writes by `os.write`, and refuses what the system did not write in whole."""

    def _store(self, text: bytes) -> None:
        new = f"{self.path}.{uuid.uuid4().hex}"
        descriptor = owner_only(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            if os.write(descriptor, text) != len(text):
                raise OSError("the file is not written in whole")
        finally:
            os.close(descriptor)
        os.replace(new, self.path)


class RefusesWhenBusy(InFile):
    """Refuses a call that does not get the lock in time."""

    waits = 0.15

    @contextlib.contextmanager
    def _alone(self):
        with open(f"{self.path}.lock", "a", opener=owner_only) as file:
            if not self._locks(file):
                raise self.refused("TOKEN_STORE", "another process has the lock")
            yield

    def _locks(self, file) -> bool:
        end = time.monotonic() + self.waits
        while time.monotonic() < end:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            time.sleep(0.001)
        return False


class Owner:
    """Makes this process the owner of a file, until nothing refers to the object any more.

    Raises OSError if another process is the owner.
    """

    def __init__(self, path: str) -> None:
        self.descriptor = owner_only(path, os.O_RDWR | os.O_CREAT)
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __del__(self) -> None:
        os.close(self.descriptor)


OWNERS: "weakref.WeakValueDictionary[str, Owner]" = weakref.WeakValueDictionary()
"""By path: the stores of one process share the lock."""


class OneProcess(InFile):
    """One process at a time has the file open, as with DuckDB."""

    has = ("threads", "durable", "crash-safe", "outage")

    def __init__(self) -> None:
        super().__init__()
        path = f"{self.path}.owner"
        try:
            self.owner = OWNERS.get(path) or Owner(path)
        except OSError as error:
            why = "another process has the file"
            raise self.refused("TOKEN_STORE", why, None, error) from error
        OWNERS[path] = self.owner


class ServesFromMemory(InFile):
    """What cannot be read from the file is answered from what was read before, if it was."""

    has_read = False

    def _load(self) -> None:
        try:
            super()._load()
        except (OSError, ValueError):
            if not self.has_read:
                raise
        self.has_read = True
