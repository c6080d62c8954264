"""Which faults of a store can be made good, and in which order they explain one another.

A clause that fails may fail because of another one that the store breaks: where no save sets an id,
nothing can be deleted by its id. So a check that fails is run once more over a store whose other
faults are made good (see `repaired`). A repair that changed something has *fired*; where the check
passes now, the clauses that fired are the causes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from tokenstore_conformance.failures import Fault
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.keys import identifies

SIMPLEST_FIRST: Final = (
    *("SHAPE-1", "SHAPE-2", "SHAPE-3", "LIST-1", "FIND-11", "SAVE-1", "DATA-3", "DATA-4"),
    *("SAVE-11", "SAVE-10", "SAVE-14", "LIST-2", "LIST-3", "SAVE-6", "SAVE-13"),
    *("FIND-6", "BYID-2", "BYID-4", "FIND-16", "FIND-17", "FIND-18", "SAVE-8", "SAVE-9"),
    *("SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5", "SAVE-23", "SAVE-24", "SAVE-12", "SAVE-26"),
    *("FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-7", "FIND-9", "FIND-10", "BYID-1"),
    *("DEL-1", "DEL-2", "CLEAR-1", "CLEAR-2", "FIND-8"),
)
"""Of two clauses, the one that comes first may explain the other; those left out come last."""

REPAIRED: Final = tuple(
    each
    for each in SIMPLEST_FIRST
    if each not in {"SHAPE-1", "SHAPE-2", "SAVE-6", "SAVE-11", "DEL-1"}
)
"""The clauses whose faults can be made good."""


_RAISING: Final = frozenset(
    {"FIND-6", "BYID-2", "BYID-4", "LIST-1", "LIST-2", "DEL-2", "CLEAR-1", "CLEAR-2"}
)
"""The clauses whose repairs make an exception good."""

COMPOUND: Final = frozenset(
    {"SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5", "SAVE-9", "SAVE-23", "SAVE-24", "LIST-2"}
    | {"FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-8", "FIND-11", "FIND-16", "FIND-17"}
    | {"BYID-1", "CLEAR-1", "CLEAR-2"}
)
"""The clauses whose repairs make several calls: between them, another thread may come in."""


@dataclass
class Repairs:
    """The faults of a store that are made good, and which of the repairs changed something."""

    faults: dict[str, Fault]
    """By clause, how it fails."""
    fired: set[str] = field(default_factory=set)
    fired_in_threads: set[str] = field(default_factory=set)
    """Those that fired in another thread than the one that made this, as the calls of a race do."""
    _home: int = field(default_factory=threading.get_ident)

    @property
    def capacity(self) -> int | None:
        """How many records the store takes, where it is known to take no more."""
        fault = self.faults.get("SAVE-14")
        return fault.capacity if fault else None

    def broken(self, *clauses: str) -> str | None:
        """The first of the clauses that the store is known to break."""
        return next((each for each in clauses if each in self.faults), None)

    def hides_what_is_raised_in(self, clause: str) -> bool:
        """Whether the exceptions by which this clause fails are made good."""
        if clause == "SAVE-14":
            return self.capacity is not None
        return clause in self.faults and clause in _RAISING

    def loses(self, clause: str) -> frozenset[str]:
        """The fields that the store is known to lose or to change, by the failure of a clause."""
        return self.faults[clause].fields if clause in self.faults else frozenset()

    def fire(self, clause: str | None) -> None:
        """Note that the repair of this clause changed something."""
        if clause is not None:
            self.fired.add(clause)
            if threading.get_ident() != self._home:
                self.fired_in_threads.add(clause)


class Pool:
    """What the kit saved in one storage, from any thread: what a lost field is filled from."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._lock = threading.Lock()
        self._records = list(records)
        self._held = list(records)
        """Those that the store should hold now."""
        self._by_id: dict[str, Record] = {}

    def add(self, door: Door, given: Record) -> tuple[Record | None, Record]:
        """Take a token that is saved; returns the record before, if any, and as it should be."""
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
            return older, newer

    def know(self, id: str | None, record: Record) -> None:
        """Note what is stored under an id now."""
        if id is not None:
            with self._lock:
                self._by_id[id] = record

    def held(self) -> bool:
        """Whether the store should hold any record now."""
        return bool(self._held)

    def knows(self, id: str | None) -> bool:
        """Whether a record is stored under this id."""
        return id in self._by_id

    def forget(self, door: Door, query: Record | None = None) -> None:
        """Take note that a record was deleted, or all."""
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
        """What a token updates that no key identifies: the record of its id (SAVE-18, SAVE-27)."""
        older = self._by_id.get(given.id) if given.id is not None else None
        others = older is not None and older.user and given.user and older.user != given.user
        return None if others else older

    def like(self, door: Door, record: Record, lost: frozenset[str]) -> Record | None:
        """What agrees with a record in all but the id and the fields that are lost.

        It is the one with the record's id, else the newest.
        """
        others = lost | {"id"}
        known = door.comparable(record).without(*others)
        with self._lock:
            same = self._by_id.get(record.id) if record.id is not None else None
            is_bare = not record.without("id").items()
            likely = [same] if same is not None and (known.items() or is_bare) else []
            if known.items():
                likely += reversed(self._records)
            for each in likely:
                if door.comparable(each).without(*others) == known:
                    return each
        return None

    def made_good(self, door: Door, record: Record, repairs: Repairs) -> Record:
        """A record that another process listed, with what the store is known to lose."""
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
        """Everything that was saved, each version once, the newest first."""
        with self._lock:
            return list(dict.fromkeys(reversed(self._records)))
