"""Opens bundled stores at a place that the user names: a file, or a database on a server.

If the place must exist, nothing is created there. Otherwise a store would create what it does not
find, and the user would believe that the kit had read an empty store.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from tokenstore_conformance.target.bundled.servers import DRIVERS

COLUMNS: Final = {"zohocrmsdk": 10}
"""How many columns the SDK's file has. FileStore rewrites a file with fewer when it opens it."""


class PlaceError(Exception):
    """No store can be opened at this place. The message says what to do."""


@dataclass(frozen=True)
class PlaceKind:
    """A kind of place: an example, and how a store is opened there."""

    example: str
    opening: Callable[[str, str, bool], Any]

    def open(self, where: str, generation: str, must_exist: bool) -> Any:
        """Return a store of this generation of the SDK. Raises `PlaceError`.

        ``env:NAME`` stands for the value of an environment variable: other users can read a
        password on a command line.
        """
        if where.startswith("env:"):
            name = where.removeprefix("env:")
            where = os.environ.get(name, "")
            if not where:
                raise PlaceError(f"the environment variable {name} is not set")
        if not where:
            raise PlaceError(f"say where it is, for example {self.example}")
        return self.opening(where, generation, must_exist)


def _sdk_file(where: str, generation: str, must_exist: bool) -> Any:
    path = _file(where, must_exist)
    if must_exist:
        with path.open(encoding="utf-8", errors="replace") as file:
            header = file.readline()
        if not header:
            raise PlaceError(f"the file {path} is empty")
        columns = header.count(",") + 1
        if columns < COLUMNS.get(generation, 0):
            raise PlaceError(
                f"an older line of the SDK wrote {path} ({columns} columns), and FileStore rewrites"
                " such a file when it opens it; copy the file, and name the copy to a function of "
                "yours that returns FileStore(copy)"
            )
    module = f"{generation}.src.com.zoho.api.authenticator.store.file_store"
    return import_module(module).FileStore(str(path))


def _sqlite(where: str, generation: str, must_exist: bool) -> Any:
    path = _file(where, must_exist)
    if must_exist:
        _refuse_without_table(path)
    return import_module(f"reference_stores.{generation}.sqlite_store").SQLiteStore(path)


def _sqlalchemy(where: str, generation: str, must_exist: bool) -> Any:
    scheme, mark, rest = where.partition("://")
    if not mark:
        raise PlaceError("write a URL, for example postgresql://user:password@host/database")
    if must_exist and scheme.startswith("sqlite") and rest.lstrip("/"):
        _refuse_without_table(_file(rest.removeprefix("/").partition("?")[0], must_exist))
    store = import_module(f"reference_stores.{generation}.sqlalchemy_store").SQLAlchemyStore
    return store(f"{DRIVERS.get(scheme, scheme)}://{rest}", create=not must_exist)


def _redis(where: str, generation: str, must_exist: bool) -> Any:
    _refuse_older(generation)
    url, _, query = where.partition("?")
    prefix = parse_qs(query).get("prefix", ["zohooauth"])[0]
    store = import_module("reference_stores.zohocrmsdk.redis_store").RedisStore
    return store(url, prefix=prefix)


def _dynamodb(where: str, generation: str, must_exist: bool) -> Any:
    _refuse_older(generation)
    return import_module("reference_stores.zohocrmsdk.dynamodb_store").DynamoDBStore(where)


def _secrets_manager(where: str, generation: str, must_exist: bool) -> Any:
    _refuse_older(generation)
    module = import_module("reference_stores.zohocrmsdk.secrets_manager_store")
    return module.SecretsManagerStore(where)


def _sdk_db(where: str, generation: str, must_exist: bool) -> Any:
    parts = urlsplit(where)
    database = parts.path.strip("/")
    if parts.scheme not in ("mysql", "mariadb") or not parts.hostname or not database:
        raise PlaceError("write a URL, for example mysql://user:password@host:3306/database")
    module = f"{generation}.src.com.zoho.api.authenticator.store.db_store"
    table = parse_qs(parts.query).get("table")
    return import_module(module).DBStore(
        host=parts.hostname,
        database_name=database,
        user_name=unquote(parts.username or "root"),
        password=unquote(parts.password or ""),
        port_number=str(parts.port or 3306),
        **({"table_name": table[0]} if table else {}),
    )


def _refuse_older(generation: str) -> None:
    if generation != "zohocrmsdk":
        raise PlaceError(f"this store is for zohocrmsdk, and not for {generation}")


def _file(where: str, must_exist: bool) -> Path:
    path = Path(where).expanduser()
    if must_exist and not path.is_file():
        raise PlaceError(f"there is no file {path}")
    if not path.parent.is_dir():
        raise PlaceError(f"there is no directory {path.parent}")
    return path


def _refuse_without_table(path: Path) -> None:
    """Refuse a file without the store's table: the store would create the table there."""
    try:
        with contextlib.closing(
            sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)
        ) as at:
            found = at.execute("SELECT 1 FROM sqlite_master WHERE name = 'oauthtoken'").fetchone()
    except sqlite3.Error as error:
        raise PlaceError(f"{path} is not a SQLite database: {error}") from error
    if not found:
        raise PlaceError(f"{path} has no table oauthtoken")


PLACES: Final = {
    "sdk-file": PlaceKind("zoho_tokens.txt", _sdk_file),
    "sqlite": PlaceKind("zohooauth.db", _sqlite),
    "sdk-db": PlaceKind("mysql://user:password@host:3306/database", _sdk_db),
    "sqlalchemy": PlaceKind("postgresql://user:password@host/database", _sqlalchemy),
    "redis": PlaceKind("redis://host:6379/0?prefix=zohooauth", _redis),
    "dynamodb": PlaceKind("zohooauth", _dynamodb),
    "secrets-manager": PlaceKind("zohooauth", _secrets_manager),
}
"""The bundled stores that can be opened at a place, by their short names."""
