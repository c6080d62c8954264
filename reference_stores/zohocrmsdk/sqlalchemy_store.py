"""Tokens in a table of PostgreSQL, MySQL, MariaDB or SQLite, with SQLAlchemy 2.

    from sqlalchemy_store import SQLAlchemyStore

    store = SQLAlchemyStore("postgresql+psycopg://user:password@host/database")
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, SQLAlchemy 2, and a driver:
psycopg; PyMySQL or mysql-connector-python; none for SQLite. What it promises, beyond the methods:

- One table serves all threads, processes and machines, on the server's default isolation. Those
  that write take turns: each locks the row of the table `oauthtoken_turn` first. Finds do not wait.
- A save that returned is committed, and survives the death of its process.
- While the server is out of reach, every method raises `SDKException`. When it is back, so are the
  tokens: a connection is tested before it is used.
- Values are compared exactly, although MySQL may take "ann", "Ann" and "ann " for the same.
- It takes the table `oauthtoken` of the SDK's DBStore, or of the published sample, as it is. What
  does not fit raises `SDKException`: an id of more than 10 characters (this store makes 10) or 255
  of another column. To widen one: ALTER TABLE oauthtoken MODIFY id varchar(255) NOT NULL. DBStore
  must not write to the table any more: it takes no turns.

What it leaves out, to stay short:

- Replicas. Connect to the primary: a late replica gives answers that are out of date.
- A time limit for others if a machine stops in the middle of a save. MySQL makes them wait for 50
  seconds; PostgreSQL forever, unless you set `idle_in_transaction_session_timeout`.
- Encryption.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = Mapping[Any, Any]  # what a token carries, by column
Answer = TypeVar("Answer")
Work = Callable[[sa.Connection], Answer]

# For each column of a token: how to read it from one, and how to set it.
_FIELDS = {
    "id": (OAuthToken.get_id, OAuthToken.set_id),
    "user_name": (
        lambda token: (user := token.get_user_signature()) and user.get_name(),
        lambda token, name: token.set_user_signature(UserSignature(name)),
    ),
    "client_id": (OAuthToken.get_client_id, OAuthToken.set_client_id),
    "client_secret": (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    "refresh_token": (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    "access_token": (OAuthToken.get_access_token, OAuthToken.set_access_token),
    "grant_token": (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    "expiry_time": (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    "redirect_url": (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    "api_domain": (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
}


class _Text(sa.TypeDecorator[str]):
    """Text in which U+E000 and a 0 are NUL, which PostgreSQL lacks. No real value has U+E000."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value and value.replace("\ue000", "\ue000\ue000").replace("\0", "\ue0000")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> str | None:
        return value and re.sub("\ue000(\ue000|0)", lambda pair: pair[1].replace("0", "\0"), value)


METADATA = sa.MetaData()
_MYSQL: Any = {f"{name}_collate": "utf8mb4_bin" for name in ("mysql", "mariadb")}
# The length of an index in MySQL. In the table of DBStore an id has 10 characters.
_KEYS = {"id": 10, "user_name": 191, "access_token": 70, "grant_token": 70, "refresh_token": 70}
# No value is a key of the database: MySQL takes "1" and "1 " for the same, and long ones would not
# fit. Users and ids are unique since writers take turns. The column `number` is never used.
_COLUMNS = [sa.Column(column, _Text, nullable=column != "id") for column in _FIELDS]
_NUMBER = sa.Column("number", sa.Integer, primary_key=True)
TOKENS = sa.Table("oauthtoken", METADATA, _NUMBER, *_COLUMNS, **_MYSQL)
for _key, _length in _KEYS.items():
    _options: Any = {"mysql_length": _length, "mariadb_length": _length}
    sa.Index(f"oauthtoken_{_key}", TOKENS.c[_key], postgresql_using="hash", **_options)
_ONE = sa.Column("id", sa.Integer, primary_key=True)
TURN = sa.Table("oauthtoken_turn", METADATA, _ONE, sa.Column("turn", sa.BigInteger), **_MYSQL)
_SELECT = sa.select(*_COLUMNS)
# Another was first, so try again: not serializable, deadlock, a row, table or index exists.
_RACES = ("40001", "40P01", "23505", "42P07", 1213, 1020, 1062, 1050, 1061)
_NEXT_TURN, _FIRST_TURN = sa.update(TURN).values(turn=TURN.c.turn + 1), {"id": 1, "turn": 1}


class SQLAlchemyStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a database.

    Args:
        database: a URL, or an engine: make it with pool_pre_ping=True and hide_parameters=True.
        create: create tables and indexes that are missing; else Alembic may, from `METADATA`.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when the database cannot answer.
    """

    def __init__(self, database: str | sa.URL | sa.Engine, *, create: bool = True) -> None:
        if not isinstance(database, sa.Engine):
            url = sa.make_url(database)
            # Each call opens a file of SQLite, since a backup may take its place.
            is_file = url.get_backend_name() == "sqlite" and url.database not in (None, ":memory:")
            options: Any = {"poolclass": sa.NullPool} if is_file else {"pool_pre_ping": True}
            database = sa.create_engine(url, hide_parameters=True, **options)
        self._engine, self._process = database, os.getpid()
        if create:
            self._run("The tables cannot be created", _create)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the row that it identifies, and return it; or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        row = self._find(_key_of(query) or "id", query)
        return None if row is None else _filled(token, row)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        row = self._find("id", {"id": id})
        return None if row is None else _filled(OAuthToken(id=row["id"]), row)

    def save_token(self, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or insert a new one.

        An update keeps the row's id, and whatever `token` leaves blank. The id of the row is set
        on `token`. A new token that could never be used is refused (`_check_storable`).
        """
        given = _values(token)

        def save(at: sa.Connection) -> str:
            row = _row_to_update(at, given)
            if row is None:
                _check_storable(given)
                taken = given["id"] is None or _look_up(at, "id", given)
                row = {"id": _new_id() if taken else given["id"]}
                at.execute(sa.insert(TOKENS).inline().values({**given, **row}))
            else:
                news = {column: value for column, value in given.items() if value is not None}
                at.execute(sa.update(TOKENS).where(_is(row)).values({**news, "id": row["id"]}))
            return str(row["id"])

        token.set_id(self._run("The token cannot be saved", save, writes=True))

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""

        def remove(at: sa.Connection) -> None:
            if row := _look_up(at, "id", {"id": id}):
                at.execute(sa.delete(TOKENS).where(_is(row)))

        self._run("The token cannot be deleted", remove, writes=True)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no certain order, as new objects."""
        rows = self._run("The tokens cannot be listed", lambda at: at.execute(_SELECT).all())
        return [_filled(OAuthToken(id=row.id), row._mapping) for row in rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        clear = sa.delete(TOKENS)
        self._run("The tokens cannot be deleted", lambda at: at.execute(clear), writes=True)

    def close(self) -> None:
        """Close the connections that are not in use. The next call opens another one."""
        self._engine.dispose()

    def _find(self, column: str, query: Values) -> Values | None:
        return self._run("The token cannot be found", lambda at: _look_up(at, column, query))

    def _run(self, failure: str, work: Work[Answer], *, writes: bool = False) -> Answer:
        """What `work` returns, in a transaction; errors become SDKException(failure)."""
        if self._process != os.getpid():  # a forked child must not use its parent's connections
            self._engine.dispose(close=False)
            self._process = os.getpid()
        for tries_left in reversed(range(20)):
            at = None
            try:
                with self._engine.begin() as at:
                    # This locks out other writers, before anything of theirs is read.
                    if writes and not at.execute(_NEXT_TURN).rowcount:
                        at.execute(sa.insert(TURN), _FIRST_TURN)
                    return work(at)
            except (sa.exc.SQLAlchemyError, UnicodeError, OSError) as error:
                cause, again = _reason(error, is_connected=at is not None)
            if not (again and tries_left):
                break
        # Not within `except`: the first error, which may show values, would be a context of this.
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause


def _create(at: sa.Connection) -> None:
    file = at.engine.url.database if at.dialect.name == "sqlite" else None
    if file and os.path.isfile(file) and not sa.inspect(at).get_table_names():
        os.chmod(file, 0o600)  # only its owner may read it
    METADATA.create_all(at)
    there = {index["name"] for index in sa.inspect(at).get_indexes("oauthtoken")}
    for index in [each for each in TOKENS.indexes if each.name not in there]:
        index.create(at)  # for a table that was there


def _reason(error: Exception, *, is_connected: bool) -> tuple[Exception, bool]:
    """The cause, without the text, which may quote a value; and whether another try may succeed."""
    driver = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    codes = [getattr(driver, "sqlstate", None), getattr(driver, "errno", None), *driver.args[:1]]
    again = any(code in _RACES for code in codes) or "already exists" in str(driver)
    if isinstance(driver, Exception) and not is_connected:
        return driver, again  # no values were sent
    shown = [str(code) for code in codes if isinstance(code, int)][:1] or filter(None, codes[:1])
    return RuntimeError(" ".join([type(driver).__name__, *shown])), again


# What a token says, and which row it means ---------------------------------------------------


def _values(token: OAuthToken) -> Values:
    """The values of a token by column, as text (the SDK wants its expiry as a `str`), or None."""
    return {
        column: None if (value := get(token)) is None or value == "" else str(value)
        for column, (get, _) in _FIELDS.items()
    }


def _key_of(given: Values) -> str | None:
    """The match rule: the column that identifies a row, or None.

    The first rule that applies decides alone. If a token that names an unknown user were looked
    up by its refresh token next, it would get another user's row.
    """
    client = given["client_id"], given["client_secret"]
    if given["user_name"]:
        return "user_name"
    if all(client):
        return next((key for key in ("grant_token", "refresh_token") if given[key]), None)
    return "access_token" if given["access_token"] and not any(client) else None


def _look_up(at: sa.Connection, column: str, given: Values) -> Values | None:
    """The row with the given value in this column. Several can come to share a token.

    Of these: the one with the given id, then one that names a user (the SDK keeps that one
    fresh), then the first id. A token that was found so is saved to the same row.
    """
    value = given[column]
    rows = at.execute(_SELECT.where(TOKENS.c[column] == value)).mappings() if value else ()
    return min(
        (row for row in rows if row[column] == value),  # to the database, others may be equal
        key=lambda row: (row["id"] != given["id"], not row["user_name"], row["id"]),
        default=None,
    )


def _row_to_update(at: sa.Connection, given: Values) -> Values | None:
    """The row with the key of the token, else with its id, unless it names another user.

    By id, since the SDK looks the user's name up and adds it to a token that it found without.
    """
    if (key := _key_of(given)) and (row := _look_up(at, key, given)):
        return row
    row = _look_up(at, "id", given)
    return None if row and row["user_name"] and given["user_name"] else row


def _is(row: Values) -> Any:
    """The condition that is true of this row alone: MySQL ignores blanks, but not before a dot."""
    return (TOKENS.c.id == row["id"]) & (TOKENS.c.id + "." == row["id"] + ".")


def _new_id() -> str:
    """Random, so that it is never given out again; of 10 characters, as DBStore's column."""
    return base64.b32encode(os.urandom(7))[:10].decode()


def _check_storable(given: Values) -> None:
    """Refuse a new row that could do nothing, or that nothing could ever find."""
    if not (given["grant_token"] or given["refresh_token"] or given["access_token"]):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key_of(given) is None and given["id"] is None:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _filled(token: OAuthToken, row: Values) -> OAuthToken:
    """The token, with what it lacked of this row; what it carries stays."""
    for name, (get, set_value) in _FIELDS.items():
        if row[name] and get(token) in (None, ""):
            set_value(token, row[name])
    return token
