"""The verdict as a badge: the JSON that https://shields.io/badges/endpoint-badge reads."""

from __future__ import annotations

import json
from typing import Any, Final

from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report.view import ReportView, read

_COLORS: Final = {
    "conformant": "brightgreen",
    "known-deviations": "yellow",
    "not-conformant": "red",
    "incomplete": "lightgrey",
}
"""Ordered from the best verdict to the worst."""


def text(data: dict[str, Any]) -> str:
    """Return the badge of a whole run."""
    report = read(data)
    words = [each.word for each in report.stores]
    worst = max(words, key=list(_COLORS).index)
    outdated = sum(len(each.outdated) for each in report.stores)
    is_red = worst in ("not-conformant", "incomplete")
    said, color = _message(report, worst), _COLORS[worst]
    if outdated and not is_red:
        said, color, is_red = counted(outdated, "outdated entry", "outdated entries"), "red", True
    badge = {
        "schemaVersion": 1,
        "label": "token store" if len(words) == 1 else "token stores",
        "message": f"{said}, contract {report.contract}",
        "color": color,
        "isError": is_red,
    }
    return json.dumps(badge, indent=2) + "\n"


def _message(report: ReportView, worst: str) -> str:
    known = sum(len(each.with_status(Status.KNOWN)) for each in report.stores)
    if worst == "known-deviations":
        return counted(known, "known deviation")
    if len(report.stores) == 1 or worst == "conformant":
        return worst.replace("-", " ")
    conformant = sum(each.word == "conformant" for each in report.stores)
    return f"{conformant} of {len(report.stores)} conformant"
