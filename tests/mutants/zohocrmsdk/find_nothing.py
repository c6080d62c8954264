"""Mutants wrong about queries that must find nothing: FIND-6, FIND-8, FIND-12."""

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, blank, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import KeyedMutant, Mutant

# FIND-6: None on a miss


class _MissRaises(KeyedMutant):
    """A query by {field} that finds nothing raises SDKException."""

    clause = "FIND-6"
    field = ""

    def _locate(self, query):
        record = super()._locate(query)
        if record is None and self._keyed_by(query) == self.field:
            raise SDKException("TOKEN_STORE", f"no such {self.field}")
        return record


globals().update(for_each_field(_MissRaises, ("user", *SECRETS)))


class MissRaisesWhileEmpty(Mutant):
    """A query raises IndexError while the store is empty."""

    clause = "FIND-6"

    def _locate(self, query):
        self._rows()[0]
        return super()._locate(query)


class MissRaisesWhileFilled(Mutant):
    """A query that finds nothing raises AttributeError while there are records."""

    clause = "FIND-6"

    def _locate(self, query):
        record = super()._locate(query)
        if record is None and self._rows():
            raise AttributeError("'NoneType' object has no attribute 'id'")
        return record


class MissAnswersWithTheQuery(Mutant):
    """A query that finds nothing is answered with itself."""

    clause = "FIND-6"

    def _miss(self, token):
        return token


class MissAnswersWithABlankToken(Mutant):
    """A query that finds nothing is answered with a blank token."""

    clause = "FIND-6"

    def _miss(self, token):
        return OAuthToken(id="")


class MissAnswersFalse(Mutant):
    """A query that finds nothing is answered with False."""

    clause = "FIND-6"

    def _miss(self, token):
        return False


# FIND-8: never a token that the query does not identify


class _Answers(Mutant):
    """A query that finds nothing by the match rule is answered all the same."""

    clause = "FIND-8"

    def _locate(self, query):
        found = super()._locate(query)
        return self.other(query) if found is None else found

    def other(self, query):
        raise NotImplementedError


class NothingGetsTheFirst(_Answers):
    """A query that identifies nothing gets the first record, as in the published sample."""

    def other(self, query):
        return None if self._key(query) else next(iter(self._rows()), None)


class UnknownIdsGetTheFirst(_Answers):
    """A query with nothing but an unknown id gets the first record."""

    def other(self, query):
        alone = [field for field in FIELDS if not blank(query[field])] == ["id"]
        return next(iter(self._rows()), None) if alone else None


class UnknownIdsGetTheUserless(_Answers):
    """A query with nothing but an id gets a record without a user: None is equal to None."""

    def other(self, query):
        return (
            self._first(lambda r: blank(r["user"]))
            if query["id"] and not self._key(query)
            else None
        )


class BlankNamesAreNames(_Answers):
    """A query for a user with a blank name gets a record that has no user."""

    def other(self, query):
        return self._first(lambda r: blank(r["user"])) if query["user"] == "" else None


class BlankNamesGetAnyUser(_Answers):
    """A query for a user with a blank name gets the first user: every name begins with it."""

    def other(self, query):
        return self._first(lambda r: not blank(r["user"])) if query["user"] == "" else None


class AccessTokenFindsBesideClientCredentials(_Answers):
    """A query by access token is answered though it has client credentials."""

    def other(self, query):
        wanted = query["access_token"] if blank(query["user"]) else None
        return None if blank(wanted) else self._seek("access_token", wanted)


class AccessTokenFindsBesideAClientSecret(_Answers):
    """A query by access token is answered though it has a client secret, if it has no client id."""

    def other(self, query):
        wanted = query["access_token"] if blank(query["user"]) else None
        return None if blank(wanted) or query["client_id"] else self._seek("access_token", wanted)


class ClientCredentialsAreEnough(_Answers):
    """A query with nothing but client credentials gets a record of that client."""

    def other(self, query):
        alone = not any(query[field] for field in (*SECRETS, "user", "id"))
        return self._seek("client_id", query["client_id"]) if alone and query["client_id"] else None


class MissingGrantTokensAreEqual(_Answers):
    """A query with client credentials alone gets a record without grant token: None is None."""

    def other(self, query):
        alone = query["client_id"] and not any(query[field] for field in (*SECRETS, "user"))
        return self._first(lambda r: r["grant_token"] is None) if alone else None


class _UnknownUsersGetTheirs(_Answers):
    """A query for an unknown user gets the record of its {field}: another user's."""

    field = ""

    def other(self, query):
        wanted = query[self.field]
        named = not blank(query["user"]) and not blank(wanted)
        return self._seek(self.field, wanted) if named else None


globals().update(for_each_field(_UnknownUsersGetTheirs, SECRETS))


class UnknownUsersGetTheirClients(_Answers):
    """A query for an unknown user with client credentials gets a record of that client."""

    def other(self, query):
        named = query["user"] and query["client_id"] and query["client_secret"]
        return self._seek("client_id", query["client_id"]) if named else None


class UnknownAccessTokensGetTheRefreshTokens(_Answers):
    """A query by an unknown access token gets the record of the refresh token beside it."""

    def other(self, query):
        client = [query[field] for field in ("user", "client_id", "client_secret")]
        wanted = query["access_token"] and query["refresh_token"]
        return self._seek("refresh_token", wanted) if wanted and not any(client) else None


class RemembersQueriesByTheirPlace(Mutant):
    """What a query found is remembered by the `id` of its token, which is that of a later one."""

    clause = "FIND-8"

    def __init__(self):
        super().__init__()
        self.found = {}

    def find_token(self, token):
        record = self.found.get(id(token))
        if record is None or not any(each is record for each in self.records):
            record = self.found[id(token)] = self._locate(self._read(token))
        return None if record is None else self._fill(token, record)


# FIND-12: a miss leaves the query as it was


class _MissSpoils(Mutant):
    """A query that finds nothing comes back changed."""

    clause = "FIND-12"

    def _miss(self, token):
        self.spoil(token)

    def spoil(self, token):
        raise NotImplementedError


class MissWipesTheQuery(_MissSpoils):
    """A query that finds nothing is wiped."""

    def spoil(self, token):
        for field in FIELDS:
            set_field(token, field, None)


class MissByATokenDropsTheId(Mutant):
    """A query by grant or refresh token that finds nothing comes back without its id."""

    clause = "FIND-12"

    def _miss(self, token):
        key = self._key(self._read(token))
        if key is not None and key[0] in ("grant_token", "refresh_token"):
            token.set_id(None)


class MissSetsAnId(_MissSpoils):
    """A query that finds nothing is given an id, for the save to come."""

    def spoil(self, token):
        token.set_id(self._new_id())


class MissTakesTheUserAway(_MissSpoils):
    """A query that finds nothing loses its user."""

    def spoil(self, token):
        token.set_user_signature(None)


class MissTakesTheRefreshTokenAway(_MissSpoils):
    """A query that finds nothing loses its refresh token."""

    def spoil(self, token):
        token.set_refresh_token(None)


class MissSetsAnApiDomain(_MissSpoils):
    """A query that finds nothing is given an API domain."""

    def spoil(self, token):
        token.set_api_domain(token.get_api_domain() or "https://api.example")


# FIND-8, by an id alone


class _IdAloneMatches(Mutant):
    """A query with an id alone finds a record whose id is nearly that."""

    clause = "FIND-8"

    def _locate(self, query):
        located = super()._locate(query)
        if located is None and self._key(query) is None and query["id"]:
            return self._first(lambda record: self._is_near(record["id"], query["id"]))
        return located


class IdAloneMatchesTheBeginning(_IdAloneMatches):
    """A query with an id alone finds the record whose id begins so, as git finds a commit."""

    def _is_near(self, id, wanted):
        return len(wanted) >= 4 and id.startswith(wanted)


class IdAloneMatchesInAnyCase(_IdAloneMatches):
    """A query with an id alone finds the record whose id has the same letters in any case."""

    def _is_near(self, id, wanted):
        return id.lower() == wanted.lower()


class IdAloneMatchesAsANumber(_IdAloneMatches):
    """A query with an id alone finds the record whose id is the same number."""

    def _is_near(self, id, wanted):
        return id.isdigit() and wanted.isdigit() and int(id) == int(wanted)


class ReplacedAccessTokensFind(Mutant):
    """A query with an access token that an update has replaced finds the record."""

    clause = "FIND-8"

    def __init__(self):
        super().__init__()
        self.replaced = {}

    def _change(self, record, values):
        self.replaced[record["access_token"]] = record["id"]
        super()._change(record, values)

    def _match(self, values):
        key, value = self._key(values) or ("", "")
        found = super()._match(values)
        if found is None and key == "access_token" and values["id"] is None:
            return self._by_id(self.replaced.get(value, ""))
        return found


class RefreshTokenIsAnAccessToken(Mutant):
    """An access token is also looked for among the refresh tokens."""

    clause = "FIND-8"

    def _match(self, values):
        found = super()._match(values)
        key = self._key(values)
        if found is None and key and key[0] == "access_token":
            return self._seek("refresh_token", key[1])
        return found
