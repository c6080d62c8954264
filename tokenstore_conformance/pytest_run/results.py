"""What became of a clause in its test, whatever pytest and the user's hooks made of that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.node import NODE
from tokenstore_conformance.report.location import in_repository
from tokenstore_conformance.report.scripts.reproduction import reproduction
from tokenstore_conformance.sdk import Door


def result_of(item: ClauseItem, report: pytest.TestReport, door: Door, directory: Path) -> Result:
    """The result that a report stands for. Scripts are made to be run in ``directory``."""
    result = item.result
    if result is None or (report.failed and not result.failed):
        return _unjudged(item, report)
    if result.status not in (Status.PASSED, Status.FAILED):
        report.longrepr = (NODE, 0, result.message)  # where in the kit it skips is of no use
    result = in_repository(result, item.target, directory)
    if not result.broken:
        return result
    options = item.options_again
    script = reproduction(result, item.clause, item.target, door, directory, options)
    return replace(result, script=script)


def _unjudged(item: ClauseItem, report: pytest.TestReport) -> Result:
    """The test failed, or was skipped, around the check: by a fixture or a hook of the user's."""
    longrepr: Any = report.longrepr
    if report.passed:
        why = "its test did not run"
    elif isinstance(longrepr, tuple):
        why = str(longrepr[2])
    else:
        crash = getattr(longrepr, "reprcrash", None)
        why = str(crash.message if crash else longrepr or report.outcome)
    first = (why.strip().splitlines() or [""])[0]
    return Result(
        item.target.spec,
        item.clause.id,
        item.level,
        Status.NOT_JUDGED,
        first or "its test did not run",
    )
