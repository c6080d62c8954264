"""An audit for a terminal: the problems, by kind, and one line with their number."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.live.findings import Audit
from tokenstore_conformance.plural import counted

SHOWN: Final = 10
"""At most this many findings of each kind, and notes, are shown."""


def audit_as_text(found: Audit) -> str:
    """Return the summary. Users and tokens are masked in it."""
    lines = [f"audit of {found.spec}: {counted(found.tokens, 'token')}; nothing was written"]
    for kind, findings in found.by_kind.items():
        lines += ["", f"{kind.words} ({len(findings)})"]
        lines += [f"  {finding}" for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"  and {len(findings) - SHOWN} more")
    if found.notes:
        lines += ["", *(f"note: {note}" for note in found.notes[:SHOWN])]
    count = len(found.findings)
    verdict = f"{counted(count, 'problem')} found" if count else "no problems found"
    return "\n".join([*lines, "", verdict])
