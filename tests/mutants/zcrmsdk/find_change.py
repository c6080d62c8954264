"""Mutants wrong about what a find leaves behind: FIND-11."""

import time

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, Mutant


class FindingTouchesTheExpiry(Mutant):
    """What is found expires a second later in the store."""

    clause = "FIND-11"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        if record["expires_in"]:
            self._change(record, {"expires_in": str(int(record["expires_in"]) + 1000)})
        return found


class FindingUsesUpTheGrantToken(Mutant):
    """What is found has no grant token in the store any more."""

    clause = "FIND-11"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        self._change(record, {GRANT: None})
        return found


class FindingTakesTheTokenOut(Mutant):
    """What is found by its refresh token is not in the store any more."""

    clause = "FIND-11"

    def get_token(self, user, token):
        by_refresh = isinstance(token, OAuthToken) and self._read(token)[GRANT] is None
        record = self._locate(self._of(user, token)) if by_refresh else None
        found = super().get_token(user, token)
        if record is not None:
            self._remove(record)
        return found


class FindingWritesTheQueryBack(Mutant):
    """What is found is stored with no more than what the query carried."""

    clause = "FIND-11"

    def get_token(self, user, token):
        query = self._of(user, token)
        record = self._locate(query)
        found = super().get_token(user, token)
        if record is not None:
            self._change(record, query)
        return found


class MissCreatesARecord(Mutant):
    """A query that finds nothing is stored: get or create."""

    clause = "FIND-11"

    def _locate(self, query):
        record = super()._locate(query)
        if record is None:
            self._add({**self._fresh(query), "expires_in": "0"})
        return record


class MissStoresAWholeToken(Mutant):
    """A query that finds nothing is stored if it has an access token."""

    clause = "FIND-11"

    def _locate(self, query):
        record = super()._locate(query)
        if record is None and query["access_token"] is not None:
            self._add(self._fresh(query))
        return record


class FindingDropsAnExpiredAccessToken(Mutant):
    """What is found and has expired has no access token in the store any more."""

    clause = "FIND-11"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        if record["expires_in"] and int(record["expires_in"]) < time.time() * 1000:
            self._change(record, {"access_token": None})
        return found


class MissDeletesTheFirstGrant(Mutant):
    """A query by refresh token that finds nothing deletes the first record that has a grant."""

    clause = "FIND-11"

    def _locate(self, query):
        record = super()._locate(query)
        stale = self._first(lambda r: r[GRANT] is not None)
        if record is None and self._key(query) == REFRESH and stale:
            self._remove(stale)
        return record
