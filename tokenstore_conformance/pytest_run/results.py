"""What became of a clause, as plain data: it travels with pytest's report, also between processes.

The JSON report, the terminal and pytest's own failures are all made of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.judging.judge import Result
from tokenstore_conformance.plugin import NODE
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.report.script import reproduction
from tokenstore_conformance.sdk import Door


def as_data(
    item: ClauseItem, report: pytest.TestReport, door: Door, directory: Path
) -> dict[str, Any]:
    """The result that a report stands for. Scripts are made to be run in ``directory``."""
    data: dict[str, Any] = {"target": item.target.spec, "id": item.clause.id}
    data["level"] = str(item.level)
    result = item.result
    if result is None or (report.failed and result.outcome != "failed"):
        return data | _unjudged(report)
    if result.outcome == "skipped":
        report.longrepr = (NODE, 0, result.message)  # where in the kit it skips is of no use
    script = reproduction(result, item.target, door, directory) if result.calls else ""
    return data | _judged(result) | {"reproduce": script if result.outcome == "failed" else ""}


def _judged(result: Result) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "message": result.message,
        "expected": result.expected,
        "got": result.got,
        "calls": [str(call) for call in result.calls],
        "told": [call.brief() for call in result.calls],
        "history": result.history,
        "trace": result.trace,
        "lacking": result.lacking,
        "because": list(result.because),
        "seconds": round(result.seconds, 6),
    }


def _unjudged(report: pytest.TestReport) -> dict[str, Any]:
    """The test failed, or was skipped, around the check: by a fixture or a hook of the user's."""
    if report.passed:
        why = "its test did not run"
    elif isinstance(report.longrepr, tuple):
        why = str(report.longrepr[2])
    else:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = str(crash.message if crash else report.longrepr or report.outcome)
    outcome = "failed" if report.failed else "skipped"
    first = (why.strip().splitlines() or [""])[0]
    return {"outcome": outcome, "judged": False, "message": f"not judged: {first}"}
