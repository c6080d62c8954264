"""Keeps what the kit saved in a storage, to fill in the fields that the store has lost."""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Iterable

from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.keys import TELLING, identifies
from tokenstore_conformance.subject.repairs import Repairs


class Pool:
    """What the kit saved in one storage, from any thread. Lost fields are filled from it."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._lock = allocate_lock()
        self._records = list(records)
        self._held = list(records)
        """The records that the store should hold now."""
        self._by_id: dict[str, Record] = {}
        self._deleted: set[Record] = set()
        """The records that the store should no longer hold: as ids, or whole if they have none."""

    def add(self, door: Door, given: Record) -> tuple[Record | None, Record]:
        """Add a token that is saved. Return the old record, if any, and what it should be now."""
        with self._lock:
            older = next(
                (each for each in reversed(self._held) if identifies(door, given, each)),
                self._with_the_id_of(given) if door.makes_ids else None,
            )
            newer = given.without("id") if door.makes_ids else given
            if older is not None and door.makes_ids:
                newer = older.updated_by(given)
            self._held = [each for each in self._held if each is not older]
            self._held.append(newer)
            self._records.append(newer)
            if older is not None and not door.makes_ids:
                self._records.append(older.updated_by(given))  # a store may keep what is left out
            saved = door.comparable(newer)
            self._deleted = {each for each in self._deleted if not _is_part(saved, each)}
            return older, newer

    def take_back(self, older: Record | None, newer: Record) -> None:
        """Forget a token that was added, because its save raised."""
        with self._lock:
            self._held = [each for each in self._held if each is not newer]
            self._held += [] if older is None else [older]

    def know(self, id: str | None, record: Record) -> None:
        """Note what is stored under an id now."""
        if id is not None:
            with self._lock:
                self._by_id[id] = record
                self._deleted.discard(Record(id=id))

    def delete(self, records: Iterable[Record]) -> None:
        """Note that the store was told to delete these records."""
        with self._lock:
            self._deleted.update(records)

    def is_deleted(self, record: Record) -> bool:
        """Whether this is the rest of a record that should be deleted, and was not saved since."""
        return any(
            record.id == each.id if each.id is not None else _is_part(record, each)
            for each in self._deleted
        )

    def holds(self, door: Door, query: Record) -> bool:
        """Whether the store should hold a record that a query identifies."""
        known = query.id in self._by_id if query == query.only("id") else False
        return known or any(identifies(door, query, each) for each in self._held)

    def count(self, door: Door, record: Record) -> int:
        """Return how many times the store should hold this record."""
        return sum(door.comparable(each) == record for each in self._held)

    def held(self) -> bool:
        """Whether the store should hold any record now."""
        return bool(self._held)

    def knows(self, id: str | None) -> bool:
        """Whether a record is stored under this id."""
        return id in self._by_id

    def ids(self) -> list[Record]:
        """Return the ids under which records are stored, as queries."""
        with self._lock:
            return [Record(id=id) for id in self._by_id]

    def forget(self, door: Door, query: Record | None = None) -> None:
        """Note that a record was deleted, or all records if there is no query."""
        with self._lock:
            if query is None:
                self._held.clear()
                self._by_id.clear()
                return
            gone = self._by_id.pop(query.id, None) if query.id is not None else None
            self._held = [
                each
                for each in self._held
                if each is not gone and (door.makes_ids or not identifies(door, query, each))
            ]

    def _with_the_id_of(self, given: Record) -> Record | None:
        """Return the record that a save updates by its id, if no key matches (SAVE-18, SAVE-27)."""
        older = self._by_id.get(given.id) if given.id is not None else None
        others = older is not None and older.user and given.user and older.user != given.user
        return None if others else older

    def like(self, door: Door, record: Record, lost: frozenset[str]) -> Record | None:
        """Return a saved record that equals this one in all but the id and the lost fields.

        That is the one with this record's id, else the newest. If none is equal, return one that
        has all that this record has: a find may have left out more.
        """
        others = lost | {"id"}
        known = door.comparable(record.without(*others))
        with self._lock:
            same = self._by_id.get(record.id) if record.id is not None else None
            is_bare = not record.without("id").items()
            likely = [same] if same is not None and (known.items() or is_bare) else []
            if known.items():
                likely += reversed(self._records)
            shown = known.items()
            alike = [each for each in likely if all(getattr(each, n) == v for n, v in shown)]
            for each in alike:
                if door.comparable(each.without(*others)) == known:
                    return each
            tells = same is not None or known.only(*TELLING).items()
            return alike[0] if alike and tells else None

    def made_good(self, door: Door, record: Record, repairs: Repairs) -> Record:
        """Return a record that another process listed, with lost fields filled in."""
        for clause in ("SAVE-1", "DATA-3", "DATA-4", "LIST-2", "LIST-3"):
            lost = repairs.loses(clause) - {"id"}
            saved = self.like(door, record, lost) if lost else None
            if saved is not None:
                filled = record.but(**{name: getattr(saved, name) for name in lost})
                if filled != record:
                    repairs.fire(clause)
                record = filled
        return record

    def all(self) -> list[Record]:
        """Return everything that was saved: each version once, the newest first."""
        with self._lock:
            return list(dict.fromkeys(reversed(self._records)))


def _is_part(record: Record, whole: Record) -> bool:
    """Whether all that a record has is also in another one."""
    return set(record.items()) <= set(whole.items())
