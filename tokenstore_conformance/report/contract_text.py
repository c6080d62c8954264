"""The contract as text, for ``--tokenstore-clauses``."""

from __future__ import annotations

from tokenstore_conformance.contract import CLAUSES, GENERATIONS, SOURCES, VERSION, contract_of
from tokenstore_conformance.report.wording import wrapped


def contract_as_text(generation: str | None = None, version: str = VERSION) -> str:
    """Return the clauses that bind a generation as text; all clauses if none is given."""
    named = [generation] if generation else GENERATIONS
    contracts = [contract_of(each, version) for each in named]
    bound = f", for {contracts[0].title}" if generation else ""
    lines = [f"The token store contract {version}{bound}", ""]
    for clause in CLAUSES:
        if not any(clause in each.clauses for each in contracts):
            continue
        lines.append(f"{clause.id} ({clause.standing})")
        lines += wrapped("    ", clause.sentence, 100)
        lines += wrapped("    why: ", clause.why, 100)
        lines += wrapped("    fix: ", clause.fix, 100)
        lines.append(f"    binds: {', '.join(clause.generations)}; since {clause.since}")
        lines += wrapped("    source: ", "; ".join(map(str, clause.sources)), 100)
        lines.append("")
    lines += [f"source {key}: {words}" for key, words in SOURCES.items()]
    return "\n".join(lines)
