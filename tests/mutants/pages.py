"""Stores that know a part of their records, for both generations: LIST-2."""

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


IN_MEMORY = (ListsOnePage, KeepsTheNewest)
"""The faults, which are put over the smallest honest store."""
