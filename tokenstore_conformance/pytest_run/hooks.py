"""The hooks of a pytest run that judges stores, from the command line to the verdict."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance import __version__, sdk
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.left_threads import end_without
from tokenstore_conformance.guard.watchdog import Watchdog
from tokenstore_conformance.judging.result import as_data
from tokenstore_conformance.pytest_run import last_words
from tokenstore_conformance.pytest_run.completeness import IDS, Completeness
from tokenstore_conformance.pytest_run.items import ClauseItem, Suite
from tokenstore_conformance.pytest_run.journal import Journal
from tokenstore_conformance.pytest_run.longrepr import BrokenClause
from tokenstore_conformance.pytest_run.node import NODE
from tokenstore_conformance.pytest_run.options import Options, selecting_options
from tokenstore_conformance.pytest_run.progress import follow
from tokenstore_conformance.pytest_run.reporting import (
    failures_of_other_tests,
    of_a_lost_worker,
    result_on,
)
from tokenstore_conformance.pytest_run.rest import Rest, command_of
from tokenstore_conformance.pytest_run.results import result_of
from tokenstore_conformance.pytest_run.run import Run
from tokenstore_conformance.report import json_file, terminal
from tokenstore_conformance.report.accepted import known_header
from tokenstore_conformance.target.importing import make_importable
from tokenstore_conformance.target.preflight import no_warnings
from tokenstore_conformance.target.session import Sessions


class Gate:
    """The hooks of a run that has a store to judge.

    ``specs`` are the targets, ``ids`` the ids of clauses that the user asked for, none for all;
    ``parser`` is pytest's, which knows its options.
    """

    def __init__(
        self, config: pytest.Config, specs: list[str], ids: list[str], parser: Any
    ) -> None:
        self.config = config
        self.directory = Path(config.invocation_params.dir)
        self._specs = specs
        self._ids = ids
        self._parser = parser
        self._worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._run: Run | None = None
        self._completeness = Completeness({})
        self._collected: list[pytest.Item] = []
        self._sessions = Sessions()
        self._is_refused = False
        self._notes: list[str] = []
        """What to say of the reports that were written."""
        self._closing = ExitStack()
        self._journal: Journal | None = None
        self._session: pytest.Session | None = None
        self._threads = threading.enumerate()

    @property
    def run(self) -> Run:
        """The stores of this run; there from the start of the session on."""
        assert self._run is not None
        return self._run

    @property
    def _judges(self) -> bool:
        """Whether the tests run, and are not only listed."""
        option = self.config.option
        return not (option.collectonly or option.setuponly or option.setupplan)

    # -- before anything is collected ----------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session
        rest = Rest.handed_over(os.environ)
        options = rest.run.options if rest else Options.of(self.config, self.directory, self._specs)
        if self._worker_input is not None:  # the day may change while workers start
            options = replace(options, today=date(*self._worker_input["tokenstore_today"]))
        places = list(dict.fromkeys([self.directory, self.config.rootpath]))
        make_importable(places)
        watchdog = self._closing.enter_context(self._guarded())
        quick = watchdog.folder if watchdog is not None and watchdog.is_in_memory else None
        is_worker = self._worker_input is not None
        sessions = self._sessions if self._judges and not is_worker else None
        self._run = Run(options, self._specs, places, sessions)
        if self._worker_input is not None:
            self._completeness = Completeness(self._worker_input["tokenstore_selecting"])
            self._run.begin(self._worker_input["tokenstore_shared"], quick, in_parallel=True)
            return
        self._completeness = Completeness(selecting_options(self.config, self._parser))
        shared = self._run.check() if self._judges and rest is None else {}
        hung = rest.run.hung if rest else ()
        self._run.begin(shared, quick, in_parallel=False, hung=hung)
        if watchdog is not None and self._judges:
            begun = self._run.begun(command_of(self.config), self.directory)
            self._journal = Journal(watchdog.folder, begun)
        if rest is not None:
            self._run.facts = rest.run.facts
            self.config.pluginmanager.register(rest)
            rest.accept()

    def _guarded(self) -> AbstractContextManager[Watchdog | None]:
        """A watchdog; that of a worker of pytest-xdist leaves the last words to the controller."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        if self._worker_input is not None:
            return limits.guarded((), environment)
        return limits.guarded((sys.executable, "-m", last_words.__name__), environment)

    def pytest_unconfigure(self) -> None:
        for trouble in self._sessions.end():
            print(f"tokenstore WARNING: {trouble}", file=sys.stderr)
        self._closing.close()
        if self._session is not None and "PYTEST_CURRENT_TEST" not in os.environ:
            end_without(self._threads, int(self._session.exitstatus))

    def pytest_report_header(self) -> list[str]:
        modules = list(dict.fromkeys(door.module for door in self.run.doors.values()))
        installed = [each for module in modules for each in sdk.distributions(module)]
        names = ", ".join(map(str, installed)) or "an SDK that is not an installed distribution"
        warnings = [f"tokenstore WARNING: {each}" for each in map(sdk.overlap, modules) if each]
        options = self.run.options
        known = known_header(options.known_file, options.known, options.today)
        return [
            f"tokenstore: kit {__version__}, contract {options.contract}, {names}",
            f"tokenstore targets: {', '.join(self._specs)}",
            *([known] if known else []),
            *warnings,
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """With pytest-xdist: what the controller found out, for its workers."""
        today = self.run.options.today
        node.workerinput["tokenstore_today"] = (today.year, today.month, today.day)
        node.workerinput["tokenstore_shared"] = self.run.shared
        node.workerinput["tokenstore_selecting"] = self._completeness.selecting_as_data()

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
        # Not the suite as a whole, which --lf would pass over where another file failed too.
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
        follow(session, self.run)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        yield
        filters = [
            *self.config.getini("filterwarnings"),
            *(self.config.option.pythonwarnings or ()),
        ]
        if any(each.startswith("error") for each in filters):
            with no_warnings():
                gc.collect()  # takes a while

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._journal is not None and isinstance(item, ClauseItem):
            self._journal.began(item.target.spec, item.clause.id)

    # -- results -------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        outcome: Any = yield
        report = outcome.get_result()
        if isinstance(item, ClauseItem) and (report.when == "call" or not report.passed):
            door = self.run.doors[item.target.spec]
            report.sections.clear()  # what a store prints is kept with the result
            # Plain data on the report travels from the workers of pytest-xdist by itself.
            report.tokenstore_refused = item.refused
            report.tokenstore = as_data(result_of(item, report, door, self.directory))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._journal is not None and self._journal.keeps_reports:
            serialized = self.config.hook.pytest_report_to_serializable
            self._journal.add_report(report.nodeid, serialized(config=self.config, report=report))
        refused = getattr(report, "tokenstore_refused", "")
        if refused and self._worker_input is None:  # a worker cannot end the run
            self._is_refused = True
            pytest.exit(refused, returncode=int(pytest.ExitCode.USAGE_ERROR))
        result = result_on(report) or of_a_lost_worker(report, self.run.verdicts.values())
        if result is None:
            return
        verdict = self.run.verdicts[result.target]
        verdict.add(result)
        if self._journal is not None:
            self._journal.add(result)
        if report.failed and result.failed:
            report.longrepr = BrokenClause(verdict.clause(result.clause), result)  # type: ignore[assignment]

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        if report.when == "call" and report.passed:
            result = result_on(report)
            if result is not None and result.failed:
                return "passed", "w", ("WARNING", {"yellow": True})
        return None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """With pytest-xdist: what a worker found out."""
        output = getattr(node, "workeroutput", {})
        self._completeness.take(output.get("tokenstore_left_out", ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._run is None:
            return
        self._run.close()
        if self._worker_input is not None:
            self.config.workeroutput["tokenstore_left_out"] = self._completeness.as_data()  # type: ignore[attr-defined]
            return
        if not self._judges:
            return
        for verdict in self.run.verdicts.values():
            self._completeness.settle(verdict, session, exitstatus)
        self.run.outdated()
        if exitstatus == pytest.ExitCode.OK and not self._passes():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._has_judged():
            self._write_reports(session)

    def _write_reports(self, session: pytest.Session) -> None:
        wanted = self.run.options.wanted
        if not wanted:
            return
        try:
            self._notes += wanted.write(
                json_file.report(self.run.verdicts.values(), self.run.facts)
            )
        except OSError as error:  # a full disk: the verdict is still shown
            self._notes.append(f"ERROR: a report was not written: {error}")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _passes(self) -> bool:
        return all(each.passes for each in self.run.verdicts.values())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Iterator[None]:
        if terminalreporter.verbosity <= 0:
            terminalreporter.summary_failures = failures_of_other_tests(terminalreporter)
        yield
        if self._run is not None and self._judges and self._has_judged():
            known, verbose = self.run.options.known_file, terminalreporter.verbosity > 0
            terminal.show(terminalreporter, self.run.verdicts.values(), known, verbose=verbose)
            for note in self._notes:
                terminalreporter.line(note)

    def _has_judged(self) -> bool:
        return not self._is_refused and any(
            each.has_run or each.left_out for each in self.run.verdicts.values()
        )


def _without_target(nodeid: str) -> str:
    return nodeid.partition("[")[0]
