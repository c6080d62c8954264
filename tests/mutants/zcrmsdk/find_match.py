"""Mutants wrong about what get_token finds: FIND-16, FIND-17, FIND-19."""

from tests.correct.zcrmsdk.honest import get_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, KeyedMutant, Mutant, carried_by

# FIND-16, FIND-17: by grant token, by refresh token


class _FindsOnly(KeyedMutant):
    """A query by this field finds only some of the records."""

    def _locate(self, query):
        record = super()._locate(query)
        wrong = record and self._is_meant(query) and not self.finds(record)
        return None if wrong else record

    def finds(self, record):
        return False


class GrantTokensAreNotFound(_FindsOnly):
    """A query by grant token finds nothing."""

    clause = "FIND-16"
    field = GRANT


class GrantTokensAreNotFoundOnceUsed(_FindsOnly):
    """A query by grant token finds no record that has a refresh token."""

    clause = "FIND-16"
    field = GRANT

    def finds(self, record):
        return record[REFRESH] is None


class TheFirstGrantAloneIsFound(_FindsOnly):
    """A query by grant token finds the first record, or nothing: the loop returns too early."""

    clause = "FIND-16"
    field = GRANT

    def finds(self, record):
        return record == self._rows()[0]


class LoginsWithoutARefreshTokenAreNotFound(_FindsOnly):
    """A query by grant token finds no record that has no refresh token: it joins two tables."""

    clause = "FIND-16"
    field = GRANT

    def finds(self, record):
        return record[REFRESH] is not None


class FindsAmongTheNewestTwenty(Mutant):
    """A query looks at the newest 20 logins of the user at the client: a page of answers."""

    clause = "FIND-16"

    def _locate(self, query):
        own = [r for r in self._rows() if self._equal(r, query, "user_mail", "client_id")]
        return next((r for r in own[-20:] if self._same(r, query)), None)


class GrantTokensAreSoughtAmongRefreshTokens(Mutant):
    """A query by grant token looks among the refresh tokens."""

    clause = "FIND-16"

    def _locate(self, query):
        if query[GRANT] is None:
            return super()._locate(query)
        return super()._locate({**query, GRANT: None, REFRESH: query[GRANT]})


class TheEmailOfTheTokenHidesIt(Mutant):
    """A query finds nothing if its token carries the email of another user."""

    clause = "FIND-16"

    def get_token(self, user, token):
        owner = carried_by(token) or user
        same = get_field(owner, "email") == get_field(user, "email")
        return super().get_token(user, token) if same else None


class FindsOneLoginAUser(Mutant):
    """What is found has the refresh token of the newest login of that user and client."""

    clause = "FIND-16"

    def _fill(self, token, record):
        newest = [r for r in self._rows() if self._equal(r, record, "user_mail", "client_id")][-1]
        return super()._fill(token, {**record, REFRESH: newest[REFRESH]})


class RefreshTokensAreNotFound(_FindsOnly):
    """A query by refresh token finds nothing."""

    clause = "FIND-17"
    field = REFRESH


class RefreshTokensAreNotFoundBesideAGrant(_FindsOnly):
    """A query by refresh token finds no record that has a grant token."""

    clause = "FIND-17"
    field = REFRESH

    def finds(self, record):
        return record[GRANT] is None


class RefreshTokensAreFoundBesideAGrantAlone(_FindsOnly):
    """A query by refresh token finds no record that has no grant token."""

    clause = "FIND-17"
    field = REFRESH

    def finds(self, record):
        return record[GRANT] is not None


class TheFirstRefreshAloneIsFound(_FindsOnly):
    """A query by refresh token finds the first record, or nothing: the loop returns too early."""

    clause = "FIND-17"
    field = REFRESH

    def finds(self, record):
        return record == self._rows()[0]


class RefreshTokensFindOneLoginAUser(KeyedMutant):
    """A query by refresh token finds the newest login of that user and client."""

    clause = "FIND-17"
    field = REFRESH

    def _locate(self, query):
        record = super()._locate(query)
        if record is None or not self._is_meant(query):
            return record
        return [r for r in self._rows() if self._equal(r, record, "user_mail", "client_id")][-1]


class RefreshTokensStayMissed(KeyedMutant):
    """A refresh token that was not found stays so until a record is added."""

    clause = "FIND-17"
    field = REFRESH

    def __init__(self):
        super().__init__()
        self.missed = []

    def _locate(self, query):
        key = [query[field] for field in ("user_mail", "client_id", REFRESH)]
        if self._is_meant(query) and key in self.missed:
            return None
        record = super()._locate(query)
        if self._is_meant(query) and record is None:
            self.missed.append(key)
        return record

    def _add(self, record):
        self.missed.clear()
        super()._add(record)


# FIND-19: never another user's, where several have such a token


class TheOldestOfARefreshTokenIsFound(Mutant):
    """A query by a refresh token of the user's finds the first record with it, whose ever it is."""

    clause = "FIND-19"
    spills = ("DATA-1",)

    def _locate(self, query):
        found = super()._locate(query)
        if found is None or self._key(query) != REFRESH:
            return found
        return self._first(lambda r: self._equal(r, query, REFRESH))


class TheOldestOfAClientIsFound(Mutant):
    """A query by a token of the user's finds the first record of the same client."""

    clause = "FIND-19"
    spills = ("SAVE-23",)

    def _locate(self, query):
        found = super()._locate(query)
        return found and self._first(lambda r: self._equal(r, query, "client_id"))


class SharedRefreshTokensFindAnyUser(Mutant):
    """A query by a refresh token that two users have finds one of them, whoever asks."""

    clause = "FIND-19"
    spills = ("DEL-1",)

    def _locate(self, query):
        same = [r for r in self._rows() if self._equal(r, query, REFRESH)]
        shared = len(same) > 1 and self._key(query) == REFRESH
        return super()._locate(query) or (same[0] if shared else None)


class FindsUnderTheEmailOfTheToken(Mutant):
    """A query finds the login of the email that its token carries, whoever asks."""

    clause = "FIND-19"

    def get_token(self, user, token):
        return super().get_token(carried_by(token) or user, token)


class FindsByTheAccessTokenToo(Mutant):
    """A query that finds nothing finds the record of its client with its access token."""

    clause = "FIND-19"

    def _locate(self, query):
        found = super()._locate(query)
        if found is not None or query["access_token"] is None:
            return found
        return self._first(lambda r: self._equal(r, query, "client_id", "access_token"))


# FIND-16: what is no part of the key


class TheRefreshTokenHasToAgree(Mutant):
    """A query by grant token that has another refresh token finds nothing."""

    clause = "FIND-16"

    def _locate(self, query):
        found = super()._locate(query)
        agrees = not found or query[REFRESH] in (None, found[REFRESH])
        return found if agrees or query[GRANT] is None else None


class TheSecretHasToAgree(Mutant):
    """A query with another client secret finds nothing."""

    clause = "FIND-17"
    spills = ("SAVE-23", "SAVE-24", "DEL-1")

    def _locate(self, query):
        found = super()._locate(query)
        agrees = not found or query["client_secret"] in (None, found["client_secret"])
        return found if agrees or query[GRANT] is not None else None


class RemembersQueriesByTheirPlace(Mutant):
    """What a query found is remembered by the `id` of its token, which is that of a later one."""

    clause = "FIND-19"

    def __init__(self):
        super().__init__()
        self.found = {}

    def get_token(self, user, token):
        record = self.found.get(id(token))
        if record is None or not any(each is record for each in self.records):
            record = self.found[id(token)] = self._locate(self._of(user, token))
        return self._miss(token) if record is None else self._fill(token, record)
