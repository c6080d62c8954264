"""Mutants wrong about get_tokens: LIST-1 and LIST-2."""

import time

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zohocrmsdk.honest import FIELDS, blank, set_field
from tests.mutants import pages
from tests.mutants.mutant import for_each_field, over
from tests.mutants.zohocrmsdk.mutant import Mutant

# LIST-1: an empty store gives an empty list


class EmptyListIsNone(Mutant):
    """get_tokens answers None while the store is empty."""

    clause = "LIST-1"

    def get_tokens(self):
        return super().get_tokens() or None


class EmptyListRaises(Mutant):
    """get_tokens raises IndexError while the store is empty."""

    clause = "LIST-1"

    def _list(self):
        return [self._rows()[0], *self._rows()[1:]]


class EmptyListIsATuple(Mutant):
    """get_tokens answers with an empty tuple while the store is empty."""

    clause = "LIST-1"

    def get_tokens(self):
        return super().get_tokens() or ()


class EmptyListHoldsABlankToken(Mutant):
    """get_tokens answers with one blank token while the store is empty."""

    clause = "LIST-1"

    def _list(self):
        return super()._list() or [dict.fromkeys(FIELDS)]


# LIST-2: a list, every record once, each complete


class ListIsATuple(Mutant):
    """get_tokens answers with a tuple where there is a record."""

    clause = "LIST-2"

    def get_tokens(self):
        tokens = super().get_tokens()
        return tuple(tokens) if tokens else tokens


class ListIsAGenerator(Mutant):
    """get_tokens answers with a generator where there is a record."""

    clause = "LIST-2"

    def get_tokens(self):
        tokens = super().get_tokens()
        return iter(tokens) if tokens else tokens


class ListIsADictView(Mutant):
    """get_tokens answers with the values of a dictionary where there is a record."""

    clause = "LIST-2"

    def get_tokens(self):
        tokens = super().get_tokens()
        return dict(enumerate(tokens)).values() if tokens else tokens


class ListHoldsDicts(Mutant):
    """get_tokens answers with a list of dictionaries."""

    clause = "LIST-2"

    def get_tokens(self):
        return [dict(record) for record in self._list()]


class ListHoldsIds(Mutant):
    """get_tokens answers with a list of ids."""

    clause = "LIST-2"

    def get_tokens(self):
        return [record["id"] for record in self._list()]


class ListHoldsIdsInTokens(Mutant):
    """get_tokens answers with tokens that have their ids, and nothing else."""

    clause = "LIST-2"

    def get_tokens(self):
        return [OAuthToken(id=record["id"]) for record in self._list()]


class _ListLeavesOut(Mutant):
    """get_tokens leaves out the {field} of each token."""

    clause = "LIST-2"
    field = ""

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            set_field(token, self.field, None)
        return tokens


globals().update(for_each_field(_ListLeavesOut, ("id", "user", "refresh_token", "expires_in")))


class ListMissesTheLast(Mutant):
    """get_tokens misses the last of two or more records."""

    clause = "LIST-2"

    def _list(self):
        rows = super()._list()
        return rows[:-1] if len(rows) > 1 else rows


class ListTellsTheFirstTwice(Mutant):
    """get_tokens tells the first of two or more records twice."""

    clause = "LIST-2"

    def _list(self):
        rows = super()._list()
        return rows[:1] + rows if len(rows) > 1 else rows


globals().update(over(Mutant, pages.IN_MEMORY, __name__))


class ListRepeatsTheFirst(Mutant):
    """get_tokens fills one token again and again: the list holds the last record only."""

    clause = "LIST-2"

    def _list(self):
        rows = super()._list()
        return rows[-1:] * len(rows)


class _ListTellsOneForEach(Mutant):
    """get_tokens tells one record for each {field}, and each that has none."""

    clause = "LIST-2"
    field = ""

    def _list(self):
        rows = super()._list()
        return list({record[self.field] or record["id"]: record for record in rows}.values())


globals().update(
    for_each_field(
        _ListTellsOneForEach, ("client_id", "access_token", "refresh_token", "grant_token")
    )
)


class ListTellsUsersAlone(Mutant):
    """get_tokens leaves out the records that have no user."""

    clause = "LIST-2"

    def _list(self):
        return [record for record in super()._list() if not blank(record["user"])]


class ListTellsRefreshableOnesAlone(Mutant):
    """get_tokens leaves out the records that have no refresh token."""

    clause = "LIST-2"

    def _list(self):
        return [record for record in super()._list() if not blank(record["refresh_token"])]


# LIST-2: many without a user


class OnePageWithoutUsers(Mutant):
    """Lists all records that have a user, and a page of a hundred of the others."""

    clause = "LIST-2"

    def _list(self):
        rows = super()._list()
        others = [row for row in rows if not row["user"]]
        return [row for row in rows if row["user"]] + others[:100]


class ListLeavesOutTheExpired(Mutant):
    """get_tokens leaves out records that have expired, refresh token or not."""

    clause = "LIST-2"

    def _list(self):
        now = time.time() * 1000
        return [each for each in super()._list() if float(each["expires_in"] or now + 1) > now]


class ListLeavesOutIdsThatAreNames(Mutant):
    """A record whose id is the name of a user is not listed."""

    clause = "LIST-2"

    def get_tokens(self):
        names = {record["user"] for record in self._rows()}
        return [self._token(record) for record in self._rows() if record["id"] not in names]


class ListsAccessTokensOnce(Mutant):
    """Of the records without user, client and refresh token, only the newest is listed."""

    clause = "LIST-2"
    like = ("user", "client_id", "refresh_token")

    def _list(self):
        rows = {}
        for number, row in enumerate(super()._list()):
            bare = all(blank(row[field]) for field in self.like)
            rows["bare" if bare else number] = row
        return list(rows.values())


class ListsGrantTokensOfAClientOnce(Mutant):
    """Of the records with a grant token alone, the newest of each client is listed."""

    clause = "LIST-2"

    def _list(self):
        rows = {}
        for number, row in enumerate(super()._list()):
            alone = blank(row["user"]) and blank(row["refresh_token"])
            client = row["client_id"] if alone and not blank(row["grant_token"]) else None
            rows[client or number] = row
        return list(rows.values())
