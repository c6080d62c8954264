"""The results that pytest's reports carry, and what pytest itself shows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.judging.known import Outdated
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.result_data import from_data
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.pytest_run.items import ConformanceWarning
from tokenstore_conformance.pytest_run.node import NODE


def result_on(report: Any) -> Result | None:
    """Return the result of a clause that a report carries; None for a report on another test."""
    data = getattr(report, "tokenstore", None)
    return None if data is None else from_data(data)


def lost_with_a_worker(
    report: pytest.TestReport, verdicts: Iterable[Verdict]
) -> tuple[Verdict, Clause] | None:
    """Return the verdict and the clause in which a worker of pytest-xdist died, or None."""
    if report.when in ("setup", "call", "teardown"):
        return None
    for verdict in verdicts:
        for clause in verdict.contract.clauses:
            if report.nodeid == f"{NODE}::{clause.id}[{verdict.target}]":
                return verdict, clause
    return None


def report_outdated(session: pytest.Session, entry: Outdated) -> None:
    """Report an outdated entry for an accepted failure as a failed test of its own.

    So pytest counts it among the failures, and writes it to the file of ``--junitxml``.
    """
    name = f"the accepted failure {entry.known.id}"
    why = f"{entry.known.place}: {entry.why}"
    place = (entry.known.file, entry.known.line - 1, name)
    session.testscollected += 1
    for when, outcome, longrepr in (("call", "failed", why), ("teardown", "passed", None)):
        report = pytest.TestReport(
            f"{NODE}::{name}",
            place,
            {},
            outcome,  # type: ignore[arg-type]
            longrepr,
            when,  # type: ignore[arg-type]
            tokenstore_outdated=True,
        )
        session.ihook.pytest_runtest_logreport(report=report)


def is_of_an_entry(report: Any) -> bool:
    """Whether this report was made by `report_outdated`."""
    return hasattr(report, "tokenstore_outdated")


def failures_of_other_tests(reporter: Any) -> Callable[[], None]:
    """Return a function that shows pytest's failures except clauses: the verdict shows those."""
    return _without(
        reporter,
        "failed",
        reporter.summary_failures,
        lambda each: result_on(each) is not None or is_of_an_entry(each),
    )


def warnings_of_others(reporter: Any) -> Callable[[], None]:
    """Return a function that shows pytest's warnings except clauses: the verdict shows those."""
    ours = f": {ConformanceWarning.__name__}: "
    return _without(
        reporter, "warnings", reporter.summary_warnings, lambda each: ours in str(each.message)
    )


def _without(
    reporter: Any, kind: str, show: Callable[[], None], is_ours: Callable[[Any], bool]
) -> Callable[[], None]:
    """Return a function that shows a section of pytest without the kit's reports.

    The counts in pytest's last line stay the same.
    """

    def shown() -> None:
        everything = reporter.stats.get(kind)
        if not everything:  # an empty list there would colour pytest's last line
            return
        reporter.stats[kind] = [each for each in everything if not is_ours(each)]
        try:
            show()
        finally:
            reporter.stats[kind] = everything

    return shown
