"""An audit as a page: one file that needs nothing else."""

from __future__ import annotations

from typing import Any

from tokenstore_conformance.report.audit.view import read
from tokenstore_conformance.report.html import rendered
from tokenstore_conformance.report.visible import in_one_line


def text(data: dict[str, Any]) -> str:
    """Return the page of an audit."""
    audit = read(data)
    return rendered("audit.html.j2", audit=audit, headline=in_one_line(audit.headline, 200))
