"""The first run of each check, on the store as it is, before any excuse is tried."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from tokenstore_conformance.checks import Check
from tokenstore_conformance.contract import Clause
from tokenstore_conformance.failures import CannotJudge
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.runner import Runner


class FirstRuns:
    """Makes the first runs of one target's checks, each when it is first asked for.

    ``selected`` are the clauses of this run. ``ended`` are failures: their checks must not run
    again.
    """

    def __init__(
        self,
        runner: Runner,
        clauses: Mapping[str, Clause],
        checks: Mapping[str, Check],
        selected: Container[str],
        ended: Mapping[str, Result],
    ) -> None:
        self._runner = runner
        self._clauses = clauses
        self._checks = checks
        self._selected = selected
        self._found: dict[str, Result | CannotJudge] = {**ended}
        self._running: set[str] = set()

    def found(self, clause: str) -> Result | CannotJudge:
        """Return what the check reports on the store as it is. Each check runs only once here."""
        if clause not in self._found:
            self._running.add(clause)
            try:
                self._found[clause] = self._run(clause)
            finally:
                self._running.discard(clause)
        return self._found[clause]

    def _run(self, clause: str) -> Result | CannotJudge:
        """Run the check, and return what it reports.

        If it cannot start because of its own clause, and no other clause that it names fails, that
        is a failure.
        """
        found = self._runner.run(self._checks[clause], None, self.failing)
        if isinstance(found, CannotJudge) and clause in found.clauses:
            others = [each for each in self.failing(found.clauses) if each != clause]
            return found if others else self._runner.failed(clause, found.otherwise)
        return found

    def failed(self, clause: str) -> Result | None:
        """Return how a clause of this run fails on the store as it is; None if it does not."""
        found = self.found(clause) if self._may_be_asked(clause) else None
        return found if isinstance(found, Result) and found.failed else None

    def lacks_ground(self, clause: str) -> bool:
        """Whether the check of a clause of this run cannot start on the store as it is."""
        return self._may_be_asked(clause) and isinstance(self.found(clause), CannotJudge)

    def _may_be_asked(self, clause: str) -> bool:
        """Whether a clause is part of this run, and its check is not running right now."""
        known = clause in self._selected and clause in self._checks
        return known and clause not in self._running

    def failing(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """Return the clauses that fail on the store as it is, of these clauses and families."""
        named = set(clauses)
        return tuple(
            each.id
            for each in self._clauses.values()
            if named & {each.id, each.family} and self.failed(each.id)
        )


OFTEN: Final = 2
"""Once a method has ended the process in this many clauses, it is not called any more."""


def ending_often(ended: Iterable[Result]) -> dict[str, tuple[str, ...]]:
    """Return the methods that ended the process in `OFTEN` clauses or more, with these clauses."""
    found: dict[str, tuple[str, ...]] = {}
    for each in ended:
        if each.fault.ends_in:
            found[each.fault.ends_in] = (*found.get(each.fault.ends_in, ()), each.clause)
    return {method: clauses for method, clauses in found.items() if len(clauses) >= OFTEN}
