"""Mutants wrong about the same values again, and about what is not a token: SAVE-20 and SAVE-22."""

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zcrmsdk.honest import FIELDS
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, Mutant, refuse

# SAVE-20: the same values again


class _EqualIsInserted(Mutant):
    """An update by {field} that changes nothing is taken for a miss, and inserted."""

    clause = "SAVE-20"
    field = ""

    def _update(self, old, new):
        missed = self._merge(old, new) == old and self._key(new) == self.field
        self._insert(new) if missed else super()._update(old, new)


globals().update(for_each_field(_EqualIsInserted, (GRANT, REFRESH)))


class EqualTokensAreRefused(Mutant):
    """An update that changes nothing raises SDKException."""

    clause = "SAVE-20"

    def _change(self, record, values):
        if record == values:
            refuse("nothing was changed")
        super()._change(record, values)


class TheSameObjectIsRefused(Mutant):
    """An equal token is fine, but the same object, which carries a user_mail, is refused."""

    clause = "SAVE-20"

    def save_token(self, user, token):
        if isinstance(token, OAuthToken) and self._read(token) in self._rows():
            refuse("UNIQUE constraint failed")
        super().save_token(user, token)


class TheSameObjectIsInserted(Mutant):
    """An equal token is fine, but the same object, which carries a user_mail, is inserted again."""

    clause = "SAVE-20"

    def save_token(self, user, token):
        if isinstance(token, OAuthToken) and self._read(token) in self._rows():
            self._insert(self._of(user, token))
        else:
            super().save_token(user, token)


# SAVE-22: what is not an OAuthToken never changes the store


class _TakesAnything(Mutant):
    """A save of something that is not an OAuthToken changes the store."""

    clause = "SAVE-22"

    def save_token(self, user, token):
        if isinstance(token, OAuthToken):
            super().save_token(user, token)
        else:
            self.take(token)

    def take(self, thing):
        raise NotImplementedError


class SavingNoneClears(_TakesAnything):
    """A save of None deletes every record."""

    def take(self, thing):
        if thing is None:
            self._clear()


class SavingNoneAddsABlankRecord(_TakesAnything):
    """A save of None stores a record without values."""

    def take(self, thing):
        if thing is None:
            self._add(dict.fromkeys(FIELDS))


class SavingADictStoresIt(_TakesAnything):
    """A dictionary is stored as if it were a token."""

    def take(self, thing):
        if isinstance(thing, dict):
            self._add({field: thing.get(field) for field in FIELDS})


class SavingATextStoresIt(_TakesAnything):
    """A text is stored as a grant token."""

    def take(self, thing):
        if isinstance(thing, str):
            self._add({**dict.fromkeys(FIELDS), GRANT: thing})


class SavingNonsenseDeletesTheLast(_TakesAnything):
    """What is not a token takes the last record along: it is removed before it is replaced."""

    def take(self, thing):
        if self.records:
            self._remove(self.records[-1])
        raise AttributeError("client_id")
