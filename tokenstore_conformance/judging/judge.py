"""Judges one clause: runs its check, and finds out whether another clause causes the failure.

A check can fail because the store breaks another clause. The judge tests that, and does not assume
it: the check runs once more on the store with its other faults corrected (`Repairs`). If it passes,
the clause is *explained* by the repairs that fired. If it fails, the clause is broken, with
evidence of its own. If nothing can correct the other fault (no save stores anything, say), the
clauses that depend on it are *not judged*: they are unknown, and never count as kept.

An excuse must weigh as much as what it excuses. A clause that fails the run is not excused by one
that does not, and no clause is excused by one that is not part of the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from tokenstore_conformance.checks import Check, all_checks
from tokenstore_conformance.contract import GRADES, Harm, Level, contract_of
from tokenstore_conformance.failures import CannotJudge
from tokenstore_conformance.judging.first_runs import FirstRuns, ending_often
from tokenstore_conformance.judging.order import Order
from tokenstore_conformance.judging.repaired_runs import RepairedRuns
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.runner import Runner
from tokenstore_conformance.judging.settings import Settings
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.repairs import (
    INVENTING,
    RAISING_FIRST,
    Repairs,
)
from tokenstore_conformance.target import Target

DEFAULT: Final = Settings()


class Judge:
    """Judges one target.

    ``selected`` are the clauses of this run: only they may excuse one another. ``root`` is an empty
    directory for the stores' files. ``quick`` is one in memory, for clauses that are not about
    crashes. ``shared`` says whether all stores share one storage. ``ended`` are the failures of
    clauses that must not be tried again: the process that judged them died or had to be killed.
    """

    def __init__(
        self,
        door: Door,
        target: Target,
        root: Path,
        settings: Settings = DEFAULT,
        *,
        quick: Path | None = None,
        shared: bool = False,
        selected: Iterable[str] | None = None,
        checks: dict[str, Check] | None = None,
        ended: Collection[Result] = (),
    ) -> None:
        self.target = target
        contract = contract_of(door.module, settings.version)
        self.clauses = {clause.id: clause for clause in contract.clauses}
        self.selected = set(self.clauses if selected is None else selected)
        self._runner = Runner(
            door,
            target,
            self.clauses,
            settings,
            root,
            quick=quick,
            shared=shared,
            ending=ending_often(ended),
        )
        self._checks = all_checks(door.module) if checks is None else checks
        self._strict = settings.strict
        self._judged = {each.clause: each for each in ended}
        self._in_progress: set[str] = set()
        self._order = Order(self.clauses)
        self._first_runs = FirstRuns(
            self._runner, self.clauses, self._checks, self.selected, self._judged
        )
        self._repaired_runs = RepairedRuns(
            self._runner, self.clauses, self._checks, self._order, self._first_runs, self.judge
        )

    def judge(self, clause: str) -> Result:
        """Return the verdict on one clause."""
        if clause not in self._judged:
            self._in_progress.add(clause)
            result = self._verdict(clause)
            self._in_progress.discard(clause)
            self._judged[clause] = replace(result, check=self._checks[clause].where)
        return self._judged[clause]

    def close(self) -> None:
        """Remove the storage that is kept from one clause to the next, if there is one."""
        self._runner.close()

    def _verdict(self, clause: str) -> Result:
        first = self._first_runs.found(clause)
        if isinstance(first, CannotJudge):
            return self._verdict_without_ground(clause, first)
        if not first.failed:
            return first
        repaired = self._repaired_runs.found(clause)
        if repaired is None:
            return self._unless_alike(first)
        repairs, second = repaired
        if isinstance(second, CannotJudge):
            culprits = [
                each
                for each in self._still_broken(clause, self._culprits(second))
                if self._order.is_simpler(each, clause)
            ]
            return self._unknown(first, second.reason, culprits) or self._unless_alike(first)
        if second.status is Status.NOT_APPLICABLE:
            return second
        if second.failed:
            shown = self._unless_given_up(self._with_true_ids(first, second, repairs), repairs)
            return self._unless_alike(shown, repairs) if shown.failed else shown
        return self._explained(first, second, repairs.fired) or self._unless_alike(first)

    def _unless_given_up(self, failed: Result, repairs: Repairs) -> Result:
        """Return the failure, or "not judged" if a fault appeared that could not be corrected.

        A failure that mixes up logins is always shown.
        """
        if GRADES[failed.effect] is Harm.MIXES_UP:
            return failed
        reason = (
            f"{', '.join(sorted(repairs.given_up))} cannot be corrected because of other faults"
        )
        return self._unknown(failed, reason, repairs.given_up) or failed

    @staticmethod
    def _with_true_ids(first: Result, second: Result, repairs: Repairs) -> Result:
        """Return the failure to show, which is usually the second.

        It is the first if a repair made up ids in the second, and both called the same methods.
        """
        methods = [[call.method for call in each.calls] for each in (first, second)]
        return first if repairs.fired & INVENTING and methods[0] == methods[1] else second

    def _verdict_without_ground(self, clause: str, first: CannotJudge) -> Result:
        """Return the verdict on a clause whose check cannot start on the store as it is.

        The check runs once more with other faults corrected: these may keep it from starting.
        """
        repaired = self._repaired_runs.found(clause)
        cannot, culprits = first, self._culprits(first)
        if repaired is not None:
            repairs, second = repaired
            failed = self._runner.failed(clause, first.otherwise)
            if isinstance(second, CannotJudge):
                cannot, culprits = second, self._still_broken(clause, self._culprits(second))
            elif second.failed:
                return self._unless_alike(second, repairs)
            else:
                # The obstacle may have gone without a repair, for example if ids come from a clock.
                return (
                    self._explained(failed, second, repairs.fired)
                    or self._unknown(failed, first.reason, culprits)
                    or self._without_excuse(clause, first)
                )
        failed = self._runner.failed(clause, cannot.otherwise)
        excused = self._unknown(failed, cannot.reason, culprits)
        return excused or self._without_excuse(clause, cannot)

    def _without_excuse(self, clause: str, cannot: CannotJudge) -> Result:
        """Run the check as if no other clause failed, and return its failure.

        If it does not fail then, return the failure that ``cannot`` has ready.
        """
        found = self._runner.run(self._checks[clause], None, lambda _: ())
        if isinstance(found, Result) and found.failed:
            return found
        return self._runner.failed(clause, cannot.otherwise)

    def _explained(self, failed: Result, passed: Result, fired: Iterable[str]) -> Result | None:
        """Return the clause as explained by other clauses.

        Return None if they do not weigh enough, or if the second run did not pass in full.
        """
        causes = self._without_explained(fired)
        if (
            passed.status is not Status.PASSED
            or passed.reached
            or not self._weighs(causes, failed.clause)
        ):
            return None
        return Result(
            self.target.spec,
            failed.clause,
            failed.level,
            Status.EXPLAINED,
            f"fails only because of {', '.join(causes)}",
            causes=causes,
            seconds=passed.seconds,
        )

    def _unless_alike(self, failed: Result, repairs: Repairs | None = None) -> Result:
        """Return the failure, or "not judged" if a simpler clause may be the cause.

        That is one in which the same call raises the same, unless a repair hid the exception: then
        this check fails without it. Or it is TIME-1, if only expired records are missing.
        """
        alike = self._failing_alike(failed, repairs)
        if failed.fault.only_expired:  # do saves alone lose such records, without the call here?
            lifetime = self._first_runs.failed("TIME-1")
            if lifetime is not None and lifetime.fault.only_expired:
                alike = (*alike, "TIME-1")
        return self._unknown(failed, failed.message, alike) or failed

    def _unknown(self, failed: Result, reason: str, causes: Iterable[str]) -> Result | None:
        """Return the clause as not judged; None if the causes do not weigh enough."""
        causes = self._without_explained(each for each in causes if each != failed.clause)
        if not self._weighs(causes, failed.clause):
            return None
        return Result(
            self.target.spec,
            failed.clause,
            failed.level,
            Status.NOT_JUDGED,
            reason,
            causes=causes,
            seconds=failed.seconds,
        )

    def _failing_alike(self, failed: Result, repairs: Repairs | None) -> tuple[str, ...]:
        """Return the simplest clause that may be the cause: it raises the same, or both hang.

        Usually it is a clause of `RAISING_FIRST`. It may be any simpler one if this clause is about
        mixing up logins, since an exception mixes nothing up. The same is true if this clause
        hangs: its call may wait for a lock that another hanging call holds.
        """
        raised = failed.fault.raised
        if raised is None:
            return ()
        simpler = self._order.before_where_calls_raise(failed.clause)
        if not (failed.hung or self.clauses[failed.clause].harm is Harm.MIXES_UP):
            simpler = [each for each in simpler if each in RAISING_FIRST]
        for each in simpler:
            found = self._first_runs.failed(each)
            if found is None or not self._weighs((each,), failed.clause):
                continue
            if found.hung and failed.hung:  # no repair makes a call return
                return (each,)
            hidden = repairs is not None and repairs.hides_what_is_raised_in(each)
            if found.fault.raised == raised and not hidden:
                return (each,)
        return ()

    def _culprits(self, cannot: CannotJudge) -> tuple[str, ...]:
        """Return those of the named clauses that fail.

        If some of them raise the same exception as this check, return only these.
        """
        failing = self._first_runs.failing(cannot.clauses)
        raised = cannot.otherwise.fault.raised
        if raised is None:
            return failing
        alike = [
            each
            for each in failing
            if (found := self._first_runs.failed(each))
            and found.fault.raised is not None
            and found.fault.raised.text == raised.text
        ]
        return tuple(alike) or failing

    def _still_broken(self, clause: str, culprits: Iterable[str]) -> tuple[str, ...]:
        """Return the culprits, without the simpler clauses that other clauses explain."""
        return tuple(
            each
            for each in culprits
            if not self._order.is_simpler(each, clause)
            or self.judge(each).status is not Status.EXPLAINED
        )

    def _without_explained(self, causes: Iterable[str]) -> tuple[str, ...]:
        """Return the causes. A cause that does not fail by itself is replaced by its own causes."""
        found: set[str] = set()
        for each in causes:
            # Do not judge a clause in progress: two may each keep the other from starting.
            result = None if each in self._in_progress else self.judge(each)
            found.update([each] if result is None or result.failed else result.causes)
        return tuple(each for each in self.clauses if each in found)

    def _weighs(self, causes: tuple[str, ...], clause: str) -> bool:
        """Whether the causes may excuse a clause. If it fails the run, one of them must, too."""
        if not self._fails_the_run(clause):
            return bool(causes)
        return any(map(self._fails_the_run, causes))

    def _fails_the_run(self, clause: str) -> bool:
        """Whether the run fails if the store breaks this clause."""
        return self._strict or self._runner.level(clause) is Level.MUST
