"""Mutants wrong about isolation: ISO-1 and ISO-2."""

from tests.correct.zohocrmsdk.honest import FIELDS, get_field
from tests.mutants.zohocrmsdk.mutant import Mutant


class _Aliases(Mutant):
    """What is changed on a token that the store saw is changed in its record as well."""

    def __init__(self):
        super().__init__()
        self.shared = []

    def _share(self, token, record):
        self.shared.append([token, record, self._read(token)])
        return token

    def _rows(self):
        for entry in self.shared:
            token, record, seen = entry
            entry[2] = now = {field: get_field(token, field) for field in FIELDS}
            record.update({field: now[field] for field in FIELDS if now[field] != seen[field]})
        return super()._rows()


# ISO-1: a token that was saved


class InsertKeepsTheToken(_Aliases):
    """An insert keeps the caller's own token, not a copy."""

    clause = "ISO-1"

    def _insert(self, token, new):
        super()._insert(token, new)
        self._share(token, self.records[-1])


class UpdateKeepsTheToken(_Aliases):
    """An update keeps the caller's own token, not a copy."""

    clause = "ISO-1"

    def _update(self, token, old, new):
        super()._update(token, old, new)
        self._share(token, old)


class IdFindsTheSavedToken(Mutant):
    """By its id, the record of the last save is read from the token that was saved."""

    clause = "ISO-1"
    last = None

    def _tell(self, token, record):
        super()._tell(token, record)
        self.last = token

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is not None and self.last is not None and self.last.get_id() == id:
            found.set_access_token(self.last.get_access_token() or found.get_access_token())
        return found


# ISO-2: a token that was found, or listed


class FindKeepsTheQuery(_Aliases):
    """find_token makes the query that it fills the record itself."""

    clause = "ISO-2"

    def _fill(self, token, record):
        return self._share(super()._fill(token, record), record)


class ByIdHandsOutTheRecord(_Aliases):
    """find_token_by_id hands out the record itself, not a copy."""

    clause = "ISO-2"

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else self._share(self._token(record), record)


class ListHandsOutTheRecords(_Aliases):
    """get_tokens hands out the records themselves, not copies."""

    clause = "ISO-2"

    def get_tokens(self):
        return [self._share(self._token(record), record) for record in self._list()]


class _AnswersAgain(Mutant):
    """As long as a record does not change, the same token object is handed out for it."""

    clause = "ISO-2"

    def __init__(self):
        super().__init__()
        self.answers = {}

    def _again(self, record):
        values, token = self.answers.get(record["id"], (None, None))
        if values != record:
            values, token = dict(record), self._token(record)
            self.answers[record["id"]] = values, token
        return token


class ByIdAnswersAgain(_AnswersAgain):
    """find_token_by_id answers twice with the same object."""

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else self._again(record)


class ListAnswersAgain(_AnswersAgain):
    """get_tokens answers twice with the same objects."""

    def get_tokens(self):
        return [self._again(record) for record in self._list()]


class FindAnswersAgain(_AnswersAgain):
    """find_token fills its query, but answers twice with the same object."""

    spills = ("FIND-21",)

    def _fill(self, token, record):
        super()._fill(token, record)
        return self._again(record)
