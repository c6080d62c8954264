"""Says which of two clauses is simpler, and so may explain why the other one fails."""

from __future__ import annotations

from collections.abc import Iterable

from tokenstore_conformance.subject.repairs import RAISING_FIRST, SIMPLEST_FIRST


class Order:
    """Only the simpler of two clauses may explain the other, or each could excuse the other."""

    def __init__(self, clauses: Iterable[str]) -> None:
        self._clauses = list(clauses)
        self._simplest_first = self._beginning_with(SIMPLEST_FIRST)
        self._raising_first = self._beginning_with(RAISING_FIRST)

    def is_simpler(self, clause: str, other: str) -> bool:
        """Whether a clause may explain the other one. A clause of another contract may not."""
        order = self._simplest_first
        return clause in order and order.index(clause) < order.index(other)

    def before_where_calls_raise(self, clause: str) -> list[str]:
        """Return the clauses that may explain this one if a call raises."""
        return self._raising_first[: self._raising_first.index(clause)]

    def _beginning_with(self, first: Iterable[str]) -> list[str]:
        known = set(self._clauses)
        return list(dict.fromkeys([*(each for each in first if each in known), *self._clauses]))
