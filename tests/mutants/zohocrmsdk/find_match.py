"""Mutants wrong about what find_token finds: FIND-1 to FIND-5, FIND-10, FIND-13."""

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import KeyedMutant, Mutant

# FIND-1 to FIND-4: by user, by access token alone, by grant token, by refresh token


class _FindsOnly(KeyedMutant):
    """A query by this field finds only some of the records."""

    field = ""

    def _locate(self, query):
        record = super()._locate(query)
        wrong = record and self._keyed_by(query) == self.field and not self.finds(record, query)
        return None if wrong else record

    def finds(self, record, query):
        return False


class UsersAreNotFound(_FindsOnly):
    """A query by user finds nothing."""

    clause = "FIND-1"
    field = "user"


class UsersAreFoundWithARefreshTokenAlone(_FindsOnly):
    """A query by user finds no record without a refresh token."""

    clause = "FIND-1"
    field = "user"

    def finds(self, record, query):
        return not blank(record["refresh_token"])


class UsersAreFoundWithTheirClientAlone(_FindsOnly):
    """A query by user finds the record only where it names the record's client too."""

    clause = "FIND-1"
    field = "user"

    def finds(self, record, query):
        return record["client_id"] == query["client_id"]


class TheFirstUserAloneIsFound(_FindsOnly):
    """A query by user finds the first record, or nothing: the loop returns too early."""

    clause = "FIND-1"
    field = "user"

    def finds(self, record, query):
        return record == self._rows()[0]


class AccessTokensAreNotFound(_FindsOnly):
    """A query by access token alone finds nothing."""

    clause = "FIND-2"
    field = "access_token"


class AccessTokensOfUsersAreNotFound(_FindsOnly):
    """A query by access token alone finds no record that has a user."""

    clause = "FIND-2"
    field = "access_token"

    def finds(self, record, query):
        return blank(record["user"])


class AccessTokensOfClientsAreNotFound(_FindsOnly):
    """A query by access token alone finds no record that has client credentials."""

    clause = "FIND-2"
    field = "access_token"

    def finds(self, record, query):
        return blank(record["client_id"])


class GrantTokensAreNotFound(_FindsOnly):
    """A query by grant token finds nothing."""

    clause = "FIND-3"
    field = "grant_token"


class GrantTokensAreNotFoundOnceUsed(_FindsOnly):
    """A query by grant token finds no record that has a refresh token."""

    clause = "FIND-3"
    field = "grant_token"

    def finds(self, record, query):
        return blank(record["refresh_token"])


class GrantTokensOfUsersAreNotFound(_FindsOnly):
    """A query by grant token finds no record that has a user."""

    clause = "FIND-3"
    field = "grant_token"

    def finds(self, record, query):
        return blank(record["user"])


class FindsOnceForEachToken(Mutant):
    """What a token found, or missed, is remembered as long as that token lives."""

    clause = "FIND-1"
    spills = ("DEL-1",)

    def __init__(self):
        super().__init__()
        self.answers = {}

    def find_token(self, token):
        if id(token) not in self.answers:
            self.answers[id(token)] = token, super().find_token(token)
        return self.answers[id(token)][1]


class GrantTokensAreSoughtAmongRefreshTokens(KeyedMutant):
    """A query by grant token looks among the refresh tokens."""

    clause = "FIND-3"

    def _locate(self, query):
        if self._keyed_by(query) == "grant_token":
            return self._seek("refresh_token", query["grant_token"])
        return super()._locate(query)


class RefreshTokensAreNotFound(_FindsOnly):
    """A query by refresh token finds nothing."""

    clause = "FIND-4"
    field = "refresh_token"


class RefreshTokensAreNotFoundBesideAGrant(_FindsOnly):
    """A query by refresh token finds no record that has a grant token."""

    clause = "FIND-4"
    field = "refresh_token"

    def finds(self, record, query):
        return blank(record["grant_token"])


class RefreshTokensOfUsersAreNotFound(_FindsOnly):
    """A query by refresh token finds no record that has a user."""

    clause = "FIND-4"
    field = "refresh_token"

    def finds(self, record, query):
        return blank(record["user"])


class RefreshTokensAreFoundOnOnePage(KeyedMutant):
    """A query by refresh token looks through one page of 100 records."""

    clause = "FIND-4"

    def _locate(self, query):
        record = super()._locate(query)
        is_far = all(record is not each for each in self._rows()[:100])
        return None if is_far and self._keyed_by(query) == "refresh_token" else record


class AnEmptyGrantTokenIsOne(Mutant):
    """A query with a refresh token, and '' for a grant token, is looked up by the latter."""

    clause = "FIND-4"

    def find_token(self, token):
        query = self._read(token) if isinstance(token, OAuthToken) else {}
        if query.get("grant_token") == "" and (self._key(query) or ("",))[0] == "refresh_token":
            return None
        return super().find_token(token)


# FIND-5: the priority of the match rule


class _ComesBeforeTheUser(Mutant):
    """A query is answered by its {field} before its user."""

    clause = "FIND-5"
    field = ""

    def _locate(self, query):
        wanted = query[self.field]
        known = super()._locate(query)
        if blank(query["user"]) or blank(wanted) or known is None:
            return known
        return self._seek(self.field, wanted) or known


globals().update(for_each_field(_ComesBeforeTheUser, SECRETS))


class AccessTokenComesBeforeGrantToken(KeyedMutant):
    """A query is answered by its access token before its grant or refresh token."""

    clause = "FIND-5"

    def _locate(self, query):
        known = super()._locate(query)
        if known is None or self._keyed_by(query) not in ("grant_token", "refresh_token"):
            return known
        return (
            query["access_token"] and self._seek("access_token", query["access_token"])
        ) or known


class GrantTokenComesBeforeAccessToken(KeyedMutant):
    """A query without client credentials is answered by its grant before its access token."""

    clause = "FIND-5"

    def _locate(self, query):
        known = super()._locate(query)
        if known is None or self._keyed_by(query) != "access_token" or blank(query["grant_token"]):
            return known
        return self._seek("grant_token", query["grant_token"]) or known


class IdsComeBeforeAllKeys(Mutant):
    """A query is answered by its id, whatever key it has."""

    clause = "FIND-5"

    def _locate(self, query):
        return self._by_id(query["id"]) or super()._locate(query)


class IdsHaveToFitAsWell(Mutant):
    """A query by a key finds nothing if it has an id other than that of the record."""

    clause = "FIND-5"

    def _locate(self, query):
        found = super()._locate(query)
        return found if found and query["id"] in (None, found["id"]) else None


class TheRedirectUrlHasToFitAsWell(Mutant):
    """A query by a key finds nothing if it has a redirect URL other than that of the record."""

    clause = "FIND-5"

    def _locate(self, query):
        found = super()._locate(query)
        url = query["redirect_url"]
        return None if found and url and found["redirect_url"] not in (None, url) else found


class AMissIsAnsweredByTheId(Mutant):
    """A query whose key is unknown finds the record of its id, if that has no user."""

    clause = "FIND-5"

    def _locate(self, query):
        found, of_id = super()._locate(query), self._by_id(query["id"])
        return found or (of_id if of_id and not of_id["user"] else None)


# FIND-10: by the id alone


class IdsAloneFindNothing(Mutant):
    """A query with an id alone finds nothing."""

    clause = "FIND-10"

    def _locate(self, query):
        return self._match(query)


class IdsAloneAreRefused(Mutant):
    """A query with an id alone raises SDKException."""

    clause = "FIND-10"

    def _locate(self, query):
        if self._key(query) is None:
            raise SDKException("TOKEN_STORE", "no key")
        return self._match(query)


# FIND-13: grant before refresh


class RefreshTokenComesBeforeGrantToken(Mutant):
    """A query with both is answered by its refresh token before its grant token."""

    clause = "FIND-13"

    def _locate(self, query):
        key = self._key(query)
        if key and key[0] == "grant_token" and query["refresh_token"]:
            return self._seek("refresh_token", query["refresh_token"]) or super()._locate(query)
        return super()._locate(query)


class TheLastSavedComesBeforeGrantToken(Mutant):
    """A query with both is answered by whichever of the two records was saved last."""

    clause = "FIND-13"

    def _locate(self, query):
        found = super()._locate(query)
        key = self._key(query)
        if found and key and key[0] == "grant_token" and query["refresh_token"]:
            other = self._seek("refresh_token", query["refresh_token"])
            rows = self._rows()
            return max(filter(None, (found, other)), key=rows.index)
        return found


class UnknownUserGetsANamelessRecord(Mutant):
    """A query with an unknown user gets the record without a user that has its refresh token."""

    clause = "FIND-5"

    def _locate(self, query):
        found = super()._locate(query)
        if found or blank(query["user"]) or blank(query["refresh_token"]):
            return found
        return self._first(
            lambda r: blank(r["user"]) and r["refresh_token"] == query["refresh_token"]
        )
