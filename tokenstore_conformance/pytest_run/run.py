"""Finds the stores of a run, checks them, and judges them clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.guard.interrupts import watched
from tokenstore_conformance.guard.output import kept
from tokenstore_conformance.judging.facts import Facts
from tokenstore_conformance.judging.known import accepted, outdated
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.pytest_run.journal import Begun
from tokenstore_conformance.pytest_run.options import Options
from tokenstore_conformance.pytest_run.target_judges import TargetJudges
from tokenstore_conformance.sdk import Door, NoSDK, distributions, is_installed, open_door
from tokenstore_conformance.target import FIXTURE, Target, resolve
from tokenstore_conformance.target.foreign import refusal
from tokenstore_conformance.target.generation import class_of, generation_of
from tokenstore_conformance.target.importing import TargetError
from tokenstore_conformance.target.opened import Unfit
from tokenstore_conformance.target.preflight import check_targets
from tokenstore_conformance.target.session import Sessions, has_session

OVERRIDE_IT = (
    "the fixture tokenstore_factory is not overridden. Write one in the conftest.py of your root "
    "directory that returns a function that builds a store; docs/options.md shows how"
)

IMPORT: Final = 3
"""The import of a target may take this many times as long as a call."""
LEAST_FOR_IMPORT: Final = 15.0
"""Seconds that an import may always take. On a busy machine, the SDK alone takes some of them."""


class Run:
    """The targets of a run, and what is known about each."""

    def __init__(
        self,
        options: Options,
        specs: Iterable[str],
        places: list[Path],
        sessions: Sessions | None = None,
    ) -> None:
        """Find each target, and the SDK that it is for. Raises `pytest.UsageError`.

        If ``sessions`` is given, begin the session of each harness in it.
        """
        self.options = options
        self.facts = Facts(options.contract, options.as_data())
        self._sessions = sessions
        self.targets: list[Target] = []
        self.verdicts: dict[str, Verdict] = {}
        self.doors: dict[str, Door] = {}
        self.selected: dict[str, set[str]] = {}
        """For each target, the clauses that are judged."""
        self._judges: TargetJudges | None = None
        self._shared: dict[str, bool] = {}
        self._ended: tuple[Result, ...] = ()
        try:
            for spec in specs:
                self._take(spec, places)
        except limits.Hung as hung:
            raise pytest.UsageError(
                f"{spec}: {hung}{hung.place}; fix that, or give it more time with "
                "--tokenstore-timeout=SECONDS"
            ) from None
        except (NoSDK, TargetError) as error:
            raise pytest.UsageError(str(error)) from None
        except SystemExit as error:  # raised by a metaclass, for example
            why = f"reading the class failed: {describe(error)}{place(error)}"
            raise pytest.UsageError(f"{spec}: {why}") from None

    def _take(self, spec: str, places: list[Path]) -> None:
        forced = self.options.generation
        installed = [forced] if forced else [each for each in GENERATIONS if is_installed(each)]
        first = next(iter(installed), "zohocrmsdk")
        limit = max(IMPORT * self.options.timeout, LEAST_FOR_IMPORT)
        with watched(), limits.limited(limit, doing=f"importing {spec}"):
            target = resolve(spec, *places, generation=first)
        if self._sessions is not None:
            self._sessions.begin(target)
        if target.is_class:
            _refuse_foreign(spec, target.factory)
        with watched(), limits.limited(self.options.timeout):
            generation = forced or generation_of(target, installed or [first])
        self.targets.append(target)
        try:
            self.doors[spec] = open_door(generation)
        except NoSDK:
            _refuse_foreign(spec, class_of(target))
            raise
        self.verdicts[spec] = Verdict(
            spec,
            next(iter(distributions(generation)), None),
            strict=self.options.strict,
            required=self.options.required | target.claims,
            generation=generation,
            version=self.options.contract,
            known=self.options.known,
        )
        self._refuse_unbound(self.verdicts[spec])

    def _refuse_unbound(self, verdict: Verdict) -> None:
        """Raise `pytest.UsageError` for an entry that can never be used.

        Such an entry names this store and a clause that does not bind it.
        """
        ids = {clause.id for clause in verdict.contract.clauses}
        for each in verdict.known:
            if each.target and each.id not in ids:
                contract = verdict.contract
                raise pytest.UsageError(
                    f"accepted failures: {each.place}: {each.id} is not in the contract "
                    f"{contract.version} for stores of {contract.generation}"
                )

    def begun(self, command: tuple[str, ...], directory: Path) -> Begun:
        """Return what the journal of this run needs before anything is judged.

        ``command`` runs the same again, in ``directory``.
        """
        has_common = any(self._shared.values()) or any(map(has_session, self.targets))
        return Begun(
            tuple(self.verdicts.values()),
            self.facts,
            self.options,
            () if has_common else command,
            directory,
            self._ended,
        )

    def check(self) -> dict[str, bool]:
        """Make sure that each target can be judged and holds no tokens.

        Returns for each target whether all its stores share one storage. Raises
        `pytest.UsageError`.
        """
        options = self.options
        try:
            with kept() as output:
                return check_targets(
                    self.doors, self.targets, wipe=options.wipe, timeout=options.timeout
                )
        except Unfit as error:
            print(output.text, end="")  # the store's output may say why
            raise pytest.UsageError(str(error)) from None

    def close(self) -> None:
        """Remove the storages that were kept from one clause to the next."""
        if self._judges is not None:
            self._judges.close()

    def begin(
        self,
        shared: dict[str, bool],
        quick: Path | None,
        *,
        in_parallel: bool,
        ended: tuple[Result, ...] = (),
    ) -> None:
        """Prepare to judge with what `check` found out, here or in the process that started this.

        ``quick`` is a directory in memory, if there is one. ``ended`` are the failures of clauses
        that must not be tried again.
        """
        self._shared = shared
        self._ended = ended
        self._judges = TargetJudges(
            self.doors, shared, self.options, quick, in_parallel=in_parallel, ended=ended
        )

    @property
    def shared(self) -> dict[str, bool]:
        """For each target, whether all its stores share one storage."""
        return self._shared

    def judge(
        self, target: Target, clause: str, factory: Callable[[], Any] | None, root: Path
    ) -> Result:
        """Judge a clause. ``factory`` is the value of the user's fixture, if that is the target.

        Raises `Unfit` if the store of the fixture cannot be judged.
        """
        assert self._judges is not None
        selected = self.selected.get(target.spec, set())
        if target.spec != FIXTURE:
            result = self._judges.judge(target, clause, root, selected)
        elif factory is None:
            raise Unfit(f"{FIXTURE}: {OVERRIDE_IT}")
        else:
            result = self._judge_own(target, clause, factory, root, selected)
        if accepted(result, self.options.known, self.options.today):
            return replace(result, status=Status.KNOWN)
        return result

    def _judge_own(
        self,
        target: Target,
        clause: str,
        factory: Callable[[], Any],
        root: Path,
        selected: Iterable[str],
    ) -> Result:
        assert self._judges is not None
        try:
            return self._judges.judge_own(target, factory, clause, root, selected)
        except Unfit as error:
            raise Unfit(f"{target.spec}: {error}") from error

    def add_outdated_entries(self) -> None:
        """Add each outdated entry to one verdict, of a store that it is about."""
        for entry in self.options.known:
            about = [each for each in self.verdicts.values() if entry in each.known]
            results = [each.result(entry.id) for each in about]
            found = outdated(entry, filter(None, results), self.options.today)
            if found:
                judged = (each for each in about if each.result(entry.id))
                next(judged).outdated.append(found)


def _refuse_foreign(spec: str, cls: Any) -> None:
    why = refusal(cls)
    if why:
        raise TargetError(f"{spec}: {why}")
