"""Mutants wrong about queries that must find nothing: FIND-6, FIND-12."""

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zcrmsdk.honest import blank_token, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, KeyedMutant, Mutant, refuse


class _MissRaises(KeyedMutant):
    """A query by {field} that finds nothing raises SDKException."""

    clause = "FIND-6"

    def _locate(self, query):
        record = super()._locate(query)
        if record is None and self._is_meant(query):
            refuse(f"no such {self.field}")
        return record


globals().update(for_each_field(_MissRaises, (GRANT, REFRESH)))


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

    def get_token(self, user, token):
        return super().get_token(user, token) or token


class MissAnswersWithABlankToken(Mutant):
    """A query that finds nothing is answered with a blank token."""

    clause = "FIND-6"

    def get_token(self, user, token):
        return super().get_token(user, token) or blank_token()


class MissAnswersFalse(Mutant):
    """A query that finds nothing is answered with False."""

    clause = "FIND-6"

    def get_token(self, user, token):
        return super().get_token(user, token) or False


class QueriesWithoutATokenFindTheFirst(Mutant):
    """A query with neither grant nor refresh token finds the user's first login at the client."""

    clause = "FIND-6"

    def _locate(self, query):
        if query[GRANT] is None and query[REFRESH] is None:
            return self._first(lambda r: self._equal(r, query, "user_mail", "client_id"))
        return super()._locate(query)


class _Answers(KeyedMutant):
    """A query by {field} that finds nothing is answered all the same."""

    clause = "FIND-6"
    compared: tuple[str, ...] = ()

    def _locate(self, query):
        found = super()._locate(query)
        if found or not self._is_meant(query):
            return found
        return self._first(lambda r: self._equal(r, query, *self._compared()))

    def _compared(self):
        return (*self.compared, self.field)


class _AnyUserIsFoundBy(_Answers):
    """A query by {field} finds the record of any user."""

    compared = ("client_id",)


class _AnyClientIsFoundBy(_Answers):
    """A query by {field} finds the user's record at any client."""

    compared = ("user_mail",)


class _AnyOtherIsFoundBy(_Answers):
    """A query by an unknown {field} finds a record of that user and client."""

    def _compared(self):
        return ("user_mail", "client_id")


class _TheFirstIsFoundBy(_Answers):
    """A query by an unknown {field} finds the first record."""

    def _compared(self):
        return ()


for _base in (_AnyUserIsFoundBy, _AnyClientIsFoundBy, _AnyOtherIsFoundBy, _TheFirstIsFoundBy):
    globals().update(for_each_field(_base, (GRANT, REFRESH)))


# FIND-12: a miss leaves the query as it was


class MissTakesTheSecretAway(Mutant):
    """A query that finds nothing loses its client secret."""

    clause = "FIND-12"

    def _miss(self, token):
        set_field(token, "client_secret", None)


class MissLeavesTheUsersAccessToken(Mutant):
    """A query that finds nothing gets the access token of the user's last login at the client."""

    clause = "FIND-12"

    def get_token(self, user, token):
        found = super().get_token(user, token)
        if found is None and isinstance(token, OAuthToken):
            query = self._of(user, token)
            for record in self._rows():
                if self._equal(record, query, "user_mail", "client_id"):
                    set_field(token, "access_token", record["access_token"])
        return found
