"""Tokens in dictionaries: the fastest store, for tests and for programs that log in at each start.

    from memory_store import InMemoryStore

    Initializer.initialize(user, environment, token, InMemoryStore(), sdk_config, resource_path)

Copy this file into your project: it needs the standard library and the SDK only, in any of the
distributions that install the module `zcrmsdk` (zcrmsdk 3.1, zohocrmsdk2_0, zohocrmsdk2_1).

What it promises, beyond the methods:

- One store serves all threads of a program.
- A call takes the same time however many tokens there are; `get_tokens` alone takes longer.

The tokens are lost with the object, and are in one process: a forked child has a copy.
"""

from __future__ import annotations

import itertools
import threading
from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

try:
    from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import TokenType
except ImportError:  # zohocrmsdk2_0 and zohocrmsdk2_1 do without
    TokenType = None

Record = dict[str, Any]
"""One stored token: a value, or None, for each field. Replaced as a whole, never changed."""

Key = tuple[tuple[str, Any], ...]
"""The fields, and their values, by which a record is found. One with a None finds nothing."""

_FIELDS = (
    "id",
    "user_mail",
    "client_id",
    "client_secret",
    "grant_token",
    "refresh_token",
    "access_token",
    "expires_in",
    "redirect_url",
)
_BLANK: Record = dict.fromkeys(_FIELDS)

# Of these, what the program says counts: they belong to the client, and may be new.
_THE_PROGRAMS = ("client_secret", "redirect_url")


class InMemoryStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in dictionaries.

    Every method may be called from any thread. Anything but an OAuthToken, and a user without an
    email, raises SDKException.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new_number = itertools.count()
        self._records: dict[int, Record] = {}  # by number: a newer record has a higher one
        self._numbers: dict[Key, set[int]] = {}  # of the records with this key

    def get_token(self, user: UserSignature, token: OAuthToken) -> OAuthToken | None:
        """Look up the login of `user` that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with all that the SDK needs to use, to refresh and to remove it; or
            None, and `token` as it was.
        """
        key = _key(_get(user, "email"), token)
        with self._lock:
            records = self._with(key)
        return _filled(token, records[-1]) if records else None

    def get_token_by_id(self, id: str, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` with the login of this id and return it, or None. zcrmsdk 3.1 never asks.

        Raises:
            SDKException: several logins have this id. The SDK makes it of the name in the user's
                email and four characters of the refresh token, so ann@one.example may have that
                of ann@two.example; and neither must get the other's token.
        """
        _check(token)
        with self._lock:
            records = self._with((("id", id),))
        if len({record["refresh_token"] for record in records}) > 1:
            raise SDKException("TOKEN_STORE", "Several logins have this id.")
        return _filled(token, records[-1]) if records else None

    def save_token(self, user: UserSignature, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or insert a new one.

        An update keeps whatever `token` leaves blank. The user's email is set on `token`, so that
        the SDK can remove it later, and nothing else of it changes.

        Raises:
            SDKException: `token` has no client id, or neither grant nor refresh token. Nothing
                could find it again; the SDK never saves one, and uses a mere access token as it is.
        """
        email = _get(user, "email")
        key = _key(email, token)
        if _finds_nothing(key):
            raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")
        given = {name: _get(token, name) for name in _FIELDS} | {"user_mail": email}
        carried = {name: value for name, value in given.items() if value is not None}
        with self._lock:
            number = max(self._numbers.get(key, ()), default=None)
            if number is None:
                number = next(self._new_number)
            self._replace(number, {**self._records.get(number, _BLANK), **carried})
        _set(token, "user_mail", email)

    def delete_token(self, token: OAuthToken) -> None:
        """Delete what `token` identifies, of the user whose email it carries; or nothing.

        It carries one once it was saved or found. Without, this raises, so that `remove` says
        False rather than True.
        """
        key = _key(_get(token, "user_mail"), token)
        with self._lock:
            for number in list(self._numbers.get(key, ())):
                self._replace(number, None)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no particular order, as new objects."""
        with self._lock:
            records = list(self._records.values())
        return [_new_token(record) for record in records]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._lock:
            self._records.clear()
            self._numbers.clear()

    # The caller of these holds the lock.

    def _with(self, key: Key) -> list[Record]:
        """The records with this key, the oldest first.

        More than one where a user logged in with several grants and got the same refresh token.
        """
        return [self._records[number] for number in sorted(self._numbers.get(key, ()))]

    def _replace(self, number: int, record: Record | None) -> None:
        """Put the record in the place of the one with this number, if any; None deletes."""
        for key in _keys(self._records.pop(number, _BLANK)):
            numbers = self._numbers[key]
            numbers.remove(number)
            if not numbers:
                del self._numbers[key]
        if record:
            self._records[number] = record
            for key in _keys(record):
                self._numbers.setdefault(key, set()).add(number)


# What a token says, and which record it means ------------------------------------------------


def _check(token: OAuthToken) -> None:
    if not isinstance(token, OAuthToken):
        raise SDKException("TOKEN_STORE", "This store keeps the SDK's OAuthToken only.")


def _key(email: str | None, token: OAuthToken) -> Key:
    """The match rule: user, client, and the grant token; the refresh token where there is none.

    The grant token decides alone. A record with another one is another login.
    """
    _check(token)
    if email is None:
        raise SDKException("TOKEN_STORE", "Whose token? There is no email of a user.")
    name = "refresh_token" if _get(token, "grant_token") is None else "grant_token"
    owner = ("user_mail", email), ("client_id", _get(token, "client_id"))
    return (*owner, (name, _get(token, name)))


def _finds_nothing(key: Key) -> bool:
    return None in dict(key).values()


def _keys(record: Record) -> list[Key]:
    """All keys that find this record."""
    login = ("user_mail", "client_id")
    names = ("id",), (*login, "grant_token"), (*login, "refresh_token")
    keys = [tuple((name, record[name]) for name in each) for each in names]
    return [key for key in keys if not _finds_nothing(key)]


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


def _filled(token: OAuthToken, record: Record) -> OAuthToken:
    """The token, with the login of this record; what the record does not know stays."""
    for name, value in record.items():
        stays = name in _THE_PROGRAMS and _get(token, name) is not None
        if value is not None and not stays:
            _set(token, name, value)
    return token


def _new_token(record: Record) -> OAuthToken:
    """A token made by the constructor, which wants one of the fields at once; then all are set."""
    token = OAuthToken("", None, "", TokenType.GRANT) if TokenType else OAuthToken(id="")
    for name, value in record.items():
        _set(token, name, value)
    return token
