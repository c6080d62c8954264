"""The hooks of a worker of pytest-xdist. It uses what the controller found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.pytest_run.completeness import Completeness
from tokenstore_conformance.pytest_run.ended import results
from tokenstore_conformance.pytest_run.options import Options
from tokenstore_conformance.pytest_run.run_hooks import RunHooks, quick_place


class XdistWorker(RunHooks):
    """Judges some of the clauses."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session
        given: dict[str, Any] = self.config.workerinput  # type: ignore[attr-defined]
        options = Options.of(self.config, self.directory, self._specs)
        today = date(*given["tokenstore_today"])  # the day may change while workers start
        places = given["tokenstore_places"]
        shared = Path(places, given["workerid"]) if places else None
        watchdog = self._start(replace(options, today=today), shared=shared)
        self._completeness = Completeness(given["tokenstore_selecting"])
        self.run.begin(
            given["tokenstore_shared"],
            quick_place(watchdog),
            in_parallel=True,
            ended=results(given["tokenstore_ends"], self.run.verdicts, options.timeout),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        super().pytest_sessionfinish(session, exitstatus)
        left_out = self._completeness.as_data()
        self.config.workeroutput["tokenstore_left_out"] = left_out  # type: ignore[attr-defined]
