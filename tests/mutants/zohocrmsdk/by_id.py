"""Mutants wrong about find_token_by_id: BYID-1 to BYID-3."""

import fnmatch
import re

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import Mutant

# BYID-1: the complete token


class _ByIdLeavesOut(Mutant):
    """find_token_by_id leaves out the {field}."""

    clause = "BYID-1"
    field = ""

    def find_token_by_id(self, id):
        token = super().find_token_by_id(id)
        if token is not None:
            set_field(token, self.field, None)
        return token


globals().update(for_each_field(_ByIdLeavesOut, ("id", "user", "refresh_token", "expires_in")))


class ByIdAnswersWithADict(Mutant):
    """find_token_by_id answers with a dictionary of the fields."""

    clause = "BYID-1"

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else dict(record)


class ByIdAnswersWithTheIdAlone(Mutant):
    """find_token_by_id answers with a token that has its id, and nothing else."""

    clause = "BYID-1"

    def find_token_by_id(self, id):
        return None if self._locate_by_id(id) is None else OAuthToken(id=id)


class ByIdAnswersWithTheNewest(Mutant):
    """find_token_by_id answers for each known id with the record that was added last."""

    clause = "BYID-1"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) and self._rows()[-1]


class ByIdAnswersFromTheLastListing(Mutant):
    """find_token_by_id answers as the last listing did, if that had the id."""

    clause = "BYID-1"

    def __init__(self) -> None:
        super().__init__()
        self.listed = {}

    def get_tokens(self):
        self.listed = {record["id"]: dict(record) for record in self._rows()}
        return super().get_tokens()

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else self._token(self.listed.get(id, record))


# BYID-2: None for an unknown id


class ByIdRaisesOnAMiss(Mutant):
    """find_token_by_id raises SDKException for an unknown id, as the published sample does."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        token = super().find_token_by_id(id)
        if token is None:
            raise SDKException("TOKEN_STORE", "no such id")
        return token


class ByIdRaisesKeyError(Mutant):
    """find_token_by_id raises KeyError for an unknown id."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        return self._token({record["id"]: record for record in self._rows()}[id])


class ByIdRaisesWhileEmpty(Mutant):
    """find_token_by_id raises IndexError while the store is empty."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        self._rows()[0]
        return super().find_token_by_id(id)


class ByIdMakesANumberOfTheId(Mutant):
    """find_token_by_id raises ValueError for an unknown id that is not a number."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        return super().find_token_by_id(id) or self._absent(int(id))

    def _absent(self, number):
        return None


class ByIdAnswersWithABlankToken(Mutant):
    """find_token_by_id answers with a blank token for an unknown id."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        return super().find_token_by_id(id) or OAuthToken(id=id)


class ByIdAnswersWithTheFirst(Mutant):
    """find_token_by_id answers with the first record for an unknown id."""

    clause = "BYID-2"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) or next(iter(self._rows()), None)


class ByIdAnswersFalse(Mutant):
    """find_token_by_id answers False for an unknown id."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        return super().find_token_by_id(id) or False


class ByIdTakesDigitsForANumber(Mutant):
    """find_token_by_id raises ValueError for digits that are no number, such as "\u00b2"."""

    clause = "BYID-2"

    def find_token_by_id(self, id):
        if id.isdigit():
            int(id)
        return super().find_token_by_id(id)


# BYID-3: ids match nothing but themselves


class _ByLikeness(Mutant):
    """An id that is not there finds one that is like it."""

    clause = "BYID-3"

    def _locate_by_id(self, id):
        alike = super()._locate_by_id(id)
        return alike or self._first(lambda record: self.alike(record["id"], id))

    def alike(self, stored, wanted):
        raise NotImplementedError


class ByIdComparesNumbers(_ByLikeness):
    """find_token_by_id takes "01" for "1"."""

    def alike(self, stored, wanted):
        return stored.isdecimal() and wanted.isdecimal() and int(stored) == int(wanted)


class ByIdComparesTheFirstOfLongOnes(_ByLikeness):
    """find_token_by_id compares 128 characters, as much as its column holds."""

    def alike(self, stored, wanted):
        return len(wanted) > 128 and stored[:128] == wanted[:128]


class ByIdIgnoresCase(_ByLikeness):
    """find_token_by_id takes "abc" for "Abc"."""

    def alike(self, stored, wanted):
        return stored.casefold() == wanted.casefold()


class ByIdStripsTheWanted(_ByLikeness):
    """find_token_by_id takes "1 " for "1"."""

    def alike(self, stored, wanted):
        return stored == wanted.strip()


class ByIdTakesWildcards(_ByLikeness):
    """find_token_by_id takes "%" and "_" for wildcards, like SQL's LIKE."""

    def alike(self, stored, wanted):
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in wanted)
        return re.fullmatch(pattern, stored, re.DOTALL)


class ByIdGlobs(_ByLikeness):
    """find_token_by_id takes "*" for a wildcard, like a shell that looks for a file."""

    def alike(self, stored, wanted):
        return fnmatch.fnmatchcase(stored, wanted)


class ByIdIsInjectable(_ByLikeness):
    """find_token_by_id reads the id as SQL: "' or '1'='1" finds a record."""

    def alike(self, stored, wanted):
        return "' or '1'='1" in wanted


class ByIdTakesABlankForAny(_ByLikeness):
    """find_token_by_id takes a blank id for any."""

    def alike(self, stored, wanted):
        return wanted is not None and not wanted.strip()


class ByIdTakesABeginning(_ByLikeness):
    """find_token_by_id takes the beginning of an id for the id."""

    def alike(self, stored, wanted):
        return bool(wanted) and stored.startswith(wanted)


class ByIdChokesOnQuotes(Mutant):
    """find_token_by_id raises SDKException for an id with a quote in it."""

    clause = "BYID-3"
    spills = ("DATA-1",)

    def find_token_by_id(self, id):
        if "'" in (id or ""):
            raise SDKException("TOKEN_STORE", "unrecognized token")
        return super().find_token_by_id(id)


# BYID-3: what is no id


class UserNamesAreIdsToo(Mutant):
    """find_token_by_id finds a record by the name of its user as well."""

    clause = "BYID-3"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) or (id and self._seek("user", id))


class RemembersIdsThatItMissed(Mutant):
    """find_token_by_id remembers an id that it did not know, until a record is changed."""

    clause = "BYID-1"

    def __init__(self):
        super().__init__()
        self.missed = set()

    def _locate_by_id(self, id):
        if id in self.missed:
            return None
        record = super()._locate_by_id(id)
        if record is None:
            self.missed.add(id)
        return record

    def _change(self, record, values):
        self.missed.clear()
        super()._change(record, values)
