"""Shows the progress of a long run on a terminal, and says once, also in a log, that it takes long.

The progress line is below what pytest has written. It is there while a clause is judged and pytest
writes nothing: from the hook that begins a test to the first report that pytest shows.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Final

import pytest

from tokenstore_conformance.guard import limits
from tokenstore_conformance.plural import counted
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.pace import Pace, about
from tokenstore_conformance.pytest_run.run import Run

QUIET: Final = 3.0
"""Seconds of a run before the progress line appears."""

LONG: Final = 60.0
"""If judging a store will take more seconds than this, a line says so, also in a log."""

NARROW: Final = 40
"""The line is not shown on a terminal with fewer columns."""

_REMOVE: Final = "\r\x1b[K\x1b[A"
"""Clears the line that the cursor is on, and moves to the beginning of the line above."""


def follow(session: pytest.Session, run: Run) -> None:
    """Follow the clauses of a session, but not with pytest-xdist.

    pytest-xdist collects in its workers, and they have no terminal. Its controller cannot tell how
    long workers wait for each other if they share a storage.
    """
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if type(reporter).__module__ == "_pytest.terminal":  # others draw their own lines
        session.config.pluginmanager.register(Progress(session, run, reporter))


class Progress:
    """The hooks that follow the clauses."""

    def __init__(self, session: pytest.Session, run: Run, reporter: Any) -> None:
        clauses = [each for each in session.items if isinstance(each, ClauseItem)]
        self._left = {each.nodeid: (each.target.spec, each.clause.id) for each in clauses}
        self._all = counted(len(clauses), "clause")
        self._done = 0
        self._pace = Pace(run.options.examples, run.options.timeout)
        self._reporter = reporter
        self._shows = has_room_for_a_line(session.config)
        self._untold = set(run.verdicts) if reporter.verbosity >= 0 else set()
        """The targets for which no line says yet that they take long."""
        self._seconds = 0.0
        self._steps = 0
        self._removal = ""
        """The text that removes the progress line; "" if there is none."""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._steps = limits.steps()
        if self._shows and self._seconds >= QUIET and nodeid in self._left:
            with contextlib.suppress(OSError, ValueError):  # the terminal is gone
                self._show(*self._left[nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup" and report.passed:
            return  # the clause begins, and pytest writes nothing
        self._remove()
        self._seconds += report.duration
        target, _ = self._left.pop(report.nodeid, ("", ""))
        if target:
            self._done += 1
            self._pace.add(target, limits.steps() - self._steps, report.duration)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        for target in list(self._untold):
            seconds = self._pace.of(each for each in self._left.values() if each[0] == target)
            of_a_call = self._pace.of_a_call(target) or 0.0
            if seconds is not None and seconds > LONG:
                self._untold.remove(target)
                self._reporter.ensure_newline()
                self._reporter.write(  # pytest continues on a new line
                    f"{target} takes about {float(f'{of_a_call:.1g}'):g} s for a call; "
                    f"judging it takes {about(seconds)} more"
                )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._remove()

    pytest_internalerror = pytest_sessionfinish

    def pytest_enter_pdb(self) -> None:
        self._removal = ""  # the debugger has written below the line

    def _show(self, target: str, clause: str) -> None:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
        written = self._reporter.config.get_terminal_writer().width_of_current_line
        if columns < NARROW or (written and written % columns == 0):  # the cursor's line is unclear
            return
        left = self._pace.of(self._left.values())
        expected = "" if left is None else f", {about(left)} left"
        where = f"{clause} on {ascii(target)[1:-1]}, {self._done} of {self._all}{expected}"
        column = written % columns
        self._removal = _REMOVE + (f"\x1b[{column}C" if column else "")
        _write(f"\n{where[: columns - 1]}")

    def _remove(self) -> None:
        removal, self._removal = self._removal, ""
        if removal:
            with contextlib.suppress(OSError, ValueError):
                _write(removal)


def has_room_for_a_line(config: pytest.Config) -> bool:
    """Whether stdout is a terminal that a person reads and that only pytest writes to."""
    in_ci = os.environ.get("CI") or os.environ.get("BUILD_NUMBER")
    stdout = sys.stdout  # None if a store has set it to None, as daemons do
    is_terminal = (
        stdout is not None
        and stdout.isatty()
        and os.environ.get("TERM", "dumb") != "dumb"
        and not in_ci
    )
    has_logs = config.pluginmanager.hasplugin("logging") and (
        config.getini("log_cli") or config.option.log_cli_level is not None
    )
    is_shared = (
        config.getoption("capture", "no") != "fd"  # a store's output appears at once
        or config.getoption("setupshow", False)
        or config.getoption("trace", False)
        or has_logs
    )
    return is_terminal and os.name == "posix" and config.option.verbose > -2 and not is_shared


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
