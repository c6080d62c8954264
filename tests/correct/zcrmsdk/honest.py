"""The smallest store that keeps every clause of the five-method contract, SHOULD included.

It works with each of the distributions: tokens have plain attributes in 3.x, getters and setters in
2.x.
"""

from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator import oauth_token
from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore

from tests.correct.honest import InJson, Record, Steps

FIELDS = (
    *("id", "user_mail", "client_id", "client_secret"),
    *("grant_token", "refresh_token", "access_token", "expires_in", "redirect_url"),
)
ACCESSORS = hasattr(OAuthToken, "get_id")
"""Whether tokens have getters and setters; these lines find tokens by id."""


def get_field(thing: Any, field: str) -> Any:
    """A field of a token, or of a user."""
    return getattr(thing, f"get_{field}")() if ACCESSORS else getattr(thing, field)


def set_field(token: OAuthToken, field: str, value: Any) -> None:
    """Set a field of a token."""
    if ACCESSORS:
        getattr(token, f"set_{field}")(value)
    else:
        setattr(token, field, value)


def blank_token(kind: type = OAuthToken) -> OAuthToken:
    """A token made by the constructor, which wants some values, and has none for others."""
    grant = () if ACCESSORS else (oauth_token.TokenType.GRANT,)
    token = kind("", "", "", *grant)
    for field in FIELDS:
        set_field(token, field, None)
    return token


class Honest(Steps, TokenStore):
    """Correct, in a list, one small step after another."""

    kind = OAuthToken
    """What it lists."""

    # The methods

    def get_token(self, user, token):
        if not isinstance(token, OAuthToken):
            return None
        record = self._locate(self._of(user, token))
        return self._miss(token) if record is None else self._fill(token, record)

    def save_token(self, user, token):
        if not isinstance(token, OAuthToken):
            return
        new = self._of(user, token)
        old = self._locate_for_save(new)
        if old is None:
            self._insert(new)
        else:
            self._update(old, new)
        self._tell(token, new)

    def delete_token(self, token):
        record = self._locate_for_delete(self._read(token))
        if record is not None:
            self._remove(record)

    def get_token_by_id(self, id, token):
        record = self._locate_by_id(id)
        return self._miss(token) if record is None else self._fill(token, record)

    # Which record a call is about

    def _locate_for_delete(self, gone: Record) -> "Record | None":
        return self._match(gone)

    def _match(self, values: Record) -> "Record | None":
        return self._first(lambda record: self._same(record, values))

    def _same(self, record: Record, values: Record) -> bool:
        """The match rule."""
        key = self._key(values)
        return self._equal(record, values, "user_mail", "client_id", key)

    def _key(self, values: Record) -> str:
        return "refresh_token" if values["grant_token"] is None else "grant_token"

    def _equal(self, record: Record, values: Record, *fields: str) -> bool:
        return all(record[field] == values[field] for field in fields)

    # Saving

    def _insert(self, new: Record) -> None:
        self._add(self._fresh(new))

    def _update(self, old: Record, new: Record) -> None:
        self._change(old, self._merge(old, new))

    def _fresh(self, new: Record) -> Record:
        return dict(new)

    def _merge(self, old: Record, new: Record) -> Record:
        """The record after an update: what the new one carries, else what the old one had."""
        return {f: old[f] if new[f] is None else new[f] for f in FIELDS}

    def _tell(self, token: OAuthToken, new: Record) -> None:
        set_field(token, "user_mail", new["user_mail"])

    # Answering

    def _of(self, user: Any, token: OAuthToken) -> Record:
        return {**self._read(token), "user_mail": get_field(user, "email")}

    def _read(self, token: OAuthToken) -> Record:
        return {field: get_field(token, field) for field in FIELDS}

    def _token(self, record: Record) -> OAuthToken:
        token = blank_token(self.kind)
        for field in FIELDS:
            set_field(token, field, record[field])
        return token

    def _fill(self, token: OAuthToken, record: Record) -> "OAuthToken | None":
        """The query itself, with the record's values where there are any."""
        for field in FIELDS:
            if record[field] is not None:
                set_field(token, field, record[field])
        return token


class HonestFile(InJson, Honest):
    """The same, in a JSON file of the working directory: a second store sees what a first saved."""
