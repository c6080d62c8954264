"""An audit as JSON, schema ``tokenstore-conformance-audit/1``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tokenstore_conformance import __version__
from tokenstore_conformance.live.findings import Audit
from tokenstore_conformance.report.formats import AUDIT
from tokenstore_conformance.report.json_file import text
from tokenstore_conformance.sdk import distributions

__all__ = ["report", "text"]


def report(audits: Iterable[Audit], started: datetime) -> dict[str, Any]:
    """Return the data of the report, as ``audit.schema.json`` describes it."""
    stores = list(map(_store, audits))
    return {
        "schema": AUDIT,
        "kit": __version__,
        "started": started.isoformat(timespec="seconds"),
        "harmful": any(each["harmful"] for each in stores),
        "stores": stores,
    }


def _store(found: Audit) -> dict[str, Any]:
    sdk = next(iter(distributions(found.generation)), None)
    return {
        "target": found.spec,
        "sdk": {"distribution": sdk.name, "version": sdk.version} if sdk else None,
        "generation": found.generation,
        "tokens": found.tokens,
        "harmful": bool(found.findings),
        "findings": [
            {
                "kind": kind.id,
                "what": kind.words,
                "consequence": kind.consequence,
                "records": finding.where,
                "detail": finding.detail,
            }
            for kind, findings in found.by_kind.items()
            for finding in findings
        ],
        "notes": found.notes,
    }
