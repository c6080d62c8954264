"""The stores on servers, each next to the bare client of its server, and how they are filled.

In a call, a floor runs a SELECT by the user, or an UPDATE, and an INSERT if that changed nothing.
On Redis, it runs one command for each of these. It builds no token.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from zohocrmsdk.src.com.zoho.api.authenticator.store.db_store import DBStore

from reference_stores.zohocrmsdk.redis_store import RedisStore
from reference_stores.zohocrmsdk.sqlalchemy_store import TOKENS, SQLAlchemyStore
from tests.benchmarks.calls import FIND_BY_USER, SAVE_KNOWN, SAVE_NEW
from tests.benchmarks.contenders import Contender, Place
from tests.benchmarks.rows import FIELDS, USER, Row
from tests.servers import free_name, url_of
from tokenstore_conformance.target.bundled import on_django
from tokenstore_conformance.target.bundled.servers import server_at
from tokenstore_conformance.target.bundled.zohocrmsdk import SDKDatabase

T = TypeVar("T")

CALLS: Final = (FIND_BY_USER, SAVE_NEW, SAVE_KNOWN)

WORDS: Final = {"postgres": "PostgreSQL", "mariadb": "MariaDB", "redis": "Redis"}

JUDGED: Final = (
    ("redis", "redis"),
    *itertools.product(("sqlalchemy", "django"), ("postgres", "mariadb")),
)
"""The stores that whole runs are measured on, each with its server."""

MOST: Final = 100_000
"""More records take minutes to fill in."""

NAMES: Final = tuple({"expiry_time": "expires_in"}.get(name, name) for name in FIELDS)
"""The names of the fields in the stores for Redis and Django."""


def _place_on(server: str, place: Place) -> str:
    """Return the URL of a new empty place on a server. It is removed when ``place`` is closed."""
    at, name = server_at(url_of(server)), free_name()
    at.create(name)
    place.closing.callback(at.drop, name)
    return at.url(name)


def _in_batches(put: Callable[[Sequence[T]], object], values: Sequence[T]) -> None:
    for start in range(0, len(values), 5_000):
        put(values[start : start + 5_000])


# Floors -------------------------------------------------------------------------------------------


class Statements:
    """One open connection to a database, and a table that it searches by user."""

    def __init__(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        values: Callable[[Row], Sequence[Any]],
        user: int,
    ) -> None:
        """``values`` returns the columns' values for a row. ``user`` is the index of the user's."""
        self._cursor, self._values, self._user = cursor, values, user
        key, listed = columns[user], ", ".join(columns)
        marks = ", ".join("%s" for _ in columns)
        self._find = f"SELECT {listed} FROM {table} WHERE {key} = %s"
        changed = ", ".join(f"{column} = %s" for column in columns[1:])
        self._all = f"SELECT {listed} FROM {table}"
        self._update = f"UPDATE {table} SET {changed} WHERE {key} = %s"
        self._insert = f"INSERT INTO {table} ({listed}) VALUES ({marks})"
        self._delete = f"DELETE FROM {table} WHERE {columns[0]} = %s"

    def find(self, field: str, value: str) -> object:
        row = ("", value, *[""] * (len(FIELDS) - 2))
        self._cursor.execute(self._find, (self._values(row)[self._user],))
        return self._cursor.fetchone()

    def save(self, row: Row) -> None:
        values = self._values(row)
        self._cursor.execute(self._update, (*values[1:], values[self._user]))
        if not self._cursor.rowcount:
            self._cursor.execute(self._insert, values)

    def delete(self, id: str) -> None:
        self._cursor.execute(self._delete, (self._values((id, *[""] * (len(FIELDS) - 1)))[0],))

    def rows(self) -> object:
        self._cursor.execute(self._all)
        return self._cursor.fetchall()


class Commands:
    """One open connection to Redis, which has the records by user."""

    def __init__(self, client: Any, key: str) -> None:
        self._client, self._key = client, key

    def find(self, field: str, value: str) -> object:
        return self._client.hget(self._key, value)

    def save(self, row: Row) -> None:
        self._client.hset(self._key, row[USER], json.dumps(row))

    def delete(self, id: str) -> None:
        """Do nothing: the records are kept by user, not by id."""

    def rows(self) -> object:
        return self._client.hvals(self._key)


# SQL ----------------------------------------------------------------------------------------------


def _sqlalchemy(server: str) -> Callable[[Place], SQLAlchemyStore]:
    def filled(place: Place) -> SQLAlchemyStore:
        store = SQLAlchemyStore(_place_on(server, place))
        place.closing.callback(store.close)
        with store._engine.begin() as at:
            records = [dict(zip(FIELDS, row, strict=True)) for row in place.rows]
            _in_batches(lambda batch: at.execute(sa.insert(TOKENS), batch), records)
        return store

    return filled


def _driver(server: str) -> Callable[[Place], Statements]:
    def filled(place: Place) -> Statements:
        store = _sqlalchemy(server)(place)
        options = {"isolation_level": "AUTOCOMMIT"}
        connection = place.closing.enter_context(
            store._engine.connect().execution_options(**options)
        )
        return Statements(connection.connection.cursor(), "oauthtoken", FIELDS, tuple, USER)

    return filled


def _sdk_db(place: Place) -> DBStore:
    harness = SDKDatabase(place.directory, free_name())
    harness.set_up()
    place.closing.callback(harness.tear_down)
    marks = ", ".join(["%s"] * len(FIELDS))
    engine = sa.create_engine(url_of("mariadb").replace("mysql:", "mysql+pymysql:"))
    place.closing.callback(engine.dispose)
    with engine.begin() as at:
        cursor = at.connection.cursor()
        insert = f"INSERT INTO {harness.namespace}.oauthtoken VALUES ({marks})"
        _in_batches(lambda batch: cursor.executemany(insert, batch), place.rows)
    return harness.open()


# Redis --------------------------------------------------------------------------------------------


def _redis(place: Place) -> RedisStore:
    url = _place_on("redis", place)
    store = RedisStore(url, prefix=url.partition("://")[2].partition(":")[0])
    tokens, *indexes = store._keys
    records = [dict(zip(NAMES, row, strict=True)) for row in place.rows]

    def put(batch: Sequence[dict[str, str]]) -> None:
        store._client.hset(tokens, mapping={each["id"]: json.dumps(each) for each in batch})
        for key in indexes:
            name = key.rpartition(":")[2]
            ids = {each[name]: json.dumps([each["id"]]) for each in batch}
            store._client.hset(key, mapping=ids)

    _in_batches(put, records)
    return store


def _redis_client(place: Place) -> Commands:
    client = _redis(place)._client
    key = f"{{{client.connection_pool.connection_kwargs['username']}}}:floor"
    _in_batches(
        lambda rows: client.hset(key, mapping={row[USER]: json.dumps(row) for row in rows}),
        place.rows,
    )
    return Commands(client, key)


# Django -------------------------------------------------------------------------------------------


def _django_row(row: Row) -> tuple[str, ...]:
    """Return the values of the model's columns, in its order, from the fields of a row."""
    record = dict(zip(NAMES, row, strict=True))
    keys = ("id", "user_name", "access_token", "grant_token", "refresh_token")
    digests = (hashlib.sha256(record[key].encode()).hexdigest() for key in keys)
    return (*digests, json.dumps(record))


def _django(server: str) -> Callable[[Place], Any]:
    def filled(place: Place) -> Any:
        alias = f"{server}_{free_name()}"
        on_django.add_database(alias, on_django.at_url(_place_on(server, place)))
        place.closing.callback(on_django.remove_database, alias)
        on_django.create_tables(alias)
        from reference_stores.zohocrmsdk.django_store import DjangoStore, ZohoToken

        models = [ZohoToken(*_django_row(row)) for row in place.rows]
        _in_batches(ZohoToken.objects.using(alias).bulk_create, models)
        on_django.connect(alias)  # which stays open, as in a request
        return DjangoStore(alias)

    return filled


def _django_cursor(server: str) -> Callable[[Place], Statements]:
    def filled(place: Place) -> Statements:
        store = _django(server)(place)
        from django.db import connections

        from reference_stores.zohocrmsdk.django_store import ZohoToken

        cursor = connections[store._using].cursor()
        columns = [field.column for field in ZohoToken._meta.fields]
        return Statements(cursor, ZohoToken._meta.db_table, columns, _django_row, USER)

    return filled


def _contenders() -> list[Contender]:
    found = []
    for server, driver in (("postgres", "psycopg"), ("mariadb", "PyMySQL")):
        words = WORDS[server]
        floors = (driver, "Django's cursor")
        stores = (("SQLAlchemyStore", _sqlalchemy), ("DjangoStore", _django))
        for floor, fill, (store, fill_store) in zip(
            floors, (_driver, _django_cursor), stores, strict=True
        ):
            name = f"{floor}, {words}"
            found.append(Contender(name, "one statement", fill(server), most=MOST))
            found.append(Contender(f"{store}, {words}", "", fill_store(server), name, MOST))
    found += [
        Contender("redis-py, Redis", "one command", _redis_client, most=MOST),
        Contender("RedisStore, Redis", "", _redis, "redis-py, Redis", MOST),
        Contender("SDK's DBStore, MariaDB", "", _sdk_db, "PyMySQL, MariaDB", MOST),
    ]
    return found


CONTENDERS: Final = {each.name: each for each in _contenders()}

FAILS: Final = {("SDK's DBStore, MariaDB", SAVE_NEW): "fails from the 11th token on"}
"""The calls that cannot be measured, and why."""
