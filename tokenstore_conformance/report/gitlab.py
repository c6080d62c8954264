"""The failures as a GitLab code quality report.

See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tokenstore_conformance.report.findings import (
    OUTDATED,
    fingerprint,
    incomplete,
    message,
    outdated,
    path_and_line,
    path_of,
)
from tokenstore_conformance.report.view import ClauseView, StoreView, read

GRAVE: Final = 2
"""A failure that fails the run is critical if its harm is among this many of the worst grades."""


def text(data: dict[str, Any]) -> str:
    """Return the issues as a JSON array: one for each failure, for each outdated entry, and for
    each store whose run is incomplete.
    """
    report = read(data)
    issues = []
    for store in report.stores:
        for clause in store.failures:
            at = path_and_line(store, clause)
            by = fingerprint(store.target, clause.id)
            severity = _severity(store, clause)
            issues.append(issue(clause.id, message(store, clause), by, severity, at))
        for entry in store.outdated:
            by = fingerprint(store.target, OUTDATED, entry.why)
            entry_at = path_of(entry.file), entry.line
            issues.append(issue(OUTDATED, outdated(store, entry), by, "major", entry_at))
        if not store.is_complete:
            by = fingerprint(store.target, "incomplete")
            at = path_and_line(store)
            issues.append(issue("incomplete", incomplete(store), by, "major", at))
    return document(issues)


def document(issues: list[dict[str, Any]]) -> str:
    """Return the report with these issues."""
    return json.dumps(issues, indent=2) + "\n"


def issue(
    name: str, description: str, fingerprint: str, severity: str, at: tuple[str, int]
) -> dict[str, Any]:
    """Return the issue for a finding at a path and a line."""
    path, line = at
    return {
        "description": description,
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }


def _severity(store: StoreView, clause: ClauseView) -> str:
    if not store.fails_the_run(clause):
        return "minor"
    return "critical" if clause.gravity < GRAVE else "major"
