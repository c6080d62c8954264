"""Right stores in threads and files: what differs is how the records are locked, written and read.

`liars/threads.py`, `liars/files.py` and `liars/outages.py` replace one step of them.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
import threading
import uuid
from pathlib import Path

from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.zcrmsdk.stores.honest import FIELDS, Honest

METHODS = (
    "save_token",
    "get_token",
    "get_token_by_id",
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

    has = ()
    """The capabilities of the store."""

    @contextlib.contextmanager
    def _turn(self, name: str):
        yield


for _name in METHODS:
    setattr(InTurn, _name, in_turn(_name))


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
            self.records = self._parse(Path(self.path).read_bytes())
        except FileNotFoundError:
            self.records = []

    def _dump(self) -> bytes:
        return json.dumps(self.records).encode()

    def _parse(self, text: bytes):
        return json.loads(text)

    def _store(self, text: bytes) -> None:
        new = f"{self.path}.{uuid.uuid4().hex}"
        with open(new, "wb") as file:
            file.write(text)
        os.replace(new, self.path)


class ServesFromMemory(InFile):
    """What cannot be read from the file is answered from what was read before."""

    def _load(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super()._load()


class InADatabase(Honest):
    """In SQLite: a connection, and a transaction, for each call."""

    has = ("threads", "durable", "processes", "crash-safe", "outage")
    marks = ", ".join("?" * len(FIELDS))

    def __init__(self) -> None:
        super().__init__()
        self.path = os.path.abspath("tokens.db")
        with self._connected() as database:
            database.execute(f"CREATE TABLE IF NOT EXISTS tokens ({', '.join(FIELDS)})")

    @contextlib.contextmanager
    def _connected(self):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # it need not survive the system's end
            yield database

    @contextlib.contextmanager
    def _turn(self, name: str):
        try:
            with self._connected() as database:
                database.execute("BEGIN IMMEDIATE" if name in WRITES else "BEGIN")
                call = _Call(database)
                yield call
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise SDKException("TOKEN_STORE", "cannot reach the database", None, error) from error


class _Call(Honest):
    """One call of a store, on the connection that it has."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def _rows(self):
        rows = self.database.execute(f"SELECT rowid, {', '.join(FIELDS)} FROM tokens ORDER BY 1")
        return [dict(zip(("rowid", *FIELDS), row, strict=True)) for row in rows.fetchall()]

    def _add(self, record) -> None:
        self.database.execute(
            f"INSERT INTO tokens VALUES ({InADatabase.marks})", [record[f] for f in FIELDS]
        )

    def _change(self, record, values) -> None:
        changes = ", ".join(f"{field} = ?" for field in FIELDS)
        self.database.execute(
            f"UPDATE tokens SET {changes} WHERE rowid = ?",
            [*(values[field] for field in FIELDS), record["rowid"]],
        )

    def _remove(self, record) -> None:
        self.database.execute("DELETE FROM tokens WHERE rowid = ?", [record["rowid"]])

    def _clear(self) -> None:
        self.database.execute("DELETE FROM tokens")


def in_a_transaction(name: str):
    """A method of the honest store, on a connection of its own."""

    def method(self, *arguments):
        with self._turn(name) as call:
            return getattr(call, name)(*arguments)

    return method


for _name in METHODS:
    setattr(InADatabase, _name, in_a_transaction(_name))


CAPABLE: list[type] = [Locked, InFile, ServesFromMemory, InADatabase]
"""Correct stores that more than one thread may use."""
