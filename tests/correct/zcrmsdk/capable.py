"""Correct stores in threads and files: what differs is how records are locked, written and read.

`threads.py`, `files.py` and `outages.py` of the mutants replace one step of them.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct import capable
from tests.correct.capable import WRITES
from tests.correct.zcrmsdk.honest import FIELDS, Honest

METHODS = (*WRITES, "get_token", "get_token_by_id", "get_tokens")


class InTurn(capable.InTurn, Honest):
    """Every call within a `_turn`, which does nothing here."""


for _name in METHODS:
    setattr(InTurn, _name, capable.in_turn(Honest, _name))


class Locked(capable.Locked, InTurn):
    """One lock around every call."""


class InFile(capable.InFile, Locked):
    """A file that is replaced whole, under a lock of the system."""

    refused = SDKException

    def _forget(self):
        self.records = []


class ChecksEachWrite(capable.ChecksEachWrite, InFile):
    """Refuses what the system did not write in whole."""


class RefusesWhenBusy(capable.RefusesWhenBusy, InFile):
    """Refuses a call that does not get the lock in time."""


class OneProcess(capable.OneProcess, InFile):
    """One process at a time has the file open."""


class ServesFromMemory(capable.ServesFromMemory, InFile):
    """What cannot be read from the file is answered from what was read before."""


class InADatabase(Honest):
    """In SQLite: a connection, and a transaction, for each call."""

    breaks_should = ("SEC-1",)

    has = ("threads", "durable", "processes", "crash-safe", "outage")
    marks = ", ".join("?" * len(FIELDS))

    def __init__(self) -> None:
        super().__init__()
        self.path = os.path.abspath("tokens.db")
        try:
            Path(self.path).touch(mode=0o600)
            with self._connected() as database:
                database.execute(f"CREATE TABLE IF NOT EXISTS tokens ({', '.join(FIELDS)})")
        except (OSError, sqlite3.Error) as error:
            raise SDKException("TOKEN_STORE", "cannot make the table", None, error) from error

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
