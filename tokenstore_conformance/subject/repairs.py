"""Which faults of a store can be corrected, and in which order they explain one another.

A clause may fail because the store breaks another one: if no save sets an id, nothing can be
deleted by its id. So a check that fails runs once more on a store whose other faults are corrected
(see `repaired`). A repair that changed something has *fired*. If the check passes now, the clauses
whose repairs fired are the causes. A repair that would do harm because of other faults is *given
up*. If a repair has done harm, the run is *spoilt*, and a failure in it shows nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from tokenstore_conformance.failures import Fault
from tokenstore_conformance.subject.keys import TELLING

SIMPLEST_FIRST: Final = (
    *("SHAPE-1", "SHAPE-2", "SHAPE-3", "LIST-1", "FIND-11", "SAVE-1", "DATA-3", "DATA-4"),
    *("SAVE-11", "SAVE-10", "SAVE-14", "LIST-2", "LIST-3", "SAVE-6"),
    *("FIND-6", "BYID-2", "BYID-4", "FIND-16", "FIND-17", "FIND-18", "SAVE-8", "SAVE-9"),
    *("SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5", "SAVE-23", "SAVE-24", "SAVE-12", "SAVE-26"),
    "SAVE-13",  # if a save inserts instead of updating, it sets the right id of that record
    *("FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-7", "FIND-9", "FIND-10", "FIND-12", "BYID-1"),
    *("DEL-1", "DEL-2", "CLEAR-1", "CLEAR-2", "FIND-8", "FIND-19", "SAVE-17", "SAVE-18"),
    "SAVE-20",
)
"""Of two clauses, the first may explain the other. Clauses that are left out come last."""


def _where_calls_raise(clause: str) -> tuple[bool, bool]:
    late = SIMPLEST_FIRST.index("SAVE-1") < SIMPLEST_FIRST.index(clause)
    return clause == "FIND-11", late and clause not in ("LIST-2", "LIST-3")


RAISING_FIRST: Final = tuple(sorted(SIMPLEST_FIRST, key=_where_calls_raise))
"""Like `SIMPLEST_FIRST`, for clauses in which the same call raises. FIND-11 is last, as a find that
raises changes nothing. LIST-2 and LIST-3 are early, as a listing that raises is not about ids or
expiries."""

REPAIRED: Final = tuple(
    each
    for each in SIMPLEST_FIRST
    if each not in {"SHAPE-1", "SHAPE-2", "SAVE-6", "SAVE-11", "SAVE-20"}
)
"""The clauses whose faults can be corrected."""


_RAISING: Final = frozenset(
    {"FIND-6", "BYID-2", "BYID-4", "LIST-1", "LIST-2", "DEL-2", "CLEAR-1", "CLEAR-2"}
    | {"SAVE-17", "SAVE-18"}
)
"""The clauses whose repairs hide an exception."""

COMPOUND: Final = frozenset(
    {"SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5", "SAVE-9", "SAVE-23", "SAVE-24", "LIST-2"}
    | {"FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-8", "FIND-19", "FIND-11", "FIND-16", "FIND-17"}
    | {"BYID-1", "DEL-1", "CLEAR-1", "CLEAR-2", "SAVE-12", "SAVE-17", "SAVE-18"}
)
"""The clauses whose repairs make several calls: between them, another thread may run."""

INVENTING: Final = frozenset({"SAVE-10", "SAVE-14"})
"""The clauses whose repairs make up ids."""


@dataclass
class Repairs:
    """The faults of a store that are corrected, and which of the repairs changed something."""

    faults: dict[str, Fault]
    """By clause, the fault with which it fails."""
    fired: set[str] = field(default_factory=set)
    fired_in_threads: set[str] = field(default_factory=set)
    """Those that fired in a thread other than the one that made this object, as in a race."""
    given_up: set[str] = field(default_factory=set)
    """Those whose faults appeared in this run but could not be corrected, because of others."""
    spoilt: set[str] = field(default_factory=set)
    """Those whose repairs left the wrong records, because the store's deletions are faulty."""
    _home: int = field(default_factory=threading.get_ident)

    @property
    def capacity(self) -> int | None:
        """How many records the store takes at most; None if no limit is known."""
        fault = self.faults.get("SAVE-14")
        return fault.capacity if fault else None

    def broken(self, *clauses: str) -> str | None:
        """Return the first of the clauses that the store is known to break."""
        return next((each for each in clauses if each in self.faults), None)

    def hides_what_is_raised_in(self, clause: str) -> bool:
        """Whether a repair hides the exceptions with which this clause fails."""
        if clause == "SAVE-14":
            return self.capacity is not None
        return clause in self.faults and clause in _RAISING

    def loses(self, clause: str) -> frozenset[str]:
        """Return the fields that the store loses or changes, as the failure of a clause shows."""
        return self.faults[clause].fields if clause in self.faults else frozenset()

    @property
    def torn(self) -> set[str]:
        """Those that made several calls for one in a race: another thread may run between them."""
        loses_keys = bool(self.loses("SAVE-1").intersection(TELLING))
        return {
            each
            for each in self.fired_in_threads
            if each in COMPOUND or (each == "SAVE-1" and loses_keys)
        }

    @property
    def in_a_race(self) -> bool:
        """Whether this thread is one of several that make calls at the same time."""
        return threading.get_ident() != self._home

    def fire(self, clause: str | None) -> None:
        """Note that the repair of this clause changed something."""
        if clause is not None:
            self.fired.add(clause)
            if self.in_a_race:
                self.fired_in_threads.add(clause)
