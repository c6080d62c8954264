"""Stores that know a part of their records, for both generations: LIST-2 and CLEAR-1."""

from tests.correct.honest import Steps


class ListsOnePage(Steps):
    """get_tokens lists the first 200 records, which is a page of the server's."""

    clause = "LIST-2"

    def _list(self):
        return super()._list()[:200]


class KeepsTheNewest(Steps):
    """The store keeps the newest 256 records, as a cache does."""

    clause = "LIST-2"

    def _rows(self):
        return super()._rows()[-256:]


class ClearsABatch(Steps):
    """delete_tokens deletes the oldest 200 records."""

    clause = "CLEAR-1"

    def _clear(self):
        for record in self._rows()[:200]:
            self._remove(record)


IN_MEMORY = (ListsOnePage, KeepsTheNewest)
"""The faults, which are put over the smallest honest store."""

OF_CLEARS = (ClearsABatch,)
"""The same, about delete_tokens."""
