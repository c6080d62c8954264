"""The verdict on one clause: runs its check, and asks whether the store is to blame for it.

A check that fails may fail because of another clause that the store breaks, and on which the check
rests (a listing that omits records makes every save look lost). So a failed check is *skipped*,
with that reason, where a clause that it rests on fails as well and is part of the same run. The
store fails that other clause, and no failure is hidden.
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
from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed, Lacking, NotApplicable
from tokenstore_conformance.guard import interrupts, limits
from tokenstore_conformance.guard.frames import trace
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Bench, Subject
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
        self._judging: set[str] = set()

    def judge(self, clause: str) -> Result:
        """The verdict on one clause."""
        found = self._find_out(clause)
        if isinstance(found, Result):
            return self._unless_excused(found) if found.failed else found
        culprits = self._failing((each for each in found.clauses if each != clause), clause)
        if not culprits:
            return self._failed(clause, found.otherwise)
        return self._excused(clause, found.reason, culprits)

    def _unless_excused(self, failed: Result) -> Result:
        culprits = self._failing(self._checks[failed.clause].rests_on, failed.clause)
        if not culprits:
            return failed
        return self._excused(failed.clause, "cannot be judged", culprits, failed.seconds)

    def _excused(
        self, clause: str, reason: str, culprits: tuple[str, ...], seconds: float = 0.0
    ) -> Result:
        return Result(
            self.target.spec,
            clause,
            self._level(clause),
            Status.UNKNOWN,
            f"{reason} until {', '.join(culprits)} {'is' if len(culprits) == 1 else 'are'} fixed",
            causes=culprits,
            seconds=seconds,
        )

    def _failing(self, clauses: Iterable[str], excused: str) -> tuple[str, ...]:
        """Those of the clauses that this run judges, that the store breaks, and that may excuse.

        An excuse weighs as much as what it excuses: a clause that fails the run is not excused by
        one that does not.
        """
        return tuple(
            each
            for each in clauses
            if each in self.selected
            and (self._fails_the_run(each) or not self._fails_the_run(excused))
            and self._fails(each)
        )

    def _level(self, clause: str) -> Level:
        return self.clauses[clause].level_if(self._required)

    def _fails_the_run(self, clause: str) -> bool:
        """Whether the run fails where the store breaks this clause."""
        return self._strict or self._level(clause) is Level.MUST

    def _fails(self, clause: str) -> bool:
        if clause in self._judging:  # no clause is an excuse for itself, by whatever detour
            return False
        self._judging.add(clause)
        try:
            return self.judge(clause).failed
        finally:
            self._judging.discard(clause)

    def _failing_in(self, families: Iterable[str]) -> tuple[str, ...]:
        wanted = set(families)
        return self._failing(
            (each.id for each in self.clauses.values() if each.family in wanted), "SEQ-1"
        )

    def _find_out(self, clause: str) -> Result | CannotJudge:
        """What the check says, whoever is to blame; each check runs once."""
        if clause not in self._found:
            self._found[clause] = self._run(self._checks[clause])
        return self._found[clause]

    def _run(self, check: Check) -> Result | CannotJudge:
        """What the check says. A store that has hung gets less time, to hang in the same place."""
        if self._hung_at:
            found, hung = self._run_within(check, self._timeout * limits.HURRY)
            if hung is None or hung.got in self._hung_at:
                return found  # else it may just be slow there
        found, hung = self._run_within(check, self._timeout)
        if hung is not None:
            self._hung_at.add(hung.got)
        return found

    def _run_within(
        self, check: Check, timeout: float
    ) -> tuple[Result | CannotJudge, limits.Hung | None]:
        """What the check says where a call may take so long; and the call that took longer."""
        clause = self.clauses[check.clause]
        calls: list[Call] = []
        began = time.perf_counter()
        try:
            with self._watched(timeout), self._storages(clause.id) as storages:
                bench = Bench(self._door, storages, self._examples, self._timeout, self._failing_in)
                subject = Subject.on_fresh_storage(bench, calls)
                if not check.touches_nothing:
                    subject.require("get_tokens")  # else nobody can say that the store is empty
                check.run(subject)
        except ClauseFailed as failure:
            failed = self._failed(clause.id, failure, calls, time.perf_counter() - began)
            return failed, _hung_in(failure.error)
        except limits.Hung as hung:
            hanging = ClauseFailed(hung.expected, hung.got, hung)
            return self._failed(clause.id, hanging, calls, time.perf_counter() - began), hung
        except NotApplicable as why:
            return self._not_applicable(clause, why), _hung_in(why)
        except CannotJudge as reason:
            return reason, _hung_in(reason)
        passed = Result(self.target.spec, clause.id, self._level(clause.id), Status.PASSED)
        return replace(passed, seconds=time.perf_counter() - began), None

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
