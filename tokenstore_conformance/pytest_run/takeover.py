"""Judges the rest of a run that hung or died, with the same pytest command in another process.

That process shows the known results as pytest's own reports, and judges what is left. The clause
that ended the run counts as failed. Meanwhile, the process that the user started waits; see
`outer_process`.

Tokens that the dead process left behind must not be taken for the user's tokens. So this is done
only if each store has a storage of its own, and no harness has a session.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tokenstore_conformance.guard import outer_process
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.journal import Begun, reports
from tokenstore_conformance.pytest_run.node import NODE
from tokenstore_conformance.pytest_run.reporting import result_on

MOST_ENDS: Final = 5
"""After this many clauses that end the process, the rest is left out: each takes seconds."""

FOLDER: Final = "TOKENSTORE_CONFORMANCE_REST"
LINE: Final = "TOKENSTORE_CONFORMANCE_LINE"
"""The environment variables that tell the other process where the journal is, and the number of
the line of `outer_process`."""
_REST: Final = "rest"


def command_of(config: pytest.Config) -> tuple[str, ...]:
    """Return the command that runs the same again; empty if another process could not do that."""
    given = config.invocation_params
    asks = getattr(config.option, "usepdb", False)
    if given.plugins or asks or config.pluginmanager.hasplugin("dsession"):
        return ()
    return (sys.executable, "-m", "pytest", *map(str, given.args))


def is_the_command(config: pytest.Config) -> bool:
    """Whether this process is the pytest command, and not a program that calls pytest."""
    given = config.invocation_params
    return not given.plugins and list(map(str, given.args)) == sys.argv[1:]


def is_rest() -> bool:
    """Whether this process judges the rest of another run."""
    return FOLDER in os.environ


def judge_rest_elsewhere(folder: Path, line: str, run: Begun, ended_in: Result) -> bool:
    """Have another process judge the rest, and wait for its end. Return whether it took over.

    ``run`` has all results so far. ``line`` is the number of the line of `outer_process`, or "".
    """
    is_whole = not any(each.missing for each in run.verdicts)
    if is_whole or not run.command or len(run.ended) + 1 >= MOST_ENDS:
        return False
    rest = folder / _REST
    rest.write_bytes(pickle.dumps(replace(run, verdicts=(), ended=(*run.ended, ended_in))))
    subprocess.run(
        run.command,
        cwd=run.directory,
        env={**os.environ, FOLDER: str(folder), LINE: line},
        pass_fds=[int(line)] if line else [],
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: _join(run.group),
        check=False,
    )
    return not rest.exists()


def _join(group: int) -> None:
    """Join the group of the run, so that Ctrl-C or a signal to that group ends this process too."""
    with contextlib.suppress(OSError):
        os.setpgid(0, group)


def _is_whole(known: list[Any]) -> bool:
    """Whether these are all the reports of a test."""
    phases = {each["when"] for each in known}
    return "teardown" in phases and ("call" in phases or known[0]["outcome"] != "passed")


class Takeover:
    """A pytest plugin with what a run takes over from the process that ended."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _REST
        self.run: Begun = pickle.loads(self._file.read_bytes())
        self._reports: dict[str, list[Any]] = {}
        for nodeid, report in reports(folder):
            self._reports.setdefault(nodeid, []).append(report)
        for nodeid, known in list(self._reports.items()):
            if not _is_whole(known):  # such as the test that ended the process
                del self._reports[nodeid]
        for each in self.run.ended:
            self._reports.pop(f"{NODE}::{each.clause}[{each.target}]", None)

    @classmethod
    def handed_over(cls, environment: MutableMapping[str, str]) -> Takeover | None:
        """Return what the environment names; None if this run is not the rest of another.

        This removes the variables, so that it happens only once.
        """
        named, line = environment.pop(FOLDER, ""), environment.pop(LINE, "")
        if line:
            outer_process.hand_over(int(line))
        return cls(Path(named)) if named and Path(named, _REST).is_file() else None

    def accept(self) -> None:
        """Confirm the takeover: from now on, this run itself reports its results."""
        self._file.unlink()

    def pytest_report_header(self) -> str:
        where = ", ".join(f"{each.clause} on {each.target}" for each in self.run.ended)
        return f"tokenstore: the rest of a run that ended in {where}"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put tests with known reports first, so that no fixture of another test is open then."""
        items.sort(key=lambda item: item.nodeid not in self._reports)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Show the known reports of a test. If there are none, let pytest run it."""
        known = self._reports.pop(item.nodeid, None)
        if known is None:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for data in known:
            report = hook.pytest_report_from_serializable(config=item.config, data=data)
            result = result_on(report)
            if isinstance(item, ClauseItem) and result and result.failed and report.passed:
                item.warn_of(result)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True
