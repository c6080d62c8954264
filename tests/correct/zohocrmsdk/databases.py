"""Correct stores in SQLite, each with a schema of its own."""

import sqlite3
import threading
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, get_field, set_field


def connected(path):
    """A connection that does not wait for the disk: the tests pull no plug."""
    connection = sqlite3.connect(path)
    connection.execute("pragma synchronous = off")
    return connection


class SqliteFile(TokenStore):
    """A table with a primary key of hidden numbers, and a unique public id."""

    breaks_should: tuple[str, ...] = ("SEC-1",)
    lacks: tuple[str, ...] = ("DUR-2",)
    """It looks for a record before it begins to write: one process at a time."""
    schema = f"""
        create table if not exists token (
            number integer primary key autoincrement,
            {", ".join(f"{field} text" for field in FIELDS)}
        );
        create unique index if not exists by_id on token (id);
        create unique index if not exists by_user on token (user);
    """

    def __init__(self):
        self.path = Path("tokens.sqlite").absolute()
        self.path.touch(mode=0o600)
        with self._transaction() as connection:
            connection.executescript(self.schema)

    @contextmanager
    def _transaction(self):
        with closing(connected(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            with connection:
                yield connection

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            return
        new = {field: get_field(token, field) or None for field in FIELDS}
        with self._transaction() as connection:
            row = self._match(connection, new) or self._same_id(connection, new)
            if row is not None:
                token.set_id(self._update(connection, row, new))
            elif any(new[field] for field in SECRETS):
                token.set_id(self._insert(connection, new))
            else:
                raise SDKException("TOKEN_STORE", "nothing to store")

    def _update(self, connection, row, new):
        carried = [field for field in FIELDS[1:] if new[field] is not None]
        assignments = ", ".join(f"{field} = :{field}" for field in carried)
        if carried:
            statement = f"update token set {assignments} where number = :number"
            connection.execute(statement, {**new, "number": row["number"]})
        return row["id"]

    def _insert(self, connection, new):
        taken = "select 1 from token where id = ?"
        id = new["id"]
        if id is None or connection.execute(taken, [id]).fetchone():
            id = uuid.uuid4().hex
        marks = ", ".join(f":{field}" for field in FIELDS)
        statement = f"insert into token ({', '.join(FIELDS)}) values ({marks})"
        connection.execute(statement, {**new, "id": id})
        return id

    def _match(self, connection, values):
        field = self._key(values)
        if field is None:
            return None
        query = f"select * from token where {field} = ? order by number limit 1"
        return connection.execute(query, [values[field]]).fetchone()

    def _key(self, values):
        client = [values["client_id"], values["client_secret"]]
        if values["user"]:
            return "user"
        if values["access_token"] and not any(client):
            return "access_token"
        if not all(client):
            return None
        return next((f for f in ("grant_token", "refresh_token") if values[f]), None)

    def _same_id(self, connection, new):
        query = """
            select * from token
            where id = :id and (user is null or :user is null or user = :user)
        """
        return connection.execute(query, new).fetchone()

    def find_token(self, token):
        if not isinstance(token, OAuthToken):
            return None
        values = {field: get_field(token, field) or None for field in FIELDS}
        with self._transaction() as connection:
            row = self._match(connection, values)
            if self._key(values) is None:
                query = "select * from token where id = ?"
                row = connection.execute(query, [values["id"]]).fetchone()
        if row is None:
            return None
        for field in FIELDS:
            if values[field] is None and row[field] is not None:
                set_field(token, field, row[field])
        return token

    def find_token_by_id(self, id):
        with self._transaction() as connection:
            row = connection.execute("select * from token where id = ?", [id]).fetchone()
        return None if row is None else self._token(row)

    def get_tokens(self):
        with self._transaction() as connection:
            return [self._token(row) for row in connection.execute("select * from token")]

    def delete_token(self, id):
        with self._transaction() as connection:
            connection.execute("delete from token where id = ?", [id])

    def delete_tokens(self):
        with self._transaction() as connection:
            connection.execute("delete from token")

    def _token(self, row):
        token = OAuthToken(id=row["id"])
        for field in FIELDS:
            set_field(token, field, row[field])
        return token


class SqliteInTurn(SqliteFile):
    """A connection for each call, which waits long for its turn, and says little of an error."""

    breaks_should: tuple[str, ...] = ()
    patience = 20

    def _prepare(self, connection):
        pass

    @contextmanager
    def _transaction(self, begin="begin immediate"):
        try:
            with closing(connect(self.path, self.patience, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("pragma synchronous = off")
                self._prepare(connection)
                connection.execute(begin)
                yield connection
                if connection.in_transaction:  # a script has committed already
                    connection.execute("commit")
        except (sqlite3.Error, ValueError) as error:
            raise SDKException("TOKEN_STORE", f"the database: {type(error).__name__}") from None


class WaitsAsThePragmaSays(SqliteInTurn):
    """How long it waits for its turn is said in SQL, not where it connects."""

    patience = 0

    def _prepare(self, connection):
        connection.execute("pragma busy_timeout = 20000")


class LooksBeforeItSaves(SqliteInTurn):
    """A save reads first, in a transaction of its own, as a store over another store does."""

    patience = 5

    def save_token(self, token):
        with self._transaction("begin") as connection:
            connection.execute("select count(*) from token").fetchone()
        super().save_token(token)


class HidesItsDriver(SqliteFile):
    """What SQLite says of a damaged file is hidden, since it quotes what it cannot decode."""

    breaks_should = ()

    @contextmanager
    def _transaction(self):
        try:
            with super()._transaction() as connection:
                yield connection
        except (sqlite3.Error, UnicodeError, OSError):
            raise SDKException("TOKEN_STORE", "the database cannot be used") from None


class SqliteInMemory(SqliteFile):
    """The same table in memory, with one connection for all threads."""

    def __init__(self):
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(self.schema)
        self._lock = threading.RLock()

    @contextmanager
    def _transaction(self):
        with self._lock, self._connection:
            yield self._connection


class SqliteFacts(Correct):
    """A table of facts, each of a record, a field and its value, and a table of counters."""

    breaks_should = ("SEC-1",)

    schema = """
        create table if not exists fact (record text, field text, value text);
        create table if not exists counter (count integer);
    """

    def __init__(self):
        self.path = Path("facts.sqlite").absolute()
        self.path.touch(mode=0o600)
        with closing(connected(self.path)) as connection, connection:
            connection.executescript(self.schema)

    def _run(self, statement, *values):
        with closing(connected(self.path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    @property
    def issued(self):
        return self._run("select coalesce(max(count), 0) from counter")[0][0]

    @issued.setter
    def issued(self, count):
        self._run("insert into counter values (?)", count)

    def _rows(self):
        records = {}
        for id, field, value in self._run("select * from fact order by rowid"):
            records.setdefault(id, dict.fromkeys(FIELDS))[field] = value
        return list(records.values())

    def _add(self, record):
        with closing(connected(self.path)) as connection, connection:
            connection.execute("delete from fact where record = ?", [record["id"]])
            facts = [(record["id"], *fact) for fact in record.items() if fact[1] is not None]
            connection.executemany("insert into fact values (?, ?, ?)", facts)

    def _change(self, record, values):
        self._add({**record, **values})

    def _remove(self, record):
        self._run("delete from fact where record = ?", record["id"])

    def _clear(self):
        self._run("delete from fact")


class SqliteBehindACache(SqliteFile):
    """A cache in front of the table, which is good as long as nobody changes the file."""

    def __init__(self):
        super().__init__()
        self._cache = {}
        self._changes = None

    def find_token_by_id(self, id):
        changes = self.path.read_bytes()[24:28]  # SQLite counts them in the head of the file
        if changes != self._changes:
            self._cache.clear()
            self._changes = changes
        if id not in self._cache:
            with self._transaction() as connection:
                row = connection.execute("select * from token where id = ?", [id]).fetchone()
            if row is None:
                return None
            self._cache[id] = dict(row)
        return self._token(self._cache[id])
