"""Mutants wrong about threads: THR-1 to THR-3."""

import contextlib
import sqlite3
import threading

from tests.correct.capable import WRITES
from tests.correct.zcrmsdk.capable import InTurn, Locked
from tests.correct.zcrmsdk.honest import Honest


class SameThread(Honest):
    """A connection of its own, in the thread that made it alone."""

    clause = "THR-1"

    def __init__(self):
        super().__init__()
        self.database = sqlite3.connect(":memory:")

    def _rows(self):
        self.database.execute("SELECT 1")
        return super()._rows()


class EachThreadHasItsOwn(Honest):
    """The records are those of the thread that asks."""

    clause = "THR-1"

    def __init__(self):
        self.local = threading.local()

    @property
    def records(self):
        return self.local.__dict__.setdefault("records", [])


class Unlocked(InTurn):
    """Reads the records, and writes them back with the new one."""

    clause = "THR-2"

    def _add(self, record):
        records = list(self.records)
        records.append(record)
        self.records = records


class LooksBeforeItLocks(Honest):
    """Looks for the record of a save, and takes the lock only to insert it."""

    clause = "THR-2"

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def _add(self, record):
        with self.lock:
            super()._add(record)


class ReadsUnlocked(Locked):
    """Changes the access token before the expiry, under a lock that readers do not take."""

    clause = "THR-3"

    @contextlib.contextmanager
    def _turn(self, name):
        if name in WRITES:
            with self.lock:
                yield
        else:
            yield

    def _change(self, record, values):
        record["access_token"] = values["access_token"]
        record.update(values)


class IsEmptyForAMoment(ReadsUnlocked):
    """Takes out a record that is updated, and puts it back, while readers look."""

    def _change(self, record, values):
        self._remove(record)
        self._add({**record, **values})
