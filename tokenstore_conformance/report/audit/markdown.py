"""An audit as Markdown, for a job summary or a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokenstore_conformance.report.audit.view import Audited, read
from tokenstore_conformance.report.markdown import MOST_BYTES, code, fitted
from tokenstore_conformance.report.visible import in_one_line


def text(data: dict[str, Any], most_bytes: int = MOST_BYTES) -> str:
    """Return the Markdown of an audit."""
    audit = read(data)
    headline = audit.headline
    if len(audit.stores) == 1:
        headline = headline.replace(audit.stores[0].target, code(audit.stores[0].target), 1)
    rows = [
        f"| {code(each.target, table=True)} | {'❌' if each.findings else '✅'} {each.answer} |"
        for each in audit.stores
    ]
    head = [
        f"### Token store audit: {headline}",
        "\n".join(["| store | |", "|---|---|", *rows]),
        f"<sub>kit {audit.kit}, started {audit.started}; nothing was written</sub>",
    ]
    paragraphs = [each for store in audit.stores for each in _store(store)]
    return fitted("\n\n".join(head), paragraphs, most_bytes)


def _store(store: Audited) -> Iterator[str]:
    if store.findings or store.notes:
        yield f"#### {code(store.target)}"
    for findings in store.by_kind.values():
        what, consequence = map(in_one_line, (findings[0].what, findings[0].consequence))
        yield f"**{what}** ({len(findings)}): {consequence}"
        yield from (f"- {code(str(each))}" for each in findings)
    yield from (f"- note: {code(each)}" for each in store.notes)
