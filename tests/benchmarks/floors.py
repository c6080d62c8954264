"""The floors: the least that a store on a medium has to do for a call.

Each makes the same look-ups, or runs the same SQL statements, as the reference store on its medium,
but uses no token of the SDK. `SDKToken` is the floor for what such a token costs alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Protocol

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from reference_stores.zohocrmsdk import sqlite_store
from tests.benchmarks.rows import FIELDS, ID, USER, Row

KEYS = ("user_name", "access_token", "grant_token", "refresh_token")


class Floor(Protocol):
    """A medium with rows in it."""

    def find(self, field: str, value: str) -> object:
        """Look up a row."""

    def save(self, row: Row) -> None:
        """Replace the row of the same user, or add this one."""

    def delete(self, id: str) -> None:
        """Remove a row."""

    def rows(self) -> object:
        """Return all rows."""


class Dictionaries:
    """Dictionaries: the records by id, and the id by each key."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._records = {row[ID]: dict(zip(FIELDS, row, strict=True)) for row in rows}
        self._ids = {key: {record[key]: id for id, record in self._records.items()} for key in KEYS}

    def find(self, field: str, value: str) -> object:
        id = value if field == "id" else self._ids[field].get(value)
        return self._records.get(id or "")

    def save(self, row: Row) -> None:
        id = self._ids["user_name"].get(row[USER], row[ID])
        old = self._records.get(id, {})
        new = {**old, **dict(zip(FIELDS, row, strict=True)), "id": id}
        for key, ids in self._ids.items():
            if old.get(key) != new[key]:
                ids.pop(old.get(key, ""), None)
                ids[new[key]] = id
        self._records[id] = new

    def delete(self, id: str) -> None:
        record = self._records.pop(id)
        for key, ids in self._ids.items():
            del ids[record[key]]

    def rows(self) -> object:
        return list(self._records.values())


class Rows:
    """A list that is searched row by row."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)

    def find(self, field: str, value: str) -> Row | None:
        place = FIELDS.index(field)
        return next((row for row in self._rows if row[place] == value), None)

    def save(self, row: Row) -> None:
        old = self.find("user_name", row[USER])
        if old is None:
            self._rows.append(row)
        else:
            self._rows[self._rows.index(old)] = row

    def delete(self, id: str) -> None:
        self._rows = [row for row in self._rows if row[ID] != id]

    def rows(self) -> object:
        return list(self._rows)


class Database:
    """One open connection of sqlite3, with the statements of the reference store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def find(self, field: str, value: str | None) -> Any:
        query = f"{sqlite_store._SELECT} WHERE {field} = :{field} ORDER BY rowid"
        return self.connection.execute(query, {field: value}).fetchone()

    def save(self, row: Row) -> None:
        given = dict(zip(FIELDS, row, strict=True))
        with self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            if old := self.find("user_name", given["user_name"]):
                given["id"] = old[ID]
                self.connection.execute(f"{sqlite_store._UPDATE} WHERE id = :id", given)
            else:
                self.find("id", None)  # as the store does, because a new token has no id
                self.connection.execute(sqlite_store._INSERT, given)

    def delete(self, id: str) -> None:
        self.connection.execute("DELETE FROM oauthtoken WHERE id = ?", (id,))

    def rows(self) -> object:
        return self.connection.execute(f"{sqlite_store._SELECT} ORDER BY rowid").fetchall()


class SDKToken:
    """No medium: it only reads and fills a token of the SDK, as every store has to."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def find_token(self, token: OAuthToken) -> OAuthToken:
        _read(token)
        return _filled(token, self._row)

    def find_token_by_id(self, id: str) -> OAuthToken:
        return _filled(OAuthToken(id=id), self._row)

    def save_token(self, token: OAuthToken) -> None:
        _read(token)
        token.set_id(self._row[ID])

    def delete_token(self, id: str) -> None:
        pass

    def get_tokens(self) -> list[OAuthToken]:
        return [_filled(OAuthToken(id=self._row[ID]), self._row)]


def _read(token: OAuthToken) -> tuple[object, ...]:
    user = token.get_user_signature()
    return (
        token.get_id(),
        None if user is None else user.get_name(),
        token.get_client_id(),
        token.get_client_secret(),
        token.get_refresh_token(),
        token.get_access_token(),
        token.get_grant_token(),
        token.get_expires_in(),
        token.get_redirect_url(),
        token.get_api_domain(),
    )


def _filled(token: OAuthToken, row: Row) -> OAuthToken:
    token.set_id(row[0])
    token.set_user_signature(UserSignature(row[1]))
    token.set_client_id(row[2])
    token.set_client_secret(row[3])
    token.set_refresh_token(row[4])
    token.set_access_token(row[5])
    token.set_grant_token(row[6])
    token.set_expires_in(row[7])
    token.set_redirect_url(row[8])
    token.set_api_domain(row[9])
    return token
