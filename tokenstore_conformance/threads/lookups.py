"""What a store answers when the calls of a race are over: a listing does not show a torn index.

A record that is listed is found by each of its keys and by its id, whole; and what is not listed is
not found. Only those ways are asked in which the store finds records without any race: for others
there are other clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tokenstore_conformance.oracle.zohocrmsdk import accepts
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject.plain_store import RecordStore

CLIENT: Final = ("client_id", "client_secret")

QUERIES: Final = {
    "id": ("id",),
    "user": ("user",),
    "access_token": ("access_token",),
    "grant_token": (*CLIENT, "grant_token"),
    "refresh_token": (*CLIENT, "refresh_token"),
}
"""By the field that decides, what a query carries."""


class Lookups:
    """Asks a store, and knows in which ways it finds what it holds."""

    def __init__(self) -> None:
        self.trusted: set[str] = set()
        """The fields by which records are found."""

    def learn(self, store: RecordStore, listed: Sequence[Record]) -> None:
        """Trust the ways in which each of the records is found now."""
        for field in QUERIES:
            queries = list(_queries(field, listed))
            if len(queries) == len(listed) and not any(
                _wrong_answer(store, listed, field, query) for query in queries
            ):
                self.trusted.add(field)

    def anomaly(
        self,
        store: RecordStore,
        listed: Sequence[Record],
        known: Iterable[Record | None],
        *,
        learning: bool,
    ) -> str:
        """What is wrong with the answers, in a sentence; "" where nothing is.

        ``known`` is all that was ever stored. Where the threads ran one after another the store is
        not blamed: it is ``learning`` which ways to trust.
        """
        if len({record.id for record in listed}) < len(listed):
            return ""
        records = [*listed, *(record for record in known if record is not None)]
        for field in sorted(self.trusted):
            for query in dict.fromkeys(_queries(field, records)):
                wrong = _wrong_answer(store, listed, field, query)
                if wrong and learning:
                    self.trusted.discard(field)
                    break
                if wrong:
                    return f"when the calls are over, {wrong}"
        return ""


def _queries(field: str, records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        query = record.only(*QUERIES[field])
        if len(query.items()) == len(QUERIES[field]):
            yield query


def _wrong_answer(store: RecordStore, listed: Sequence[Record], field: str, query: Record) -> str:
    """What a lookup answers that it should not, in words; "" where it is right.

    The words leave ids out: a store may make others in the next run.
    """
    expected = [each for each in listed if getattr(each, field) == getattr(query, field)]
    lookup = "a lookup by id" if field == "id" else f"a lookup of {query}"
    listed_so = f"{expected[0].without('id')} is listed" if expected else "it is not listed"
    try:
        found = store.find_by_id(str(query.id)) if field == "id" else store.find(query)
    except Exception as error:
        return f"{lookup} raises {type(error).__name__}, but {listed_so}" if expected else ""
    if found is None:
        return f"{lookup} finds nothing, but {listed_so}" if expected else ""
    if any(accepts(each, found, query) for each in expected):
        return ""
    return f"{lookup} finds {found.without('id')}, but {listed_so}"
