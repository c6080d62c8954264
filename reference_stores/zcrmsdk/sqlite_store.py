"""Tokens in a SQLite file, or in a SQLite database in memory.

    from sqlite_store import SQLiteStore

    store = SQLiteStore("zohooauth.db")
    Initializer.initialize(user, environment, token, store, sdk_config, resource_path)

Copy this file into your project: it needs the standard library and the SDK only, in any of the
distributions that install the module `zcrmsdk` (zcrmsdk 3.1, zohocrmsdk2_0, zohocrmsdk2_1).

What it promises, beyond the methods:

- One store serves all threads of a program, and one file serves many processes, forked ones too.
- A save that returned survives the death of the process. (Power failure: see `_connect`.)
- While the file is missing, replaced, overwritten or locked, every method raises `SDKException` or
  answers truly. When the file is back, so are the tokens.
- Only its owner can read a file that this store creates. The tokens in it are not encrypted.

Keep the file on a local disk (SQLite's log does not work on network shares), and when you copy it,
copy the file that ends in `-wal` too: the newest tokens may still be there.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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

_COLUMNS = (
    "id, user_mail, client_id, client_secret, grant_token, refresh_token, access_token, expires_in,"
    " redirect_url"
)
_FIELDS = tuple(_COLUMNS.split(", "))

# Without types, what goes in comes out, text as text and an expiry that is a number as a number;
# text is compared exactly. No index is unique: see `get_token_by_id`, and a user who logs in with
# several grants may get the same refresh token.
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS oauthtoken (number INTEGER PRIMARY KEY, {_COLUMNS})",
    "CREATE INDEX IF NOT EXISTS by_id ON oauthtoken (id)",
    "CREATE INDEX IF NOT EXISTS by_grant ON oauthtoken (user_mail, client_id, grant_token)",
    "CREATE INDEX IF NOT EXISTS by_refresh ON oauthtoken (user_mail, client_id, refresh_token)",
)
_SELECT = f"SELECT {_COLUMNS} FROM oauthtoken"
_INSERT = f"INSERT INTO oauthtoken ({_COLUMNS}) VALUES ({', '.join('?' * len(_FIELDS))})"
_UPDATE = f"UPDATE oauthtoken SET {', '.join(f'{name} = COALESCE(?, {name})' for name in _FIELDS)}"

# Of these, what the program says counts: they belong to the client, and may be new.
_THE_PROGRAMS = ("client_secret", "redirect_url")


class SQLiteStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in SQLite.

    Args:
        path: the database file, made absolute now, so that a later `chdir` does not move it;
            or ":memory:" for a database that lives and dies with this object.
        busy_timeout: how long, in seconds, a call waits for another process that holds the file.

    Every method may be called from any thread, and raises SDKException, with the reason as its
    `cause`, when the database cannot answer; also for what is no OAuthToken, and for a user
    without an email.
    """

    def __init__(
        self, path: str | os.PathLike[str] = "zohooauth.db", *, busy_timeout: float = 5.0
    ) -> None:
        name = os.fspath(path)
        self._file = None if name == ":memory:" else Path(os.path.abspath(name))
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, ...] = ()
        with self._session("The database cannot be opened") as connection:
            # Two that create the file at once get in each other's way here; one gets through.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
            for statement in _SCHEMA:
                connection.execute(statement)
            _stores.add(self)

    def get_token(self, user: UserSignature, token: OAuthToken) -> OAuthToken | None:
        """Look up the login of `user` that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with all that the SDK needs to use, to refresh and to remove it; or
            None, and `token` as it was.
        """
        where, values = _key(_get(user, "email"), token)
        with self._session("The token cannot be looked up") as connection:
            query = f"{_SELECT} WHERE {where} ORDER BY number DESC LIMIT 1"
            row = connection.execute(query, values).fetchone()
        return None if row is None else _filled(token, row)

    def get_token_by_id(self, id: str, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` with the login of this id and return it, or None. zcrmsdk 3.1 never asks.

        Raises:
            SDKException: also where several logins have this id. The SDK makes it of the name in
                the user's email and four characters of the refresh token, so ann@one.example may
                have that of ann@two.example; and neither must get the other's token.
        """
        _check(token)
        with self._session("The token cannot be looked up") as connection:
            query = f"{_SELECT} WHERE id = ? ORDER BY number DESC"
            rows = connection.execute(query, (id,)).fetchall()
        if len({row[_FIELDS.index("refresh_token")] for row in rows}) > 1:
            raise SDKException("TOKEN_STORE", "Several logins have this id.")
        return _filled(token, rows[0]) if rows else None

    def save_token(self, user: UserSignature, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or insert a new one.

        An update keeps whatever `token` leaves blank. The user's email is set on `token`, so that
        the SDK can remove it later, and nothing else of it changes.

        Raises:
            SDKException: also where `token` has no client id, or neither grant nor refresh token.
                Nothing could find it again; the SDK never saves one, and uses a mere access token
                as it is.
        """
        email = _get(user, "email")
        where, values = _key(email, token)
        if None in values:
            raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")
        record = [email if name == "user_mail" else _get(token, name) for name in _FIELDS]
        newest = f"(SELECT MAX(number) FROM oauthtoken WHERE {where})"
        with self._session("The token cannot be saved") as connection:
            # IMMEDIATE: no other process writes between our update and our insert.
            connection.execute("BEGIN IMMEDIATE")
            update = connection.execute(f"{_UPDATE} WHERE number = {newest}", (*record, *values))
            if update.rowcount == 0:
                connection.execute(_INSERT, record)
        _set(token, "user_mail", email)

    def delete_token(self, token: OAuthToken) -> None:
        """Delete what `token` identifies, of the user whose email it carries; or nothing.

        It carries one once it was saved or found. Without, this raises, so that `remove` says
        False rather than True.
        """
        where, values = _key(_get(token, "user_mail"), token)
        with self._session("The token cannot be deleted") as connection:
            connection.execute(f"DELETE FROM oauthtoken WHERE {where}", values)

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
        """Let go of the file, until the next call."""
        with _lock:
            self._disconnect()

    # The connection: opened when needed, shared between threads, checked before each use.

    @contextmanager
    def _session(self, failure: str) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; errors become SDKException(failure).

        A transaction that was begun is committed at the end, or, after an exception, rolled back.
        """
        with _lock:
            try:
                with self._checked_connection() as connection:
                    yield connection
            except (sqlite3.Error, OSError, UnicodeError, OverflowError) as error:
                cause: Exception = error
                if isinstance(error, UnicodeError) or "Could not decode" in str(error):
                    # These alone quote the text that they fail on, and it may be a secret.
                    cause = ValueError("a value is no valid Unicode text")
                raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _checked_connection(self) -> sqlite3.Connection:
        """The connection, if the file is sound, and still the one last seen.

        One to a file that was deleted or overwritten goes on working, and what it saves is lost.
        """
        if self._file is None:
            return self._connection or self._connect(":memory:")
        log = not self._seen and os.path.exists(f"{self._file}-wal")
        if not self._seen:
            with suppress(FileExistsError):  # for its owner only; SQLite creates it for everybody
                os.close(os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        status = os.stat(self._file)
        seen = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        if seen != self._seen:
            # New, or written to: by SQLite, which now and then copies its log into the file, or by
            # an accident. After an accident the connection stays, and this raises until the file
            # is sound again: to close it now would copy the log into the ruins.
            if status.st_size:
                _check_database(self._file)
            elif self._seen or log:
                raise sqlite3.DatabaseError("the file is empty, its log (-wal) may not be")
            if seen[:2] != self._seen[:2]:
                self._disconnect()  # another file: SQLite sees that, and leaves the log alone
            self._seen = seen
        # mode=rw: what is gone meanwhile is missed, not replaced by an empty database.
        return self._connection or self._connect(f"{self._file.as_uri()}?mode=rw")

    def _connect(self, database: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            database,
            uri=self._file is not None,
            timeout=self._busy_timeout,
            isolation_level=None,  # transactions are begun by hand
            check_same_thread=False,  # the lock sees to it that threads take turns
        )
        # Closes once: by `_disconnect`, or with this object, or when the program ends.
        self._connection, self._closer = connection, weakref.finalize(self, connection.close)
        # With the log, no crash of the program loses a save, though a power failure may lose the
        # last ones. FULL keeps them too, for one disk flush a save (often milliseconds).
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _disconnect(self) -> None:
        if self._file is not None and self._connection is not None:
            self._connection = None
            self._closer()


def _check_database(file: Path) -> None:
    """Raise sqlite3.Error if this is no database.

    An immutable connection reads the file alone, neither takes nor drops locks, and has no part in
    the log. The file may be shorter than it says (writable_schema): so it is while SQLite writes.
    """
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as probe:
        probe.execute("PRAGMA writable_schema = ON")
        probe.execute("PRAGMA schema_version").fetchone()


# SQLite knows which locks on a file its process holds, and a forked child inherits that knowledge,
# but not the locks. So all connections to files close before a fork, and open again when needed.
_stores: weakref.WeakSet[SQLiteStore] = weakref.WeakSet()
_lock = threading.Lock()  # held while a connection is used, so that nobody forks meanwhile


def _before_fork() -> None:
    _lock.acquire()
    for store in list(_stores):
        store._disconnect()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release
    )


# What a token says, and which record it means ------------------------------------------------


def _check(token: OAuthToken) -> None:
    if not isinstance(token, OAuthToken):
        raise SDKException("TOKEN_STORE", "This store keeps the SDK's OAuthToken only.")


def _key(email: str | None, token: OAuthToken) -> tuple[str, tuple[str | None, ...]]:
    """The match rule: user, client, and the grant token; the refresh token where there is none.

    The grant token decides alone. A record with another one is another login.

    Returns:
        A condition, and its parameters. One that is None makes the condition true of no record.
    """
    _check(token)
    if email is None:
        raise SDKException("TOKEN_STORE", "Whose token? There is no email of a user.")
    name = "refresh_token" if _get(token, "grant_token") is None else "grant_token"
    values = email, _get(token, "client_id"), _get(token, name)
    return f"user_mail = ? AND client_id = ? AND {name} = ?", values


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


def _filled(token: OAuthToken, row: tuple[Any, ...]) -> OAuthToken:
    """The token, with the login of this record; what the record does not know stays."""
    for name, value in zip(_FIELDS, row, strict=True):
        stays = name in _THE_PROGRAMS and _get(token, name) is not None
        if value is not None and not stays:
            _set(token, name, value)
    return token


def _new_token(row: tuple[Any, ...]) -> OAuthToken:
    """A token made by the constructor, which wants one of the fields at once; then all are set."""
    token = OAuthToken("", None, "", TokenType.GRANT) if TokenType else OAuthToken(id="")
    for name, value in zip(_FIELDS, row, strict=True):
        _set(token, name, value)
    return token
