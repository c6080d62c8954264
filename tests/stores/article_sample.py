"""Two stores written after the article's samples on SQLite, with the faults that those have.

Statements are put together from text, and a query without a condition is a query for anything; the
clauses that break are listed with each class. Where the samples rely on `UPDATE ... LIMIT`, which
few builds of SQLite know, a subquery stands here for it.
"""

import sqlite3
from contextlib import closing

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

COLUMNS = (
    *("id", "user_name", "client_id", "client_secret", "refresh_token"),
    *("access_token", "grant_token", "expiry_time", "redirect_url", "api_domain"),
)
SETTERS = {column: f"set_{column}" for column in COLUMNS} | {
    "user_name": "set_user_signature",
    "expiry_time": "set_expires_in",
}
TABLE = """
create table oauthtoken (
    id varchar(10) not null, user_name varchar(255), client_id varchar(255),
    client_secret varchar(255), refresh_token varchar(255), access_token varchar(255),
    grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255),
    api_domain varchar(255), primary key (id)
)
"""


def _filled(text):
    return text is not None and len(text) > 0


def _read(token):
    signature = token.get_user_signature()
    return {
        "id": token.get_id(),
        "user_name": signature.get_name() if signature is not None else None,
        "client_id": token.get_client_id(),
        "client_secret": token.get_client_secret(),
        "refresh_token": token.get_refresh_token(),
        "access_token": token.get_access_token(),
        "grant_token": token.get_grant_token(),
        "expiry_time": token.get_expires_in(),
        "redirect_url": token.get_redirect_url(),
        "api_domain": token.get_api_domain(),
    }


def _merge(token, row):
    """Fill what the token lacks."""
    values = dict(zip(COLUMNS, row, strict=True))
    for column, present in _read(token).items():
        if column == "user_name":
            if token.get_user_signature() is None and values[column] is not None:
                token.set_user_signature(UserSignature(values[column]))
        elif present is None:
            getattr(token, SETTERS[column])(values[column])
    return token


def _blank():
    """A token that was never constructed: it lacks what the constructor alone sets."""
    token = object.__new__(OAuthToken)
    for setter in SETTERS.values():
        getattr(token, setter)(None)
    return token


class ArticleSample(TokenStore):
    """SQLite in `zohooauth.db`, a connection for each call.

    - SHAPE-4: an empty table is taken for a missing one, and created again.
    - SAVE-13, SAVE-15: an update does not tell the id; the greatest id comes again.
    - SAVE-14: the next id is one more than the greatest *text*: after '10' it is '10' again, since
      '9' is greater; beside an id that is no number there is none.
    - SAVE-17, SAVE-18, SAVE-19: a found token with a new key is inserted, under a taken id.
    - FIND-8, FIND-10: a query that identifies nothing, an id alone too, gets the first record.
    - BYID-2: an unknown id raises. BYID-3, DEL-3: what is in an id is taken for SQL.
    - DEL-2: None for an id raises TypeError.
    - CLEAR-1, CLEAR-2: delete_tokens commits on a connection that it does not have.
    - DATA-1: an apostrophe ends the statement.
    """

    def __init__(self):
        self.db_name = "zohooauth.db"
        if not self._has_table():
            with self._connect() as connection:
                connection.execute(TABLE)

    def _connect(self):
        return closing(sqlite3.connect(self.db_name))

    def _has_table(self):
        with self._connect() as connection:
            try:
                row = connection.execute("select * from oauthtoken limit 1").fetchone()
            except sqlite3.OperationalError:
                return False
            return row is not None

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            return
        try:
            with self._connect() as connection:
                try:
                    self._upsert(connection, token)
                finally:
                    connection.commit()
        except Exception as error:
            raise SDKException("TOKEN_STORE", "Exception in save_token", cause=error) from error

    def _upsert(self, connection, token):
        first = f"(select rowid from oauthtoken {self._save_condition(token)} limit 1)"
        statement = f"update oauthtoken set {self._assignments(token)} where rowid = {first}"
        if connection.execute(statement).rowcount > 0:
            return
        values = _read(token)
        secrets = (values["refresh_token"], values["grant_token"], values["access_token"])
        named = token.get_id() is not None or token.get_user_signature() is not None
        if named and secrets == (None, None, None):
            raise SDKException("TOKEN_STORE", "user authentication details not found")
        if token.get_id() is None:
            token.set_id(str(self._next_id(connection)))
        marks = ",".join("?" * len(COLUMNS))
        row = tuple(_read(token).values())
        connection.execute(f"insert into oauthtoken values ({marks})", row)

    def _assignments(self, token):
        carried = list(_read(token).items())[1:]
        return ", ".join(f"{column} = '{value}'" for column, value in carried if value is not None)

    def _save_condition(self, token):
        values = _read(token)
        client = (values["client_id"], values["client_secret"])
        if token.get_user_signature() is not None:
            if _filled(values["user_name"]):
                return f"where user_name = '{values['user_name']}'"
        elif _filled(values["access_token"]) and client == (None, None):
            return f"where access_token = '{values['access_token']}'"
        elif None not in client:
            for column in ("grant_token", "refresh_token"):
                if _filled(values[column]):
                    return f"where {column} = '{values[column]}'"
        raise sqlite3.OperationalError("nothing to set")

    def _next_id(self, connection):
        (greatest,) = connection.execute("select max(id) from oauthtoken").fetchone()
        return int(greatest or 0) + 1

    def find_token(self, token):
        try:
            if isinstance(token, OAuthToken):
                with self._connect() as connection:
                    query = f"select * from oauthtoken {self._find_condition(token)} limit 1"
                    row = connection.execute(query).fetchone()
                if row is None:
                    return None
                _merge(token, row)
        except Exception as error:
            raise SDKException("TOKEN_STORE", "Exception in find_token", cause=error) from error
        return token

    def _find_condition(self, token):
        values = _read(token)
        client = (values["client_id"], values["client_secret"])
        if token.get_user_signature() is not None:
            if _filled(values["user_name"]):
                return f"where user_name = '{values['user_name']}'"
        elif values["access_token"] is not None and client == (None, None):
            return f"where access_token = '{values['access_token']}'"
        elif values["refresh_token"] is not None or (
            values["grant_token"] is not None and None not in client
        ):
            for column in ("grant_token", "refresh_token"):
                if _filled(values[column]):
                    return f"where {column} = '{values[column]}'"
        return ""

    def find_token_by_id(self, id):
        try:
            with self._connect() as connection:
                query = "select * from oauthtoken where id = '" + id + "'"
                rows = connection.execute(query).fetchall()
            if not rows:
                raise SDKException("TOKEN_STORE", "Given Id is invalid")
            return _merge(_blank(), rows[0])
        except sqlite3.Error as error:
            raise SDKException(
                "TOKEN_STORE", "Exception in find_token_by_id", cause=error
            ) from error

    def get_tokens(self):
        try:
            with self._connect() as connection:
                rows = connection.execute("select * from oauthtoken").fetchall()
            return [_merge(_blank(), row) for row in rows]
        except sqlite3.Error as error:
            raise SDKException("TOKEN_STORE", "Exception in get_tokens", cause=error) from error

    def delete_token(self, id):
        try:
            with self._connect() as connection:
                connection.execute("delete from oauthtoken where id = " + id)
                connection.commit()
        except sqlite3.Error as error:
            raise SDKException("TOKEN_STORE", "Exception in delete_token", cause=error) from error

    def delete_tokens(self):
        try:
            with self._connect() as connection:
                connection.execute("delete from oauthtoken")
                self.connection.commit()
        except sqlite3.Error as error:
            raise SDKException("TOKEN_STORE", "Exception in delete_tokens", cause=error) from error


class ArticleSampleInMemory(ArticleSample):
    """SQLite in memory, one connection for all calls.

    - THR-1: the connection works in no thread but the one that made the store.
    - The other faults are the same, except for SHAPE-4, CLEAR-1 and CLEAR-2: there is no table from
      before, and a connection to commit on.
    """

    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute(TABLE)

    def _connect(self):
        return _Left(self.connection)


class _Left:
    """A connection that is left open."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, *error):
        return None
