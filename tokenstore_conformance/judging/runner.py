"""Runs one check on a store of its own. Returns its result, or why it cannot judge the store."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tokenstore_conformance.checks import Check
from tokenstore_conformance.contract import Clause, Level, Shown, effect_shown
from tokenstore_conformance.failures import (
    Call,
    Calls,
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
    Raised,
    TargetFailed,
)
from tokenstore_conformance.guard import interrupts, limits
from tokenstore_conformance.guard.frames import chained, describe, trace, traceback_of
from tokenstore_conformance.guard.left_locks import release_left_locks
from tokenstore_conformance.guard.output import kept
from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.judging.location import located
from tokenstore_conformance.judging.patience import of_a_clause
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.settings import Settings
from tokenstore_conformance.plural import in_seconds
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import Unreadable
from tokenstore_conformance.subject import Bench, Subject
from tokenstore_conformance.subject.repairs import Repairs
from tokenstore_conformance.target import Target, process_state
from tokenstore_conformance.target.storage import without_place
from tokenstore_conformance.target.storages import Reuse, Storages

A_FINALIZER: Final = "a finalizer of the store"

Failing = Callable[[Iterable[str]], tuple[str, ...]]
"""A function that says which of some clauses and families fail."""

HURRIED = f"{limits.HURRY:.0%} of the limit, since this store hung here before"
"""The note on the shorter limit."""


class Runner:
    """Runs the checks of one target. `Judge` describes the arguments."""

    def __init__(
        self,
        door: Door,
        target: Target,
        clauses: Mapping[str, Clause],
        settings: Settings,
        root: Path,
        *,
        quick: Path | None,
        shared: bool,
        ending: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        self._target = target
        self._clauses = clauses
        self._door = door
        self._root = root
        self._quick = quick or root
        self._shared = shared
        self._settings = settings
        self._ending = ending
        self._hung_at: set[str] = set()
        self._longest = 0.0  # seconds of the longest call that returned
        self._spent = 0.0  # seconds that all clauses have taken
        self._reuse = Reuse()
        self._store_class: type | None = None

    def close(self) -> None:
        """Remove the storage that is kept from one clause to the next, if there is one."""
        with limits.limited(self._settings.timeout):
            self._warn_of(self._reuse.close())

    def level(self, clause: str) -> Level:
        """Return the level of the clause in this run, MUST or SHOULD."""
        return self._clauses[clause].level_if(self._settings.required)

    def run(self, check: Check, repairs: Repairs | None, failing: Failing) -> Result | CannotJudge:
        """Run the check, and return what it reports.

        If the store hung before, it first gets less time: enough to hang in the same place. A
        slow store, whose longest call took over half of that time, keeps the full time.
        """
        began = time.perf_counter()
        longest = max(self._settings.timeout, limits.BETWEEN)
        try:
            with limits.limited(longest, doing=A_FINALIZER, clause=check.clause):
                return self._run(check, repairs, failing)
        except limits.Hung as hung:
            return self._hung(check.clause, hung, Calls(), time.perf_counter() - began)

    def _run(self, check: Check, repairs: Repairs | None, failing: Failing) -> Result | CannotJudge:
        """Run the check. If it hangs, an earlier clause may have left a lock: run it again then."""
        bench = partial(self._bench, repairs, failing)
        found, has_hung = self._run_once(check, bench)
        if has_hung and self._release_left_locks():
            found, has_hung = self._run_once(check, bench)
            if has_hung:
                self._release_left_locks()
        return found

    def _release_left_locks(self) -> bool:
        return self._store_class is not None and release_left_locks(self._store_class)

    def _run_once(
        self, check: Check, bench: Callable[[Storages], Bench]
    ) -> tuple[Result | CannotJudge, bool]:
        """Run the check with the time that the store gets. Return also whether it hung."""
        if self._hung_at and self._longest < limits.HURRY * self._settings.timeout / 2:
            hurried = limits.HURRY * self._settings.timeout
            found, hung = self._run_within(check, bench, hurried, HURRIED)
            if hung is None or hung.got in self._hung_at:
                return found, hung is not None  # if not, it may just be slow there
        found, hung = self._run_within(check, bench, self._settings.timeout)
        if hung is not None:
            self._hung_at.add(hung.got)
        return found, hung is not None

    def _run_within(
        self, check: Check, bench: Callable[[Storages], Bench], timeout: float, note: str = ""
    ) -> tuple[Result | CannotJudge, limits.Hung | None]:
        """Run the check with this limit for a call. Return its result, and the `Hung`, if any."""
        clause = check.clause
        calls = Calls()
        early: limits.OutOfTime | None = None
        broken: ClauseFailed | None = None
        began = time.perf_counter()
        try:
            with (
                kept() as output,
                self._watched(timeout, note, clause),
                _state_kept(self._door.classes),
                self._storages(clause) as storages,
            ):
                subject = Subject.on_fresh_storage(bench(storages), calls)
                self._store_class = type(subject.raw)
                if not check.touches_nothing:
                    subject.require("get_tokens")  # without it, the store may not be empty
                check.run(subject)
        except ClauseFailed as failure:
            broken = failure
        except Unreadable as why:
            broken = ClauseFailed("an OAuthToken that can be read and changed", str(why))
        except limits.Hung as hung:
            return self._hung(clause, hung, calls, time.perf_counter() - began, output.text), hung
        except NotApplicable as why:
            return self._not_applicable(self._clauses[clause], why), _hung_in(why)
        except CannotJudge as reason:
            if reason.otherwise.calls is None:
                reason.otherwise.calls = tuple(calls)
            return reason, _hung_in(reason)
        except limits.OutOfTime as out:
            early = out
        except (TargetFailed, process_state.Changed) as why:
            cannot = f"cannot be judged: {why}"
            level = self.level(clause)
            unknown = Result(
                self._target.spec, clause, level, Status.NOT_JUDGED, cannot, target_failed=True
            )
            return unknown, None
        except Exception as error:  # when the kit reads an answer: `__class__` may be a property
            if not self._is_raised_by_the_store(error):
                raise
            fault = Fault(Raised.described("an answer of the store", describe(error)))
            got = f"the exception {describe(error)}"
            broken = ClauseFailed("answers that can be read", got, error, fault=fault)
        exits = interrupts.exits_in_threads()
        if broken is None and exits:
            fault = Fault(shows=Shown.AN_EXIT)
            broken = ClauseFailed("the process to go on", exits[0], fault=fault)
        if broken is not None:
            failed = self.failed(clause, broken, calls, time.perf_counter() - began)
            return replace(failed, output=output.text), _hung_in(broken.error)
        passed = Result(self._target.spec, clause, self.level(clause), Status.PASSED)
        if early is not None:
            slow = f"the store is slow, {early.reached} took {in_seconds(early.seconds)}"
            if not early.has_tried:
                cannot = f"{slow}; to judge it, raise --tokenstore-timeout"
                return replace(passed, status=Status.NOT_JUDGED, reason=cannot), None
            passed = replace(passed, reason=f"ended early: {slow}", reached=early.reached)
        return replace(passed, seconds=time.perf_counter() - began), None

    def _is_raised_by_the_store(self, error: Exception) -> bool:
        """Whether code of the store raised the exception."""
        where = traceback_of(error)
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        if where is None or self._store_class is None:
            return False
        return OwnCode(self._store_class).includes(where.tb_frame.f_code.co_filename)

    def _bench(self, repairs: Repairs | None, failing: Failing, storages: Storages) -> Bench:
        return Bench(
            self._door,
            storages,
            self._settings.examples,
            self._settings.timeout,
            failing,
            self._settings.required,
            repairs,
            self._ending,
        )

    def _hung(
        self, clause: str, hung: limits.Hung, calls: Calls, seconds: float, output: str = ""
    ) -> Result:
        fault = Fault(Raised.described(hung.doing, hung.got))
        broken = ClauseFailed(hung.expected, hung.got, hung, fault=fault)
        return replace(self.failed(clause, broken, calls, seconds), output=output)

    def failed(
        self, clause: str, failure: ClauseFailed, calls: Iterable[Call] = (), seconds: float = 0.0
    ) -> Result:
        calls = tuple(calls if failure.calls is None else failure.calls)
        exits = any(isinstance(each, interrupts.Exited) for each in chained(failure.error))
        return Result(
            self._target.spec,
            clause,
            self.level(clause),
            Status.FAILED,
            effect=effect_shown(
                self._clauses[clause].effect,
                Shown.AN_EXIT if exits else failure.fault.shows,
                raises=failure.fault.raised is not None,
            ),
            expected=self._said(failure.expected),
            got=self._said(failure.got),
            calls=tuple(map(self._call_said, calls)),
            history=failure.history,
            snapshots=failure.snapshots,
            stacks=failure.stacks,
            fault=failure.fault,
            claim=failure.claim,
            location=located(failure, calls, self._store_class),
            trace=failure.trace or trace(failure.error),
            hung=_hung_in(failure.error) is not None,
            seconds=seconds,
        )

    def _said(self, text: str) -> str:
        """Replace the names in a text that differ from run to run: directories and namespaces."""
        return without_place(text, self._root, self._quick)

    def _call_said(self, call: Call) -> Call:
        answer = call.answer
        return replace(call, answer=self._said(answer)) if isinstance(answer, str) else call

    def _not_applicable(self, clause: Clause, why: NotApplicable) -> Result:
        if clause.capability in self._settings.required:
            expected = f"a store that has the capability {clause.capability!r}, as required"
            lacks = ClauseFailed(expected, str(why), fault=Fault(shows=Shown.LACKING))
            return self.failed(clause.id, lacks)
        return Result(
            self._target.spec,
            clause.id,
            self.level(clause.id),
            Status.NOT_APPLICABLE,
            self._said(str(why)),
            lacking=isinstance(why, Lacking),
        )

    @contextlib.contextmanager
    def _watched(self, timeout: float, note: str, clause: str) -> Iterator[None]:
        here, spent_before = os.getcwd(), self._spent
        whole = of_a_clause(self._settings.timeout, self._spent)
        try:
            with interrupts.watched(), limits.limited(timeout, whole, note, clause=clause) as limit:
                try:
                    yield
                finally:
                    self._longest = max(self._longest, limit.longest)
                    # includes the clauses that were judged inside
                    self._spent = spent_before + limits.clock() - limit.began
        finally:
            os.chdir(here)  # a thread that hangs in a call has not changed back

    @contextlib.contextmanager
    def _storages(self, name: str) -> Iterator[Storages]:
        is_about_crashes = self._clauses[name].capability == "crash-safe"
        storages = Storages(
            self._target,
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
        """Warn of what could not be closed or removed. The store is not to blame for it."""
        for trouble in troubles:
            with contextlib.suppress(UserWarning):  # if the user turns warnings into errors
                warnings.warn(
                    f"{self._target.spec}: {trouble}; something may be left behind", stacklevel=1
                )


@contextlib.contextmanager
def _state_kept(classes: Iterable[type]) -> Iterator[None]:
    """Put back what the store changes for the whole process.

    If that is not possible, end this process: the watchdog has another one judge the rest.
    """
    try:
        with process_state.kept(classes):
            yield
    except process_state.Changed as changed:
        if changed.is_lasting:
            limits.end_the_run(f"a call ({changed})")
        raise


def _hung_in(error: BaseException | None) -> limits.Hung | None:
    """Return the `Hung` that is, or caused, an exception; None if there is none."""
    return next((each for each in chained(error) if isinstance(each, limits.Hung)), None)
