"""Correct stores that keep their records in other ways than a list of dictionaries."""

import base64
import csv
import io
import sqlite3
import sys
from collections import OrderedDict
from pathlib import Path

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore

from tests.correct import connections
from tests.correct.zcrmsdk.honest import (
    FIELDS,
    Honest,
    HonestFile,
    blank_token,
    get_field,
    set_field,
)


class Encoded(Honest):
    """Every value but None is kept in another form; the caller's token is not."""

    breaks_should = ("SEC-1",)

    def _rows(self):
        return [self._each(record, self._decoded) for record in super()._rows()]

    def _add(self, record):
        super()._add(self._each(record, self._encoded))

    def _change(self, record, values):
        at = self._rows().index(record)
        self.records[at] = self._each(values, self._encoded)

    def _remove(self, record):
        del self.records[self._rows().index(record)]

    def _each(self, record, change):
        return {f: v if v is None else change(v) for f, v in record.items()}

    def _encoded(self, text):
        return base64.b85encode(text.encode("utf-8"))

    def _decoded(self, kept):
        return base64.b85decode(kept).decode("utf-8")


class ByTwoIndices(TokenStore):
    """Two dictionaries, by grant token and by refresh token; tokens are kept as lists of values."""

    def __init__(self):
        self._by = OrderedDict(), OrderedDict()

    def get_token(self, user, token):
        values = self._seek(get_field(user, "email"), token)
        if values is None:
            return None
        answer = blank_token()
        for field, value in zip(FIELDS, values, strict=True):
            set_field(answer, field, value)
        return answer

    def save_token(self, user, token):
        if not isinstance(token, OAuthToken):
            return
        set_field(token, "user_mail", get_field(user, "email"))
        old = self._seek(get_field(user, "email"), token)
        if old is not None:
            self._forget(old)
        values = [get_field(token, field) for field in FIELDS]
        for index, key in zip(self._by, self._keys(values), strict=True):
            if key is not None:
                index[key] = values

    def delete_token(self, token):
        old = self._seek(get_field(token, "user_mail"), token)
        if old is not None:
            self._forget(old)

    def get_tokens(self):
        every = {id(values): values for index in self._by for values in index.values()}
        tokens = []
        for values in every.values():
            token = blank_token()
            for field, value in zip(FIELDS, values, strict=True):
                set_field(token, field, value)
            tokens.append(token)
        return tokens

    def delete_tokens(self):
        for index in self._by:
            index.clear()

    def get_token_by_id(self, id, token):
        for each in self.get_tokens():
            if get_field(each, "id") == id:
                return each
        return None

    def _seek(self, email, token):
        values = [get_field(token, field) for field in FIELDS]
        values[FIELDS.index("user_mail")] = email
        by_grant, by_refresh = self._keys(values)
        return self._by[1].get(by_refresh) if by_grant is None else self._by[0].get(by_grant)

    def _keys(self, values):
        record = dict(zip(FIELDS, values, strict=True))
        return [
            record[f] and (record["user_mail"], record["client_id"], record[f])
            for f in ("grant_token", "refresh_token")
        ]

    def _forget(self, values):
        for index in self._by:
            for key in [key for key, kept in index.items() if kept is values]:
                del index[key]


class InATable(Honest):
    """In a table of SQLite, read and written as a whole, one statement each."""

    breaks_should = ("SEC-1",)

    def __init__(self):
        path = Path("table.db").absolute()
        path.touch(mode=0o600)
        self.database = sqlite3.connect(path, check_same_thread=False)
        columns = ", ".join(FIELDS)
        self.database.execute("pragma synchronous = off")  # it need not survive the system's end
        self.database.execute(
            f"create table if not exists tokens (n integer primary key, {columns})"
        )

    def _rows(self):
        rows = self.database.execute("select * from tokens order by n").fetchall()
        return [dict(zip(("n", *FIELDS), row, strict=True)) for row in rows]

    def _add(self, record):
        values = [record[field] for field in FIELDS]
        marks = ", ".join("?" * len(FIELDS))
        with self.database:
            self.database.execute(
                f"insert into tokens ({', '.join(FIELDS)}) values ({marks})", values
            )

    def _change(self, record, values):
        with self.database:
            for field in FIELDS:
                self.database.execute(
                    f"update tokens set {field} = ? where n = ?", (values[field], record["n"])
                )

    def _remove(self, record):
        with self.database:
            self.database.execute("delete from tokens where n = ?", (record["n"],))

    def _clear(self):
        with self.database:
            self.database.execute("delete from tokens")


class InACsvFile(HonestFile):
    """In a file of comma-separated text, made when the first token is saved; None has a mark."""

    breaks_should = ("SEC-1",)

    if sys.version_info < (3, 11):
        breaks_should = ("DATA-2", "SEC-1")  # the csv module takes no character NUL

    name = "honest.csv"

    def __init__(self):
        self.path = Path(self.name).absolute()

    def _dump(self):
        lines = io.StringIO(newline="")
        writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
        writer.writerows([self._marked(record) for record in self.records])
        encoded = lines.getvalue().encode("utf-8")
        self.path.touch(mode=0o600)
        self.path.write_bytes(encoded)

    def _rows(self):
        self.records = []
        if self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as file:
                self.records = [self._unmarked(row) for row in csv.reader(file)]
        return list(self.records)

    def _clear(self):
        self.records = []
        self._dump()

    def _marked(self, record):
        return ["-" if record[f] is None else f"+{record[f]}" for f in FIELDS]

    def _unmarked(self, row):
        return {f: None if v == "-" else v[1:] for f, v in zip(FIELDS, row, strict=True)}


class ConnectsEachThread(connections.ConnectsEachThread, Honest):
    """Each thread has a connection of its own, which is closed when the thread has ended."""


class HasAPoolForThreads(connections.HasAPoolForThreads, Honest):
    """Each thread gets a connection of a pool, which has twenty in the end."""
