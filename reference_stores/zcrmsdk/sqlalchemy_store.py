"""Tokens in a table of PostgreSQL, MySQL, MariaDB or SQLite, with SQLAlchemy 2.

    from sqlalchemy_store import SQLAlchemyStore

    store = SQLAlchemyStore("postgresql+psycopg://user:password@host/database")
    Initializer.initialize(user, environment, token, store, sdk_config, resource_path)

Copy this file into your project: it needs the SDK, in any of the distributions that install the
module `zcrmsdk` (zcrmsdk 3.1, zohocrmsdk2_0, zohocrmsdk2_1), SQLAlchemy 2, and a driver: psycopg;
PyMySQL or mysql-connector-python; none for SQLite. What it promises, beyond the methods:

- One table serves all threads, processes and machines, on the server's default isolation. Those
  that write take turns: each locks the row of the table `zohotoken_turn` first. Finds do not wait.
- A save that returned is committed, and survives the death of its process.
- While the server is out of reach, every method raises `SDKException`. When it is back, so are the
  tokens: a connection is tested before it is used.
- Values are compared exactly, although MySQL may take "ann", "Ann" and "ann " for the same.
- It leaves the table `oauthtoken` of the SDK's DBStore alone, which lacks columns that it needs.

What it leaves out, to stay short:

- Replicas. Connect to the primary: a late replica gives answers that are out of date.
- A time limit for others if a machine stops in the middle of a save. MySQL makes them wait for 50
  seconds; PostgreSQL forever, unless you set `idle_in_transaction_session_timeout`.
- Encryption.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

try:
    from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import TokenType
except ImportError:  # zohocrmsdk2_0 and zohocrmsdk2_1 do without
    TokenType = None

Values = Mapping[str, Any]  # what a token carries, by column
Answer = TypeVar("Answer")
Work = Callable[[sa.Connection], Answer]

_FIELDS = (
    *("id", "user_mail", "client_id", "client_secret", "grant_token", "refresh_token"),
    *("access_token", "expires_in", "redirect_url"),
)
# Of these, what the program says counts: they belong to the client, and may be new.
_THE_PROGRAMS = ("client_secret", "redirect_url")


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
# No value is a key of the database: `get_token_by_id` says why ids repeat, and logins may share a
# refresh token. A login is stored once since writers take turns.
TOKENS = sa.Table(
    "zohotoken",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(column, _Text) for column in _FIELDS),
    **_MYSQL,
)
for _key in ("id", "grant_token", "refresh_token"):
    _options: Any = {"mysql_length": 70, "mariadb_length": 70, "postgresql_using": "hash"}
    sa.Index(f"zohotoken_{_key}", TOKENS.c[_key], **_options)
_ONE = sa.Column("id", sa.Integer, primary_key=True)
TURN = sa.Table("zohotoken_turn", METADATA, _ONE, sa.Column("turn", sa.BigInteger), **_MYSQL)
_SELECT = sa.select(TOKENS).order_by(TOKENS.c.number)  # the oldest first
# Another was first, so try again: not serializable, deadlock, a row, table or index exists.
_RACES = ("40001", "40P01", "23505", "42P07", 1213, 1020, 1062, 1050, 1061)
_NEXT_TURN, _FIRST_TURN = sa.update(TURN).values(turn=TURN.c.turn + 1), {"id": 1, "turn": 1}


class SQLAlchemyStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a database.

    Args:
        database: a URL, or an engine: make it with pool_pre_ping=True and hide_parameters=True.
        create: create tables and indexes that are missing; else Alembic may, from `METADATA`.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when the database cannot answer; also without an OAuthToken or
    the user's email.
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

    def get_token(self, user: UserSignature, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` from the login of `user` that it identifies, and return it; or None.

        `token` then has all that the SDK needs to use, to refresh and to remove it.
        """
        query = _values(token, _get(user, "email"))
        rows = self._run("The token cannot be looked up", lambda at: _logins(at, query))
        return _filled(token, rows[-1]) if rows else None

    def get_token_by_id(self, id: str, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` from the login with this id, and return it; or None. zcrmsdk 3.1 never asks.

        Raises SDKException where several logins have this id. The SDK builds ids from the name in
        the user's email and four characters of the refresh token, so ann@one.example may have that
        of ann@two.example, and neither must get the other's token.
        """
        _check(token)
        rows = self._run("The token cannot be looked up", lambda at: _having(at, {"id": id}))
        if len({row["refresh_token"] for row in rows}) > 1:
            raise SDKException("TOKEN_STORE", "Several logins have this id.")
        return _filled(token, rows[-1]) if rows else None

    def save_token(self, user: UserSignature, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or insert a new one.

        An update keeps whatever `token` leaves blank. The user's email is set on `token`, so that
        the SDK can remove it later. A token that nothing could find again is refused: the SDK never
        saves one, and uses an access token alone as it is.
        """
        given = _values(token, _get(user, "email"))
        if not given["client_id"] or not (given["grant_token"] or given["refresh_token"]):
            raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")

        def save(at: sa.Connection) -> None:
            news = {column: value for column, value in given.items() if value is not None}
            rows = _logins(at, given)
            if rows:
                newest = TOKENS.c.number == rows[-1]["number"]
                at.execute(sa.update(TOKENS).where(newest).values(news))
            else:
                at.execute(sa.insert(TOKENS).inline().values(news))

        self._run("The token cannot be saved", save, writes=True)
        _set(token, "user_mail", given["user_mail"])

    def delete_token(self, token: OAuthToken) -> None:
        """Delete what `token` identifies, of the user whose email it carries; or nothing.

        It carries one once it was saved or found. Without one this raises, so that `remove` of the
        SDK returns False rather than True.
        """
        query = _values(token, _get(token, "user_mail"))

        def remove(at: sa.Connection) -> None:
            for row in _logins(at, query):
                at.execute(sa.delete(TOKENS).where(TOKENS.c.number == row["number"]))

        self._run("The token cannot be deleted", remove, writes=True)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        rows = self._run("The tokens cannot be listed", lambda at: _having(at, {}))
        return [_new_token(row) for row in rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        clear = sa.delete(TOKENS)
        self._run("The tokens cannot be deleted", lambda at: at.execute(clear), writes=True)

    def close(self) -> None:
        """Close the connections that are not in use. The next call opens another one."""
        self._engine.dispose()

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


def _check(token: OAuthToken) -> None:
    if not isinstance(token, OAuthToken):
        raise SDKException("TOKEN_STORE", "This store keeps the SDK's OAuthToken only.")


def _values(token: OAuthToken, email: str | None) -> Values:
    """The values of a token by column, as text, for the user with this email; blank: None."""
    _check(token)
    if email is None:
        raise SDKException("TOKEN_STORE", "Whose token? There is no email of a user.")
    values = {**{column: _get(token, column) for column in _FIELDS}, "user_mail": email}
    return {column: None if value is None else str(value) for column, value in values.items()}


def _logins(at: sa.Connection, given: Values) -> list[Values]:
    """The match rule: user, client, and the grant token; the refresh token where there is none.

    The grant token decides alone. A row with another one is another login.
    """
    token = "refresh_token" if given["grant_token"] is None else "grant_token"
    return _having(at, {column: given[column] for column in (token, "client_id", "user_mail")})


def _having(at: sa.Connection, values: Values) -> list[Any]:
    """The rows with these values, the oldest first. None is equal to nothing."""
    if None in values.values():
        return []
    rows = at.execute(_SELECT.where(*(TOKENS.c[name] == values[name] for name in values)))
    # To the database, others may be equal.
    return [row for row in rows.mappings() if all(row[name] == values[name] for name in values)]


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


def _filled(token: OAuthToken, row: Values) -> OAuthToken:
    """The token, with the login of this row; what the row does not know stays."""
    for name in _FIELDS:
        value = row[name]
        stays = name in _THE_PROGRAMS and _get(token, name) is not None
        if value is not None and not stays:
            _set(token, name, value)
    return token


def _new_token(row: Values) -> OAuthToken:
    """A token made by the constructor, which wants one of the fields at once; then all are set."""
    token = OAuthToken("", None, "", TokenType.GRANT) if TokenType else OAuthToken(id="")
    for name in _FIELDS:
        value = row[name]
        _set(token, name, value)
    return token
