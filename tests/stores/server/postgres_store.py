"""Tokens in a table of PostgreSQL. Needs psycopg 3: pip install 'psycopg[binary]'."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
from psycopg.rows import DictRow, dict_row
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

SECRETS = ("grant_token", "refresh_token", "access_token")
OTHERS = ("client_id", "client_secret", "expires_in", "redirect_url", "api_domain")
COLUMNS = ("id", "user_name", *SECRETS, *OTHERS)

# COLLATE "C" compares exactly, and UNIQUE makes a user's second record impossible.
TABLE = f"""
    CREATE TABLE oauthtoken ({", ".join(f'{each} text COLLATE "C"' for each in COLUMNS)},
                             PRIMARY KEY (id), UNIQUE (user_name));
    {"".join(f"CREATE INDEX ON oauthtoken USING hash ({each});" for each in SECRETS)}"""
# Saves wait for one another and for deletions; look-ups never wait.
LOCK = "SET LOCAL lock_timeout = '5s'; LOCK TABLE oauthtoken IN SHARE ROW EXCLUSIVE MODE"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM oauthtoken"
UPSERT = f"""
    INSERT INTO oauthtoken ({", ".join(COLUMNS)})
    VALUES ({", ".join(f"%({each})s" for each in COLUMNS)}) ON CONFLICT (id) DO UPDATE
    SET {", ".join(f"{each} = coalesce(excluded.{each}, oauthtoken.{each})" for each in COLUMNS)}"""

Record = dict[str, "str | None"]
Cursor = psycopg.Cursor[DictRow]


class PostgresStore(TokenStore):
    """For threads, processes and hosts, as many as there are.

    ``connect`` gives each call a connection of its own, which commits as it is given back:
    ``lambda: psycopg.connect("dbname=shop")`` opens one each time, and the method ``connection`` of
    a ``psycopg_pool.ConnectionPool`` lends one that is open already.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[psycopg.Connection]]) -> None:
        self._connect = connect

    def create_table(self) -> None:
        """Once for each database, as a migration."""
        with self._transaction() as cursor:
            cursor.execute(TABLE)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        if not isinstance(token, OAuthToken):
            return None
        query = _values(token)
        with self._transaction() as cursor:
            record = _record(cursor, _key(query), query)
        return None if record is None else _filled(token, record)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        with self._transaction() as cursor:
            record = _record(cursor, "id", {"id": _kept(id)})
        return None if record is None else _new_token(record)

    def save_token(self, token: OAuthToken) -> None:
        if not isinstance(token, OAuthToken):
            return
        given = _values(token)
        with self._transaction() as cursor:
            cursor.execute(LOCK)
            same_id = _record(cursor, "id", given)
            record = _record(cursor, _key(given), given)
            if record is None and same_id and not (same_id["user_name"] and given["user_name"]):
                record = same_id  # the SDK looks up the name of a user whom it found without
            if record:
                given["id"] = record["id"]
            elif not any(given[each] for each in SECRETS):
                raise SDKException("TOKEN_STORE", "no grant, refresh or access token to save")
            elif same_id or given["id"] is None:
                given["id"] = uuid.uuid4().hex  # random: never given out again
            cursor.execute(UPSERT, given)
        token.set_id(_read(given["id"]))

    def delete_token(self, id: str | None) -> None:
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM oauthtoken WHERE id = %s", [_kept(id)])

    def get_tokens(self) -> list[OAuthToken]:
        with self._transaction() as cursor:
            records = cursor.execute(f"{SELECT} ORDER BY id").fetchall()
        return [_new_token(record) for record in records]

    def delete_tokens(self) -> None:
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM oauthtoken")

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        """All or nothing; what goes wrong in the database becomes SDKException."""
        try:
            with self._connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
                yield cursor
        except psycopg.Error as error:
            raise SDKException("TOKEN_STORE", "PostgreSQL: ", cause=error) from error


def _key(given: Record) -> str:
    """The column that tells which record a token means: the first that applies, and no other."""
    client = given["client_id"], given["client_secret"]
    if given["user_name"]:
        return "user_name"
    if given["access_token"] and not any(client):
        return "access_token"
    if given["grant_token"] and all(client):
        return "grant_token"
    return "refresh_token" if given["refresh_token"] and all(client) else "id"


def _record(cursor: Cursor, key: str, given: Record) -> Record | None:
    """The record with this key: of several the one with the same id, then one with a user."""
    order = "ORDER BY id IS DISTINCT FROM %(id)s, user_name IS NULL, id LIMIT 1"
    return cursor.execute(f"{SELECT} WHERE {key} = %({key})s {order}", given).fetchone()


def _values(token: OAuthToken) -> Record:
    user = token.get_user_signature()
    values = {each: getattr(token, f"get_{each}")() for each in ("id", *SECRETS, *OTHERS)}
    values["user_name"] = user and user.get_name()
    return {name: _kept(value) for name, value in values.items()}


def _filled(token: OAuthToken, record: Record) -> OAuthToken:
    """The token, with what it lacks of the record."""
    for name, carried in _values(token).items():
        value = _read(record[name])
        if carried is None and value is not None and name == "user_name":
            token.set_user_signature(UserSignature(value))
        elif carried is None and value is not None:
            getattr(token, f"set_{name}")(value)
    return token


def _new_token(record: Record) -> OAuthToken:
    return _filled(OAuthToken(id=_read(record["id"])), record)


# A text of PostgreSQL cannot hold the character NUL: it is kept as \0, and a backslash as \\.


def _kept(value: object) -> str | None:
    blank = value is None or value == ""
    return None if blank else str(value).replace("\\", r"\\").replace("\0", r"\0")


def _read(text: str | None) -> str | None:
    return text and re.sub(r"\\(.)", lambda found: found[1].replace("0", "\0"), text)
