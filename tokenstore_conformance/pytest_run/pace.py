"""How long clauses will take: the calls that they make, times the time of a call so far.

The store decides how long a call takes, and the kit how many it makes. So few numbers tell when a
run will end, to a factor of two. The time of a call is a median: a connection that is made once, or
processes that are started, would spoil a mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.patience import of_a_clause
from tokenstore_conformance.judging.settings import DEFAULT_EXAMPLES
from tokenstore_conformance.plural import counted

CALLS: Final[Mapping[str, int]] = {
    "SEQ-1": 5100,
    "THR-3": 6200,
    "THR-2": 2500,
    "RES-1": 1500,
    "FIND-14": 1400,
    "DATA-1": 800,
    "TIME-1": 750,
    "SAVE-14": 570,
    "DEL-1": 480,
}
"""The calls of the clauses that make many, between what the two generations need: a test counts."""

USUAL: Final = 70
"""The mean of the calls of the others."""

FEWEST: Final = 5
"""A clause with fewer calls says nothing of their time: what took it may be an import."""

ENOUGH: Final = 8
"""At least this many clauses have to be judged before anything is expected of the others."""


class Pace:
    """What is expected of the clauses that are left; each is a target and an id.

    ``examples`` is the number of sequences, ``timeout`` the seconds that a call may take.
    """

    def __init__(self, examples: int = DEFAULT_EXAMPLES, timeout: float = limits.DEFAULT) -> None:
        self._sequences = examples / DEFAULT_EXAMPLES
        self._timeout = timeout
        self._spent: dict[str, float] = {}
        self._times: dict[str, list[float]] = {}

    def add(self, target: str, calls: int, seconds: float) -> None:
        """A clause made so many calls, and took so long."""
        self._spent[target] = self._spent.get(target, 0.0) + seconds
        if calls >= FEWEST:
            self._times.setdefault(target, []).append(seconds / calls)

    def of_a_call(self, target: str) -> float | None:
        """Seconds that a call on this store takes; None where it is too early to say."""
        times = self._times.get(target, ())
        return median(times) if len(times) >= ENOUGH else None

    def of(self, clauses: Iterable[tuple[str, str]]) -> float | None:
        """Seconds that clauses will take; None where it is too early to say."""
        calls: dict[str, list[float]] = {}
        for target, clause in clauses:
            calls.setdefault(target, []).append(self.calls(clause))
        seconds = 0.0
        for target, counts in calls.items():
            of_a_call = self.of_a_call(target)
            if of_a_call is None:
                return None
            begun = spent = self._spent[target]
            for count in counts:
                spent += min(count * of_a_call, of_a_clause(self._timeout, spent))
            seconds += spent - begun
        return seconds

    def calls(self, clause: str) -> float:
        """About so many calls a clause makes on a store that keeps it."""
        return CALLS.get(clause, USUAL) * (self._sequences if clause == "SEQ-1" else 1)


def about(seconds: float) -> str:
    """A time to come, in words, no more exactly than it can be known."""
    if seconds < 55:
        return f"about {5 * max(1, round(seconds / 5))} seconds"
    if seconds < 90 * 60:
        return f"about {counted(round(seconds / 60), 'minute')}"
    return f"about {seconds / 3600:.1f} hours"
