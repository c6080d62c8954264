"""A run of pytest that judges stores: from the command line to the results of every clause."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tokenstore_conformance import __version__
from tokenstore_conformance.contract import CAPABILITIES, GENERATIONS, VERSION
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.plugin import NODE
from tokenstore_conformance.target import Target, resolve
from tokenstore_conformance.target.importing import TargetError, make_importable, near

if TYPE_CHECKING:
    from tokenstore_conformance.judging.judge import Result
    from tokenstore_conformance.pytest_run.judges import Judges
    from tokenstore_conformance.sdk import Door

ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
"""How a run ends that was not cut short."""


class Gate:
    """The hooks of a run that has a store to judge.

    ``specs`` are the targets, ``ids`` the ids of clauses that the user asked for, none for all.
    """

    def __init__(self, config: pytest.Config, specs: list[str], ids: list[str]) -> None:
        self.config = config
        self.specs = specs
        self.ids = ids
        self.strict: bool = config.option.tokenstore_strict
        self.targets: list[Target] = []
        self.verdicts: dict[str, Verdict] = {}
        self.doors: dict[str, Door] = {}
        self.directory = Path(config.invocation_params.dir)
        self._is_worker = hasattr(config, "workerinput")
        self.required: frozenset[str] = frozenset()
        self._shared: dict[str, bool] = {}
        self._judges: Judges | None = None
        self._selected: dict[str, set[str]] = {}

    # -- before anything is collected ----------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        from tokenstore_conformance.sdk import NoSDK

        self._check_options()
        places = list(dict.fromkeys([self.directory, self.config.rootpath]))
        make_importable(places)
        try:
            for spec in self.specs:
                self._take(spec, places)
        except (NoSDK, TargetError) as error:
            raise pytest.UsageError(str(error)) from None
        if self._is_worker:
            self._shared = self.config.workerinput["tokenstore_shared"]  # type: ignore[attr-defined]
        elif not self.config.option.collectonly:
            self._check_targets()

    def _take(self, spec: str, places: list[Path]) -> None:
        """Find what is named, and the SDK that it is for."""
        from tokenstore_conformance.sdk import distributions, is_installed, open_door
        from tokenstore_conformance.target.generation import generation_of

        forced = self.config.option.tokenstore_generation
        installed = [forced] if forced else [each for each in GENERATIONS if is_installed(each)]
        first = next(iter(installed), "zohocrmsdk")
        target = resolve(spec, *places, generation=first)
        generation = forced or generation_of(target, installed or [first])
        self.targets.append(target)
        self.doors[spec] = open_door(generation)
        self.verdicts[spec] = Verdict(
            spec,
            next(iter(distributions(generation)), None),
            strict=self.strict,
            required=self.required_of(target),
            generation=generation,
        )

    def _check_options(self) -> None:
        examples = self.config.option.tokenstore_examples
        if examples is not None and examples < 1:
            raise pytest.UsageError("--tokenstore-examples takes a number from 1 on")
        timeout = self.config.option.tokenstore_timeout
        if timeout is not None and not timeout > 0:
            raise pytest.UsageError("--tokenstore-timeout takes a number of seconds above 0")
        named = self.config.option.tokenstore_require.replace(" ", "").split(",")
        self.required = frozenset(filter(None, named))
        unknown = sorted(self.required - set(CAPABILITIES))
        if unknown:
            raise pytest.UsageError(
                f"--tokenstore-require: there is no capability {unknown[0]!r}"
                f"{near(unknown[0], CAPABILITIES)}; there are {', '.join(CAPABILITIES)}"
            )
        from tokenstore_conformance.report.json_file import is_writable

        report = self._report_file()
        if report is not None and not is_writable(report):
            raise pytest.UsageError(f"--tokenstore-report: cannot write {report}")

    def required_of(self, target: Target) -> frozenset[str]:
        """The capabilities that this store is held to: by the user, and by its harness."""
        return self.required | target.claims

    def _check_targets(self) -> None:
        from tokenstore_conformance.target.preflight import Unfit, check_targets

        try:
            wipe = self.config.option.tokenstore_wipe
            timeout = self.config.option.tokenstore_timeout or limits.DEFAULT
            self._shared = check_targets(self.doors, self.targets, wipe=wipe, timeout=timeout)
        except Unfit as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_report_header(self) -> list[str]:
        from tokenstore_conformance.sdk import distributions, overlap

        modules = list(dict.fromkeys(door.module for door in self.doors.values()))
        installed = [each for module in modules for each in distributions(module)]
        sdk = ", ".join(map(str, installed)) or "an SDK that is not an installed distribution"
        warnings = [f"tokenstore WARNING: {told}" for told in map(overlap, modules) if told]
        return [
            f"tokenstore: kit {__version__}, contract {VERSION}, {sdk}",
            f"tokenstore targets: {', '.join(self.specs)}",
            *warnings,
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """With pytest-xdist: what the controller found out, for its workers."""
        node.workerinput["tokenstore_shared"] = self._shared

    # -- collection ----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        from tokenstore_conformance.pytest_run.items import Suite

        suite = Suite.of(session, self)
        clauses: list[pytest.Item | pytest.Collector] = list(suite.collect())
        report = pytest.CollectReport(NODE, "passed", longrepr=None, result=clauses)
        session.ihook.pytest_collectreport(report=report)  # pytest counts what was collected
        known = {name for each in clauses for name in (each.nodeid, _without_target(each.nodeid))}
        unknown = set(self.ids) - known - {NODE}
        if unknown:
            raise pytest.UsageError(
                f"there is no test {min(unknown)}; judged are {', '.join(self.specs)}, "
                "and --tokenstore-clauses lists the clauses"
            )
        # Not the suite as a whole, which --lf would pass over where another file failed too.
        for clause in filter(self._is_wanted, clauses):
            items += session.genitems(clause)

    def _is_wanted(self, item: pytest.Item | pytest.Collector) -> bool:
        names = (NODE, item.nodeid, _without_target(item.nodeid))
        return not self.ids or any(each in self.ids for each in names)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        from tokenstore_conformance.pytest_run.items import ClauseItem

        for item in session.items:
            if isinstance(item, ClauseItem):
                self._selected.setdefault(item.target.spec, set()).add(item.clause.id)

    # -- judging -------------------------------------------------------------------------------

    def judge(
        self, target: Target, clause: str, factory: Callable[[], Any] | None, root: Path
    ) -> Result:
        """The verdict on a clause; ``factory`` is the user's own fixture, where that is judged."""
        from tokenstore_conformance.target.preflight import Unfit

        selected = self._selected.get(target.spec, set())
        if factory is None:
            return self._all_judges().judge(target, clause, root, selected)
        try:
            return self._all_judges().judge_own(target, factory, clause, root, selected)
        except Unfit as error:
            pytest.exit(f"{target.spec}: {error}", returncode=int(pytest.ExitCode.USAGE_ERROR))

    def _all_judges(self) -> Judges:
        from tokenstore_conformance.pytest_run.judges import Judges

        if self._judges is None:
            self._judges = Judges(
                self.doors,
                self._shared,
                examples=self.config.option.tokenstore_examples,
                timeout=self.config.option.tokenstore_timeout,
                required=self.required,
                wipe=self.config.option.tokenstore_wipe,
                in_parallel=self._is_worker,
            )
        return self._judges

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        from tokenstore_conformance.target.preflight import no_warnings

        yield
        filters = [
            *self.config.getini("filterwarnings"),
            *(self.config.option.pythonwarnings or ()),
        ]
        if any(each.startswith("error") for each in filters):
            with no_warnings():
                gc.collect()  # takes a while

    # -- results -------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        from tokenstore_conformance.pytest_run.items import ClauseItem
        from tokenstore_conformance.pytest_run.results import as_data

        outcome: Any = yield
        report = outcome.get_result()
        if isinstance(item, ClauseItem) and (report.when == "call" or not report.passed):
            # Plain data on the report travels from the workers of pytest-xdist by itself.
            report.tokenstore = as_data(item, report, self.doors[item.target.spec], self.directory)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        from tokenstore_conformance.pytest_run.longrepr import BrokenClause

        data = getattr(report, "tokenstore", None)
        if data is None:
            return
        self.verdicts[data["target"]].add(data)
        if report.failed and data.get("judged", True):
            report.longrepr = BrokenClause(self.verdicts[data["target"]].clause(data["id"]), data)  # type: ignore[assignment]

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        data = getattr(report, "tokenstore", None)
        if report.when == "call" and report.passed and data and data["outcome"] == "failed":
            return "passed", "w", ("WARNING", {"yellow": True})
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        stopped = session.shouldstop or session.shouldfail or exitstatus not in ENDED
        for verdict in self.verdicts.values():
            verdict.cut_short = bool(stopped)
        report = self._report_file()
        if report is not None and not self._is_worker and self._has_judged():
            from tokenstore_conformance.report.json_file import write

            write(report, self.verdicts.values())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Iterator[None]:
        yield
        if self._has_judged():
            from tokenstore_conformance.report.terminal import show

            show(terminalreporter, self.verdicts.values())

    def _has_judged(self) -> bool:
        return any(verdict.has_run for verdict in self.verdicts.values())

    def _report_file(self) -> Path | None:
        named = self.config.option.tokenstore_report
        return self.directory / named if named else None


def _without_target(nodeid: str) -> str:
    return nodeid.partition("[")[0]
