"""Mutants wrong about threads: THR-1 to THR-3."""

import contextlib
import sqlite3
import threading

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.capable import WRITES
from tests.correct.zohocrmsdk.capable import InTurn, Locked
from tests.correct.zohocrmsdk.honest import Honest
from tests.mutants import locks
from tests.mutants.mutant import over


class SameThread(Honest):
    """A connection of its own, in the thread that made it alone."""

    clause = "THR-1"

    def __init__(self) -> None:
        super().__init__()
        self.database = sqlite3.connect(":memory:")

    def _rows(self):
        self.database.execute("SELECT 1")
        return super()._rows()


class RemembersPerThread(Locked):
    """What a thread found by id it finds until it changes something itself."""

    clause = "THR-1"
    spills = ("ISO-2",)

    def __init__(self) -> None:
        super().__init__()
        self.known = threading.local()

    def find_token_by_id(self, id):
        known = vars(self.known).setdefault("records", {})
        if id not in known:
            known[id] = super().find_token_by_id(id)
        return known[id]

    @contextlib.contextmanager
    def _turn(self, name: str):
        with super()._turn(name):
            yield
        if not name.startswith(("find", "get")):
            vars(self.known).pop("records", None)


class HoldsItsLockAfterARefusal(Locked):
    """A call that raises leaves the lock to the thread that made it."""

    clause = "THR-1"
    timeout = 1.0

    @contextlib.contextmanager
    def _turn(self, name: str):
        self.lock.acquire()
        yield
        self.lock.release()


class KeepsItsLockAfterAFind(Locked):
    """A lookup by nothing raises, and leaves the lock to its thread."""

    clause = "THR-1"
    timeout = 1.0

    def find_token(self, token):
        self.lock.acquire()
        if token is None:
            raise SDKException("TOKEN_STORE", "nothing to look for")
        try:
            return super().find_token(token)
        finally:
            self.lock.release()


class Unlocked(InTurn):
    """Reads the records, and writes them back with the new one."""

    clause = "THR-2"

    def _add(self, record) -> None:
        records = list(self.records)
        records.append(record)
        self.records = records


class LocksLate(Locked):
    """Makes its list when it is first used, outside of the lock."""

    clause = "THR-2"

    def __init__(self) -> None:
        super().__init__()
        self.records = None

    @contextlib.contextmanager
    def _turn(self, name: str):
        if self.records is None:
            made = []
            self.records = made
        with super()._turn(name):
            yield


class CountsUnlocked(Locked):
    """Takes the next id, and looks whether it is free, outside of the lock."""

    clause = "THR-2"

    @contextlib.contextmanager
    def _turn(self, name: str):
        yield

    def _new_id(self) -> str:
        taken = {record["id"] for record in self.records}
        while True:
            number = self.issued + 1
            self.issued = number
            if str(number) not in taken:
                return str(number)

    def _add(self, record) -> None:
        with self.lock:
            self.records = [each for each in self.records if each["id"] != record["id"]]
            self.records.append(record)


class FreesItsLockBetween(Locked):
    """Does each step of a save under the lock, and frees it between the steps."""

    clause = "THR-2"

    def _turn(self, name: str):
        return contextlib.nullcontext() if name == "save_token" else super()._turn(name)

    def _locate_for_save(self, new):
        with self.lock:
            return super()._locate_for_save(new)

    def _fresh(self, new):
        with self.lock:
            return super()._fresh(new)

    def _add(self, record) -> None:
        with self.lock:
            super()._add(record)

    def _change(self, record, values) -> None:
        with self.lock:
            super()._change(record, values)


class TellsTheLastId(Locked):
    """Sets on a token the id that was last saved, whoever saved it."""

    clause = "THR-2"

    def _tell(self, token, record) -> None:
        self.last = token, record["id"]

    def save_token(self, token) -> None:
        super().save_token(token)
        if hasattr(token, "set_id"):
            token.set_id(self.last[1])


class KeepsItsAnswer(Locked):
    """Keeps what it found in an attribute, and fills the query from it when the lock is free."""

    clause = "THR-3"

    def _fill(self, token, record):
        self.found = (token, record)
        return token

    def find_token(self, token):
        found = super().find_token(token)
        return found and Honest._fill(self, token, self.found[1])


class UpdatesWhatItHadRead(Locked):
    """An update reads the record under the lock, and writes the whole record under it again."""

    clause = "THR-3"

    def save_token(self, token):
        new = self._read(token)
        with self.lock:
            old = self._locate_for_save(new)
            if old is None:
                return super().save_token(token)
            merged = self._merge(old, new)
        with self.lock:
            self._change(old, merged)
        return self._tell(token, old)


class ClearsOneByOne(locks.InSteps, Locked):
    """Deletes all tokens, each under the lock."""

    clause = "THR-3"
    in_steps = "delete_tokens"

    def _clear(self) -> None:
        for record in list(self.records):
            with self.lock:
                self.records.remove(record)


class ReadsUnlocked(Locked):
    """Changes a record field by field, under a lock that readers do not take."""

    clause = "THR-3"

    @contextlib.contextmanager
    def _turn(self, name: str):
        if name in WRITES:
            with self.lock:
                yield
        else:
            yield

    def _change(self, record, changed) -> None:
        for field, value in changed.items():
            record[field] = value


class ListsOneByOne(locks.InSteps, Locked):
    """Lists the ids under the lock, and then each record under the lock."""

    clause = "THR-3"
    in_steps = "get_tokens"

    def _list(self):
        with self.lock:
            ids = [record["id"] for record in self.records]
        return [record for id in ids if (record := self._one(id)) is not None]

    def _one(self, id):
        with self.lock:
            record = self._by_id(id)
            return None if record is None else dict(record)


class _Indexed(Locked):
    """Finds by one kind of key in an index, which is written when the record was."""

    field = ""

    def __init__(self) -> None:
        super().__init__()
        self.index = {}

    def save_token(self, token) -> None:
        super().save_token(token)
        if hasattr(token, "get_id"):
            self._enter(self._read(token), token.get_id())

    def _enter(self, saved, id) -> None:
        raise NotImplementedError

    def _locate(self, query):
        field, value = self._key(query) or ("", "")
        if field != self.field:
            return super()._locate(query)
        return self._by_id(self.index.get(value)) if value in self.index else None


class IndexesAccessTokensLate(_Indexed):
    """The index by access token follows a moment after the save."""

    clause = "THR-3"
    field = "access_token"

    def _enter(self, saved, id) -> None:
        with self.lock:
            older = [access for access, owner in self.index.items() if owner == id]
            if saved["access_token"] is not None:
                for access in older:
                    del self.index[access]
                self.index[saved["access_token"]] = id


class LosesEntriesOfTheIndex(_Indexed):
    """The index by user is copied, changed and put in place without the lock."""

    clause = "THR-2"
    field = "user"

    def _enter(self, saved, id) -> None:
        index = dict(self.index)
        index[saved["user"]] = id
        self.index = index


# THR-3: an update and a deletion


class DeletesUnderAnotherLock(Locked):
    """A deletion has a lock of its own: an update that began before it brings the record back."""

    clause = "THR-3"

    def __init__(self):
        self.deleting = threading.Lock()
        super().__init__()

    def delete_token(self, id):
        with self.deleting:
            self.records = [record for record in self.records if record["id"] != id]

    def _change(self, record, values):
        super()._change(record, values)
        if record not in self.records:
            self.records = [*self.records, record]


class LocksUsersAlone(Locked):
    """A save of a token without a user takes no lock."""

    clause = "THR-2"

    def save_token(self, token):
        if token.get_user_signature() is not None:
            return super().save_token(token)
        return Honest.save_token(self, token)


class KeepsItsLockWhenNothingChanges(Locked):
    """A save of what is stored leaves the lock to its thread."""

    clause = "THR-1"
    timeout = 1.0

    def save_token(self, token):
        before = list(map(dict, self.records))
        self.lock.acquire()
        super().save_token(token)
        if before != self.records:
            self.lock.release()


class KeepsASaveLockAfterARefusal(Locked):
    """A refused save leaves a lock to its thread that only saves take."""

    clause = "THR-1"
    timeout = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.saving = threading.RLock()

    def save_token(self, token):
        self.saving.acquire()
        super().save_token(token)
        self.saving.release()


globals().update(over(Locked, locks.OF_LOCKS, __name__))
