"""Correct stores that answer in other ways, where the contract leaves it open."""

import copy
import random

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS, blank, set_field


class AnswersWithANewToken(Correct):
    """find_token answers with a new token, and leaves its query alone: FIND-9 is not kept."""

    breaks_should = ("FIND-9", "FIND-21")

    def _fill(self, token, record):
        return self._token(record)


class AnswersWithACopyOfTheQuery(Correct):
    """find_token fills a copy of its query, whose own fields win: FIND-9 is not kept."""

    breaks_should = ("FIND-9",)

    def _fill(self, token, record):
        return super()._fill(copy.copy(token), record)


class FillsAndAnswersWithANewToken(Correct):
    """find_token fills its query, and answers with another token."""

    breaks_should = ("FIND-21",)

    def _fill(self, token, record):
        super()._fill(token, record)
        return self._token(record)


class OverwritesTheQuery(Correct):
    """find_token overwrites what its query carries with what is stored."""

    breaks_should = ("FIND-21",)

    def _fill(self, token, record):
        for field in FIELDS:
            set_field(token, field, record[field])
        return token


class _StoredToken(OAuthToken):
    """A token that knows that it was stored."""

    stored = True


class AnswersWithASubclass(Correct):
    """All answers are of a subclass of OAuthToken."""

    breaks_should = ("FIND-21",)

    def _token(self, record):
        token = _StoredToken(id=record["id"])
        for field in FIELDS:
            set_field(token, field, record[field])
        return token

    def _fill(self, token, record):
        super()._fill(token, record)
        return self._token(record)


class AnswersWithEmptyTexts(Correct):
    """Where nothing is stored, the answer is an empty text instead of None."""

    def _token(self, record):
        return super()._token({f: record[f] or ("" if f != "user" else None) for f in FIELDS})

    def _fill(self, token, record):
        found = super()._fill(token, record)
        return super()._fill(found, {field: record[field] or "" for field in FIELDS})


class AnswersWithEmptyNamesToo(Correct):
    """Where nothing is stored, the answer is an empty text, for a user a signature with one."""

    breaks_should = ("FIND-21", "FIND-22")

    def _token(self, record):
        return super()._token({field: record[field] or "" for field in FIELDS})

    def _fill(self, token, record):
        super()._fill(token, record)
        return self._token(record)


class ListsAtRandom(Correct):
    """get_tokens answers in another order each time."""

    def _list(self):
        rows = super()._list()
        return random.sample(rows, len(rows))


class ListsBackwards(Correct):
    """get_tokens answers with a subclass of list, the newest record first."""

    class Listing(list):
        """A list, as far as anybody can tell."""

    def get_tokens(self):
        return self.Listing(reversed(super().get_tokens()))


class AnswersWithTheNewest(Correct):
    """Where records share a key, the newest is found."""

    def _first(self, test):
        return next(filter(test, reversed(self._rows())), None)


class AnswersWithoutClient(Correct):
    """A grant or refresh token is a key without client credentials too."""

    def _key(self, values):
        key = super()._key(values)
        if key or not all(blank(values[f]) for f in ("user", "access_token", "client_secret")):
            return key
        fields = ("grant_token", "refresh_token")
        return next(((f, values[f]) for f in fields if not blank(values[f])), None)


class FallsFromGrantToRefresh(Correct):
    """Where a grant token is unknown, the refresh token beside it is looked for."""

    def _match(self, values):
        found = super()._match(values)
        key = self._key(values)
        if found or not key or key[0] != "grant_token" or blank(values["refresh_token"]):
            return found
        return self._seek("refresh_token", values["refresh_token"])


class IdsAloneFindNothing(Correct):
    """A query with an id alone finds nothing: FIND-10 is not kept."""

    breaks_should = ("FIND-10",)

    def _locate(self, query):
        return self._match(query)


class QueriesWithoutKeyAreRefused(Correct):
    """A query that identifies nothing raises SDKException: FIND-10 is not kept."""

    breaks_should = ("FIND-10",)

    def _locate(self, query):
        if self._key(query) is None:
            raise SDKException("TOKEN_STORE", "the token identifies nothing")
        return self._match(query)


class RefreshBeforeGrant(Correct):
    """A query with a grant and a refresh token goes by the latter: FIND-13 is not kept."""

    breaks_should = ("FIND-13",)

    def _locate(self, query):
        key = self._key(query)
        if key and key[0] == "grant_token" and not blank(query["refresh_token"]):
            return self._seek("refresh_token", query["refresh_token"]) or self._match(query)
        return super()._locate(query)
