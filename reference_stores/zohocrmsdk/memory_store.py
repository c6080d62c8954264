"""Tokens in dictionaries: the fastest store, for tests and for programs that log in at each start.

    from memory_store import InMemoryStore

    Initializer.initialize(environment=environment, token=token, store=InMemoryStore())

Copy this file into your project: it needs the standard library and the SDK, lines 5 to 8, only.

What it promises, beyond the six methods:

- One store serves all threads of a program.
- A call takes the same time however many tokens there are; `get_tokens` alone takes longer.

The tokens are lost with the object, and are in one process: a forked child has a copy.
"""

from __future__ import annotations

import threading
import uuid

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Record = dict[str, str | None]
"""One stored token: a value, or None, for each field. Replaced as a whole, never changed."""


def _user_name(token: OAuthToken) -> str | None:
    user = token.get_user_signature()
    return None if user is None else user.get_name()


def _set_user_name(token: OAuthToken, name: str) -> None:
    token.set_user_signature(UserSignature(name))


# For each field: how to read it from a token, and how to set it.
_FIELDS = {
    "id": (OAuthToken.get_id, OAuthToken.set_id),
    "user_name": (_user_name, _set_user_name),
    "client_id": (OAuthToken.get_client_id, OAuthToken.set_client_id),
    "client_secret": (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    "refresh_token": (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    "access_token": (OAuthToken.get_access_token, OAuthToken.set_access_token),
    "grant_token": (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    "expires_in": (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    "redirect_url": (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    "api_domain": (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
}
_KEYS = ("user_name", "access_token", "grant_token", "refresh_token")
_BLANK: Record = dict.fromkeys(_FIELDS)


class InMemoryStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in dictionaries.

    Every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}  # by id, the oldest first
        # For each kind of key, and each value of it, the ids of the records that have it: several,
        # since users may share an access, grant or refresh token. (A dict as an ordered set.)
        self._ids: dict[str, dict[str, dict[str, None]]] = {key: {} for key in _KEYS}

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Look up the record that `token` identifies, and fill `token` from it.

        Returns:
            `token` itself, with every field that it left blank filled in place, since
            `OAuthToken.revoke` ignores what is returned; or None, and `token` as it was.
        """
        if not isinstance(token, OAuthToken):
            return None
        query = _fields(token)
        key = _key(query)
        with self._lock:
            record = self._record(self._id_by_key(key, query["id"]) if key else query["id"])
        if record is None:
            return None
        _fill(token, record)
        return token

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        with self._lock:
            record = self._record(id)
        return None if record is None else _new_token(record)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or insert a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record
        is set on `token`, and nothing else of it changes. Anything but an OAuthToken is ignored.

        Raises:
            SDKException: a new token that could never be used (`_check_storable`).
        """
        if not isinstance(token, OAuthToken):
            return
        given = _fields(token)
        with self._lock:
            id = self._id_to_update(given)
            if id is None:
                _check_storable(given)
                id = self._free_id(given["id"])
            carried = {name: value for name, value in given.items() if value is not None}
            self._replace(id, {**self._records.get(id, _BLANK), **carried, "id": id})
        token.set_id(id)

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        with self._lock:
            if isinstance(id, str):
                self._replace(id, None)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        with self._lock:
            records = list(self._records.values())
        return [_new_token(record) for record in records]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        with self._lock:
            self._records.clear()
            for ids in self._ids.values():
                ids.clear()

    # The caller of these holds the lock.

    def _record(self, id: str | None) -> Record | None:
        return self._records.get(id) if isinstance(id, str) else None

    def _id_by_key(self, key: tuple[str, str], id: str | None) -> str | None:
        """The id of the record with this key. Several can come to share a token.

        Of these: the one whose id the token carries, then one that names a user (the SDK keeps
        that one fresh), then the oldest. A token that was found so is saved to the same record.
        """
        name, value = key
        ids = self._ids[name].get(value, {})
        if len(ids) < 2:
            return next(iter(ids), None)
        return min(ids, key=lambda each: (each != id, self._records[each]["user_name"] is None))

    def _id_to_update(self, given: Record) -> str | None:
        """The id of the token's key, else the token's own, unless its record names another user.

        By id, since the SDK looks the user's name up and adds it to a token that it found without.
        """
        key = _key(given)
        if key and (id := self._id_by_key(key, given["id"])):
            return id
        record = self._record(given["id"])
        if record is None or (record["user_name"] and given["user_name"]):
            return None
        return record["id"]

    def _free_id(self, id: str | None) -> str:
        """This id, if it is one and no record has it, or a new one, never given out before."""
        return uuid.uuid4().hex if id is None or id in self._records else id

    def _replace(self, id: str, record: Record | None) -> None:
        """Put the record in the place of the one with this id, if there is one; None deletes."""
        old, new = self._records.get(id, _BLANK), record or _BLANK
        for key, ids in self._ids.items():
            before, after = old[key], new[key]
            if before == after:
                continue
            if before is not None:
                del ids[before][id]
                if not ids[before]:
                    del ids[before]
            if after is not None:
                ids.setdefault(after, {})[id] = None
        if record:
            self._records[id] = record
        else:
            self._records.pop(id, None)


# What a token says, and which record it means ------------------------------------------------


def _fields(token: OAuthToken) -> Record:
    """The values of a token by field; blank ones are None, and the expiry is text.

    The expiry is in milliseconds since the epoch, and the SDK wants it back as a `str`.
    """
    return {
        name: None if (value := get(token)) is None or value == "" else str(value)
        for name, (get, _) in _FIELDS.items()
    }


def _key(given: Record) -> tuple[str, str] | None:
    """The match rule: the field and the value that identify a record, or None.

    The first rule that applies decides alone. If a token that names an unknown user were looked
    up by its refresh token next, it would get another user's record.
    """
    client = given["client_id"], given["client_secret"]
    if name := given["user_name"]:
        return "user_name", name
    if (access := given["access_token"]) and not any(client):
        return "access_token", access
    if (grant := given["grant_token"]) and all(client):
        return "grant_token", grant
    if (refresh := given["refresh_token"]) and all(client):
        return "refresh_token", refresh
    return None


def _check_storable(given: Record) -> None:
    """Refuse a new record that could do nothing, or that nothing could ever find."""
    if not (given["grant_token"] or given["refresh_token"] or given["access_token"]):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key(given) is None and given["id"] is None:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _fill(token: OAuthToken, record: Record) -> None:
    """Give a token what it lacks of a record; what it carries stays."""
    carried = _fields(token)
    for name, (_, set_value) in _FIELDS.items():
        if carried[name] is None and record[name] is not None:
            set_value(token, record[name])


def _new_token(record: Record) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    token = OAuthToken(id=record["id"])
    _fill(token, record)
    return token
