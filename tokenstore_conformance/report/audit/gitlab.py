"""An audit as a GitLab code quality report: an issue for each finding."""

from __future__ import annotations

from typing import Any

from tokenstore_conformance.report.audit.view import message, read
from tokenstore_conformance.report.findings import fingerprint, path_of
from tokenstore_conformance.report.gitlab import document, issue


def text(data: dict[str, Any]) -> str:
    """Return the issues as a JSON array."""
    return document(
        [
            issue(
                each.kind,
                message(store, each),
                fingerprint(store.target, each.kind, each.records, each.detail),
                "critical",
                (path_of(store.target), 1),
            )
            for store in read(data).stores
            for each in store.findings
        ]
    )
