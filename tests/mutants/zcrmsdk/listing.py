"""Mutants wrong about get_tokens: LIST-1 and LIST-2."""

from tests.correct.zcrmsdk.honest import FIELDS, set_field
from tests.mutants import pages
from tests.mutants.mutant import for_each_field, over
from tests.mutants.zcrmsdk.mutant import GRANT, KEYS, Mutant

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


class EmptiedListIsNone(Mutant):
    """get_tokens answers None once the last record was deleted."""

    clause = "LIST-1"
    emptied = False

    def _remove(self, record):
        super()._remove(record)
        self.emptied = True

    def get_tokens(self):
        return super().get_tokens() or (None if self.emptied else [])


# LIST-2: a list, every record once, with all that is kept


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


class ListHoldsEmails(Mutant):
    """get_tokens answers with a list of the users' emails."""

    clause = "LIST-2"

    def get_tokens(self):
        return [record["user_mail"] for record in self._list()]


class _ListLeavesOut(Mutant):
    """get_tokens leaves out the {field} of each token."""

    clause = "LIST-2"
    field = ""

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            set_field(token, self.field, None)
        return tokens


globals().update(
    for_each_field(_ListLeavesOut, ("user_mail", "client_id", *KEYS, "access_token", "expires_in"))
)


class ListForgetsRefreshTokens(Mutant):
    """get_tokens leaves out the refresh token of a login by grant token."""

    clause = "LIST-3"

    def _list(self):
        return [
            record if record["grant_token"] is None else {**record, "refresh_token": None}
            for record in super()._list()
        ]


class ListTellsTheGrantTokenTwice(Mutant):
    """get_tokens has the grant token of a login in the place of its refresh token."""

    clause = "LIST-3"

    def _list(self):
        return [
            {**record, "refresh_token": record["grant_token"] or record["refresh_token"]}
            for record in super()._list()
        ]


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


class ListRepeatsTheLast(Mutant):
    """get_tokens fills one token again and again: the list holds the last record only."""

    clause = "LIST-2"
    spills = ("DEL-1",)

    def _list(self):
        rows = super()._list()
        return rows[-1:] * len(rows)


globals().update(over(Mutant, pages.IN_MEMORY, __name__))


class ListTellsTen(Mutant):
    """get_tokens tells ten records at most: the first page."""

    clause = "LIST-2"

    def _list(self):
        return super()._list()[:10]


class ListTellsGrantLoginsAlone(Mutant):
    """get_tokens leaves out the records that have no grant token."""

    clause = "LIST-2"

    def _list(self):
        return [record for record in super()._list() if record[GRANT] is not None]


class _ListTellsOneForEach(Mutant):
    """get_tokens tells one record for each {field}, and each that has none."""

    clause = "LIST-2"
    field = ""

    def _list(self):
        rows = super()._list()
        return list({record[self.field] or id(record): record for record in rows}.values())


globals().update(
    for_each_field(_ListTellsOneForEach, ("user_mail", "client_id", *KEYS, "access_token"))
)


# LIST-2: a user with many logins


class PagesEndWithinAUser(Mutant):
    """Lists in pages of fifty by email; the next begins behind the last email of the one before."""

    clause = "LIST-2"

    def _list(self):
        left = sorted(super()._list(), key=lambda each: str(each["user_mail"]))
        listed = []
        while left:
            listed += left[:50]
            left = [each for each in left if str(each["user_mail"]) > str(listed[-1]["user_mail"])]
        return listed
