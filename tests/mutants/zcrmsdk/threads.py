"""Mutants wrong about threads: THR-1 to THR-3."""

import contextlib
import sqlite3
import threading

from tests.correct.capable import WRITES
from tests.correct.zcrmsdk.capable import InTurn, Locked
from tests.correct.zcrmsdk.honest import Honest
from tests.mutants import locks
from tests.mutants.mutant import over


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


class LocksEachClient(locks.InSteps, Locked):
    """Each client has a lock, but the logins of a user at all clients are written back together."""

    clause = "THR-2"
    in_steps = "save_token"

    def __init__(self):
        super().__init__()
        self.locks = {}

    def save_token(self, user, token):
        with self.lock:
            lock = self.locks.setdefault(token.client_id, threading.RLock())
        with lock:
            return super().save_token(user, token)

    def _add(self, record):
        own = [each for each in self.records if each["user_mail"] == record["user_mail"]]
        own.append(record)
        with self.lock:
            others = [each for each in self.records if each["user_mail"] != record["user_mail"]]
            self.records = others + own


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


class ListsOneByOne(locks.InSteps, Locked):
    """Counts the records under the lock, and then lists each under the lock."""

    clause = "THR-3"
    in_steps = "get_tokens"

    def _list(self):
        with self.lock:
            count = len(self.records)
        return [record for number in range(count) if (record := self._one(number)) is not None]

    def _one(self, number):
        with self.lock:
            return dict(self.records[number]) if number < len(self.records) else None


class IndexesRefreshTokensLate(Locked):
    """A login is found by its refresh token in an index, which follows a moment after the save."""

    clause = "THR-3"

    def __init__(self):
        super().__init__()
        self.index = {}

    def save_token(self, user, token):
        super().save_token(user, token)
        if hasattr(token, "user_mail") or hasattr(token, "get_user_mail"):
            saved = self._of(user, token)
            with self.lock:
                record = self._locate_for_save(saved)
                self.index = {login: r for login, r in self.index.items() if r is not record}
                self.index[self._login(saved)] = record

    def _locate(self, query):
        if query["grant_token"] is not None:
            return super()._locate(query)
        record = self.index.get(self._login(query))
        return record if any(each is record for each in self.records) else None

    def _login(self, values):
        return values["user_mail"], values["client_id"], values["refresh_token"]


class LocksLoginsByGrantTokenAlone(locks.InSteps, Locked):
    """A login by refresh token is looked for before the lock is taken."""

    clause = "THR-2"
    in_steps = "save_token"

    def save_token(self, user, token):
        if getattr(token, "grant_token", None) is not None:
            with self.lock:
                return super().save_token(user, token)
        return super().save_token(user, token)

    def _add(self, record):
        with self.lock:
            super()._add(record)


globals().update(over(Locked, locks.OF_LOCKS, __name__))
