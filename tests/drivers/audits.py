"""Reports of audits, without a store."""

from __future__ import annotations

from typing import Any

from tokenstore_conformance.live.findings import Kind


def finding(**changes: str) -> dict[str, str]:
    """Return a finding as data."""
    kind = Kind.SHARED_ID
    found = {"kind": kind.id, "what": kind.words, "consequence": kind.consequence}
    return {**found, "records": "a***@***:1 (id 1)", "detail": "two of them", **changes}


def data(*findings: dict[str, str], target: str = "sdk-file:tokens.txt") -> dict[str, Any]:
    """Return the data of the report of an audit."""
    store = {
        "target": target,
        "sdk": None,
        "generation": "zohocrmsdk",
        "tokens": 3,
        "harmful": bool(findings),
        "findings": list(findings),
        "notes": [],
    }
    return {
        "schema": "tokenstore-conformance-audit/1",
        "kit": "1",
        "started": "2026-01-02T03:04:05+00:00",
        "harmful": bool(findings),
        "stores": [store],
    }
