"""Correct stores that save in other ways, where the contract leaves it open."""

import time

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, blank


class DoesNotTellOnUpdate(Correct):
    """An update leaves the token's id as it was: SAVE-13 is not kept."""

    breaks_should = ("SAVE-13",)

    def _update(self, token, old, new):
        self._change(old, self._merge(old, new))


class FillsWhatItSaves(Correct):
    """A save fills what the token lacks with what is stored, as the SDK's FileStore does."""

    def _tell(self, token, record):
        super()._tell(token, record)
        self._fill(token, record)


class DropsTheOther(Correct):
    """A user's token that carries the id of a record without user makes that record go."""

    def _update(self, token, old, new):
        other = self._by_id(new["id"])
        if other is not None and other != old and blank(other["user"]) and not blank(new["user"]):
            self._remove(other)
        super()._update(token, old, new)


class MergesTheOther(Correct):
    """A user's token that carries the id of a record without user takes that record in."""

    def _update(self, token, old, new):
        other = self._by_id(new["id"])
        if other is not None and other != old and blank(other["user"]) and not blank(new["user"]):
            self._remove(other)
            new = {f: new[f] or old[f] or other[f] for f in FIELDS}
        super()._update(token, old, new)


class RefusesAccessTokensOfClients(Correct):
    """A token with an access token and client credentials, and no key nor id, is refused."""

    def _insert(self, token, new):
        keyless = self._key(new) is None and blank(new["id"])
        if keyless and not blank(new["client_id"]) and not blank(new["access_token"]):
            raise SDKException("TOKEN_STORE", "the token identifies nothing")
        super()._insert(token, new)


class RefusesKnownIdsWithoutKey(Correct):
    """A token without a key is refused, though its id is stored."""

    def _same_id(self, new):
        if self._key(new) is None and all(blank(new[field]) for field in SECRETS):
            return None
        return super()._same_id(new)


class RefusesWithTypeError(Correct):
    """What is not a token raises TypeError on a save, and AttributeError on a find."""

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            raise TypeError(type(token).__name__)
        super().save_token(token)

    def find_token(self, token):
        token.get_id()
        return super().find_token(token)


class RefusesWithSDKException(Correct):
    """What is not a token raises SDKException on a save; a find gives it back."""

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            raise SDKException("TOKEN_STORE", "no token")
        super().save_token(token)

    def find_token(self, token):
        return super().find_token(token) if isinstance(token, OAuthToken) else token


class ReplacesRecords(Correct):
    """An update takes the record out, and puts another in under its id."""

    def _change(self, record, values):
        self._remove(record)
        self._add(values)


class TellsBeforeItStores(Correct):
    """An insert sets the id on the token first, and reads the token again to store it."""

    def _insert(self, token, new):
        if any(not blank(new[field]) for field in SECRETS):
            self._tell(token, self._fresh(new))
            self._add(self._read(token))
        else:
            super()._insert(token, new)


class ForgetsTheExpired(Correct):
    """Forgets a login that has expired and has no refresh token: it could not be used again."""

    def _rows(self):
        now = time.time() * 1000
        self.records = [each for each in self.records if not self._is_over(each, now)]
        return super()._rows()

    def _is_over(self, record, now):
        ends = str(record["expires_in"] or "")
        return record["refresh_token"] is None and ends.isdigit() and int(ends) < now
