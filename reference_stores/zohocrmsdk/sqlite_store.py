"""Tokens in a SQLite file, or in a SQLite database in memory.

    from sqlite_store import SQLiteStore

    Initializer.initialize(environment=environment, token=token, store=SQLiteStore("zohooauth.db"))

Copy this file into your project: it needs the standard library and the SDK, lines 5 to 8, only.

What it promises, beyond the six methods:

- One store serves all threads of a program, and one file serves many processes, forked ones too.
- A save that returned survives the death of its process. A power failure leaves the file sound,
  but may take the last save with it.
- While the file is missing, replaced, damaged or locked, every method answers truly or raises
  `SDKException`. When the file is back, so are the tokens.
- Only its owner can read a file that this store creates. The tokens in it are not encrypted.

What it leaves out, to stay short:

- Fast saves. Each waits for the disk, often for milliseconds, and other processes wait meanwhile.
  If one saves without a pause, others may wait for longer than `busy_timeout`, and raise. SQLite's
  write-ahead log is faster, but forks, copies and damaged files then need more code.
- A guard against a lost file. A store that starts while its file is missing or empty starts empty,
  since a first start looks the same.
- Damage that SQLite does not notice: a changed byte inside a token, or another database that is
  copied over the file while a program uses it.
- Network shares, where SQLite's locks do not work. Keep the file on a local disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str | None]  # what a token carries, by column


def _user_name(token: OAuthToken) -> str | None:
    user = token.get_user_signature()
    return None if user is None else user.get_name()


def _set_user_name(token: OAuthToken, name: str) -> None:
    token.set_user_signature(UserSignature(name))


# For each column of the table, in its order: how to read it from a token, and how to set it.
_FIELDS = {
    "id": (OAuthToken.get_id, OAuthToken.set_id),
    "user_name": (_user_name, _set_user_name),
    "client_id": (OAuthToken.get_client_id, OAuthToken.set_client_id),
    "client_secret": (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    "refresh_token": (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    "access_token": (OAuthToken.get_access_token, OAuthToken.set_access_token),
    "grant_token": (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    "expiry_time": (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    "redirect_url": (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    "api_domain": (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
}
_KEYS = ("user_name", "access_token", "grant_token", "refresh_token")

# The columns are those of the published sample, so that either can read the other's file. SQLite
# compares text exactly. The indexes are not unique, since users may share a token.
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS oauthtoken ({' TEXT, '.join(_FIELDS)} TEXT, PRIMARY KEY (id))",
    *(f"CREATE INDEX IF NOT EXISTS oauthtoken_{key} ON oauthtoken ({key})" for key in _KEYS),
)
_COLUMNS = ", ".join(_FIELDS)
_SELECT = f"SELECT {_COLUMNS} FROM oauthtoken"
_INSERT = f"INSERT INTO oauthtoken ({_COLUMNS}) VALUES ({', '.join(f':{c}' for c in _FIELDS)})"
_UPDATE = f"UPDATE oauthtoken SET {', '.join(f'{c} = COALESCE(:{c}, {c})' for c in _FIELDS)}"

# Held during each call and each fork, so that a forked child never inherits half a call.
_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )
_inherited: list[sqlite3.Connection] = []


class SQLiteStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in SQLite.

    Args:
        path: the database file, made absolute now, so that a later `chdir` does not move it;
            or ":memory:" for a database that lives and dies with this object.
        busy_timeout: how long, in seconds, a call waits for another process that holds the file.

    Every method may be called from any thread, and raises SDKException, with the reason as its
    `cause`, when the database cannot answer.
    """

    def __init__(
        self, path: str | os.PathLike[str] = "zohooauth.db", *, busy_timeout: float = 5.0
    ) -> None:
        name = os.fspath(path)
        self._file = None if name == ":memory:" else os.path.abspath(name)
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, ...] = ()  # the process and the file of the connection
        with self._session("The database cannot be opened") as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # not the write-ahead log, see above
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the row that it identifies, and return it; or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        with self._session("The token cannot be looked up") as connection:
            row = _look_up(connection, _key(query) or "id", query)
        return None if row is None else _filled(token, row)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        with self._session("The token cannot be looked up") as connection:
            row = _look_up(connection, "id", {"id": id})
        return None if row is None else _filled(OAuthToken(id=row["id"]), row)

    def save_token(self, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or insert a new one.

        An update keeps the row's id, and whatever `token` leaves blank. The id of the row is set
        on `token`. A new token that could never be used is refused (`_check_storable`).
        """
        given = _values(token)
        with self._session("The token cannot be saved") as connection:
            # IMMEDIATE: no other process writes between our look-up and our write.
            connection.execute("BEGIN IMMEDIATE")
            row = _row_to_update(connection, given)
            if row is None:
                _check_storable(given)
                if given["id"] is None or _look_up(connection, "id", given):
                    given["id"] = uuid.uuid4().hex  # random: never given out again
                connection.execute(_INSERT, given)
            else:
                given["id"] = row["id"]
                connection.execute(f"{_UPDATE} WHERE id = :id", given)
        token.set_id(given["id"])

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        with self._session("The token cannot be deleted") as connection:
            connection.execute("DELETE FROM oauthtoken WHERE id = ?", (id,))

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._session("The tokens cannot be listed") as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY rowid").fetchall()
        return [_filled(OAuthToken(id=row["id"]), row) for row in rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._session("The tokens cannot be deleted") as connection:
            connection.execute("DELETE FROM oauthtoken")

    def close(self) -> None:
        """Close the file until the next call. A store that is dropped does that by itself."""
        with _lock:
            self._disconnect()

    @contextmanager
    def _session(self, failure: str) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; errors become SDKException(failure)."""
        with _lock:
            try:
                with self._connect() as connection:  # commits or rolls back what was begun
                    yield connection
            except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
                if self._file is not None:
                    self._disconnect()  # it may remember the damaged file when the file is back
                # An error about text quotes the text, which may be a secret.
                quotes = isinstance(error, UnicodeError) or "decode" in str(error)
                cause = ValueError("a value is not valid Unicode text") if quotes else error
                raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _connect(self) -> sqlite3.Connection:
        """The connection; another one after a fork, or when the path leads to another file.

        A connection to a file that was moved or deleted goes on working, and what it saves is lost.
        """
        seen: tuple[int, ...] = ()
        if self._file is not None:
            if not self._seen:
                with suppress(FileExistsError):  # SQLite would create it for everybody to read
                    os.close(os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            status = os.stat(self._file)
            seen = os.getpid(), status.st_dev, status.st_ino
        if self._connection is None or seen != self._seen:
            self._disconnect()
            self._connection = sqlite3.connect(
                # mode=rw: SQLite must not put an empty database in the place of a missing one.
                ":memory:" if self._file is None else f"{Path(self._file).as_uri()}?mode=rw",
                uri=True,
                timeout=self._busy_timeout,
                isolation_level=None,  # a transaction begins where this file says BEGIN
                check_same_thread=False,  # the lock makes threads take turns
            )
            self._connection.row_factory = sqlite3.Row
            self._close = weakref.finalize(self, _close, self._connection, os.getpid())
            self._seen = seen
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._close()
            self._connection = None


def _close(connection: sqlite3.Connection, process: int) -> None:
    """Close a connection in the process that opened it: SQLite forbids that after a fork."""
    if process == os.getpid():
        connection.close()
    else:
        _inherited.append(connection)


# What a token says, and which row it means ---------------------------------------------------


def _values(token: OAuthToken) -> Values:
    """The values of a token by column, as text (the SDK wants its expiry as a `str`), or None."""
    return {
        column: None if (value := get(token)) is None or value == "" else str(value)
        for column, (get, _) in _FIELDS.items()
    }


def _key(given: Values) -> str | None:
    """The match rule: the column that identifies a row, or None.

    The first rule that applies decides alone. If a token that names an unknown user were looked
    up by its refresh token next, it would get another user's row.
    """
    client = given["client_id"], given["client_secret"]
    if given["user_name"]:
        return "user_name"
    if given["access_token"] and not any(client):
        return "access_token"
    if given["grant_token"] and all(client):
        return "grant_token"
    if given["refresh_token"] and all(client):
        return "refresh_token"
    return None


def _look_up(connection: sqlite3.Connection, column: str, given: Values) -> sqlite3.Row | None:
    """The row with the given value in this column. Several can come to share a token.

    Of these: the one with the given id, then one that names a user (the SDK keeps that one
    fresh), then the oldest. A token that was found so is saved to the same row.
    """
    query = f"{_SELECT} WHERE {column} = :{column} ORDER BY rowid"
    rows: list[sqlite3.Row] = connection.execute(query, given).fetchall()
    return min(rows, key=lambda row: (row["id"] != given["id"], not row["user_name"]), default=None)


def _row_to_update(connection: sqlite3.Connection, given: Values) -> sqlite3.Row | None:
    """The row with the key of the token, else with its id, unless it names another user.

    By id, since the SDK looks the user's name up and adds it to a token that it found without.
    """
    if (key := _key(given)) and (row := _look_up(connection, key, given)):
        return row
    row = _look_up(connection, "id", given)
    return None if row and row["user_name"] and given["user_name"] else row


def _check_storable(given: Values) -> None:
    """Refuse a new row that could do nothing, or that nothing could ever find."""
    if not (given["grant_token"] or given["refresh_token"] or given["access_token"]):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key(given) is None and given["id"] is None:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _filled(token: OAuthToken, row: sqlite3.Row) -> OAuthToken:
    """The token, with what it lacked of this row; what it carries stays."""
    for (get, set_value), value in zip(_FIELDS.values(), row, strict=True):
        if value is not None and get(token) in (None, ""):
            set_value(token, value)
    return token
