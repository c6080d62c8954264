"""Mutants wrong about delete_token: DEL-1 to DEL-4."""

import itertools
import re

from tests.correct.zcrmsdk.honest import get_field
from tests.mutants.mutant import for_each_field, is_ahead
from tests.mutants.zcrmsdk.mutant import (
    GRANT,
    REFRESH,
    SECRETS,
    AlikeMutant,
    KeyedMutant,
    Mutant,
    as_pattern,
)

# DEL-1: that record and no other; then found by no key


class DeletesNothing(Mutant):
    """delete_token deletes nothing, and says nothing."""

    clause = "DEL-1"

    def _locate_for_delete(self, gone):
        return None


class _IsNotDeletedBy(KeyedMutant):
    """A token is not deleted by its {field}."""

    clause = "DEL-1"

    def _locate_for_delete(self, gone):
        return None if self._is_meant(gone) else super()._locate_for_delete(gone)


globals().update(for_each_field(_IsNotDeletedBy, (GRANT, REFRESH)))


class _StillFoundBy(KeyedMutant):
    """A deleted token is still found by its {field}: the index keeps it."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.deleted = []

    def _remove(self, record):
        super()._remove(record)
        self.deleted.append(record)

    def _locate(self, query):
        found = super()._locate(query)
        if found or not self._is_meant(query):
            return found
        return next((r for r in self.deleted if self._same(r, query)), None)


globals().update(for_each_field(_StillFoundBy, (GRANT, REFRESH)))


class StillFoundById(_StillFoundBy):
    """A deleted token is still found by get_token_by_id."""

    needs_ids = True

    def _locate_by_id(self, id):
        ghosts = (r for r in self.deleted if r["id"] == id)
        return super()._locate_by_id(id) or next(ghosts, None)


class StillListed(_StillFoundBy):
    """A deleted token is found no more, but still listed."""

    def _list(self):
        return super()._list() + self.deleted


class DeletesTheSecretsAlone(Mutant):
    """delete_token wipes secret, grant, refresh and access token, and keeps the record."""

    clause = "DEL-1"

    def _remove(self, record):
        self._change(record, dict.fromkeys(SECRETS))


class DeletesTheNextToo(Mutant):
    """delete_token takes the record after it along."""

    clause = "DEL-1"

    def _remove(self, record):
        rows = self._rows()
        for gone in rows[rows.index(record) :][:2]:
            super()._remove(gone)


class DeletesTheLast(Mutant):
    """delete_token deletes the record that was added last, whichever it was asked for."""

    clause = "DEL-1"

    def _remove(self, record):
        super()._remove(self._rows()[-1])


class _DeletesAllOf(Mutant):
    """delete_token deletes every record with the same {field}."""

    clause = "DEL-1"
    field = ""

    def _remove(self, record):
        for other in self._rows():
            if other is record or self._equal(other, record, self.field):
                super()._remove(other)


globals().update(for_each_field(_DeletesAllOf, ("user_mail", "client_id", REFRESH)))


# DEL-2: a token that matches nothing changes nothing; None or SDKException


class _UnknownDeletes(KeyedMutant):
    """A token that matches nothing deletes a record all the same."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        known = super()._locate_for_delete(gone)
        if known or not self._is_meant(gone):
            return known
        return self._first(lambda r: self._equal(r, gone, *self._compared()))

    def _compared(self):
        raise NotImplementedError


class _AnyUserIsDeletedBy(_UnknownDeletes):
    """A {field} deletes the record of any user."""

    def _compared(self):
        return "client_id", self.field


class _AnyClientIsDeletedBy(_UnknownDeletes):
    """A {field} deletes the user's record at any client."""

    def _compared(self):
        return "user_mail", self.field


class _AnyOtherIsDeletedBy(_UnknownDeletes):
    """An unknown {field} deletes a record of that user and client."""

    def _compared(self):
        return "user_mail", "client_id"


for _base in (_AnyUserIsDeletedBy, _AnyClientIsDeletedBy, _AnyOtherIsDeletedBy):
    globals().update(for_each_field(_base, (GRANT, REFRESH)))


class UnknownDeletesTheFirst(Mutant):
    """A token that matches nothing deletes the first record."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        return super()._locate_for_delete(gone) or next(iter(self._rows()), None)


class DeletesOfWhoeverSavedLast(Mutant):
    """A token that matches nothing deletes a login of the user who saved last."""

    clause = "DEL-2"
    last = None

    def save_token(self, user, token):
        super().save_token(user, token)
        self.last = get_field(user, "email")

    def _locate_for_delete(self, gone):
        found = super()._locate_for_delete(gone)
        return found or super()._locate_for_delete({**gone, "user_mail": self.last})


class DeletingTheUnknownRaises(Mutant):
    """A token that matches nothing raises ValueError: list.remove(x): x not in list."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        return super()._locate_for_delete(gone) or gone


class DeletingFromNothingRaises(Mutant):
    """delete_token raises IndexError while the store is empty."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        self._rows()[0]
        return super()._locate_for_delete(gone)


class DeleteIsInjectable(Mutant):
    """delete_token reads the token as SQL: "' or '1'='1" deletes a record."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        injected = "' or '1'='1" in (gone[self._key(gone)] or "")
        return next(iter(self._rows()), None) if injected else super()._locate_for_delete(gone)


class _DeletesAlike(AlikeMutant):
    """A token deletes the record of a key that is like its own."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        return super()._locate_for_delete(gone) or self._alike(gone)


class DeleteTakesWildcards(_DeletesAlike):
    """delete_token takes "%" and "_" for wildcards."""

    def alike(self, stored, wanted):
        return re.fullmatch(as_pattern(wanted), stored, re.DOTALL) is not None


class DeleteIgnoresCase(_DeletesAlike):
    """delete_token takes keys that differ in letter case alone for one."""

    def alike(self, stored, wanted):
        return stored.lower() == wanted.lower()


class DeletePads(_DeletesAlike):
    """delete_token takes keys that differ in blanks at the end alone for one."""

    def alike(self, stored, wanted):
        return stored.rstrip(" ") == wanted.rstrip(" ")


# DEL-4: a deleted login can be saved again


class _Remembers(Mutant):
    """The store remembers what was deleted."""

    clause = "DEL-4"

    def __init__(self):
        super().__init__()
        self.deleted = []

    def _remove(self, record):
        super()._remove(record)
        self.deleted.append(dict(record))

    def _was_deleted(self, values):
        return any(self._same(each, values) for each in self.deleted)


class DeletedTokensAreNotInserted(_Remembers):
    """What was deleted is not saved again: it is taken for revoked."""

    def _insert(self, new):
        if not self._was_deleted(new):
            super()._insert(new)


class DeletedTokensAreRefused(_Remembers):
    """What was deleted raises ValueError when it is saved again: the row is there, but hidden."""

    def _insert(self, new):
        if self._was_deleted(new):
            raise ValueError("UNIQUE constraint failed")
        super()._insert(new)


class DeletedRefreshTokensAreNotInserted(_Remembers):
    """What was deleted is not saved again by its refresh token."""

    def _insert(self, new):
        if new[GRANT] is not None or not self._was_deleted(new):
            super()._insert(new)


class DeletedTokensAreNotFoundAgain(_Remembers):
    """What was deleted and saved again is listed, but not found."""

    def _locate(self, query):
        return None if self._was_deleted(query) else super()._locate(query)


# DEL-1: and no other


class ADeletionClearsUp(Mutant):
    """A deletion also removes what has an access token that has expired."""

    clause = "DEL-1"
    spills = ("TIME-1",)

    def _remove(self, record):
        super()._remove(record)
        for each in self._rows():
            if each["expires_in"] and not is_ahead(each["expires_in"]):
                super()._remove(each)


class ForgetsDeletionsWhenItCompacts(Mutant):
    """After 100 changes it rewrites its log, and forgets the deletions."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.changes = 0
        self.deleted = []

    def _add(self, record):
        super()._add(record)
        self._changed()

    def _remove(self, record):
        super()._remove(record)
        self.deleted.append(record)
        self._changed()

    def _changed(self):
        self.changes += 1
        if self.changes % 100 == 0:
            for each in self.deleted:
                super()._add(each)
            self.deleted.clear()


class _KnowsFoundTokensByTheirRow(Mutant):
    """A token that was found has the number of its row, which the next insert may get."""

    def __init__(self):
        super().__init__()
        self.numbers = {}
        self.rows = {}

    def _add(self, record):
        super()._add(record)
        number = next(n for n in itertools.count() if n not in self.rows)
        self.rows[number], self.numbers[id(record)] = record, number

    def _remove(self, record):
        super()._remove(record)
        self.rows.pop(self.numbers.pop(id(record), None), None)

    def _clear(self):
        super()._clear()
        self.rows.clear()
        self.numbers.clear()

    def _fill(self, token, record):
        found = super()._fill(token, record)
        found.row = self.numbers.get(id(record))
        return found

    def _row_of(self, token):
        return self.rows.get(getattr(token, "row", None))


class DeletesFoundTokensByTheirRow(_KnowsFoundTokensByTheirRow):
    """A token that was found is deleted by the number of its row."""

    clause = "DEL-2"

    def delete_token(self, token):
        if getattr(token, "row", None) is None:
            super().delete_token(token)
        elif self._row_of(token) is not None:
            self._remove(self._row_of(token))


class SavesFoundTokensByTheirRow(_KnowsFoundTokensByTheirRow):
    """A token that was found is saved into the row of its number, where that is of its user."""

    clause = "DEL-4"

    def save_token(self, user, token):
        row = self._row_of(token)
        if row is not None and row["user_mail"] == user.email:
            self._update(row, self._of(user, token))
            token.user_mail = user.email
        else:
            super().save_token(user, token)


class DeletesByTheKeyThatItHadFirst(Mutant):
    """A record is filed under its first key, and a deletion looks under the one that it has now."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.first = {}

    def _add(self, record):
        super()._add(record)
        self.first[id(record)] = self._key(record)

    def _locate_for_delete(self, gone):
        found = super()._locate_for_delete(gone)
        return found if found and self.first.get(id(found)) == self._key(gone) else None
