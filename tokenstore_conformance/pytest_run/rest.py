"""The rest of a run that hangs for good: the same pytest command judges it in another process.

The process that hangs cannot be told to go on, and must not end yet: a shell would show its prompt,
and a CI job would be over. So it stands still while the other one shows what is known, as pytest's
own reports, and judges what is left. The clause that hung is taken as failed.

What a stuck process holds (a lock, a transaction) must not be waited for, and tokens that it left
must not be taken for the user's. So only stores are judged on that have a storage each, and no
session of the harness.
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

from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.pytest_run.completeness import Completeness
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.journal import Begun, Command, reports
from tokenstore_conformance.pytest_run.reporting import result_on

MOST_HANGS: Final = 3
"""After so many clauses that hang for good the rest is left out: each takes its seconds."""

FOLDER: Final = "TOKENSTORE_CONFORMANCE_REST"
"""The variable that names the other process the journal."""
_REST: Final = "rest"
LOOK: Final = 0.2
"""Seconds between two looks at the process that hangs."""


def command_of(config: pytest.Config) -> Command | None:
    """How to run the same pytest again; None where a process of its own would not be the same."""
    given = config.invocation_params
    is_alone = not (given.plugins or config.pluginmanager.hasplugin("dsession"))
    if not is_alone or config.option.usepdb:
        return None
    arguments = (sys.executable, "-m", "pytest", *map(str, given.args))
    return Command(arguments, str(given.dir), os.getpid(), os.getpgrp())


def judged_elsewhere(folder: Path, run: Begun, hung: Result) -> bool:
    """Whether another process has judged the rest; ``run`` has all results so far.

    Where it has not, nothing else was said of the run.
    """
    left = any(each.missing for each in run.verdicts if each.target in run.may_go_on)
    if not left or run.command is None or len(run.hung) + 1 >= MOST_HANGS:
        return False
    rest = folder / _REST
    rest.write_bytes(pickle.dumps(replace(run, verdicts=(), hung=(*run.hung, hung))))
    group = run.command.group
    process = subprocess.Popen(
        run.command.arguments,
        cwd=run.command.directory,
        env={**os.environ, FOLDER: str(folder)},
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: os.setpgid(0, group),  # for Ctrl-C, and for who ends the whole group
    )
    while process.poll() is None:
        if not _is_alive(run.command.process):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
    return not rest.exists()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


class Rest:
    """What a run takes over from the process that hangs. A plugin of pytest."""

    def __init__(self, folder: Path) -> None:
        self.run: Begun = pickle.loads((folder / _REST).read_bytes())
        self.completeness = Completeness({})
        self._file = folder / _REST
        found: dict[str, list[Any]] = {}
        for nodeid, report in reports(folder):
            found.setdefault(nodeid, []).append(report)
        is_whole = {nodeid: known[-1]["when"] == "teardown" for nodeid, known in found.items()}
        self._reports = {nodeid: known for nodeid, known in found.items() if is_whole[nodeid]}

    @classmethod
    def handed_over(cls, environment: MutableMapping[str, str]) -> Rest | None:
        """What the environment names, once; None where this run is none of a rest."""
        folder = Path(environment.pop(FOLDER, ""))
        return cls(folder) if (folder / _REST).is_file() else None

    def accept(self) -> None:
        """From now on this run says itself what becomes of it."""
        self._file.unlink()

    def pytest_report_header(self) -> str:
        return f"tokenstore: the rest of a run that hung in {self._where}"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is known comes first: so no fixture of another test is open between."""
        session.items.sort(key=lambda item: item.nodeid not in self._reports)
        given_up = [each for each in session.items if self._is_given_up(each)]
        session.items[:] = [each for each in session.items if each not in given_up]
        self.completeness.left_out(
            given_up,
            f"the hang in {self._where}: a store that shares its storage with others, or has a "
            "session, cannot be judged on in another process",
            False,
        )

    @property
    def _where(self) -> str:
        return ", ".join(f"{each.clause} on {each.target}" for each in self.run.hung)

    def _is_given_up(self, item: pytest.Item) -> bool:
        if not isinstance(item, ClauseItem) or item.nodeid in self._reports:
            return False
        key = (item.target.spec, item.clause.id)
        is_known = key in {(each.target, each.clause) for each in self.run.hung}
        return not is_known and item.target.spec not in self.run.may_go_on

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Show what is known of a test; judge it where nothing is."""
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
