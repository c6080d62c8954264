"""Tokens in a SQLite file, or in a SQLite database in memory.

    from sqlite_store import SQLiteStore

    store = SQLiteStore("zohooauth.db")
    Initializer.initialize(user, environment, token, store, sdk_config, resource_path)

Copy this file into your project: it needs the standard library and the SDK only, in any of the
distributions that install the module `zcrmsdk` (zcrmsdk 3.1, zohocrmsdk2_0, zohocrmsdk2_1).

What it promises, beyond the methods:

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
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

try:
    from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import TokenType
except ImportError:  # zohocrmsdk2_0 and zohocrmsdk2_1 do without
    TokenType = None

Values = dict[str, Any]  # what a token carries, by column

_COLUMNS = (
    "id, user_mail, client_id, client_secret, grant_token, refresh_token, access_token, expires_in,"
    " redirect_url"
)
_FIELDS = _COLUMNS.split(", ")
# Of these, what the program says counts: they belong to the client, and may be new.
_THE_PROGRAMS = ("client_secret", "redirect_url")

# Columns without a type: an expiry that is a number stays one. SQLite compares text exactly. The
# indexes are not unique: see `get_token_by_id`, and logins may share a refresh token.
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS oauthtoken (number INTEGER PRIMARY KEY, {_COLUMNS})",
    "CREATE INDEX IF NOT EXISTS by_id ON oauthtoken (id)",
    "CREATE INDEX IF NOT EXISTS by_grant ON oauthtoken (user_mail, client_id, grant_token)",
    "CREATE INDEX IF NOT EXISTS by_refresh ON oauthtoken (user_mail, client_id, refresh_token)",
)
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
    `cause`, when the database cannot answer; also without an OAuthToken or the user's email.
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

    def get_token(self, user: UserSignature, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` from the login of `user` that it identifies, and return it; or None.

        `token` then has all that the SDK needs to use, to refresh and to remove it.
        """
        query = _values(token, _get(user, "email"))
        with self._session("The token cannot be looked up") as connection:
            sql = f"{_SELECT} WHERE {_key(query)} ORDER BY number DESC LIMIT 1"
            row = connection.execute(sql, query).fetchone()
        return None if row is None else _filled(token, row)

    def get_token_by_id(self, id: str, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` from the login with this id, and return it; or None. zcrmsdk 3.1 never asks.

        Raises SDKException where several logins have this id. The SDK builds ids from the name in
        the user's email and four characters of the refresh token, so ann@one.example may have that
        of ann@two.example, and neither must get the other's token.
        """
        _check(token)
        with self._session("The token cannot be looked up") as connection:
            sql = f"{_SELECT} WHERE id = ? ORDER BY number DESC"
            rows = connection.execute(sql, (id,)).fetchall()
        if len({row["refresh_token"] for row in rows}) > 1:
            raise SDKException("TOKEN_STORE", "Several logins have this id.")
        return _filled(token, rows[0]) if rows else None

    def save_token(self, user: UserSignature, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or insert a new one.

        An update keeps whatever `token` leaves blank. The user's email is set on `token`, so that
        the SDK can remove it later. A token that nothing could find again is refused: the SDK never
        saves one, and uses an access token alone as it is.
        """
        given = _values(token, _get(user, "email"))
        if not given["client_id"] or not (given["grant_token"] or given["refresh_token"]):
            raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")
        newest = f"(SELECT MAX(number) FROM oauthtoken WHERE {_key(given)})"
        with self._session("The token cannot be saved") as connection:
            # IMMEDIATE: no other process writes between our update and our insert.
            connection.execute("BEGIN IMMEDIATE")
            update = connection.execute(f"{_UPDATE} WHERE number = {newest}", given)
            if update.rowcount == 0:
                connection.execute(_INSERT, given)
        _set(token, "user_mail", given["user_mail"])

    def delete_token(self, token: OAuthToken) -> None:
        """Delete what `token` identifies, of the user whose email it carries; or nothing.

        It carries one once it was saved or found. Without one this raises, so that `remove` of the
        SDK returns False rather than True.
        """
        query = _values(token, _get(token, "user_mail"))
        with self._session("The token cannot be deleted") as connection:
            connection.execute(f"DELETE FROM oauthtoken WHERE {_key(query)}", query)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._session("The tokens cannot be listed") as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY number").fetchall()
        return [_new_token(row) for row in rows]

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


def _check(token: OAuthToken) -> None:
    if not isinstance(token, OAuthToken):
        raise SDKException("TOKEN_STORE", "This store keeps the SDK's OAuthToken only.")


def _values(token: OAuthToken, email: str | None) -> Values:
    """The values of a token by column, for the user with this email; blank ones are None."""
    _check(token)
    if email is None:
        raise SDKException("TOKEN_STORE", "Whose token? There is no email of a user.")
    return {**{column: _get(token, column) for column in _FIELDS}, "user_mail": email}


def _key(given: Values) -> str:
    """The match rule: user, client, and the grant token; the refresh token where there is none.

    The grant token decides alone. A row with another one is another login. A value of the key that
    is None makes the condition true of no row.
    """
    token = "refresh_token" if given["grant_token"] is None else "grant_token"
    return f"user_mail = :user_mail AND client_id = :client_id AND {token} = :{token}"


def _get(thing: Any, name: str) -> Any:
    """A field of a token or a user; None for "", too.

    They have plain attributes in zcrmsdk 3.1, getters and setters in zohocrmsdk2_0 and 2_1.
    """
    getter = getattr(thing, f"get_{name}", None)
    value = getter() if getter else getattr(thing, name, None)
    return None if value == "" else value


def _set(token: OAuthToken, name: str, value: Any) -> None:
    setter = getattr(token, f"set_{name}", None)
    if setter:
        setter(value)
    else:
        setattr(token, name, value)


def _filled(token: OAuthToken, row: sqlite3.Row) -> OAuthToken:
    """The token, with the login of this row; what the row does not know stays."""
    for name, value in zip(_FIELDS, row, strict=True):
        stays = name in _THE_PROGRAMS and _get(token, name) is not None
        if value is not None and not stays:
            _set(token, name, value)
    return token


def _new_token(row: sqlite3.Row) -> OAuthToken:
    """A token made by the constructor, which wants one of the fields at once; then all are set."""
    token = OAuthToken("", None, "", TokenType.GRANT) if TokenType else OAuthToken(id="")
    for name, value in zip(_FIELDS, row, strict=True):
        _set(token, name, value)
    return token
