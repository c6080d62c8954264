"""The result of a clause, whatever pytest and the user's hooks have done with its test."""

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
    """Return the result that a report stands for. Its script is to be run in ``directory``."""
    result = item.result
    if result is None or (report.failed and not result.failed):
        return _unjudged(item, report)
    if result.status not in (Status.PASSED, Status.FAILED):
        report.longrepr = (NODE, 0, result.message)  # a line of the kit would be of no use
    result = in_repository(result, item.target, directory)
    if not result.broken:
        return result
    options = item.options_again
    script = reproduction(result, item.clause, item.target, door, directory, options)
    return replace(result, script=script)


def _unjudged(item: ClauseItem, report: pytest.TestReport) -> Result:
    """Return a result that is not judged: the test failed or was skipped outside the check.

    The cause is a fixture or a hook of the user.
    """
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
