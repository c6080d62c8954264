"""The verdict on one clause: runs its check, and asks whether the store is to blame for it.

A check that fails may fail because of another clause that the store breaks. An excuse is proved,
not presumed: the check runs once more on the store with its other faults made good (`Repairs`). It
passes: the clause is *explained* by those repairs that fired. It fails: the clause is broken, with
evidence of its own. Where nothing can make the fault good (no save stores anything), the clauses
behind it are *not judged*: unknown, and never kept.

An excuse weighs as much as what it excuses. A clause that fails the run is not excused by one that
does not, and no clause is excused by one that is no part of the run.
"""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from tokenstore_conformance.checks import Check, all_checks
from tokenstore_conformance.contract import VERSION, Clause, Harm, Level, contract_of
from tokenstore_conformance.failures import (
    Call,
    Calls,
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
    TargetFailed,
)
from tokenstore_conformance.guard import interrupts, limits
from tokenstore_conformance.guard.frames import trace
from tokenstore_conformance.guard.output import kept
from tokenstore_conformance.judging.location import located
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import Unreadable
from tokenstore_conformance.subject import Bench, Subject
from tokenstore_conformance.subject.repairs import REPAIRED, SIMPLEST_FIRST, Repairs
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.storages import Reuse, Storages

DEFAULT_EXAMPLES = 50

Failing = Callable[[Iterable[str]], tuple[str, ...]]
"""Which of some clauses and families fail."""

HURRIED = f"{limits.HURRY:.0%} of the limit, since this store hung here before"
"""Said of the shorter limit."""


class Judge:
    """Judges one target.

    ``selected`` are the clauses of this run: only they may excuse one another. ``root`` is an empty
    directory for the stores' files, and ``quick`` one in memory, for all that is not about crashes.
    ``required`` are the capabilities that the store must have,
    ``strict`` says that a broken SHOULD fails the run, ``timeout`` is the seconds in which a call
    on the store has to return. ``version`` is that of the contract.
    """

    def __init__(
        self,
        door: Door,
        target: Target,
        root: Path,
        *,
        quick: Path | None = None,
        shared: bool = False,
        selected: Iterable[str] | None = None,
        examples: int = DEFAULT_EXAMPLES,
        required: Iterable[str] = (),
        strict: bool = False,
        timeout: float = limits.DEFAULT,
        checks: dict[str, Check] | None = None,
        version: str = VERSION,
    ) -> None:
        self.target = target
        self.clauses = {clause.id: clause for clause in contract_of(door.module, version).clauses}
        self.selected = set(self.clauses if selected is None else selected)
        self._door = door
        self._root = root
        self._quick = quick or root
        self._shared = shared
        self._examples = examples
        self._required = frozenset(required)
        self._timeout = timeout
        self._hung_at: set[str] = set()
        self._longest = 0.0  # seconds of the longest call that returned
        self._reuse = Reuse()
        self._store_class: type | None = None
        self._checks = all_checks(door.module) if checks is None else checks
        self._strict = strict
        self._found: dict[str, Result | CannotJudge] = {}
        self._judged: dict[str, Result] = {}
        self._running: set[str] = set()
        simplest = [each for each in SIMPLEST_FIRST if each in self.clauses]
        self._in_order = list(dict.fromkeys([*simplest, *self.clauses]))

    def judge(self, clause: str) -> Result:
        """The verdict on one clause."""
        if clause not in self._judged:
            result = self._verdict(clause)
            self._judged[clause] = replace(result, check=self._checks[clause].where)
        return self._judged[clause]

    def close(self) -> None:
        """Remove the storage that is kept from one clause to the next, if there is one."""
        with limits.limited(self._timeout):
            self._warn_of(self._reuse.close())

    def _verdict(self, clause: str) -> Result:
        first = self._first_run(clause)
        if isinstance(first, CannotJudge):
            return self._verdict_without_ground(clause, first)
        if not first.failed:
            return first
        faults = self._faults_made_good(clause)
        if not faults:
            return self._unless_alike(first)
        repairs = Repairs(faults)
        second = self._run(self._checks[clause], repairs)
        if isinstance(second, CannotJudge):
            culprits = [each for each in self._culprits(second) if self._is_simpler(each, clause)]
            return self._unknown(first, second.reason, culprits) or self._unless_alike(first)
        if second.failed:
            return self._unless_alike(second, repairs)
        return self._explained(first, second, repairs.fired) or self._unless_alike(first)

    def _verdict_without_ground(self, clause: str, first: CannotJudge) -> Result:
        """Where the check cannot start: tried once more, with what keeps it from that made good."""
        faults = self._faults_made_good(clause)
        cannot = first
        if faults:
            repairs = Repairs(faults)
            second = self._run(self._checks[clause], repairs)
            failed = self._failed(clause, first.otherwise)
            if isinstance(second, CannotJudge):
                cannot = second
            elif second.failed:
                return self._unless_alike(second, repairs)
            else:
                excused = self._explained(failed, second, repairs.fired)
                return excused or self._without_excuse(clause, first)
        failed = self._failed(clause, cannot.otherwise)
        excused = self._unknown(failed, cannot.reason, self._culprits(cannot))
        return excused or self._without_excuse(clause, cannot)

    def _without_excuse(self, clause: str, cannot: CannotJudge) -> Result:
        """How the check fails where it knows of no other clause that may explain it."""
        found = self._run(self._checks[clause], None, explained=lambda _: ())
        if isinstance(found, Result) and found.failed:
            return found
        return self._failed(clause, cannot.otherwise)

    def _explained(self, failed: Result, passed: Result, fired: Iterable[str]) -> Result | None:
        """The clause as one that others explain; None where they do not weigh enough."""
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
        """A failure; not judged where the same call raises the same in a simpler clause.

        A simpler clause whose exceptions were made good is no excuse: the check fails without them.
        """
        alike = self._failing_alike(failed)
        if repairs is not None:
            alike = tuple(each for each in alike if not repairs.hides_what_is_raised_in(each))
        return self._unknown(failed, failed.message, alike) or failed

    def _unknown(self, failed: Result, reason: str, causes: Iterable[str]) -> Result | None:
        """The clause as one that is not judged; None where the causes do not weigh enough."""
        causes = self._without_explained(each for each in causes if each != failed.clause)
        if not self._weighs(causes, failed.clause):
            return None
        return Result(
            self.target.spec,
            failed.clause,
            failed.level,
            Status.UNKNOWN,
            reason,
            causes=causes,
            seconds=failed.seconds,
        )

    def _faults_made_good(self, clause: str) -> dict[str, Fault]:
        """The faults of other clauses, of those that can be made good.

        Of two clauses only the simpler may explain the other: else each could excuse the other.
        """
        simpler = [each for each in REPAIRED if self._is_simpler(each, clause)]
        if self.clauses[clause].harm is Harm.MIXES_UP:
            # One danger does not explain another: each is shown.
            simpler = [each for each in simpler if self.clauses[each].harm is not Harm.MIXES_UP]
        broken = (self.judge(each) for each in simpler if self._failed_at_first(each))
        return {each.clause: each.fault for each in broken if each.failed}

    def _failing_alike(self, failed: Result) -> tuple[str, ...]:
        """The simplest clause that fails since the same call raises the same.

        An exception mixes nothing up: of a clause about that, any simpler one may be the cause.
        """
        raised = failed.fault.raised
        mixes_up = self.clauses[failed.clause].harm is Harm.MIXES_UP
        for each in (self._in_order if mixes_up else SIMPLEST_FIRST) if raised is not None else ():
            if not self._is_simpler(each, failed.clause):
                continue
            found = self._failed_at_first(each)
            if found and found.fault.raised == raised and self._weighs((each,), failed.clause):
                return (each,)
        return ()

    def _culprits(self, cannot: CannotJudge) -> tuple[str, ...]:
        """The named clauses that fail; of those, the ones that raise the same, if there are any."""
        failing = self._failing(cannot.clauses)
        raised = cannot.otherwise.fault.raised
        if raised is None:
            return failing
        alike = [
            each
            for each in failing
            if (found := self._failed_at_first(each))
            and found.fault.raised is not None
            and found.fault.raised.text == raised.text
        ]
        return tuple(alike) or failing

    def _failing(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """Those of the clauses and families that fail on the store as it is."""
        named = set(clauses)
        return tuple(
            each.id
            for each in self.clauses.values()
            if named & {each.id, each.family} and self._failed_at_first(each.id)
        )

    def _failing_beside(self, repairs: Repairs) -> Failing:
        """Which clauses fail though these faults are made good, and are not explained by them."""

        def failing(clauses: Iterable[str]) -> tuple[str, ...]:
            return tuple(
                each
                for each in self._failing(clauses)
                if each not in repairs.faults and self.judge(each).status is not Status.EXPLAINED
            )

        return failing

    def _failed_at_first(self, clause: str) -> Result | None:
        """How a clause of this run fails on the store as it is; None where it does not."""
        if clause not in self.selected or clause not in self._checks or clause in self._running:
            return None
        found = self._first_run(clause)
        return found if isinstance(found, Result) and found.failed else None

    def _is_simpler(self, clause: str, other: str) -> bool:
        order = self._in_order
        return clause in order and order.index(clause) < order.index(other)

    def _without_explained(self, causes: Iterable[str]) -> tuple[str, ...]:
        """The causes, and in place of one that others explain, those."""
        found: set[str] = set()
        for each in causes:
            result = self.judge(each)
            found.update([each] if result.failed else result.causes)
        return tuple(each for each in self.clauses if each in found)

    def _weighs(self, causes: tuple[str, ...], clause: str) -> bool:
        """Whether these may excuse a clause: a clause that fails the run needs one that does."""
        if not self._fails_the_run(clause):
            return bool(causes)
        return any(map(self._fails_the_run, causes))

    def _level(self, clause: str) -> Level:
        return self.clauses[clause].level_if(self._required)

    def _fails_the_run(self, clause: str) -> bool:
        """Whether the run fails where the store breaks this clause."""
        return self._strict or self._level(clause) is Level.MUST

    def _first_run(self, clause: str) -> Result | CannotJudge:
        """What the check says of the store as it is; each check runs so once."""
        if clause not in self._found:
            self._running.add(clause)
            try:
                self._found[clause] = self._at_first(clause)
            finally:
                self._running.discard(clause)
        return self._found[clause]

    def _at_first(self, clause: str) -> Result | CannotJudge:
        """What the check says; a failure where this clause alone keeps it from starting."""
        found = self._run(self._checks[clause], None)
        if isinstance(found, CannotJudge) and clause in found.clauses:
            others = [each for each in self._failing(found.clauses) if each != clause]
            return found if others else self._failed(clause, found.otherwise)
        return found

    def _run(
        self, check: Check, repairs: Repairs | None, explained: Failing | None = None
    ) -> Result | CannotJudge:
        """What the check says. A store that has hung gets less time, to hang in the same place.

        Not a slow one, whose calls return after more than half of that.
        """
        if explained is None:
            explained = self._failing if repairs is None else self._failing_beside(repairs)
        bench = partial(self._bench, repairs, explained)
        if self._hung_at and self._longest < limits.HURRY * self._timeout / 2:
            hurried = limits.HURRY * self._timeout
            found, hung = self._run_within(check, bench, hurried, HURRIED)
            if hung is None or hung.got in self._hung_at:
                return found  # else it may just be slow there
        found, hung = self._run_within(check, bench, self._timeout)
        if hung is not None:
            self._hung_at.add(hung.got)
        return found

    def _run_within(
        self, check: Check, bench: Callable[[Storages], Bench], timeout: float, note: str = ""
    ) -> tuple[Result | CannotJudge, limits.Hung | None]:
        """What the check says where a call may take so long; and the call that took longer."""
        clause = check.clause
        calls = Calls()
        early: limits.OutOfTime | None = None
        began = time.perf_counter()
        try:
            with kept() as output, self._watched(timeout, note), self._storages(clause) as storages:
                subject = Subject.on_fresh_storage(bench(storages), calls)
                self._store_class = type(subject.raw)
                if not check.touches_nothing:
                    subject.require("get_tokens")  # else it is unknown whether the store is empty
                check.run(subject)
        except ClauseFailed as failure:
            failed = self._failed(clause, failure, calls, time.perf_counter() - began)
            return replace(failed, output=output.text), _hung_in(failure.error)
        except Unreadable as why:
            unreadable = ClauseFailed("an OAuthToken that can be read and changed", str(why))
            return self._failed(clause, unreadable, calls, time.perf_counter() - began), None
        except limits.Hung as hung:
            hanging = ClauseFailed(hung.expected, hung.got, hung)
            return self._failed(clause, hanging, calls, time.perf_counter() - began), hung
        except NotApplicable as why:
            return self._not_applicable(self.clauses[clause], why), _hung_in(why)
        except CannotJudge as reason:
            return reason, _hung_in(reason)
        except limits.OutOfTime as out:
            early = out
        except TargetFailed as why:
            cannot = f"cannot be judged: {why}"
            level = self._level(clause)
            unknown = Result(self.target.spec, clause, level, Status.UNKNOWN, cannot, around=True)
            return unknown, None
        passed = Result(self.target.spec, clause, self._level(clause), Status.PASSED)
        if early is not None:
            slow = f"the store is slow, {early.reached} took {early.seconds:g} seconds"
            passed = replace(passed, reason=f"ended early: {slow}", reached=early.reached)
        return replace(passed, seconds=time.perf_counter() - began), None

    def _bench(self, repairs: Repairs | None, explained: Failing, storages: Storages) -> Bench:
        return Bench(
            self._door,
            storages,
            self._examples,
            self._timeout,
            explained,
            self._required,
            repairs,
        )

    def _failed(
        self, clause: str, failure: ClauseFailed, calls: Iterable[Call] = (), seconds: float = 0.0
    ) -> Result:
        calls = tuple(calls if failure.calls is None else failure.calls)
        return Result(
            self.target.spec,
            clause,
            self._level(clause),
            Status.FAILED,
            expected=failure.expected,
            got=failure.got,
            calls=calls,
            replayed=failure.replayed,
            history=failure.history,
            snapshots=failure.snapshots,
            stacks=failure.stacks,
            fault=failure.fault,
            location=located(failure, calls, self._store_class),
            trace=failure.trace or trace(failure.error),
            hung=_hung_in(failure.error) is not None,
            seconds=seconds,
        )

    def _not_applicable(self, clause: Clause, why: NotApplicable) -> Result:
        if clause.capability in self._required:
            expected = f"a store that has the capability {clause.capability!r}, as required"
            return self._failed(clause.id, ClauseFailed(expected, str(why)))
        return Result(
            self.target.spec,
            clause.id,
            self._level(clause.id),
            Status.NOT_APPLICABLE,
            str(why),
            lacking=isinstance(why, Lacking),
        )

    @contextlib.contextmanager
    def _watched(self, timeout: float, note: str) -> Iterator[None]:
        here = os.getcwd()
        whole = limits.WHOLE * self._timeout
        try:
            with interrupts.watched(), limits.limited(timeout, whole, note) as limit:
                try:
                    yield
                finally:
                    self._longest = max(self._longest, limit.longest)
        finally:
            os.chdir(here)  # a thread that hangs in a call stays in the store's directory

    @contextlib.contextmanager
    def _storages(self, name: str) -> Iterator[Storages]:
        is_about_crashes = self.clauses[name].capability == "crash-safe"
        storages = Storages(
            self.target,
            (self._root if is_about_crashes else self._quick) / name,
            door=self._door,
            shared=self._shared,
            reuse=self._reuse,
        )
        try:
            yield storages
        except BaseException:
            storages.close(after_a_failure=True)
            raise
        else:
            storages.close()
        finally:
            self._warn_of(storages.troubles)

    def _warn_of(self, troubles: Iterable[str]) -> None:
        """Say what could not be closed or removed. It is not the store's, so it fails no clause."""
        for trouble in troubles:
            with contextlib.suppress(UserWarning):  # where the user makes errors of warnings
                warnings.warn(
                    f"{self.target.spec}: {trouble}; something may be left behind", stacklevel=1
                )


def _hung_in(error: BaseException | None) -> limits.Hung | None:
    """The call that did not return, where that is the cause of an exception."""
    while error is not None and not isinstance(error, limits.Hung):
        error = error.__cause__
    return error
