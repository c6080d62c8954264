"""Estimates how long clauses will take: the calls that they make, times the time of a call so far.

The store decides how long a call takes, and the kit decides how many it makes. So a few numbers
tell when a run will end, within a factor of two. The time of a call is a median, because a
connection that is made once, or processes that are started, would distort a mean.
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
"""The calls of the clauses that make many. The two generations need different numbers; these are in
between. A test counts the calls and compares them."""

USUAL: Final = 70
"""The mean number of calls of the other clauses."""

FEWEST: Final = 5
"""A clause with fewer calls does not count: an import may have taken most of its time."""

ENOUGH: Final = 8
"""At least this many clauses have to be judged before the time of the others is estimated."""


class Pace:
    """Estimates the time of the clauses that are left.

    ``examples`` is the number of sequences that SEQ-1 tries. A call may take ``timeout`` seconds.
    """

    def __init__(self, examples: int = DEFAULT_EXAMPLES, timeout: float = limits.DEFAULT) -> None:
        self._sequences = examples / DEFAULT_EXAMPLES
        self._timeout = timeout
        self._spent: dict[str, float] = {}
        self._times: dict[str, list[float]] = {}

    def add(self, target: str, calls: int, seconds: float) -> None:
        """Note how many calls a clause made, and how many seconds it took."""
        self._spent[target] = self._spent.get(target, 0.0) + seconds
        if calls >= FEWEST:
            self._times.setdefault(target, []).append(seconds / calls)

    def of_a_call(self, target: str) -> float | None:
        """Return the seconds that a call on this store takes; None if it is too early to say."""
        times = self._times.get(target, ())
        return median(times) if len(times) >= ENOUGH else None

    def of(self, clauses: Iterable[tuple[str, str]]) -> float | None:
        """Return the seconds that clauses will take; None if it is too early to say.

        Each clause is a target and an id.
        """
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
        """Return about how many calls a clause makes on a store that does not break it."""
        return CALLS.get(clause, USUAL) * (self._sequences if clause == "SEQ-1" else 1)


def about(seconds: float) -> str:
    """Return a remaining time in words, rounded to what an estimate can tell."""
    if seconds < 55:
        return f"about {5 * max(1, round(seconds / 5))} seconds"
    if seconds < 90 * 60:
        return f"about {counted(round(seconds / 60), 'minute')}"
    return f"about {seconds / 3600:.1f} hours"
