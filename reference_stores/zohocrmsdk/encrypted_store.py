"""Encryption for the tokens of any other store, with AES-SIV of the package cryptography.

    from encrypted_store import EncryptedStore
    from sqlite_store import SQLiteStore

    key = bytes.fromhex(os.environ["TOKEN_KEY"])  # made once: secrets.token_hex(64)
    store = EncryptedStore(SQLiteStore("zohooauth.db"), [key])
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, and cryptography. The store below
must keep the contract; what that promises of threads, processes and outages, this one promises too.

What it promises, beyond the six methods:

- The store below never sees a client secret, or a refresh, access or grant token. What it sees of
  them is authenticated, and bound to its field: a changed or moved one raises `SDKException`.
- With a wrong key, what is stored is neither answered nor written over: `SDKException`.
- Keys can be changed without a break. Add the new key behind the old one in all programs; then put
  it first in all; call `rotate` once; then take the old key away.

What it does not hide: who the users are, client ids, expiries and urls; how long a secret is; and
whether two logins have the same one, since equal ones must be found.

An encrypted token is longer than a plain one: 116 characters for Zoho's 70. A column of 255
characters has room for 173 bytes, and a secret of AWS Secrets Manager for some 200 logins.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

Values = dict[str, Any]  # what a token carries, by field; nothing is blank

_SECRETS = ("client_secret", "refresh_token", "access_token", "grant_token")
_FIELDS = (
    *("id", "user_signature", "client_id", *_SECRETS),
    *("expires_in", "redirect_url", "api_domain"),
)


class EncryptedStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens encrypted in another one.

    Args:
        store: where to keep them.
        keys: of 32, 48 or 64 random bytes each. The first encrypts, all decrypt.

    Raises SDKException where a stored value cannot be decrypted, and whatever `store` raises.
    """

    def __init__(self, store: TokenStore, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("There must be a key.")
        self._store = store
        self._ciphers = [AESSIV(key) for key in keys]

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        _, found = self._look_up(token)
        return None if found is None else _filled(token, self._decrypted(found))

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        stored = self._store.find_token_by_id(id)
        return None if stored is None else _new_token(self._decrypted(stored))

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one, as the store below does.

        The id of the record is set on `token`, and nothing else of it changes.
        """
        newest = self._ciphers[0]
        encrypted = _new_token(_encrypted(token, newest))
        cipher, found = self._look_up(token, by_id=False)
        id = token.get_id() if found is None else found.get_id()
        # What was found carries the values of `token`; this is what would be written over.
        stored = self._store.find_token_by_id(id) if id else None
        if stored is not None:
            self._decrypted(stored)  # with a wrong key this raises
        is_named = encrypted.get_user_signature() is not None
        if found is not None and cipher is not newest and not is_named:
            encrypted.set_id(id)  # what identifies it was encrypted otherwise: the id does, too
        self._store.save_token(encrypted)
        token.set_id(encrypted.get_id())

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        self._store.delete_token(id)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens as new objects."""
        return [_new_token(self._decrypted(stored)) for stored in self._store.get_tokens()]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        self._store.delete_tokens()

    def rotate(self) -> None:
        """Encrypt with the first key what older ones encrypted. Meanwhile nothing else may save.

        Raises SDKException where something is left that needs an older key.
        """
        for token in self._by_older_keys():
            self.save_token(token)
        if left := self._by_older_keys():
            ids = ", ".join(str(token.get_id()) for token in left)
            why = f"Keep the older keys: others have the same tokens as those with the ids {ids}."
            raise SDKException("TOKEN_STORE", why)

    def close(self) -> None:
        """Close the store below, if it can be."""
        getattr(self._store, "close", lambda: None)()

    def _look_up(
        self, token: OAuthToken, *, by_id: bool = True
    ) -> tuple[AESSIV, OAuthToken | None]:
        """What the store below finds for a token, and the key with which it does.

        The newest key comes last: a save may encrypt a record with it while we are looking.
        """
        for cipher in reversed(self._ciphers):
            query = _new_token(_encrypted(token, cipher))
            if not by_id:
                query.set_id(None)
            found = self._store.find_token(query)
            if found is not None:
                return cipher, found
        return self._ciphers[0], None

    def _by_older_keys(self) -> list[OAuthToken]:
        """The tokens of which some value is not encrypted with the first key."""
        pairs = [(each, _new_token(self._decrypted(each))) for each in self._store.get_tokens()]
        newest = self._ciphers[0]
        return [token for each, token in pairs if _values(each) != _encrypted(token, newest)]

    def _decrypted(self, stored: OAuthToken) -> Values:
        """The values of a token of the store below."""
        values = _values(stored)
        return {
            field: self._decrypt(field, value) if field in _SECRETS else value
            for field, value in values.items()
        }

    def _decrypt(self, field: str, text: str) -> str:
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(base64.b64decode(text), [field.encode()]).decode()
            except (InvalidTag, ValueError):  # another key, or no encrypted value at all
                continue
        raise SDKException("TOKEN_STORE", f"The {field} of a stored token cannot be decrypted.")


def _encrypted(token: OAuthToken, cipher: AESSIV) -> Values:
    """The values of a token, for the store below.

    The same value of the same field is encrypted to the same text each time, so it can be found.
    """
    values = _values(token)
    for field in values.keys() & set(_SECRETS):
        try:
            data = cipher.encrypt(values[field].encode(), [field.encode()])
        except ValueError as error:
            # That shows the value.
            cause = ValueError(f"{type(error).__name__}: the {field} is not valid Unicode text")
        else:
            values[field] = base64.b64encode(data).decode()
            continue
        raise SDKException("TOKEN_STORE", "The token cannot be encrypted: ", cause=cause)
    return values


def _values(token: OAuthToken) -> Values:
    values = {field: getattr(token, f"get_{field}")() for field in _FIELDS}
    user = values["user_signature"]
    if user is not None and not user.get_name():
        values["user_signature"] = None
    return {field: value for field, value in values.items() if value not in (None, "")}


def _filled(token: OAuthToken, values: Values) -> OAuthToken:
    """The token, with what it lacked of these values; what it carries stays."""
    carried = _values(token)
    for field, value in values.items():
        if field not in carried:
            getattr(token, f"set_{field}")(value)
    return token


def _new_token(values: Values) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    token = OAuthToken(id="any")  # it wants one of the fields at once
    token.set_id(None)
    return _filled(token, values)
