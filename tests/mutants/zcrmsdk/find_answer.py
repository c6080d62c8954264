"""Mutants wrong about what get_token gives back: FIND-18, FIND-20."""

from tests.correct.zcrmsdk.honest import FIELDS, get_field, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, USED, Mutant


class _NewTokensForget(Mutant):
    """What is found is a new token without the {field}."""

    clause = "FIND-18"
    field = ""

    def get_token(self, user, token):
        record = self._locate(self._of(user, token))
        return record and self._token({**record, self.field: None})


globals().update(for_each_field(_NewTokensForget, ("client_id", "client_secret")))


class NewTokensForgetTheGrantToken(_NewTokensForget):
    """What is found by a refresh token is a new token without the grant token."""

    field = GRANT

    def get_token(self, user, token):
        by_grant = self._of(user, token)[GRANT] is not None
        found = super().get_token(user, token)
        if found is not None and by_grant:
            set_field(found, GRANT, self._of(user, token)[GRANT])
        return found


class _FindLeavesOut(Mutant):
    """The query is filled except for the {field}."""

    clause = "FIND-18"
    spills = ("SAVE-23",)
    field = ""

    def get_token(self, user, token):
        found = super().get_token(user, token)
        if found is not None:
            set_field(found, self.field, None)
        return found


globals().update(for_each_field(_FindLeavesOut, USED))


class FindFillsTheAccessTokenAlone(Mutant):
    """The query is filled with an access token and an expiry."""

    clause = "FIND-18"
    spills = ("SAVE-23",)

    def get_token(self, user, token):
        record = self._locate(self._of(user, token))
        if record is None:
            return None
        return self._fill(token, {**dict.fromkeys(FIELDS), **{f: record[f] for f in USED[:2]}})


class FindKeepsTheRefreshTokenOfTheQuery(Mutant):
    """A query by grant token keeps the refresh token that it came with, or none."""

    clause = "FIND-18"
    spills = ("SAVE-23",)

    def get_token(self, user, token):
        record = self._locate(self._of(user, token))
        return record and self._fill(token, {**record, "refresh_token": None})


class FindAnswersWithADict(Mutant):
    """What is found is a dictionary of the fields."""

    clause = "FIND-18"
    spills = ("SAVE-23", "ISO-2")

    def get_token(self, user, token):
        record = self._locate(self._of(user, token))
        return record and dict(record)


# FIND-20: old values in the query


class KeepsTheOldAccessToken(Mutant):
    """A query keeps the access token and the expiry that it came with."""

    clause = "FIND-20"

    def _fill(self, token, record):
        own = self._read(token)
        kept = {field: own[field] for field in USED[:2] if own[field] is not None}
        return super()._fill(token, {**record, **kept})


class KeepsTheOldExpiry(Mutant):
    """A query keeps the expiry that it came with, and gets the stored access token."""

    clause = "FIND-20"

    def _fill(self, token, record):
        own = self._read(token)["expires_in"]
        return super()._fill(token, {**record, "expires_in": own or record["expires_in"]})


class KeepsTheOldAccessTokenByRefresh(Mutant):
    """A query by refresh token keeps the access token that it came with."""

    clause = "FIND-20"

    def _fill(self, token, record):
        own = self._read(token)
        if own["access_token"] is not None and own["grant_token"] is None:
            return super()._fill(token, {**record, "access_token": own["access_token"]})
        return super()._fill(token, record)


# FIND-20: an old refresh token


class TheQueryKeepsItsRefreshToken(Mutant):
    """A find by grant token leaves the refresh token that the query has."""

    clause = "FIND-20"

    def _fill(self, token, record):
        own = get_field(token, REFRESH)
        filled = super()._fill(token, record)
        if own is not None:
            set_field(token, REFRESH, own)
        return filled
