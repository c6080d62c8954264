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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tokenstore_conformance.checks import Check, all_checks
from tokenstore_conformance.contract import Clause, Level, contract_of
from tokenstore_conformance.failures import (
    Call,
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
)
from tokenstore_conformance.guard import interrupts, limits
from tokenstore_conformance.guard.frames import trace
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Bench, Subject
from tokenstore_conformance.subject.repairs import REPAIRED, Repairs
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.storage import Storages

DEFAULT_EXAMPLES = 50


class Judge:
    """Judges one target.

    ``selected`` are the clauses of this run: only they may excuse one another. ``root`` is an empty
    directory for the stores' files. ``required`` are the capabilities that the store must have,
    ``strict`` says that a broken SHOULD fails the run, ``timeout`` is the seconds in which a call
    on the store has to return.
    """

    def __init__(
        self,
        door: Door,
        target: Target,
        root: Path,
        *,
        shared: bool = False,
        selected: Iterable[str] | None = None,
        examples: int = DEFAULT_EXAMPLES,
        required: Iterable[str] = (),
        strict: bool = False,
        timeout: float = limits.DEFAULT,
        checks: dict[str, Check] | None = None,
    ) -> None:
        self.target = target
        self.clauses = {clause.id: clause for clause in contract_of(door.module).clauses}
        self.selected = set(self.clauses if selected is None else selected)
        self._door = door
        self._root = root
        self._shared = shared
        self._examples = examples
        self._required = frozenset(required)
        self._timeout = timeout
        self._hung_at: set[str] = set()
        self._checks = all_checks(door.module) if checks is None else checks
        self._strict = strict
        self._found: dict[str, Result | CannotJudge] = {}
        self._judged: dict[str, Result] = {}
        self._judging: set[str] = set()

    def judge(self, clause: str) -> Result:
        """The verdict on one clause."""
        if clause not in self._judged:
            self._judged[clause] = self._verdict(clause)
        return self._judged[clause]

    def _verdict(self, clause: str) -> Result:
        first = self._first_run(clause)
        if isinstance(first, Result) and not first.failed:
            return first
        faults = self._faults_made_good(clause)
        if not faults:
            return self._blamed(clause, first, ())
        repairs = Repairs(faults)
        second = self._run(self._checks[clause], repairs)
        causes = self._without_explained(repairs.fired)
        if isinstance(second, Result) and not second.failed:
            if second.status is Status.PASSED and self._weighs(causes, clause):
                return self._explained(clause, causes, second.seconds)
            return self._blamed(clause, first, ())
        return self._blamed(clause, second, causes)

    def _blamed(self, clause: str, found: Result | CannotJudge, causes: tuple[str, ...]) -> Result:
        """The verdict on a clause whose check fails, or cannot start, also with faults made good.

        Where another clause fails in just the same way, or names what keeps the check from
        starting, this one is not judged: nothing could be seen of it.
        """
        if isinstance(found, CannotJudge):
            failed = self._failed(clause, found.otherwise)
            culprits = self._failing(found.clauses, clause)
            reason = found.reason
        else:
            failed, reason = found, f"expected {found.expected}; got {found.got}"
            culprits = self._failing_alike(failed)
        culprits = self._without_explained(culprits)
        if not self._weighs(culprits, clause):
            return failed
        return Result(
            self.target.spec,
            clause,
            self._level(clause),
            Status.UNKNOWN,
            reason,
            causes=culprits,
            seconds=failed.seconds,
        )

    def _explained(self, clause: str, causes: tuple[str, ...], seconds: float) -> Result:
        return Result(
            self.target.spec,
            clause,
            self._level(clause),
            Status.EXPLAINED,
            f"fails only because of {', '.join(causes)}",
            causes=causes,
            seconds=seconds,
        )

    def _faults_made_good(self, clause: str) -> dict[str, Fault]:
        """The faults of other clauses, of those that can be made good.

        Of two clauses with a repair only the first in order may explain the other: else each could
        be the excuse of the other.
        """
        found = {}
        for each in REPAIRED:
            if each == clause:
                break
            result = self._first_run(each) if each in self.selected & self._checks.keys() else None
            if isinstance(result, Result) and result.failed:
                found[each] = result.fault
        return found

    def _failing_alike(self, failed: Result) -> tuple[str, ...]:
        """The first clause before this one that fails since the same call raises the same."""
        raised = failed.fault.raised
        for each in self.clauses if raised is not None else ():
            if each == failed.clause:
                break
            if each in self.selected:
                found = self._first_run(each)
                if isinstance(found, Result) and found.fault.raised == raised:
                    return (each,)
        return ()

    def _failing(self, clauses: Iterable[str], clause: str) -> tuple[str, ...]:
        """Those of the clauses and families that the store is seen to break by itself."""
        named = set(clauses)
        return tuple(
            each.id
            for each in self.clauses.values()
            if named & {each.id, each.family}
            and each.id != clause
            and each.id in self.selected
            and self._fails(each.id)
        )

    def _fails(self, clause: str) -> bool:
        """Whether the store breaks it by itself. No clause is an excuse for itself."""
        if clause in self._judging:
            return False
        self._judging.add(clause)
        try:
            return self.judge(clause).failed
        finally:
            self._judging.discard(clause)

    def _without_explained(self, causes: Iterable[str]) -> tuple[str, ...]:
        """The causes, and in place of one that others explain, those."""
        found: set[str] = set()
        for each in causes:
            result = self.judge(each) if each not in self._judging else None
            found.update([each] if result is None or result.failed else result.causes)
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

    def _failing_in(self, families: Iterable[str]) -> tuple[str, ...]:
        return self._failing(families, "SEQ-1")

    def _first_run(self, clause: str) -> Result | CannotJudge:
        """What the check says of the store as it is; each check runs so once."""
        if clause not in self._found:
            self._found[clause] = self._run(self._checks[clause], None)
        return self._found[clause]

    def _run(self, check: Check, repairs: Repairs | None) -> Result | CannotJudge:
        """What the check says. A store that has hung gets less time, to hang in the same place."""
        if self._hung_at:
            found, hung = self._run_within(check, repairs, self._timeout * limits.HURRY)
            if hung is None or hung.got in self._hung_at:
                return found  # else it may just be slow there
        found, hung = self._run_within(check, repairs, self._timeout)
        if hung is not None:
            self._hung_at.add(hung.got)
        return found

    def _run_within(
        self, check: Check, repairs: Repairs | None, timeout: float
    ) -> tuple[Result | CannotJudge, limits.Hung | None]:
        """What the check says where a call may take so long; and the call that took longer."""
        clause = check.clause
        calls: list[Call] = []
        began = time.perf_counter()
        try:
            with self._watched(timeout), self._storages(clause) as storages:
                subject = Subject.on_fresh_storage(self._bench(storages, repairs), calls)
                if not check.touches_nothing:
                    subject.require("get_tokens")  # else it is unknown whether the store is empty
                check.run(subject)
        except ClauseFailed as failure:
            failed = self._failed(clause, failure, calls, time.perf_counter() - began)
            return failed, _hung_in(failure.error)
        except limits.Hung as hung:
            hanging = ClauseFailed(hung.expected, hung.got, hung)
            return self._failed(clause, hanging, calls, time.perf_counter() - began), hung
        except NotApplicable as why:
            return self._not_applicable(self.clauses[clause], why), _hung_in(why)
        except CannotJudge as reason:
            return reason, _hung_in(reason)
        passed = Result(self.target.spec, clause, self._level(clause), Status.PASSED)
        return replace(passed, seconds=time.perf_counter() - began), None

    def _bench(self, storages: Storages, repairs: Repairs | None) -> Bench:
        return Bench(self._door, storages, self._examples, self._timeout, self._failing_in, repairs)

    def _failed(
        self, clause: str, failure: ClauseFailed, calls: Iterable[Call] = (), seconds: float = 0.0
    ) -> Result:
        return Result(
            self.target.spec,
            clause,
            self._level(clause),
            Status.FAILED,
            expected=failure.expected,
            got=failure.got,
            calls=tuple(calls),
            history=failure.history,
            stacks=failure.stacks,
            fault=failure.fault,
            trace=trace(failure.error),
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
    def _watched(self, timeout: float) -> Iterator[None]:
        here = os.getcwd()
        try:
            with interrupts.watched(), limits.limited(timeout):
                yield
        finally:
            os.chdir(here)  # a thread that hangs in a call stays in the store's directory

    @contextlib.contextmanager
    def _storages(self, name: str) -> Iterator[Storages]:
        storages = Storages(self.target, self._root / name, shared=self._shared)
        try:
            yield storages
        finally:
            storages.close()


def _hung_in(error: BaseException | None) -> limits.Hung | None:
    """The call that did not return, where that is the cause of an exception."""
    while error is not None and not isinstance(error, limits.Hung):
        error = error.__cause__
    return error
