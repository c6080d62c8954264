"""Stores in files and threads: right ones, and liars about what they can do.

All of them are the honest store; what differs is how its records are locked, written and read.
"""

import contextlib
import fcntl
import json
import os
import pickle
import sqlite3
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.stores.honest import Honest

METHODS = (
    "save_token",
    "find_token",
    "find_token_by_id",
    "delete_token",
    "get_tokens",
    "delete_tokens",
)
WRITES = ("save_token", "delete_token", "delete_tokens")


def in_turn(name: str):
    """A method of the honest store, within `_turn`."""

    def method(self, *arguments):
        with self._turn(name):
            return getattr(Honest, name)(self, *arguments)

    return method


class InTurn(Honest):
    """Every call within a `_turn`, which does nothing here."""

    @contextlib.contextmanager
    def _turn(self, name: str):
        yield


for _name in METHODS:
    setattr(InTurn, _name, in_turn(_name))


class Locked(InTurn):
    """Right: one lock."""

    has = ("threads",)

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()

    @contextlib.contextmanager
    def _turn(self, name: str):
        with self.lock:
            yield


class InFile(Locked):
    """Right: a file that is replaced whole, under a lock of the system."""

    has = ("threads", "durable", "processes", "crash-safe", "outage")

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
        except SDKException:
            raise
        except Exception as error:
            raise SDKException("TOKEN_STORE", "cannot reach the file", None, error) from error

    @contextlib.contextmanager
    def _alone(self):
        with open(f"{self.path}.lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _load(self) -> None:
        try:
            kept = self._parse(Path(self.path).read_bytes())
        except FileNotFoundError:
            kept = {"records": [], "issued": 0}
        self.records, self.issued = kept["records"], kept["issued"]

    def _dump(self) -> bytes:
        return json.dumps({"records": self.records, "issued": self.issued}).encode()

    def _parse(self, text: bytes):
        return json.loads(text)

    def _store(self, text: bytes) -> None:
        new = f"{self.path}.{uuid.uuid4().hex}"
        with open(new, "wb") as file:
            file.write(text)
        os.replace(new, self.path)


class ServesFromMemory(InFile):
    """Right: what cannot be read from the file is answered from what was read before."""

    def _load(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super()._load()


class Unlocked(InTurn):
    """Reads the records, and writes them back with the new one."""

    clause = "THR-2"

    def _add(self, record) -> None:
        records = list(self.records)
        records.append(record)
        self.records = records


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
    """What a thread found by id it finds for ever."""

    clause = "THR-1"

    def __init__(self) -> None:
        super().__init__()
        self.known = threading.local()

    def find_token_by_id(self, id):
        known = vars(self.known).setdefault("records", {})
        if id not in known:
            known[id] = super().find_token_by_id(id)
        return known[id]


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


class ClearsOneByOne(Locked):
    """Deletes all tokens, each under the lock."""

    clause = "THR-3"

    @contextlib.contextmanager
    def _turn(self, name: str):
        with contextlib.nullcontext() if name == "delete_tokens" else self.lock:
            yield

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


class WritesInPlace(InFile):
    """Opens the file, which empties it, and writes."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        with open(self.path, "wb") as file:
            file.write(text)


class WritesInOneLine(InFile):
    """The same, in a line of a library."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        Path(self.path).write_bytes(text)


class Pickles(WritesInPlace):
    """The same, with pickle."""

    def _dump(self) -> bytes:
        return pickle.dumps({"records": self.records, "issued": self.issued})

    def _parse(self, text: bytes):
        return pickle.loads(text)


class LeavesItsLock(InFile):
    """A file as a lock, that nobody removes when its process is killed."""

    clause = "DUR-3"

    @contextlib.contextmanager
    def _alone(self):
        name = f"{self.path}.lock"
        for _ in range(1000):
            try:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                time.sleep(0.001)
        else:
            raise SDKException("TOKEN_STORE", "somebody has the lock")
        try:
            yield
        finally:
            os.unlink(name)


class WritesLater(InFile):
    """Says that it saved, and writes with the next call."""

    clause = "DUR-3"
    waiting = None

    def _load(self) -> None:
        if self.waiting is not None:
            super()._store(self.waiting)
            self.waiting = None
        super()._load()

    def _store(self, text: bytes) -> None:
        if b"dora" not in text:
            super()._store(text)
        else:
            self.waiting = text


class WritesInPlaceInAThread(WritesInPlace):
    """The same, in a thread of its own."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(super()._store, text).result()


class LocksThreadsAlone(InFile):
    """Replaces the file whole, and nothing keeps another process from doing so."""

    clause = "DUR-2"

    def _alone(self):
        return contextlib.nullcontext()


class ReadsOnce(InFile):
    """Reads the file at its first call, and never again."""

    clause = "DUR-2"
    known = False

    def _load(self) -> None:
        if not self.known:
            super()._load()
        self.known = True


class KeepsSome(InFile):
    """Writes five records at most."""

    clause = "DUR-1"

    def _dump(self) -> bytes:
        return json.dumps({"records": self.records[:5], "issued": self.issued}).encode()

    def _load(self) -> None:
        if not self.records:
            super()._load()


class FindsItsOwn(InFile):
    """Finds by id what it saved itself, and nothing that was there before."""

    clause = "DUR-1"

    def __init__(self) -> None:
        super().__init__()
        self.mine = set()

    def save_token(self, token) -> None:
        super().save_token(token)
        self.mine.add(getattr(token, "get_id", str)())

    def find_token_by_id(self, id):
        return super().find_token_by_id(id) if id in self.mine else None


class Departs(InFile):
    """Can be built in the process that judges, and in no other."""

    clause = "DUR-1"

    def __init__(self) -> None:
        super().__init__()
        home = Path("home")
        if not home.exists():
            home.write_text(str(os.getpid()))
        elif home.read_text() != str(os.getpid()):
            os._exit(3)


class SwallowsErrors(InFile):
    """A save that failed returns."""

    clause = "ERR-1"

    def save_token(self, token) -> None:
        with contextlib.suppress(SDKException):
            super().save_token(token)


class AnswersNone(InFile):
    """A find that failed answers None."""

    clause = "ERR-1"

    def find_token(self, token):
        try:
            return super().find_token(token)
        except SDKException:
            return None


class RawErrors(InFile):
    """What the system raises reaches the program."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name: str):
        with Locked._turn(self, name), self._alone():
            self._load()
            yield
            if name in WRITES:
                self._store(self._dump())


class TellsNothing(InFile):
    """Every failure is the same empty exception."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name: str):
        failed = False
        try:
            with super()._turn(name):
                yield
        except SDKException:
            failed = True
        if failed:
            raise SDKException(None, None)


class StartsAnew(InFile):
    """What cannot be read is an empty store."""

    clause = "ERR-1"

    def _load(self) -> None:
        try:
            super()._load()
        except (OSError, ValueError):
            self.records, self.issued = [], 0


class QuotesWhatItCannotSave(InFile):
    """What says that a save failed has the refresh token in it."""

    clause = "SEC-1"

    def save_token(self, token) -> None:
        try:
            super().save_token(token)
        except SDKException as error:
            if error.cause is None:
                raise
            secret = token.get_refresh_token()
            raise SDKException("TOKEN_STORE", f"cannot save {secret}") from None


class GivesUp(InFile):
    """After a failure it never tries again."""

    clause = "ERR-2"
    failed = False

    def _load(self) -> None:
        if self.failed:
            raise OSError("gave up")
        try:
            super()._load()
        except Exception:
            self.failed = True
            raise


RIGHT = [Locked, InFile, ServesFromMemory]
LIARS = [each for each in list(globals().values()) if isinstance(each, type)]
LIARS = [each for each in LIARS if hasattr(each, "clause")]
