"""Mutants wrong about files: DUR-1 to DUR-4."""

import contextlib
import json
import os
import pickle
import sqlite3
import time
from pathlib import Path

from tests.correct.capable import WRITES, owner_only
from tests.correct.zcrmsdk.capable import InADatabase, InFile, _Call
from tests.mutants import caches, rewrites
from tests.mutants.mutant import over
from tests.mutants.zcrmsdk.mutant import refuse

# DUR-1: a second store sees every record


class KeepsSome(InFile):
    """Writes five records at most."""

    clause = "DUR-1"

    def _dump(self):
        return json.dumps(self.records[:5]).encode()

    def _load(self):
        if not self.records:
            super()._load()


class KeepsNoExpiry(KeepsSome):
    """Writes records without their expiry, which it remembers."""

    def _dump(self):
        return json.dumps([{**record, "expires_in": None} for record in self.records]).encode()


class WritesAtTheEnd(KeepsSome):
    """Writes a record when the next one is saved: the last one not at all."""

    def _dump(self):
        return json.dumps(self.records[:-1] or self.records).encode()


class OthersAreNobody(caches.KeyOfTheProcess, InFile):
    """The same, and what another process wrote counts as nothing."""

    clause = "DUR-1"

    def _of_another_process(self):
        return []


# DUR-2: several processes


class LocksThreadsAlone(InFile):
    """Replaces the file whole, and nothing keeps another process from doing so."""

    clause = "DUR-2"

    def _alone(self):
        return contextlib.nullcontext()


class ReadsOnce(InFile):
    """Reads the file at its first call, and never again."""

    clause = "DUR-2"
    known = False

    def _load(self):
        if not self.known:
            super()._load()
        self.known = True


# DUR-3: kills


class WritesInPlace(InFile):
    """Opens the file, which empties it, and writes."""

    clause = "DUR-3"

    def _store(self, text):
        with open(self.path, "wb", opener=owner_only) as file:
            file.write(text)


class WritesInOneLine(InFile):
    """Opens the file, which empties it, and writes, in a line of a library."""

    clause = "DUR-3"

    def _store(self, text):
        Path(self.path).touch(mode=0o600)
        Path(self.path).write_bytes(text)


class Pickles(WritesInPlace):
    """Opens the file, which empties it, and writes with pickle."""

    def _dump(self):
        return pickle.dumps(self._state())

    def _parse(self, text):
        return pickle.loads(text)


class LeavesItsLock(InFile):
    """A file is the lock, which stays when its process is killed."""

    clause = "DUR-3"

    @contextlib.contextmanager
    def _alone(self):
        name = f"{self.path}.lock"
        for _ in range(1000):
            try:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
                break
            except FileExistsError:
                time.sleep(0.001)
        else:
            refuse("somebody has the lock")
        try:
            yield
        finally:
            os.unlink(name)


class WritesLater(InFile):
    """Says that it saved, and writes with the next call."""

    clause = "DUR-3"
    waiting = None

    def _load(self):
        if self.waiting is not None:
            super()._store(self.waiting)
            self.waiting = None
        super()._load()

    def _store(self, text):
        if b"dora" not in text:
            super()._store(text)
        else:
            self.waiting = text


# DUR-4: what another store changed


class RemembersWhatItFinds(caches.RemembersWhatItFinds, InFile):
    """Finds a user's login as it was, until it changes something itself."""

    clause = "DUR-4"
    user = "user_mail"


class RemembersWhatItMisses(caches.RemembersWhatItMisses, InFile):
    """A user whom it has looked for in vain is not there, until it changes something itself."""

    clause = "DUR-4"
    spills = ("SAVE-23",)
    user = "user_mail"


class NeverEndsItsRead(InADatabase):
    """The transaction in which it reads goes on until it writes."""

    clause = "DUR-4"
    connection = None

    @contextlib.contextmanager
    def _turn(self, name):
        if self.connection is None:
            self.connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False
            )
            self.connection.execute("PRAGMA journal_mode = WAL")
        if name in WRITES and self.connection.in_transaction:
            self.connection.execute("COMMIT")
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE" if name in WRITES else "BEGIN")
        yield _Call(self.connection)
        if name in WRITES:
            self.connection.execute("COMMIT")


class CommitsWithoutAJournal(InADatabase):
    """A commit writes page after page, and nothing undoes it halfway."""

    clause = "DUR-3"
    mode = "off"

    @contextlib.contextmanager
    def _connected(self):
        with super()._connected() as database:
            database.execute(f"PRAGMA journal_mode = {self.mode}")
            yield database


class KeepsItsJournalInMemory(CommitsWithoutAJournal):
    """What would undo a commit halfway dies with the process."""

    mode = "memory"


# What both generations share

globals().update(over(InFile, (*caches.IN_FILE, *rewrites.IN_FILE), __name__))
