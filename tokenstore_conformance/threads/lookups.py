"""Lookups when the calls of a race are over: a listing does not show an inconsistent index.

Every listed record must be found, complete, by each of its keys and by its id. A record that is not
listed must not be found. Lookups use only the fields by which the store finds records without any
race: other clauses judge the other fields.

Lookups are most of the calls of a race, so they take turns: an inconsistent index shows in more
than one trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tokenstore_conformance.oracle.zohocrmsdk import accepts
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject.plain_store import RecordStore
from tokenstore_conformance.threads.recorder import told

CLIENT: Final = ("client_id", "client_secret")

QUERIES: Final = {
    "id": ("id",),
    "user": ("user",),
    "access_token": ("access_token",),
    "grant_token": (*CLIENT, "grant_token"),
    "refresh_token": (*CLIENT, "refresh_token"),
}
"""The fields that a query carries, by the field that decides what it finds."""

TURNS: Final = 3
"""Each turn looks up records by only one field in this many."""


class Lookups:
    """Looks up records in a store, and knows by which fields the store finds them."""

    def __init__(self) -> None:
        self.trusted: set[str] = set()
        """The fields by which the store finds records."""

    def learn(self, store: RecordStore, listed: Sequence[Record]) -> None:
        """Trust each field by which the store now finds all listed records."""
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
        turn: int | None = None,
    ) -> str:
        """Return a sentence that says what is wrong with the answers, or "" if nothing is.

        ``known`` is all that was ever stored. If the threads ran one after another, the call is
        ``learning``: it does not blame the store for a wrong answer, but stops trusting the field.
        A ``turn`` looks up by its share of the fields only.
        """
        if len({record.id for record in listed}) < len(listed):
            return ""
        records = [*listed, *(record for record in known if record is not None)]
        for field in self._fields(turn):
            for query in dict.fromkeys(_queries(field, records)):
                wrong = _wrong_answer(store, listed, field, query)
                if wrong and learning:
                    self.trusted.discard(field)
                    break
                if wrong:
                    return f"when the calls are over, {wrong}"
        return ""

    def _fields(self, turn: int | None) -> Sequence[str]:
        fields = sorted(self.trusted)
        return fields if turn is None else fields[turn % TURNS :: TURNS]


def _queries(field: str, records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        query = record.only(*QUERIES[field])
        if len(query.items()) == len(QUERIES[field]):
            yield query


def _wrong_answer(store: RecordStore, listed: Sequence[Record], field: str, query: Record) -> str:
    """Return in words what is wrong with the answer to a lookup, or "" if it is right.

    The words leave out ids: a store may make different ones in the next run.
    """
    expected = [each for each in listed if getattr(each, field) == getattr(query, field)]
    lookup = "a lookup by id" if field == "id" else f"a lookup of {query}"
    listed_so = f"{expected[0].without('id')} is listed" if expected else "it is not listed"
    try:
        found = store.find_by_id(str(query.id)) if field == "id" else store.find(query)
    except Exception as error:
        return f"{lookup} raises {told(error)}, but {listed_so}" if expected else ""
    if found is None:
        return f"{lookup} finds nothing, but {listed_so}" if expected else ""
    if any(accepts(each, found, query) for each in expected):
        return ""
    return f"{lookup} finds {found.without('id')}, but {listed_so}"
