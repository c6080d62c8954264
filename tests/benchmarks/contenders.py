"""The stores that are measured and the floors of their media, and how each is filled.

A store is filled in bulk, in its own form: a million calls of `save_token` would take minutes.
tests/test_benchmarks.py checks that a store filled in this way lists and finds every row.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores.zohocrmsdk import encrypted_store, sqlite_store
from reference_stores.zohocrmsdk.encrypted_store import EncryptedStore
from reference_stores.zohocrmsdk.list_store import ListStore
from reference_stores.zohocrmsdk.memory_store import InMemoryStore
from reference_stores.zohocrmsdk.sqlalchemy_store import SQLAlchemyStore
from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tests.benchmarks.floors import Database, Dictionaries, Floor, Rows, SDKToken
from tests.benchmarks.rows import FIELDS, Row, rows, token
from tests.stores.article_sample import TABLE, ArticleSample

MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Place:
    """Where a store is filled: the number of rows, and its own directory to work in."""

    records: int
    directory: Path
    templates: Path
    """Contains databases that were filled before, to copy."""
    closing: ExitStack = field(default_factory=ExitStack)
    """Removes what is outside the directory."""

    @property
    def rows(self) -> list[Row]:
        return rows(self.records)

    def database(self) -> Path:
        """Return a file of the SQLite store with the rows in it."""
        return Path(shutil.copyfile(self.template(), self.directory / "tokens.db"))

    def template(self) -> Path:
        """Return such a file that must only be read."""
        template = self.templates / f"{self.records}.db"
        if not template.is_file():
            with closing(sqlite3.connect(template)) as connection:
                connection.execute("PRAGMA synchronous = OFF")
                table, *indexes = sqlite_store._SCHEMA
                connection.execute(table)
                marks = ", ".join("?" * len(FIELDS))
                connection.executemany(f"INSERT INTO oauthtoken VALUES ({marks})", self.rows)
                for index in indexes:
                    connection.execute(index)
                connection.commit()
        return template


def _memory(place: Place) -> InMemoryStore:
    return _filled(InMemoryStore(), place.rows)


def _filled(store: InMemoryStore, rows: list[Row]) -> InMemoryStore:
    names = [name if name != "expiry_time" else "expires_in" for name in FIELDS]
    for row in rows:
        record: dict[str, str | None] = dict(zip(names, row, strict=True))
        store._records[row[0]] = record
        for key, ids in store._ids.items():
            ids[str(record[key])] = {row[0]: None}
    return store


def _list(place: Place) -> ListStore:
    store = ListStore()
    store._rows = [list(row) for row in place.rows]
    return store


def _sqlite(place: Place) -> SQLiteStore:
    return SQLiteStore(place.database())


def _sqlite_memory(place: Place) -> SQLiteStore:
    store = SQLiteStore(":memory:")
    assert store._connection is not None
    _load(place, store._connection)
    return store


def _load(place: Place, into: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(place.template())) as connection:
        connection.backup(into)


def _sqlalchemy(place: Place) -> SQLAlchemyStore:
    place.database()
    return SQLAlchemyStore("sqlite:///tokens.db")


def _encrypted(place: Place) -> EncryptedStore:
    below = InMemoryStore()
    store = EncryptedStore(below, [bytes(range(64))])
    (cipher,) = store._ciphers
    names = [{"user_name": "", "expiry_time": "expires_in"}.get(name, name) for name in FIELDS]
    encrypted = []
    for row in place.rows:
        values = encrypted_store._encrypted(token(row), cipher)
        encrypted.append((row[0], row[1], *(values[name] for name in names[2:])))
    _filled(below, encrypted)
    return store


def _sdk_file(place: Place) -> FileStore:
    file = place.directory / "tokens.txt"
    store = FileStore(str(file))
    with file.open("a", newline="") as opened:
        opened.writelines(",".join(row) + "\r\n" for row in place.rows)
    return store


def _sample(place: Place) -> ArticleSample:
    with closing(sqlite3.connect("zohooauth.db")) as connection:
        connection.execute(TABLE)
        marks = ", ".join("?" * len(FIELDS))
        connection.executemany(f"INSERT INTO oauthtoken VALUES ({marks})", place.rows)
        connection.commit()
    return ArticleSample()


def _file_floor(place: Place) -> Floor:
    return Database(sqlite3.connect(place.database(), isolation_level=None))


def _memory_floor(place: Place) -> Floor:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _load(place, connection)
    return Database(connection)


@dataclass(frozen=True)
class Contender:
    """A store or a floor, and the most records that it is measured with."""

    name: str
    words: str
    filled: Callable[[Place], Any]
    medium: str | None = None
    """The name of the floor that it is compared to."""
    most: int = MILLION
    why: str = ""
    """Why it is not measured with more records."""


FLOORS: Final = (
    Contender("dict", "Python dictionaries", lambda place: Dictionaries(place.rows)),
    Contender("list", "a Python list", lambda place: Rows(place.rows)),
    Contender("sqlite3, memory", "sqlite3, in memory", _memory_floor),
    Contender("sqlite3, file", "sqlite3, in a file", _file_floor),
    Contender("token", "no medium", lambda place: SDKToken(place.rows[0]), most=1),
)

_SLOW = "each save rewrites the whole file, which takes seconds"
_SCAN = "without an index each call reads the whole table"
_CIPHER = "to fill it, each secret is encrypted, which takes a minute for a million"

STORES: Final = (
    Contender("InMemoryStore", "", _memory, "dict"),
    Contender("ListStore", "", _list, "list"),
    Contender("SQLiteStore, memory", "", _sqlite_memory, "sqlite3, memory"),
    Contender("SQLiteStore, file", "", _sqlite, "sqlite3, file"),
    Contender("SQLAlchemyStore", "over a file of SQLite", _sqlalchemy, "sqlite3, file"),
    Contender("EncryptedStore", "over InMemoryStore", _encrypted, "dict", 100_000, _CIPHER),
    Contender("SDK's FileStore", "", _sdk_file, None, 100_000, _SLOW),
    Contender("Article's sample", "", _sample, "sqlite3, file", 100_000, _SCAN),
)

CONTENDERS: Final = {each.name: each for each in (*FLOORS, *STORES)}
