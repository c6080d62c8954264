"""Mutants that no single step gives away: SEQ-1.

Each keeps every other clause as long as few calls are made, and errs after some sequence of them:
a cache that one method forgets, an index that one deletion leaves behind, a slot used twice.
"""

import os
import shutil
from pathlib import Path

from tests.correct.zohocrmsdk.capable import InFile
from tests.correct.zohocrmsdk.honest import blank
from tests.mutants.zohocrmsdk.mutant import Mutant


class _SequenceMutant(Mutant):
    """A mutant whose fault shows after a sequence of calls alone."""

    clause = "SEQ-1"


# Caches that notice some changes, and miss others


class MissesAreRemembered(_SequenceMutant):
    """A key that was missed while there were records is missed until the store is cleared."""

    def __init__(self):
        super().__init__()
        self.missed = set()

    def _locate(self, query):
        key = self._key(query)
        found = None if key in self.missed else super()._locate(query)
        if found is None and self.records:
            self.missed.add(key)
        return found

    def _clear(self):
        super()._clear()
        self.missed.clear()


class ByIdRemembersUntilTheNextInsert(_SequenceMutant):
    """find_token_by_id answers from memory what it answered before, until the next insert."""

    def __init__(self):
        super().__init__()
        self.cache = {}

    def _locate_by_id(self, id):
        found = super()._locate_by_id(id)
        if found is not None:
            found = self.cache.setdefault(id, dict(found))
        return found

    def _add(self, record):
        super()._add(record)
        self.cache.clear()


# Indices that a deletion leaves behind


class _Indexed(_SequenceMutant):
    """An update goes by the positions of the users, written down when they were added."""

    def __init__(self):
        super().__init__()
        self.position = {}

    def _add(self, record):
        super()._add(record)
        if not blank(record["user"]):
            self.position[record["user"]] = len(self.records) - 1

    def _update(self, token, old, new):
        at = self.position.get(old["user"])
        if at is not None and at < len(self.records):
            user = {"user": self.records[at]["user"]}
            self._change(self.records[at], {**self._merge(self.records[at], new), **user})
            self._tell(token, old)
        else:
            super()._update(token, old, new)


class DeletionDoesNotMoveTheIndex(_Indexed):
    """An update after the deletion of an earlier record hits the record after its own."""


class SwapDoesNotMoveTheIndex(_Indexed):
    """A deletion moves the last record into the gap, and its index not: the update is lost."""

    def _remove(self, record):
        at = self.records.index(record)
        last = self.records.pop()
        if last is not record:
            self.records[at] = last

    def _update(self, token, old, new):
        at = self.position.get(old["user"], self.records.index(old))
        if at < len(self.records):
            super()._update(token, old, new)
        self._tell(token, old)


class OldAccessTokensStayIndexed(_SequenceMutant):
    """An access token that was replaced twice ago is still found, as that of its record."""

    def __init__(self):
        super().__init__()
        self.former = {}

    def _change(self, record, values):
        before = record["access_token"]
        super()._change(record, values)
        if before != record["access_token"]:
            self.former.setdefault(record["id"], []).append(before)

    def _locate(self, query):
        found = super()._locate(query)
        key = self._key(query) or ("", "")
        if found or key[0] != "access_token":
            return found
        return self._first(lambda record: key[1] in self.former.get(record["id"], [])[:-1])


class TheLastOfThreeIsNotUpdated(_SequenceMutant):
    """The last of exactly three records cannot be updated: the search is off by one."""

    clause = "SAVE-2"

    def _change(self, record, values):
        if len(self.records) != 3 or record is not self.records[-1]:
            super()._change(record, values)


class TheFirstOfFourIsLost(_SequenceMutant):
    """An update while there are four records loses the first of them: the cache is of three."""

    def _change(self, record, values):
        super()._change(record, values)
        if len(self.records) == 4 and record is not self.records[0]:
            self._remove(self.records[0])


# Slots, and what is left in them


class SlotsKeepTheirOldValues(_SequenceMutant):
    """Once two records were deleted, a new one finds values of the first in its slot."""

    def __init__(self):
        super().__init__()
        self.slots = []

    def _remove(self, record):
        super()._remove(record)
        self.slots.append(record)

    def _fresh(self, new):
        fresh = super()._fresh(new)
        if len(self.slots) > 1:
            left = self.slots.pop(0)
            fresh["redirect_url"] = fresh["redirect_url"] or left["redirect_url"]
        return fresh


class UpdatesAreBuffered(_SequenceMutant):
    """An update waits for the next read: a record that is deleted before comes back."""

    def __init__(self):
        super().__init__()
        self.buffer = []

    def _change(self, record, values):
        super()._change(record, values)
        self.buffer = [record]

    def _locate(self, query):
        self._flush()
        return super()._locate(query)

    def _list(self):
        self._flush()
        return super()._list()

    def _flush(self):
        self.records += [waiting for waiting in self.buffer if waiting not in self.records]
        self.buffer = []

    def _clear(self):
        super()._clear()
        self.buffer = []


class ClearCountsWhatWasThere(_SequenceMutant):
    """delete_tokens leaves as many of the records added last as were deleted one by one before."""

    def __init__(self):
        super().__init__()
        self.deleted = 0

    def _remove(self, record):
        super()._remove(record)
        self.deleted += 1

    def _clear(self):
        del self.records[: max(0, len(self.records) - self.deleted)]
        self.deleted = 0


class ClearRemembersThatItIsEmpty(_SequenceMutant):
    """A second delete_tokens does nothing where no user was added since the first."""

    def __init__(self):
        super().__init__()
        self.dirty = True

    def _add(self, record):
        super()._add(record)
        self.dirty = self.dirty or not blank(record["user"])

    def _clear(self):
        if self.dirty:
            super()._clear()
        self.dirty = False


# Counts of what happened


class TheFourthUpdateIsLost(_SequenceMutant):
    """Every fourth update of a record is lost."""

    spills = ("SAVE-2", "SAVE-9")

    def __init__(self):
        super().__init__()
        self.updates = {}

    def _change(self, record, values):
        count = self.updates[record["id"]] = self.updates.get(record["id"], 0) + 1
        if count % 4:
            super()._change(record, values)


class TheThirdDeletionSwaps(_SequenceMutant):
    """After the third deletion two records have changed their users."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.deletions = 0

    def _remove(self, record):
        super()._remove(record)
        self.deletions += 1
        named = [record for record in self.records if not blank(record["user"])]
        if self.deletions == 3 and len(named) > 1:
            first, second = named[:2]
            first["user"], second["user"] = second["user"], first["user"]


class _Remembers(_SequenceMutant):
    """The store remembers its last changes: i insert, u update, d delete, c clear."""

    def __init__(self):
        super().__init__()
        self.history = ""

    def _add(self, record):
        super()._add(record)
        self.history += "i"

    def _change(self, record, values):
        super()._change(record, values)
        self.history += "u"

    def _remove(self, record):
        super()._remove(record)
        self.history += "d"

    def _clear(self):
        super()._clear()
        self.history += "c"


class InsertDeleteInsertUpdateLosesTheRefreshToken(_Remembers):
    """After an insert, a delete, an insert and an update the refresh token is gone."""

    def _change(self, record, values):
        super()._change(record, values)
        if self.history.endswith("idiu"):
            record["refresh_token"] = None


class TheSecondUserIsAddedToTheFirst(_Remembers):
    """An insert after an update and a delete takes the place of the first record."""

    spills = ("CLEAR-2",)

    def _add(self, record):
        if self.history.endswith("ud") and self.records:
            self.records.pop(0)
        super()._add(record)


class UpdateDeleteUpdateWritesToTheDeleted(_Remembers):
    """An update after an update and a delete is written to the record that was deleted."""

    def _change(self, record, values):
        if self.history.endswith("ud"):
            record = dict(record)
        super()._change(record, values)


class IdsComeAgainAfterADeletionAndAClear(_Remembers):
    """After a delete, a clear and an insert the next record gets the id of that insert."""

    def _new_id(self):
        if self.history.endswith("dci"):
            return self.records[-1]["id"]
        return super()._new_id()


class ReopeningUndoesAClear(InFile):
    """What delete_tokens deleted is back when a store is opened over what was saved since."""

    clause = "SEQ-1"
    backup = "cleared.json"

    def __init__(self) -> None:
        super().__init__()
        with self._alone():
            self._load()
            if self.records and os.path.exists(self.backup):
                newer, issued = self.records, self.issued
                self._restore(self._parse(Path(self.backup).read_bytes()))
                self.records = [each for each in self.records if each not in newer] + newer
                self.issued = max(issued, self.issued)
                self._store(self._dump())

    def delete_tokens(self) -> None:
        if os.path.isfile(self.path):
            shutil.copy(self.path, self.backup)
        super().delete_tokens()
