"""The failures as a GitLab code quality report.

See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from tokenstore_conformance.report.findings import incomplete, message, path_and_line
from tokenstore_conformance.report.view import ClauseView, StoreView, read

GRAVE: Final = 2
"""Of a MUST so many grades of harm, the gravest, are critical."""


def text(data: dict[str, Any]) -> str:
    """The issues as a JSON array: one for each failure, and one for a run that is not whole."""
    report = read(data)
    issues = []
    for store in report.stores:
        issues += [_issue(store, clause) for clause in store.failures]
        if not store.is_complete:
            issues.append(_incomplete(store))
    return json.dumps(issues, indent=2) + "\n"


def _issue(store: StoreView, clause: ClauseView) -> dict[str, Any]:
    path, line = path_and_line(store, clause)
    return {
        "description": message(store, clause),
        "check_name": clause.id,
        "fingerprint": fingerprint(store.target, clause.id),
        "severity": _severity(store, clause),
        "location": {"path": path, "lines": {"begin": line}},
    }


def _incomplete(store: StoreView) -> dict[str, Any]:
    path, line = path_and_line(store)
    return {
        "description": incomplete(store),
        "check_name": "incomplete",
        "fingerprint": fingerprint(store.target, "incomplete"),
        "severity": "major",
        "location": {"path": path, "lines": {"begin": line}},
    }


def _severity(store: StoreView, clause: ClauseView) -> str:
    if not store.fails_the_run(clause):
        return "minor"
    return "critical" if clause.gravity < GRAVE else "major"


def fingerprint(*parts: str) -> str:
    """The same for the same parts, whatever else changes."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
