"""Mutants wrong about delete_tokens: CLEAR-1 and CLEAR-2."""

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants import caches, pages
from tests.mutants.mutant import for_each_field, over
from tests.mutants.zohocrmsdk.mutant import Mutant

# CLEAR-1: all of them; none is found after


class ClearsNothing(Mutant):
    """delete_tokens deletes nothing: it forgets to commit."""

    clause = "CLEAR-1"

    def _clear(self):
        pass


class ClearLeavesOne(Mutant):
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


class ClearLeavesUsers(Mutant):
    """delete_tokens leaves the records that have a user."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows():
            if blank(record["user"]):
                self._remove(record)


class ClearLeavesTheUserless(Mutant):
    """delete_tokens leaves the records that have no user."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows():
            if not blank(record["user"]):
                self._remove(record)


class _ClearedButFoundBy(Mutant):
    """A cleared token is still found by its {field}: the index keeps it."""

    clause = "CLEAR-1"
    field = ""

    def __init__(self):
        super().__init__()
        self.cleared = []

    def _clear(self):
        self.cleared += self._rows()
        super()._clear()

    def _locate(self, query):
        key = self._key(query)
        ghosts = (r for r in self.cleared if key == (self.field, r[self.field]))
        return super()._locate(query) or next(ghosts, None)


globals().update(for_each_field(_ClearedButFoundBy, ("user", *SECRETS)))


class ClearedButFoundById(_ClearedButFoundBy):
    """A cleared token is still found by find_token_by_id."""

    def _locate(self, query):
        return super(_ClearedButFoundBy, self)._locate(query)

    def _locate_by_id(self, id):
        ghosts = (r for r in self.cleared if r["id"] == id)
        return super()._locate_by_id(id) or next(ghosts, None)


class ClearedButListed(_ClearedButFoundBy):
    """A cleared token is found no more, but listed as long as nothing else is stored."""

    def _locate(self, query):
        return super(_ClearedButFoundBy, self)._locate(query)

    def _list(self):
        return super()._list() or self.cleared


class ClearsOneBatch(Mutant):
    """delete_tokens deletes one batch of 25 records."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows()[:25]:
            self._remove(record)


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
            raise SDKException("TOKEN_STORE", "no token was deleted")
        super()._clear()


class _ClosesWhenCleared(Mutant):
    """The store drops its table when it is cleared."""

    clause = "CLEAR-2"

    def __init__(self):
        super().__init__()
        self.dropped = False

    def _clear(self):
        super()._clear()
        self.dropped = True


class SavingAfterAClearRaises(_ClosesWhenCleared):
    """save_token raises once the store was cleared: the table is dropped."""

    def _add(self, record):
        if self.dropped:
            raise SDKException("TOKEN_STORE", "no such table")
        super()._add(record)


class SavingAfterAClearIsLost(_ClosesWhenCleared):
    """What is saved once the store was cleared is not stored."""

    def _add(self, record):
        if not self.dropped:
            super()._add(record)


class UpdatingAfterAClearIsLost(_ClosesWhenCleared):
    """What is stored after a clear can be updated no more."""

    def _change(self, record, values):
        if not self.dropped:
            super()._change(record, values)


class FindingAfterAClearRaises(_ClosesWhenCleared):
    """find_token raises once the store was cleared, as long as it is empty."""

    def _locate(self, query):
        if self.dropped and not self.records:
            raise SDKException("TOKEN_STORE", "no such table")
        return super()._locate(query)


class DeletingAfterAClearIsLost(_ClosesWhenCleared):
    """What is stored after a clear can be deleted no more."""

    def _locate_for_delete(self, id):
        return None if self.dropped else super()._locate_for_delete(id)


globals().update(over(Mutant, (*caches.OF_FINDS, *pages.OF_CLEARS), __name__))
