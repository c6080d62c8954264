"""Correct stores in memory, of other makes."""

import base64
import copy
import os
import threading
import zlib
from typing import ClassVar

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, Record, blank, get_field, set_field


class SharedByClass(Correct):
    """All stores of a working directory share what they hold: a second one may not be empty."""

    _shared: ClassVar[dict[str, dict]] = {}

    def __init__(self):
        self.__dict__ = self._shared.setdefault(os.getcwd(), self.__dict__)
        if not self.__dict__:
            super().__init__()


_SAVED: dict[str, list[Record]] = {}
_ISSUED: dict[str, int] = {}


class InTheModule(Correct):
    """What it holds is the module's, by working directory."""

    def __init__(self):
        self._place = os.getcwd()

    @property
    def records(self):
        return _SAVED.setdefault(self._place, [])

    @property
    def issued(self):
        return _ISSUED.get(self._place, 0)

    @issued.setter
    def issued(self, count):
        _ISSUED[self._place] = count


class OneCallAtATime(Correct):
    """One call at a time."""

    def __init__(self):
        super().__init__()
        self._lock = threading.RLock()

    def find_token(self, token):
        with self._lock:
            return super().find_token(token)

    def save_token(self, token):
        with self._lock:
            super().save_token(token)

    def delete_token(self, id):
        with self._lock:
            super().delete_token(id)

    def get_tokens(self):
        with self._lock:
            return super().get_tokens()

    def delete_tokens(self):
        with self._lock:
            super().delete_tokens()

    def find_token_by_id(self, id):
        with self._lock:
            return super().find_token_by_id(id)


class _Coded(Correct):
    """Every value but None is kept in another form."""

    def _rows(self):
        return [self._decoded(record) for record in super()._rows()]

    def _add(self, record):
        super()._add(self._encoded(record))

    def _change(self, record, values):
        self.records[self._rows().index(record)] = self._encoded({**record, **values})

    def _remove(self, record):
        del self.records[self._rows().index(record)]

    def _encoded(self, record):
        return {f: v if v is None else self.encode(f, v) for f, v in record.items()}

    def _decoded(self, record):
        return {f: v if v is None else self.decode(f, v) for f, v in record.items()}

    def encode(self, field, text):
        raise NotImplementedError

    def decode(self, field, kept):
        raise NotImplementedError


class Encrypted(_Coded):
    """Every value is encrypted at rest; the cipher is a toy."""

    breaks_should = ("SEC-1",)

    key = 0x5A

    def encode(self, field, text):
        return base64.b64encode(bytes(byte ^ self.key for byte in text.encode("utf-8")))

    def decode(self, field, kept):
        return bytes(byte ^ self.key for byte in base64.b64decode(kept)).decode("utf-8")


class Compressed(_Coded):
    """Every value is compressed."""

    breaks_should = ("SEC-1",)

    def encode(self, field, text):
        return zlib.compress(text.encode("utf-16"))

    def decode(self, field, kept):
        return zlib.decompress(kept).decode("utf-16")


class NumericExpiry(_Coded):
    """The expiry is kept as a number, where it is one, and given back as text."""

    def encode(self, field, text):
        numeric = field == "expires_in" and text.lstrip("-").isdecimal()
        return int(text) if numeric and str(int(text)) == text else text

    def decode(self, field, kept):
        return str(kept)


class KeepsTokens(TokenStore):
    """It keeps deep copies of tokens, and answers with deep copies of those."""

    breaks_should: tuple[str, ...] = ()

    def __init__(self):
        self._tokens: dict[str, OAuthToken] = {}
        self._issued = 0

    def find_token(self, token):
        if not isinstance(token, OAuthToken):
            return None
        kept = self._match(token)
        if kept is None and self._key(token) is None:
            kept = self._tokens.get(token.get_id())
        return None if kept is None else self._pour(kept, token)

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            return
        kept = self._match(token) or self._own(token)
        if kept is not None:
            self._pour(token, kept, over=True)
            token.set_id(kept.get_id())
        elif all(blank(get_field(token, field)) for field in SECRETS):
            raise SDKException("TOKEN_STORE", "nothing to store")
        else:
            if blank(token.get_id()) or token.get_id() in self._tokens:
                token.set_id(self._unused_id())
            self._tokens[token.get_id()] = copy.deepcopy(token)

    def delete_token(self, id):
        self._tokens.pop(id, None)

    def get_tokens(self):
        return copy.deepcopy(list(self._tokens.values()))

    def delete_tokens(self):
        self._tokens = {}

    def find_token_by_id(self, id):
        return copy.deepcopy(self._tokens.get(id))

    def _key(self, token):
        has = {field for field in FIELDS if not blank(get_field(token, field))}
        if "user" in has:
            return "user"
        if "access_token" in has and not has & {"client_id", "client_secret"}:
            return "access_token"
        if has >= {"client_id", "client_secret"} and has & {"grant_token", "refresh_token"}:
            return "grant_token" if "grant_token" in has else "refresh_token"
        return None

    def _match(self, token):
        key = self._key(token)
        for kept in self._tokens.values():
            if key and get_field(kept, key) == get_field(token, key):
                return kept
        return None

    def _own(self, token):
        kept = self._tokens.get(token.get_id())
        users = {get_field(one, "user") for one in (kept, token) if kept} - {None, ""}
        return kept if len(users) < 2 else None

    def _pour(self, source, target, over=False):
        for field in FIELDS[1:] if over else FIELDS:
            value = get_field(source, field)
            if not blank(value) and (over or blank(get_field(target, field))):
                set_field(target, field, value)
        return target

    def _unused_id(self):
        self._issued += 1
        while f"T{self._issued}" in self._tokens:
            self._issued += 1
        return f"T{self._issued}"


class CopyOnWrite(Correct):
    """What it holds is a tuple of tuples, and every change another tuple."""

    def __init__(self):
        self.state: tuple[tuple, ...] = ()
        self.issued = 0

    def _rows(self):
        return [dict(zip(FIELDS, row, strict=True)) for row in self.state]

    def _add(self, record):
        self.state = (*self.state, self._row(record))

    def _change(self, record, values):
        new = self._row({**record, **values})
        self.state = tuple(new if row[0] == record["id"] else row for row in self.state)

    def _remove(self, record):
        self.state = tuple(row for row in self.state if row[0] != record["id"])

    def _clear(self):
        self.state = ()

    def _row(self, record):
        return tuple(record[field] for field in FIELDS)


class Indexed(Correct):
    """Each key has its index, of ids in the order in which they got the key."""

    keys = ("user", *SECRETS)

    def __init__(self):
        self.by_id: dict[str, Record] = {}
        self.index: dict[tuple, dict[str, None]] = {}
        self.issued = 0

    def _seek(self, field, value):
        ids = self.index.get((field, value))
        return self.by_id[next(iter(ids))] if ids else None

    def _by_id(self, id):
        return self.by_id.get(id)

    def _rows(self):
        return list(self.by_id.values())

    def _add(self, record):
        self.by_id[record["id"]] = record
        for key in self._keys(record):
            self.index.setdefault(key, {})[record["id"]] = None

    def _remove(self, record):
        del self.by_id[record["id"]]
        for key in self._keys(record):
            del self.index[key][record["id"]]

    def _change(self, record, values):
        self._remove(record)
        self._add(values)

    def _clear(self):
        self.by_id.clear()
        self.index.clear()

    def _keys(self, record):
        return [(field, record[field]) for field in self.keys if not blank(record[field])]
