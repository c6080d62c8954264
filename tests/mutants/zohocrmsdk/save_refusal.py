"""Mutants wrong about what save_token must not store: SAVE-16 and SAVE-22."""

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, blank
from tests.mutants.zohocrmsdk.mutant import Mutant

# SAVE-16: id or user, but no secret, and matching nothing: SDKException


class TokensWithoutSecretAreStored(Mutant):
    """A token without grant, refresh and access token is stored."""

    clause = "SAVE-16"

    def _insert(self, token, new):
        record = self._fresh(new)
        self._add(record)
        self._tell(token, record)


class _WithoutSecret(Mutant):
    """A token without grant, refresh and access token meets something but SDKException."""

    clause = "SAVE-16"

    def _insert(self, token, new):
        if any(new[field] for field in SECRETS) or not self.meets(new):
            super()._insert(token, new)

    def meets(self, new):
        raise NotImplementedError


class TokensWithoutSecretAreIgnored(_WithoutSecret):
    """A token without grant, refresh and access token is ignored, and nothing raised."""

    def meets(self, new):
        return True


class UsersWithoutSecretAreIgnored(_WithoutSecret):
    """A token with nothing but a user is ignored, and nothing raised."""

    def meets(self, new):
        return not blank(new["user"])


class IdsWithoutSecretAreIgnored(_WithoutSecret):
    """A token with nothing but an id is ignored, and nothing raised."""

    def meets(self, new):
        return blank(new["user"])


class TokensWithoutSecretRaiseValueError(_WithoutSecret):
    """A token without grant, refresh and access token raises ValueError."""

    def meets(self, new):
        raise ValueError("no token in the token")


class TokensWithoutSecretAreStoredAndRefused(_WithoutSecret):
    """A token without grant, refresh and access token is stored, then refused."""

    def meets(self, new):
        self._add(self._fresh(new))
        return False


# SAVE-22: what is not an OAuthToken never changes the store


class _TakesAnything(Mutant):
    """A save of something that is not an OAuthToken changes the store."""

    clause = "SAVE-22"

    def save_token(self, token):
        if isinstance(token, OAuthToken):
            super().save_token(token)
        else:
            self.take(token)

    def take(self, thing):
        raise NotImplementedError


class SavingNoneClears(_TakesAnything):
    """save_token(None) deletes every record."""

    def take(self, thing):
        if thing is None:
            self._clear()


class SavingNoneAddsABlankRecord(_TakesAnything):
    """save_token(None) stores a record without values."""

    def take(self, thing):
        if thing is None:
            self._add({**dict.fromkeys(FIELDS), "id": self._new_id()})


class SavingADictStoresIt(_TakesAnything):
    """A dictionary is stored as if it were a token."""

    def take(self, thing):
        if isinstance(thing, dict):
            self._add({**{f: thing.get(f) for f in FIELDS}, "id": self._new_id()})


class SavingATextStoresIt(_TakesAnything):
    """A text is stored as an access token."""

    def take(self, thing):
        if isinstance(thing, str):
            super().save_token(OAuthToken(access_token=thing))


class SavingNonsenseDeletesTheLast(_TakesAnything):
    """What is not a token takes the last record along: it is removed before it is replaced."""

    def take(self, thing):
        if self.records:
            self._remove(self.records[-1])
        raise AttributeError("get_access_token")
