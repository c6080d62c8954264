"""Tokens in a SQLite file, or in a SQLite database in memory.

    from sqlite_store import SQLiteStore

    Initializer.initialize(environment=environment, token=token, store=SQLiteStore("zohooauth.db"))

Copy this file into your project: it needs the standard library and the SDK, lines 5 to 8, only.

What it promises, beyond the six methods:

- One store serves all threads of a program, and one file serves many processes, forked ones too.
- A save that returned survives the death of the process. (Power failure: see `_SYNCHRONOUS`.)
- While the file is missing, replaced, damaged or locked, every method raises `SDKException` or
  answers truly. When the file is back, so are the tokens.
- Only its owner can read a file that this store creates. The tokens in it are not encrypted.

A file that other programs wrote with the same table `oauthtoken` is taken over as it is. Keep the
file on a local disk (SQLite's log does not work on network shares), and when you copy it, copy the
file that ends in `-wal` too: the newest tokens may still be there.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Record = dict[str, str | None]
"""One stored token: a value, or None, for each column."""


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

# The lengths are those of the table as it was first published. SQLite does not enforce them, and
# compares text exactly (collation BINARY). The indexes are not unique: users may share an access,
# grant or refresh token, and a file that another program wrote may hold one user twice.
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS oauthtoken (id varchar(10) NOT NULL, user_name varchar(255),"
    " client_id varchar(255), client_secret varchar(255), refresh_token varchar(255),"
    " access_token varchar(255), grant_token varchar(255), expiry_time varchar(20),"
    " redirect_url varchar(255), api_domain varchar(255), PRIMARY KEY (id))",
    *(f"CREATE INDEX IF NOT EXISTS oauthtoken_{key} ON oauthtoken ({key})" for key in _KEYS),
)

_COLUMNS = ", ".join(_FIELDS)
_SELECT = f"SELECT {_COLUMNS} FROM oauthtoken"
_INSERT = f"INSERT INTO oauthtoken ({_COLUMNS}) VALUES ({', '.join('?' for _ in _FIELDS)})"

# With the write-ahead log, NORMAL means: a save that returned survives any crash of the program,
# and the file stays sound whatever happens, but a power failure may take the last saves with it.
# FULL makes them survive that too, for the price of one disk flush a save (often milliseconds).
_SYNCHRONOUS = "NORMAL"


class SQLiteStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in SQLite.

    Args:
        path: the database file, made absolute now, so that a later `chdir` does not move it;
            or ":memory:" for a database that lives and dies with this object.
        busy_timeout: how long, in seconds, a call waits for another process that holds the file.

    Raises:
        SDKException: the file cannot be created or opened, or is no SQLite database.

    Every method may be called from any thread, and raises SDKException, with the reason as its
    `cause`, when the database cannot answer.
    """

    def __init__(
        self, path: str | os.PathLike[str] = "zohooauth.db", *, busy_timeout: float = 5.0
    ) -> None:
        name = os.fspath(path)
        file = None if name == ":memory:" else Path(os.path.abspath(name))
        self._database = _Database(file, busy_timeout)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Look up the record that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with every field that it left blank filled in place, since
            `OAuthToken.revoke` ignores what is returned; or None, and `token` as it was.
        """
        if not isinstance(token, OAuthToken):
            return None
        query = _fields(token)
        key = _key(query)
        with self._database.session("The token cannot be looked up") as connection:
            if key is None:
                record = _record_by_id(connection, query["id"])
            else:
                record = _record_by_key(connection, key, query["id"])
        if record is None:
            return None
        _fill(token, record)
        return token

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        with self._database.session("The token cannot be looked up") as connection:
            record = _record_by_id(connection, id)
        return None if record is None else _new_token(record)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or insert a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record
        is set on `token`, and nothing else of it changes. What is no OAuthToken is ignored.

        Raises:
            SDKException: also for a new token that is not worth a record (`_check_storable`).
        """
        if not isinstance(token, OAuthToken):
            return
        given = _fields(token)
        failure = "The token cannot be saved"
        with self._database.session(failure) as connection, _transaction(connection):
            if record := _record_to_update(connection, given):
                id = _update(connection, record, given)
            else:
                id = _insert(connection, given)
        token.set_id(id)

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        with self._database.session("The token cannot be deleted") as connection:
            if isinstance(id, str):
                connection.execute("DELETE FROM oauthtoken WHERE id = ?", (id,))

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._database.session("The tokens cannot be listed") as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY rowid").fetchall()
        return [_new_token(_record(row)) for row in rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._database.session("The tokens cannot be deleted") as connection:
            connection.execute("DELETE FROM oauthtoken")

    def close(self) -> None:
        """Close the database; every later call raises SDKException.

        Nothing is lost without it: a store that is dropped, or lives until the program ends,
        closes by itself.
        """
        self._database.close()

    def __enter__(self) -> SQLiteStore:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


# What a token says, and which record it means ------------------------------------------------


def _fields(token: OAuthToken) -> Record:
    """The values of a token by column; blank ones are None, and the expiry is text.

    The expiry is in milliseconds since the epoch, and the SDK wants it back as a `str`.
    """
    return {
        column: None if (value := get(token)) is None or value == "" else str(value)
        for column, (get, _) in _FIELDS.items()
    }


def _key(given: Record) -> tuple[str, str] | None:
    """The match rule: the column and the value that identify a record, or None.

    The first rule that applies decides alone. Were a token that names an unknown user looked up
    by its refresh token next, it would be answered with another user's record.
    """
    client = given["client_id"], given["client_secret"]
    if name := given["user_name"]:
        return "user_name", name
    if (access := given["access_token"]) and not any(client):
        return "access_token", access
    if (grant := given["grant_token"]) and all(client):
        return "grant_token", grant
    if (refresh := given["refresh_token"]) and all(client):
        return "refresh_token", refresh
    return None


def _check_storable(given: Record) -> None:
    """Refuse a new record that could do nothing, or that nothing could ever find."""
    if not (given["grant_token"] or given["refresh_token"] or given["access_token"]):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key(given) is None and given["id"] is None:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _fill(token: OAuthToken, record: Record) -> None:
    """Give a token what it lacks of a record; what it carries stays."""
    carried = _fields(token)
    for column, (_, set_value) in _FIELDS.items():
        if carried[column] is None and record[column] is not None:
            set_value(token, record[column])


def _new_token(record: Record) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    token = OAuthToken(id=record["id"])
    _fill(token, record)
    return token


# The records in the table --------------------------------------------------------------------


def _record(row: tuple[str | None, ...]) -> Record:
    return dict(zip(_FIELDS, row, strict=True))


def _record_by_id(connection: sqlite3.Connection, id: str | None) -> Record | None:
    if not isinstance(id, str):
        return None
    row = connection.execute(f"{_SELECT} WHERE id = ?", (id,)).fetchone()
    return None if row is None else _record(row)


def _record_by_key(
    connection: sqlite3.Connection, key: tuple[str, str], id: str | None
) -> Record | None:
    """The record with this key. Several can come to share an access, grant or refresh token.

    Of these: the one whose id the token carries, then one that names a user (the SDK keeps that
    one fresh), then the oldest. The choice never changes, so that a token which was found is
    saved to the record that it came from.
    """
    column, value = key
    rows = connection.execute(f"{_SELECT} WHERE {column} = ? ORDER BY rowid", (value,)).fetchall()
    records = [_record(row) for row in rows]
    if len(records) < 2:
        return records[0] if records else None
    return min(records, key=lambda record: (record["id"] != id, record["user_name"] is None))


def _record_to_update(connection: sqlite3.Connection, given: Record) -> Record | None:
    """The record of the token's key, else that of its id, unless it names another user.

    By id, since the SDK looks the user's name up and adds it to a token that it found without.
    """
    key = _key(given)
    if key and (record := _record_by_key(connection, key, given["id"])):
        return record
    record = _record_by_id(connection, given["id"])
    if record and record["user_name"] and given["user_name"]:
        return None
    return record


def _insert(connection: sqlite3.Connection, given: Record) -> str:
    """Store a new record; return its id: the token's, if no other record has it, or a new one."""
    _check_storable(given)
    id = given["id"]
    if id is None or _record_by_id(connection, id):
        id = uuid.uuid4().hex  # random: never given out again, by this or another process
    connection.execute(_INSERT, tuple({**given, "id": id}.values()))
    return id


def _update(connection: sqlite3.Connection, record: Record, given: Record) -> str:
    """Write what the token carries and the record has not; return the record's id."""
    id = record["id"]
    assert id is not None  # the primary key
    changes = {
        column: value
        for column, value in given.items()
        if column != "id" and value is not None and value != record[column]
    }
    if changes:
        columns = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(f"UPDATE oauthtoken SET {columns} WHERE id = ?", (*changes.values(), id))
    return id


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE: no other process writes between our look-up and our write."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


# The file and the connection to it -----------------------------------------------------------


class _Database:
    """One connection, opened when needed, shared between threads, checked before each use.

    An open connection to a file that was deleted or overwritten goes on working, and what it
    saves is lost. So each session looks whether the file is still the one last seen.

    Args:
        file: the absolute path, or None for a database in memory.
        busy_timeout: seconds.
    """

    def __init__(self, file: Path | None, busy_timeout: float) -> None:
        self._file = file
        self._busy_timeout = busy_timeout
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0  # the one that connected
        self._seen: tuple[int, ...] = ()
        self._closed = False
        with _fork_lock:
            _databases.add(self)
        try:
            if file is not None:
                _create_file(file)
                self._seen = _identity(file)
            with self._lock:
                connection = self._connect()
                for statement in _SCHEMA:
                    connection.execute(statement)
        except _ERRORS as error:
            failure = "The database cannot be opened"
            raise (exception := _sdk_exception(failure, error)) from exception.cause

    @contextmanager
    def session(self, failure: str) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; errors become SDKException(failure)."""
        with self._lock:
            try:
                yield self._checked_connection()
            except _ERRORS as error:
                raise (exception := _sdk_exception(failure, error)) from exception.cause

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._disconnect()

    def _checked_connection(self) -> sqlite3.Connection:
        if self._closed:
            raise SDKException("TOKEN_STORE", "The store is closed.")
        if self._file is None:
            return self._connection or self._connect()
        if self._process != os.getpid():
            self._disconnect()
        if (seen := _identity(self._file)) != self._seen:
            # Written to: by SQLite, which now and then copies its log into the file, or by an
            # accident. After an accident the connection stays, and this raises until the file is
            # sound again: to close it now would copy the log into the ruins.
            same = seen[:2] == self._seen[:2]
            _check_database(self._file, self._seen[2] if same else None)
            if not same:
                # Another file. SQLite sees that too, and leaves the log alone as it closes.
                self._disconnect()
            self._seen = seen
        return self._connection or self._connect()

    def _connect(self) -> sqlite3.Connection:
        """Open the database. What is gone is missed, not replaced by an empty one (mode=rw)."""
        connection = sqlite3.connect(
            ":memory:" if self._file is None else f"{self._file.as_uri()}?mode=rw",
            uri=self._file is not None,
            timeout=self._busy_timeout,
            isolation_level=None,  # transactions are begun by hand
            check_same_thread=False,  # the lock sees to it that threads take turns
        )
        try:
            if self._switch_to_log(connection):
                connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
        except BaseException:
            connection.close()
            raise
        # Closes once: by hand, or with this object, or when the program ends.
        self._closer = weakref.finalize(self, connection.close)
        self._connection, self._process = connection, os.getpid()
        return connection

    def _switch_to_log(self, connection: sqlite3.Connection) -> bool:
        """Whether SQLite writes a log: not in memory, nor where the file system cannot."""
        patience = time.monotonic() + self._busy_timeout
        while True:
            try:
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return bool(mode == ("wal",))
            except sqlite3.OperationalError as error:
                # Where two create a file at once, SQLite does not wait here for its busy timeout.
                if "locked" not in str(error) or time.monotonic() > patience:
                    raise
                time.sleep(0.005)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._process == os.getpid():
            self._closer()
        else:
            # Inherited from a server that forked behind Python's back. To close it could break
            # the locks of the parent; SQLite's advice is to let it be.
            self._closer.detach()
            _inherited.append(connection)

    # SQLite knows which locks on a file its process holds, and a forked child inherits that
    # knowledge, but not the locks: not even a new connection would be safe beside an inherited
    # one. So all connections to files close before a fork, and open again when needed. Holding
    # the lock meanwhile keeps other threads out, and the child's copy of a :memory: whole.

    def before_fork(self) -> None:
        self._lock.acquire()
        if self._file is not None:
            self._disconnect()

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.Lock()


_ERRORS = (sqlite3.Error, OSError, UnicodeError)


def _sdk_exception(failure: str, error: Exception) -> SDKException:
    """The exception that the SDK asks for. It adds the words of its cause to its own message."""
    if isinstance(error, UnicodeError) or "Could not decode" in str(error):
        # These alone quote the text that they fail on, and it may be a secret.
        error = ValueError("a value is no valid Unicode text")
    return SDKException("TOKEN_STORE", f"{failure}: ", cause=error)


def _identity(file: Path) -> tuple[int, ...]:
    """Which file it is (two numbers), its size in bytes, and when it was last written to."""
    status = os.stat(file)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _size(file: Path, suffix: str = "") -> int:
    """The size, in bytes, of a database, or of a file that SQLite keeps beside it; 0 if none."""
    try:
        return os.stat(f"{os.path.realpath(file)}{suffix}").st_size
    except FileNotFoundError:
        return 0


def _create_file(file: Path) -> None:
    """Create the file, for its owner only, before SQLite would, for everybody.

    SQLite gives the files beside it the same mode. A file that exists keeps the mode that it has.
    """
    with _create_lock:
        log = _size(file, "-wal")  # first: SQLite makes it when the database is there
        missing = not _size(file)
        if missing and log:
            # A new database would erase the log, and the tokens in it with it.
            raise FileNotFoundError(f"{file.name}-wal is there, but its database is not")
        try:
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            if not missing:
                _check_database(file)
        else:
            # To close a file drops the locks that the process has on it, SQLite's too. Hence
            # _create_lock: nobody here has opened the file yet.
            os.close(descriptor)


def _check_database(file: Path, last_size: int | None = None) -> None:
    """Raise sqlite3.Error if this is no database, or not a whole one.

    An immutable connection reads the file alone: it neither takes locks, nor reads the log, nor,
    when it closes, copies the log into a file that it does not belong to.

    Args:
        last_size: the size, in bytes, that the file had when it was sound, if known.
    """
    size = os.stat(file).st_size
    if last_size is None:
        being_written = bool(_size(file, "-wal") or _size(file, "-journal"))
    else:
        being_written = last_size <= size
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as probe:
        if being_written:
            # Let it be shorter than it says: so it is while SQLite writes to it.
            probe.execute("PRAGMA writable_schema = ON")
        probe.execute("PRAGMA schema_version").fetchone()
        (page_size,) = probe.execute("PRAGMA page_size").fetchone()
    if not size or size % page_size:
        raise sqlite3.DatabaseError("the file was cut short")


_databases: weakref.WeakSet[_Database] = weakref.WeakSet()
_inherited: list[sqlite3.Connection] = []
_create_lock = threading.Lock()
_fork_lock = threading.Lock()


def _before_fork() -> None:
    _fork_lock.acquire()
    for database in list(_databases):
        database.before_fork()


def _after_fork_in_parent() -> None:
    for database in list(_databases):
        database.after_fork_in_parent()
    _fork_lock.release()


def _after_fork_in_child() -> None:
    global _create_lock, _fork_lock
    _create_lock, _fork_lock = threading.Lock(), threading.Lock()
    for database in list(_databases):
        database.after_fork_in_child()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
