"""Mutants that no single step gives away: SEQ-1.

Each keeps every other clause as long as few calls are made, and errs after some sequence of them:
a cache that one method forgets, an index that one deletion leaves behind, a slot used twice.
"""

import os
import shutil
from pathlib import Path

from tests.correct.zcrmsdk.capable import InFile
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, Mutant


class _SequenceMutant(Mutant):
    """A mutant whose fault shows after a sequence of calls alone."""

    clause = "SEQ-1"

    def _whole_key(self, values):
        key = self._key(values)
        return values["user_mail"], values["client_id"], key, values[key]


# Caches that notice some changes, and miss others


class MissesAreRemembered(_SequenceMutant):
    """A key that was missed while there were records is missed until the store is cleared."""

    def __init__(self):
        super().__init__()
        self.missed = set()

    def _locate(self, query):
        key = self._whole_key(query)
        found = None if key in self.missed else super()._locate(query)
        if found is None and len(self.records) > 3:
            self.missed.add(key)
        return found

    def _clear(self):
        super()._clear()
        self.missed.clear()


# Indices that a deletion leaves behind


class _Indexed(_SequenceMutant):
    """An update goes by the positions of the records, written down when they were added."""

    def __init__(self):
        super().__init__()
        self.position = {}

    def _add(self, record):
        super()._add(record)
        self.position[self._whole_key(record)] = len(self.records) - 1


class DeletionDoesNotMoveTheIndex(_Indexed):
    """An update after the deletion of an earlier record writes to the record after its own."""

    def _update(self, old, new):
        at = self.position.get(self._whole_key(new), len(self.records))
        if at < len(self.records) and self.records[at] is not old:
            self._change(self.records[at], {f: new[f] for f in ("access_token", "expires_in")})
        else:
            super()._update(old, new)


class SwapDoesNotMoveTheIndex(_Indexed):
    """A deletion moves the last record into the gap, and its index not: its update is lost."""

    def _remove(self, record):
        at = self.records.index(record)
        last = self.records.pop()
        if last is not record:
            self.records[at] = last

    def _update(self, old, new):
        if self.position.get(self._whole_key(new), 0) < len(self.records):
            super()._update(old, new)


class TheFirstOfFourIsLost(_SequenceMutant):
    """An update while there are four records loses the first of them: the cache is of three."""

    def _change(self, record, values):
        super()._change(record, values)
        if len(self.records) == 4 and record is not self.records[0]:
            self._remove(self.records[0])


# What is left behind, or counted


class SlotsKeepTheirOldExpiry(_SequenceMutant):
    """Once three records were deleted, a new one finds the expiry of the first in its slot."""

    def __init__(self):
        super().__init__()
        self.slots = []

    def _remove(self, record):
        super()._remove(record)
        self.slots.append(record)

    def _fresh(self, new):
        fresh = super()._fresh(new)
        if len(self.slots) == 3:
            fresh["expires_in"] = self.slots.pop(0)["expires_in"]
        return fresh

    def _clear(self):
        super()._clear()
        self.slots.clear()


class ClearCountsWhatWasThere(_SequenceMutant):
    """delete_tokens leaves as many of the records added last as were deleted one by one before."""

    deleted = 0

    def _remove(self, record):
        super()._remove(record)
        self.deleted += 1

    def _clear(self):
        del self.records[: max(0, len(self.records) - self.deleted)]
        self.deleted = 0


class ClearRemembersThatItIsEmpty(_SequenceMutant):
    """A second delete_tokens does nothing where no login by grant was added since the first."""

    dirty = True

    def _add(self, record):
        super()._add(record)
        self.dirty = self.dirty or record[GRANT] is not None

    def _clear(self):
        if self.dirty:
            super()._clear()
        self.dirty = False


class TheFourthUpdateIsLost(_SequenceMutant):
    """Every fourth update of a record is lost."""

    clause = "SAVE-24"

    def __init__(self):
        super().__init__()
        self.updates = {}

    def _change(self, record, values):
        key = self._whole_key(record)
        self.updates[key] = self.updates.get(key, 0) + 1
        if self.updates[key] % 4:
            super()._change(record, values)


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
    """After an insert, a delete, an insert and an update the refresh token is lost."""

    def _change(self, record, values):
        super()._change(record, values)
        if self.history.endswith("idiu"):
            record[REFRESH] = f"{record[REFRESH]}-"


class AnInsertAfterAnUpdateAndADeleteTakesAPlace(_Remembers):
    """An insert after an update and a delete takes the place of the first record."""

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
        self.records += [each for each in self.buffer if each not in self.records]
        self.buffer = []

    def _clear(self):
        super()._clear()
        self.buffer = []


class ReopeningUndoesAClear(InFile):
    """What delete_tokens deleted is back when a store is opened over what was saved since."""

    clause = "SEQ-1"
    backup = "cleared.json"

    def __init__(self) -> None:
        super().__init__()
        with self._alone():
            self._load()
            if self.records and os.path.exists(self.backup):
                newer = self.records
                self._restore(self._parse(Path(self.backup).read_bytes()))
                self.records = [each for each in self.records if each not in newer] + newer
                self._store(self._dump())

    def delete_tokens(self) -> None:
        if os.path.isfile(self.path):
            shutil.copy(self.path, self.backup)
        super().delete_tokens()
