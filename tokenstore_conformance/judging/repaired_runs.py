"""The repaired run of each check: on the store with its other faults corrected, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tokenstore_conformance.checks import Check
from tokenstore_conformance.contract import Clause, Harm
from tokenstore_conformance.failures import CannotJudge, Fault
from tokenstore_conformance.judging.first_runs import FirstRuns
from tokenstore_conformance.judging.order import Order
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.runner import Failing, Runner
from tokenstore_conformance.subject.repairs import REPAIRED, Repairs

SPOILT: Final = "other faults of the store keep this one from being corrected"


class RepairedRuns:
    """Makes the repaired runs of one target's checks, each when it is first asked for.

    ``judge`` returns the verdict on a clause.
    """

    def __init__(
        self,
        runner: Runner,
        clauses: Mapping[str, Clause],
        checks: Mapping[str, Check],
        order: Order,
        first_runs: FirstRuns,
        judge: Callable[[str], Result],
    ) -> None:
        self._runner = runner
        self._clauses = clauses
        self._checks = checks
        self._order = order
        self._first_runs = first_runs
        self._judge = judge
        self._found: dict[str, tuple[Repairs, Result | CannotJudge] | None] = {}

    def found(self, clause: str) -> tuple[Repairs, Result | CannotJudge] | None:
        """Return what the check reports with other faults corrected; None if there are none."""
        if clause not in self._found:
            self._found[clause] = None  # while it runs
            faults = self._faults_made_good(clause)
            if faults:
                repairs = Repairs(faults)
                failing = self._failing_beside(repairs)
                said = self._runner.run(self._checks[clause], repairs, failing)
                if repairs.spoilt and (isinstance(said, CannotJudge) or said.failed):
                    said = CannotJudge(SPOILT, *repairs.spoilt)
                self._found[clause] = repairs, said
        return self._found[clause]

    def _faults_made_good(self, clause: str) -> dict[str, Fault]:
        """Return the faults to correct for a clause: those of simpler clauses that have a repair.

        Only the simpler of two clauses may explain the other. Otherwise each could excuse it.
        """
        simpler = [each for each in REPAIRED if self._order.is_simpler(each, clause)]
        if self._clauses[clause].harm is Harm.MIXES_UP:
            # One mix-up of logins does not explain another: each is shown.
            simpler = [each for each in simpler if self._clauses[each].harm is not Harm.MIXES_UP]
        raising = self._order.before_where_calls_raise(clause)
        faults = {}
        for each in simpler:
            first = self._first_runs.failed(each)
            if first is not None:
                may_raise = first.fault.raised is None or each in raising
                broken = self._judge(each) if may_raise else None
            else:
                broken = self._failing_once_repaired(each)
            if broken is not None and broken.failed:
                faults[each] = broken.fault
        return faults

    def _failing_once_repaired(self, clause: str) -> Result | None:
        """Return how a clause fails whose check cannot start until other faults are corrected."""
        repaired = self.found(clause) if self._first_runs.lacks_ground(clause) else None
        second = None if repaired is None else repaired[1]
        if isinstance(second, Result) and second.failed and second.fault.raised is None:
            return second
        return None

    def _failing_beside(self, repairs: Repairs) -> Failing:
        """Return a function that says which clauses still fail with these faults corrected.

        It leaves out the clauses that other clauses explain.
        """

        def failing(clauses: Iterable[str]) -> tuple[str, ...]:
            return tuple(
                each
                for each in self._first_runs.failing(clauses)
                if each not in repairs.faults and self._judge(each).status is not Status.EXPLAINED
            )

        return failing
