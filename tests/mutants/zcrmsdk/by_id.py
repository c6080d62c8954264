"""Mutants wrong about get_token_by_id, of the distributions of 2.x: BYID-1 to BYID-4, SAVE-29."""

import fnmatch
import re

from tests.correct.zcrmsdk.honest import blank_token, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import USED, Mutant


class _ByIdMutant(Mutant):
    """A mutant of get_token_by_id."""

    needs_ids = True


# BYID-1: the id is kept; the login is found by it, complete


class TheIdIsNotKept(_ByIdMutant):
    """A login is stored without its id."""

    clause = "BYID-1"

    def _fresh(self, new):
        return {**super()._fresh(new), "id": None}


class TheIdIsLostAtAnUpdate(_ByIdMutant):
    """An update loses the id of the record."""

    clause = "BYID-1"

    def _merge(self, old, new):
        return {**super()._merge(old, new), "id": None}


class TheStoreMakesItsIds(_ByIdMutant):
    """A login is stored with an id of the store's making."""

    clause = "BYID-1"

    def _fresh(self, new):
        return {**super()._fresh(new), "id": str(len(self._rows()) + 1)}


class _ByIdLeavesOut(_ByIdMutant):
    """get_token_by_id leaves out the {field}."""

    clause = "BYID-1"
    field = ""

    def get_token_by_id(self, id, token):
        found = super().get_token_by_id(id, token)
        if found is not None:
            set_field(found, self.field, None)
        return found


globals().update(for_each_field(_ByIdLeavesOut, (*USED, "client_id", "client_secret")))


class ByIdAnswersWithADict(_ByIdMutant):
    """get_token_by_id answers with a dictionary of the fields."""

    clause = "BYID-1"

    def get_token_by_id(self, id, token):
        record = self._locate_by_id(id)
        return record and dict(record)


class ByIdAnswersWithTheNewest(_ByIdMutant):
    """get_token_by_id answers for each known id with the record that was added last."""

    clause = "BYID-1"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) and self._rows()[-1]


# BYID-4: None or SDKException for an unknown id


class ByIdRaisesKeyError(_ByIdMutant):
    """get_token_by_id raises KeyError for an unknown id."""

    clause = "BYID-4"

    def _locate_by_id(self, id):
        return {record["id"]: record for record in self._rows()}[id]


class ByIdRaisesWhileEmpty(_ByIdMutant):
    """get_token_by_id raises IndexError while the store is empty."""

    clause = "BYID-4"

    def _locate_by_id(self, id):
        self._rows()[0]
        return super()._locate_by_id(id)


class ByIdMakesANumberOfTheId(_ByIdMutant):
    """get_token_by_id raises ValueError for an unknown id that is not a number."""

    clause = "BYID-4"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) or self._absent(int(id))

    def _absent(self, number):
        return None


class ByIdAnswersWithTheQuery(_ByIdMutant):
    """get_token_by_id answers with the token that it was given for an unknown id."""

    clause = "BYID-4"

    def get_token_by_id(self, id, token):
        return super().get_token_by_id(id, token) or token


class ByIdAnswersWithABlankToken(_ByIdMutant):
    """get_token_by_id answers with a blank token for an unknown id."""

    clause = "BYID-4"

    def get_token_by_id(self, id, token):
        return super().get_token_by_id(id, token) or blank_token()


class ByIdAnswersWithTheFirst(_ByIdMutant):
    """get_token_by_id answers with the first record for an unknown id."""

    clause = "BYID-4"

    def _locate_by_id(self, id):
        return super()._locate_by_id(id) or next(iter(self._rows()), None)


class ByIdAnswersFalse(_ByIdMutant):
    """get_token_by_id answers False for an unknown id."""

    clause = "BYID-4"

    def get_token_by_id(self, id, token):
        return super().get_token_by_id(id, token) or False


# BYID-3: ids match nothing but themselves


class _ByLikeness(_ByIdMutant):
    """An id that is not there finds one that is like it."""

    clause = "BYID-3"

    def _locate_by_id(self, id):
        alike = super()._locate_by_id(id)
        return alike or self._first(lambda r: r["id"] and self.alike(r["id"], id))

    def alike(self, stored, wanted):
        raise NotImplementedError


class ByIdIgnoresCase(_ByLikeness):
    """get_token_by_id takes "abc" for "Abc"."""

    def alike(self, stored, wanted):
        return stored.casefold() == wanted.casefold()


class ByIdStripsTheWanted(_ByLikeness):
    """get_token_by_id takes "1 " for "1"."""

    def alike(self, stored, wanted):
        return stored == wanted.strip()


class ByIdTakesWildcards(_ByLikeness):
    """get_token_by_id takes "%" and "_" for wildcards, like SQL's LIKE."""

    def alike(self, stored, wanted):
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in wanted)
        return re.fullmatch(pattern, stored, re.DOTALL)


class ByIdGlobs(_ByLikeness):
    """get_token_by_id takes "*" for a wildcard, like a shell that looks for a file."""

    def alike(self, stored, wanted):
        return fnmatch.fnmatchcase(stored, wanted)


class ByIdIsInjectable(_ByLikeness):
    """get_token_by_id reads the id as SQL: "' or '1'='1" finds a record."""

    def alike(self, stored, wanted):
        return "' or '1'='1" in wanted


class ByIdTakesABlankForAny(_ByLikeness):
    """get_token_by_id takes a blank id for any."""

    def alike(self, stored, wanted):
        return not wanted.strip()


class ByIdTakesABeginning(_ByLikeness):
    """get_token_by_id takes the beginning of an id for the id."""

    def alike(self, stored, wanted):
        return bool(wanted) and stored.startswith(wanted)


class ByIdChokesOnQuotes(_ByIdMutant):
    """get_token_by_id raises ValueError for an id with a quote in it."""

    clause = "BYID-3"

    def get_token_by_id(self, id, token):
        if "'" in id:
            raise ValueError("unrecognized token")
        return super().get_token_by_id(id, token)


# SAVE-29: ids that are alike


class _UpdatesAlikeIds(_ByIdMutant):
    """An update reaches each record whose id is like the one that is meant."""

    clause = "SAVE-29"

    def _change(self, record, values):
        for each in self._rows():
            if each is not record and self._is_like(each["id"], record["id"]):
                super()._change(each, {field: values[field] for field in USED[:2]})
        super()._change(record, values)

    def _is_like(self, id, wanted):
        raise NotImplementedError


class UpdatesWhereIdIsLike(_UpdatesAlikeIds):
    """UPDATE ... WHERE id LIKE ?"""

    def _is_like(self, id, wanted):
        pattern = re.escape(wanted).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, id, re.DOTALL) is not None


class UpdatesInAnyCase(_UpdatesAlikeIds):
    """An update compares ids without letter case."""

    def _is_like(self, id, wanted):
        return id.lower() == wanted.lower()
