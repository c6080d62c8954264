"""Tokens in a list of lists: the smallest complete store, to read first.

    from list_store import ListStore

    Initializer.initialize(environment=environment, token=token, store=ListStore())

Copy this file into your project: it needs the standard library and the SDK, lines 5 to 8, only.

What it promises, beyond the six methods: one store serves all threads of a program.

The tokens are lost with the object, and are in one process: a forked child has a copy. Each
call looks through the whole list, so that it takes ten times longer with ten times the tokens.
"""

from __future__ import annotations

import threading
import uuid

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Row = list[str | None]
"""One token: a value, or None, for each field."""


def _user_name(token: OAuthToken) -> str | None:
    user = token.get_user_signature()
    return None if user is None else user.get_name()


def _set_user_name(token: OAuthToken, name: str) -> None:
    token.set_user_signature(UserSignature(name))


# The place of each field in a row; and for each place, how to read it from a token, and to set it.
ID, USER_NAME, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, ACCESS_TOKEN, GRANT_TOKEN = range(7)
_FIELDS = (
    (OAuthToken.get_id, OAuthToken.set_id),
    (_user_name, _set_user_name),
    (OAuthToken.get_client_id, OAuthToken.set_client_id),
    (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    (OAuthToken.get_access_token, OAuthToken.set_access_token),
    (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
)


class ListStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a list.

    Every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[Row] = []  # the oldest first

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Look up the row that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with every field that it left blank filled in place, since
            `OAuthToken.revoke` ignores what is returned; or None, and `token` as it was.
        """
        if not isinstance(token, OAuthToken):
            return None
        query = _row(token)
        with self._lock:
            row = self._by_key(query) if _key(query) else self._by_id(query[ID])
            if row is None:
                return None
            _fill(token, row)
        return token

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        with self._lock:
            row = self._by_id(id)
            return None if row is None else _new_token(row)

    def save_token(self, token: OAuthToken) -> None:
        """Update the row that `token` identifies, or append a new one.

        An update keeps the row's id, and whatever `token` leaves blank. The id of the row is set
        on `token`, and nothing else of it changes. Anything but an OAuthToken is ignored.

        Raises:
            SDKException: a new token that could never be used (`_check_storable`).
        """
        if not isinstance(token, OAuthToken):
            return
        given = _row(token)
        with self._lock:
            row = self._to_update(given)
            if row is None:
                _check_storable(given)
                if given[ID] is None or self._by_id(given[ID]):
                    given[ID] = uuid.uuid4().hex  # random: never given out again
                self._rows.append(row := given)
            else:
                given[ID] = row[ID]
                row[:] = [old if new is None else new for old, new in zip(row, given, strict=True)]
            token.set_id(row[ID])

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        with self._lock:
            self._rows = [row for row in self._rows if row[ID] != id]

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._lock:
            return [_new_token(row) for row in self._rows]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._lock:
            self._rows = []

    # The caller of these holds the lock.

    def _by_id(self, id: str | None) -> Row | None:
        return next((row for row in self._rows if row[ID] == id), None)

    def _by_key(self, given: Row) -> Row | None:
        """The row with the key of this one. Several can come to share a token.

        Of these: the one with the same id, then one that names a user (the SDK keeps that one
        fresh), then the oldest. A token that was found so is saved to the same row.
        """
        key = _key(given)
        if key is None:
            return None
        place, value = key
        rows = (row for row in self._rows if row[place] == value)
        return min(rows, key=lambda row: (row[ID] != given[ID], not row[USER_NAME]), default=None)

    def _to_update(self, given: Row) -> Row | None:
        """The row with the key of this one, else with its id, unless it names another user.

        By id, since the SDK looks the user's name up and adds it to a token that it found without.
        """
        if row := self._by_key(given):
            return row
        row = self._by_id(given[ID])
        return None if row and row[USER_NAME] and given[USER_NAME] else row


# What a token says, and which row it means ---------------------------------------------------


def _row(token: OAuthToken) -> Row:
    """The values of a token; blank ones are None, and the expiry is text.

    The expiry is in milliseconds since the epoch, and the SDK wants it back as a `str`.
    """
    values = (get(token) for get, _ in _FIELDS)
    return [None if value is None or value == "" else str(value) for value in values]


def _key(given: Row) -> tuple[int, str] | None:
    """The match rule: the place and the value that identify a row, or None.

    The first rule that applies decides alone. If a token that names an unknown user were looked
    up by its refresh token next, it would get another user's row.
    """
    client = given[CLIENT_ID], given[CLIENT_SECRET]
    if name := given[USER_NAME]:
        return USER_NAME, name
    if (access := given[ACCESS_TOKEN]) and not any(client):
        return ACCESS_TOKEN, access
    if (grant := given[GRANT_TOKEN]) and all(client):
        return GRANT_TOKEN, grant
    if (refresh := given[REFRESH_TOKEN]) and all(client):
        return REFRESH_TOKEN, refresh
    return None


def _check_storable(given: Row) -> None:
    """Refuse a new row that could do nothing, or that nothing could ever find."""
    if not (given[GRANT_TOKEN] or given[REFRESH_TOKEN] or given[ACCESS_TOKEN]):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key(given) is None and given[ID] is None:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _fill(token: OAuthToken, row: Row) -> None:
    """Give a token what it lacks of a row; what it carries stays."""
    for carried, value, (_, set_value) in zip(_row(token), row, _FIELDS, strict=True):
        if carried is None and value is not None:
            set_value(token, value)


def _new_token(row: Row) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    token = OAuthToken(id=row[ID])
    _fill(token, row)
    return token
