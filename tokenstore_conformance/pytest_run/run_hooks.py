"""The hooks that every process of a run has. They collect the clauses and judge them."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.guard import outer_process
from tokenstore_conformance.guard.interrupts import never_exit_green
from tokenstore_conformance.guard.left_threads import end_without
from tokenstore_conformance.guard.watchdog import Watchdog, guarded
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.result_data import as_data
from tokenstore_conformance.pytest_run.completeness import IDS, Completeness
from tokenstore_conformance.pytest_run.items import ClauseItem, Suite
from tokenstore_conformance.pytest_run.longrepr import BrokenClause
from tokenstore_conformance.pytest_run.node import NODE
from tokenstore_conformance.pytest_run.options import Options
from tokenstore_conformance.pytest_run.reporting import result_on
from tokenstore_conformance.pytest_run.results import result_of
from tokenstore_conformance.pytest_run.run import Run
from tokenstore_conformance.target.importing import make_importable
from tokenstore_conformance.target.preflight import no_warnings
from tokenstore_conformance.target.session import Sessions


class RunHooks:
    """The hooks of a process that judges stores: a `Controller`, or a worker of it (`XdistWorker`).

    ``specs`` are the targets. ``ids`` are the ids of the clauses that the user asked for; if there
    are none, all are judged. ``parser`` is the parser of pytest's options.
    """

    def __init__(
        self, config: pytest.Config, specs: list[str], ids: list[str], parser: Any
    ) -> None:
        self.config = config
        self._parser = parser
        self.directory = Path(config.invocation_params.dir)
        self._specs = specs
        self._ids = ids
        self._run: Run | None = None
        self._completeness = Completeness({})
        self._collected: list[pytest.Item] = []
        self._closing = ExitStack()
        self._session: pytest.Session | None = None
        self._is_over = False
        self._let_exit: Callable[[], None] = lambda: None
        self._threads = threading.enumerate()

    @property
    def run(self) -> Run:
        """The stores of this run. They are available once the session has started."""
        assert self._run is not None
        return self._run

    def _start(
        self,
        options: Options,
        last_words: Sequence[str] = (),
        sessions: Sessions | None = None,
        shared: Path | None = None,
    ) -> Watchdog | None:
        """Start the watchdog and find the stores. Return the watchdog; None if there is none.

        `Watchdog` describes ``last_words`` and ``shared``.
        """
        places = list(dict.fromkeys([self.directory, self.config.rootpath]))
        make_importable(places)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        watchdog = self._closing.enter_context(guarded(last_words, environment, shared))
        self._let_exit = never_exit_green(self._at_least)
        self._run = Run(options, self._specs, places, sessions)
        return watchdog

    def _at_least(self) -> int:
        """Return the exit status for a run that a store ends early, or while Python shuts down."""
        if self._session is None or not self._is_over:
            return int(pytest.ExitCode.TESTS_FAILED)
        return int(self._session.exitstatus)

    def pytest_unconfigure(self) -> None:
        self._closing.close()
        self._is_over = True
        outer_process.tell(int(self._session.exitstatus) if self._session is not None else 0)
        if "PYTEST_CURRENT_TEST" in os.environ:
            self._let_exit()
        elif self._session is not None:
            end_without(self._threads, int(self._session.exitstatus))

    # -- collection ----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        suite = Suite.of(session, self.run)
        clauses: list[pytest.Item | pytest.Collector] = list(suite.collect())
        report = pytest.CollectReport(NODE, "passed", longrepr=None, result=clauses)
        session.ihook.pytest_collectreport(report=report)  # pytest counts what was collected
        known = {name for each in clauses for name in (each.nodeid, _without_target(each.nodeid))}
        unknown = set(self._ids) - known - {NODE}
        if unknown:
            raise pytest.UsageError(
                f"there is no test {min(unknown)}; this run judges {', '.join(self._specs)}, "
                "and --tokenstore-clauses lists the clauses"
            )
        wanted = [each for each in clauses if self._is_wanted(each)]
        self._completeness.left_out([each for each in clauses if each not in wanted], IDS, True)
        # Collect each clause: --lf would skip the suite as a whole if another file failed too.
        for clause in wanted:
            self._collected += session.genitems(clause)
        items += self._collected

    def _is_wanted(self, item: pytest.Item | pytest.Collector) -> bool:
        names = (NODE, item.nodeid, _without_target(item.nodeid))
        return not self._ids or any(each in self._ids for each in names)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._completeness.deselected(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._completeness.removed(self._collected, session.items)
        for item in session.items:
            if isinstance(item, ClauseItem):
                self.run.selected.setdefault(item.target.spec, set()).add(item.clause.id)

    # -- results -------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        yield
        filters = [
            *self.config.getini("filterwarnings"),
            *(self.config.option.pythonwarnings or ()),
        ]
        if any(each.startswith("error") for each in filters):
            with no_warnings():
                gc.collect()  # slow, so only if it is needed

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        outcome: Any = yield
        report = outcome.get_result()
        if isinstance(item, ClauseItem) and (report.when == "call" or not report.passed):
            door = self.run.doors[item.target.spec]
            report.sections.clear()  # the result keeps what a store prints
            # The workers of pytest-xdist send plain data on the report to the controller.
            report.tokenstore_refused = item.refused
            report.tokenstore = as_data(result_of(item, report, door, self.directory))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._take(report)

    def _take(self, report: pytest.TestReport) -> Result | None:
        """Add the result that a report carries, if there is one, to its verdict, and return it."""
        result = result_on(report) or self._of_a_lost_worker(report)
        if result is None:
            return None
        verdict = self.run.verdicts[result.target]
        verdict.add(result)
        if report.failed and result.failed:
            report.longrepr = BrokenClause(verdict.clause(result.clause), result)  # type: ignore[assignment]
        return result

    def _of_a_lost_worker(self, report: pytest.TestReport) -> Result | None:
        """Return the result of the clause in which a worker of pytest-xdist died, if one did."""
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._run is not None:
            self._run.close()


def quick_place(watchdog: Watchdog | None) -> Path | None:
    """Return a directory in memory; None if there is none."""
    return watchdog.folder if watchdog is not None and watchdog.is_in_memory else None


def _without_target(nodeid: str) -> str:
    return nodeid.partition("[")[0]
