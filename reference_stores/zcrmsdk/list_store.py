"""Tokens in a list of lists: the smallest complete store, to read first.

    from list_store import ListStore

    Initializer.initialize(user, environment, token, ListStore(), sdk_config, resource_path)

Copy this file into your project: it needs the standard library and the SDK only, in any of the
distributions that install the module `zcrmsdk` (zcrmsdk 3.1, zohocrmsdk2_0, zohocrmsdk2_1).

What it promises, beyond the methods: one store serves all threads of a program.

The tokens are lost with the object, and are in one process: a forked child has a copy. Each
call looks through the whole list, so that it takes ten times longer with ten times the tokens.
"""

from __future__ import annotations

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

Row = list[Any]
"""One token: a value, or None, for each field."""

Key = dict[int, str | None]
"""What a row has to be equal to, by place. A None is equal to nothing."""

# The place of each field in a row, and its name.
ID, USER_MAIL, CLIENT_ID, CLIENT_SECRET, GRANT_TOKEN, REFRESH_TOKEN, ACCESS_TOKEN = range(7)
EXPIRES_IN, REDIRECT_URL = 7, 8
_NAMES = (
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

# Of these, what the program says counts: they belong to the client, and may be new.
_THE_PROGRAMS = ("client_secret", "redirect_url")


class ListStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a list.

    Every method may be called from any thread. Anything but an OAuthToken, and a user without an
    email, raises SDKException.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[Row] = []  # the oldest first

    def get_token(self, user: UserSignature, token: OAuthToken) -> OAuthToken | None:
        """Look up the login of `user` that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with all that the SDK needs to use, to refresh and to remove it; or
            None, and `token` as it was.
        """
        key = _key(_get(user, "email"), token)
        with self._lock:
            rows = self._with(key)
            return _filled(token, rows[-1]) if rows else None

    def get_token_by_id(self, id: str, token: OAuthToken) -> OAuthToken | None:
        """Fill `token` with the login of this id and return it, or None. zcrmsdk 3.1 never asks.

        Raises:
            SDKException: several logins have this id. The SDK makes it of the name in the user's
                email and four characters of the refresh token, so ann@one.example may have that
                of ann@two.example; and neither must get the other's token.
        """
        _check(token)
        with self._lock:
            rows = self._with({ID: id})
            if len({row[REFRESH_TOKEN] for row in rows}) > 1:
                raise SDKException("TOKEN_STORE", "Several logins have this id.")
            return _filled(token, rows[-1]) if rows else None

    def save_token(self, user: UserSignature, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or append a new one.

        An update keeps whatever `token` leaves blank. The user's email is set on `token`, so that
        the SDK can remove it later, and nothing else of it changes.

        Raises:
            SDKException: `token` has no client id, or neither grant nor refresh token. Nothing
                could find it again; the SDK never saves one, and uses a mere access token as it is.
        """
        email = _get(user, "email")
        key = _key(email, token)
        if None in key.values():
            raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")
        given = [_get(token, name) for name in _NAMES]
        given[USER_MAIL] = email
        with self._lock:
            rows = self._with(key)
            if rows:
                row = rows[-1]
                row[:] = [old if new is None else new for old, new in zip(row, given, strict=True)]
            else:
                self._rows.append(given)
        _set(token, "user_mail", email)

    def delete_token(self, token: OAuthToken) -> None:
        """Delete what `token` identifies, of the user whose email it carries; or nothing.

        It carries one once it was saved or found. Without, this raises, so that `remove` says
        False rather than True.
        """
        key = _key(_get(token, "user_mail"), token)
        with self._lock:
            for row in self._with(key):
                self._rows.remove(row)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._lock:
            return [_new_token(row) for row in self._rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._lock:
            self._rows = []

    def _with(self, key: Key) -> list[Row]:
        """The rows with this key, the oldest first; the caller holds the lock.

        More than one where a user logged in with several grants and got the same refresh token.
        """
        rows = [] if None in key.values() else self._rows
        for place, value in key.items():
            rows = [row for row in rows if row[place] == value]
        return rows


# What a token says, and which row it means ---------------------------------------------------


def _check(token: OAuthToken) -> None:
    if not isinstance(token, OAuthToken):
        raise SDKException("TOKEN_STORE", "This store keeps the SDK's OAuthToken only.")


def _key(email: str | None, token: OAuthToken) -> Key:
    """The match rule: user, client, and the grant token; the refresh token where there is none.

    The grant token decides alone. A row with another one is another login.
    """
    _check(token)
    if email is None:
        raise SDKException("TOKEN_STORE", "Whose token? There is no email of a user.")
    client, grant = _get(token, "client_id"), _get(token, "grant_token")
    login = {REFRESH_TOKEN: _get(token, "refresh_token")} if grant is None else {GRANT_TOKEN: grant}
    return {**login, USER_MAIL: email, CLIENT_ID: client}  # what few rows share comes first


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


def _filled(token: OAuthToken, row: Row) -> OAuthToken:
    """The token, with the login of this row; what the row does not know stays."""
    for name, value in zip(_NAMES, row, strict=True):
        stays = name in _THE_PROGRAMS and _get(token, name) is not None
        if value is not None and not stays:
            _set(token, name, value)
    return token


def _new_token(row: Row) -> OAuthToken:
    """A token made by the constructor, which wants one of the fields at once; then all are set."""
    token = OAuthToken("", None, "", TokenType.GRANT) if TokenType else OAuthToken(id="")
    for name, value in zip(_NAMES, row, strict=True):
        _set(token, name, value)
    return token
