"""Mutants wrong about delete_tokens: CLEAR-1 and CLEAR-2."""

from tests.mutants import caches, pages
from tests.mutants.mutant import for_each_field, over
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, KeyedMutant, Mutant, refuse

# CLEAR-1: all of them; none is found after


class ClearsNothing(Mutant):
    """delete_tokens deletes nothing: it forgets to commit."""

    clause = "CLEAR-1"

    def _clear(self):
        pass


class ClearLeavesTheLast(Mutant):
    """delete_tokens leaves the last record: it deletes while it counts."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows()[:-1]:
            self._remove(record)


class ClearLeavesEverySecond(Mutant):
    """delete_tokens leaves every second record: it deletes from the list that it walks."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self.records:
            self._remove(record)


class ClearLeavesTheGrantless(Mutant):
    """delete_tokens leaves the records that have no grant token."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows():
            if record[GRANT] is not None:
                self._remove(record)


class _ClearedButFoundBy(KeyedMutant):
    """A cleared token is still found by its {field}: the index keeps it."""

    clause = "CLEAR-1"

    def __init__(self):
        super().__init__()
        self.cleared = []

    def _clear(self):
        self.cleared += self._rows()
        super()._clear()

    def _locate(self, query):
        found = super()._locate(query)
        if found or not self._is_meant(query):
            return found
        return next((r for r in self.cleared if self._same(r, query)), None)


globals().update(for_each_field(_ClearedButFoundBy, (GRANT, REFRESH)))


class ClearedButFoundById(_ClearedButFoundBy):
    """A cleared token is still found by get_token_by_id."""

    needs_ids = True

    def _locate_by_id(self, id):
        ghosts = (r for r in self.cleared if r["id"] == id)
        return super()._locate_by_id(id) or next(ghosts, None)


class ClearedButListed(_ClearedButFoundBy):
    """A cleared token is found no more, but listed as long as nothing else is stored."""

    def _list(self):
        return super()._list() or self.cleared


# CLEAR-2: no error on an empty store; a cleared store works on


class ClearingAnEmptyStoreRaises(Mutant):
    """delete_tokens raises IndexError while the store is empty."""

    clause = "CLEAR-2"

    def _clear(self):
        self._rows()[0]
        super()._clear()


class ClearingAnEmptyStoreIsRefused(Mutant):
    """delete_tokens raises SDKException while the store is empty: nothing was deleted."""

    clause = "CLEAR-2"

    def _clear(self):
        if not self._rows():
            refuse("no token was deleted")
        super()._clear()


class _DropsItsTable(Mutant):
    """The store drops its table when it is cleared."""

    clause = "CLEAR-2"
    dropped = False

    def _clear(self):
        super()._clear()
        self.dropped = True


class SavingAfterAClearRaises(_DropsItsTable):
    """save_token raises once the store was cleared: the table is dropped."""

    def _add(self, record):
        if self.dropped:
            refuse("no such table")
        super()._add(record)


class SavingAfterAClearIsLost(_DropsItsTable):
    """What is saved once the store was cleared is not stored."""

    def _add(self, record):
        if not self.dropped:
            super()._add(record)


class UpdatingAfterAClearIsLost(_DropsItsTable):
    """What is stored after a clear can be updated no more."""

    def _change(self, record, values):
        if not self.dropped:
            super()._change(record, values)


class FindingAfterAClearIsInVain(_DropsItsTable):
    """What is stored after a clear is not found."""

    def _locate(self, query):
        return None if self.dropped else super()._locate(query)


class DeletingAfterAClearIsLost(_DropsItsTable):
    """What is stored after a clear can be deleted no more."""

    def _locate_for_delete(self, gone):
        return None if self.dropped else super()._locate_for_delete(gone)


globals().update(over(Mutant, (*caches.OF_FINDS, *pages.OF_CLEARS), __name__))


class NewLoginsTakeTheOldPlaces(Mutant):
    """Logins are found by refresh token at their places, which delete_tokens does not forget."""

    clause = "CLEAR-1"

    def __init__(self):
        super().__init__()
        self.places = {}

    def _add(self, record):
        super()._add(record)
        self.places.setdefault((record["user_mail"], record["refresh_token"]), len(self.records))

    def _locate(self, query):
        found = super()._locate(query)
        place = self.places.get((query["user_mail"], query["refresh_token"]))
        if found is not None or place is None or query["grant_token"] is not None:
            return found
        was_cleared = self.cleared and place <= len(self.records)
        return self.records[place - 1] if was_cleared else None

    cleared = False

    def _clear(self):
        super()._clear()
        self.cleared = True
