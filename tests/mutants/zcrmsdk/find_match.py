"""Mutants wrong about what get_token finds: FIND-16, FIND-17, FIND-19."""

from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, KeyedMutant, Mutant

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


class GrantTokensAreSoughtAmongRefreshTokens(Mutant):
    """A query by grant token looks among the refresh tokens."""

    clause = "FIND-16"

    def _locate(self, query):
        if query[GRANT] is None:
            return super()._locate(query)
        return super()._locate({**query, GRANT: None, REFRESH: query[GRANT]})


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
