"""What mutants of this generation share."""

import re
from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.correct.zcrmsdk.honest import FIELDS, Honest, get_field
from tests.mutants import mutant

GRANT, REFRESH = "grant_token", "refresh_token"
KEYS = (GRANT, REFRESH)
"""What identifies a token beside user and client."""

SECRETS = ("client_secret", *KEYS, "access_token")
USED = ("access_token", "expires_in", REFRESH)
"""What the SDK takes from a token that was found."""


class Mutant(mutant.Mutant, Honest):
    """An honest store, except for one fault."""

    needs_ids = False


class KeyedMutant(Mutant):
    """A mutant about tokens that are identified by this field."""

    field = ""

    def _is_meant(self, values) -> bool:
        return self._key(values) == self.field


class AlikeMutant(Mutant):
    """A key that is like the stored one is taken for it."""

    compared: tuple[str, ...] = ("user_mail", "client_id", *KEYS)
    """The fields in which likeness is enough."""

    def _alike(self, query):
        """The first record that is like it."""
        fields = ("user_mail", "client_id", self._key(query))
        return self._first(lambda r: all(self._fits(f, r[f], query[f]) for f in fields))

    def _fits(self, field, stored, wanted):
        if stored is None or wanted is None or field not in self.compared:
            return stored == wanted
        return stored == wanted or self.alike(stored, wanted)

    def alike(self, stored, wanted):
        raise NotImplementedError


def as_pattern(text):
    """SQL's LIKE, as a regular expression."""
    return "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in text)


class GarblingMutant(Mutant):
    """The store garbles text before it keeps it."""

    garbled: tuple[str, ...] = FIELDS

    def _insert(self, new):
        super()._insert(self._garbled(new))

    def _update(self, old, new):
        super()._update(old, self._garbled(new))

    def _garbled(self, record):
        texts = {f: v for f, v in record.items() if f in self.garbled and isinstance(v, str)}
        return {**record, **{field: self.garble(text) for field, text in texts.items()}}

    def garble(self, text):
        raise NotImplementedError


class KnowingMutant(Mutant):
    """The store knows the tokens again that it was asked with."""

    def __init__(self):
        super().__init__()
        self.missed = []
        self.found = []

    def _fill(self, token, record):
        self.found.append(token)
        return super()._fill(token, record)

    def _miss(self, token):
        self.missed.append(token)

    def _was_missed(self, token):
        return any(each is token for each in self.missed)

    def _was_found(self, token):
        return any(each is token for each in self.found)


class ReplacedMutant(Mutant):
    """The store remembers what a record was before an update brought another refresh token."""

    def __init__(self):
        super().__init__()
        self.replaced = []

    def _change(self, record, values):
        if record[REFRESH] != values[REFRESH]:
            self.replaced.append((dict(record), record))
        super()._change(record, values)

    def _formerly(self, values):
        """A record that these values identified before such an update."""
        return next((record for old, record in self.replaced if self._same(old, values)), None)


def carried_by(token: Any) -> "UserSignature | None":
    """The user whose email a token carries."""
    email = get_field(token, "user_mail") if isinstance(token, OAuthToken) else None
    return UserSignature(email) if email else None


def refuse(why: str) -> Any:
    """Raise what a store raises."""
    raise SDKException("TOKEN_STORE", why)
