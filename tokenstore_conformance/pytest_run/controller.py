"""The hooks of a run that judges stores, from the command line to the verdict."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tokenstore_conformance import __version__, sdk
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.result_data import as_data
from tokenstore_conformance.pytest_run import final_report
from tokenstore_conformance.pytest_run.completeness import Completeness
from tokenstore_conformance.pytest_run.ended import Ends
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.journal import Journal
from tokenstore_conformance.pytest_run.options import Options
from tokenstore_conformance.pytest_run.progress import follow
from tokenstore_conformance.pytest_run.reporting import (
    failures_of_other_tests,
    is_of_an_entry,
    lost_with_a_worker,
    report_outdated,
    result_on,
    warnings_of_others,
)
from tokenstore_conformance.pytest_run.run_hooks import RunHooks, quick_place
from tokenstore_conformance.pytest_run.selecting import selecting_options
from tokenstore_conformance.pytest_run.takeover import Takeover, command_of
from tokenstore_conformance.report import json_file, terminal
from tokenstore_conformance.report.accepted import known_header
from tokenstore_conformance.target.session import Sessions

_TELLING: Final = (sys.executable, "-m", final_report.__name__)
"""The command that reports, in another process, what is known about a run."""


class Controller(RunHooks):
    """The main process of a run. It checks the stores, judges them, and shows the verdict.

    With pytest-xdist, the workers judge.
    """

    def __init__(
        self, config: pytest.Config, specs: list[str], ids: list[str], parser: Any
    ) -> None:
        super().__init__(config, specs, ids, parser)
        self._sessions = Sessions()
        self._is_refused = False
        self._notes: list[str] = []
        """Lines to print about the reports."""
        self._journal: Journal | None = None
        self._broken_by = ""
        """The error that made pytest itself fail, in one line, or ""."""
        self._ends = Ends(None)

    @property
    def _tests_run(self) -> bool:
        """Whether the tests run, and are not only listed."""
        option = self.config.option
        return not (option.collectonly or option.setuponly or option.setupplan)

    # -- before anything is collected ----------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session
        rest = Takeover.handed_over(os.environ)
        options = rest.run.options if rest else Options.of(self.config, self.directory, self._specs)
        watchdog = self._start(options, _TELLING, self._sessions if self._tests_run else None)
        self._ends = Ends(watchdog.folder if watchdog is not None else None)
        self._completeness = Completeness(selecting_options(self.config, self._parser))
        shared = self.run.check() if self._tests_run and rest is None else {}
        ended = rest.run.ended if rest else ()
        self.run.begin(shared, quick_place(watchdog), in_parallel=False, ended=ended)
        if watchdog is not None and self._tests_run:
            begun = self.run.begun(command_of(self.config), self.directory)
            self._journal = Journal(watchdog.folder, begun)
        if rest is not None:
            self.run.facts = rest.run.facts
            self.config.pluginmanager.register(rest)
            rest.accept()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        for trouble in self._sessions.end():
            print(f"tokenstore WARNING: {trouble}", file=sys.stderr)
        super().pytest_unconfigure()
        ended_by = sys.exc_info()[1]
        if isinstance(ended_by, SystemExit) and not ended_by.code and self._run is not None:
            raise SystemExit(int(pytest.ExitCode.INTERNAL_ERROR)) from None  # never end green

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
        """Pass what the controller found out to a worker of pytest-xdist."""
        today = self.run.options.today
        node.workerinput["tokenstore_today"] = (today.year, today.month, today.day)
        node.workerinput["tokenstore_shared"] = self.run.shared
        node.workerinput["tokenstore_selecting"] = self._completeness.selecting_as_data()
        node.workerinput["tokenstore_places"] = str(self._ends.places or "")
        node.workerinput["tokenstore_ends"] = self._ends.as_data()

    # -- collection ----------------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        super().pytest_collection_finish(session)
        follow(session, self.run)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._journal is not None and isinstance(item, ClauseItem):
            self._journal.began(item.target.spec, item.clause.id)

    # -- results -------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._journal is not None and self._journal.keeps_reports:
            serialized = self.config.hook.pytest_report_to_serializable
            self._journal.add_report(report.nodeid, serialized(config=self.config, report=report))
        refused = getattr(report, "tokenstore_refused", "")
        if refused:
            self._is_refused = True
            pytest.exit(refused, returncode=int(pytest.ExitCode.USAGE_ERROR))
        result = self._take(report)
        if result is not None and self._journal is not None:
            self._journal.add(result)

    def _of_a_lost_worker(self, report: pytest.TestReport) -> Result | None:
        lost = lost_with_a_worker(report, self.run.verdicts.values())
        if lost is None:
            return None
        why = str(report.longrepr)
        result = self._ends.result_of(report.node.gateway.id, *lost, why, self.run.options.timeout)
        if result.failed:
            report.tokenstore = as_data(result)  # type: ignore[attr-defined]
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        if is_of_an_entry(report):
            return ("failed", "", "FAILED") if report.failed else ("", "", "")
        if report.when == "call" and report.passed:
            result = result_on(report)
            if result is not None and result.failed:
                return "passed", "w", ("WARNING", {"yellow": True})
        return None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Note which clauses a worker of pytest-xdist left out."""
        output = getattr(node, "workeroutput", {})
        self._completeness.take(output.get("tokenstore_left_out", ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """End the run with one line: a store may have changed something that pytest needs."""
        if self._run is None or not self._tests_run or self.config.option.fulltrace:
            return
        self._broken_by = f"{describe(excinfo.value)}{place(excinfo.value)}"
        raise pytest.exit.Exception(
            f"pytest failed after the store was called: {self._broken_by}; if the store changes "
            "something that other code in the process uses, remove that (--full-trace shows more)",
            returncode=int(pytest.ExitCode.INTERNAL_ERROR),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._broken_by:  # what the store broke still works in another process
            with contextlib.suppress(Exception):
                self._tell_elsewhere()
            return
        super().pytest_sessionfinish(session, exitstatus)
        if self._run is None or not self._tests_run:
            return
        for verdict in self.run.verdicts.values():
            self._completeness.settle(verdict, session, exitstatus)
        self.run.add_outdated_entries()
        for verdict in self.run.verdicts.values():
            for entry in verdict.outdated:
                report_outdated(session, entry)
        if exitstatus == pytest.ExitCode.OK and not self._passes():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._has_judged():
            self._write_reports(session)

    def _tell_elsewhere(self) -> None:
        if self._journal is not None:
            told = [str(self._journal.folder), "", final_report.BROKE, self._broken_by]
            subprocess.run([*_TELLING, *told], check=False)

    def _write_reports(self, session: pytest.Session) -> None:
        wanted = self.run.options.wanted
        if not wanted:
            return
        try:
            self._notes += wanted.write(
                json_file.report(self.run.verdicts.values(), self.run.facts)
            )
        except OSError as error:  # such as a full disk; the verdict is still shown
            self._notes.append(f"ERROR: a report was not written: {error}")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _passes(self) -> bool:
        return all(each.passes for each in self.run.verdicts.values())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Iterator[None]:
        if terminalreporter.verbosity <= 0:
            terminalreporter.summary_failures = failures_of_other_tests(terminalreporter)
            terminalreporter.summary_warnings = warnings_of_others(terminalreporter)
        yield
        if self._run is not None and self._tests_run and self._has_judged():
            known, verbose = self.run.options.known_file, terminalreporter.verbosity > 0
            terminal.show(terminalreporter, self.run.verdicts.values(), known, verbose=verbose)
            for note in self._notes:
                terminalreporter.line(note)

    def _has_judged(self) -> bool:
        return not self._is_refused and any(
            each.ran or each.left_out for each in self.run.verdicts.values()
        )
