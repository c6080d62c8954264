"""The verdict as JSON, schema ``tokenstore-conformance/1``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tokenstore_conformance import __version__
from tokenstore_conformance.contract import GRADES, Clause
from tokenstore_conformance.judging.facts import Facts
from tokenstore_conformance.judging.result import Result, effect_of, fix_of, why_of
from tokenstore_conformance.judging.result_data import as_data
from tokenstore_conformance.judging.verdict import Verdict


def text(data: dict[str, Any]) -> str:
    """Return the report as JSON, in ASCII."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def report(verdicts: Iterable[Verdict], facts: Facts) -> dict[str, Any]:
    """Return the data of the report. For each store, it has every clause of the contract once."""
    verdicts = list(verdicts)
    return {
        "schema": "tokenstore-conformance/1",
        "kit": __version__,
        "contract": facts.contract,
        "started": facts.started.isoformat(timespec="seconds"),
        "python": facts.python,
        "platform": facts.platform,
        "options": dict(facts.options),
        "complete": not any(verdict.missing for verdict in verdicts),
        "passes": all(verdict.passes for verdict in verdicts),
        "stores": [_store(verdict) for verdict in verdicts],
    }


def _store(verdict: Verdict) -> dict[str, Any]:
    sdk = verdict.sdk
    return {
        "target": verdict.target,
        "sdk": {"distribution": sdk.name, "version": sdk.version} if sdk else None,
        "generation": verdict.contract.generation,
        "verdict": verdict.word,
        "conformant": verdict.conformant,
        "passes": verdict.passes,
        "strict": verdict.strict,
        "ran": verdict.ran,
        "left_out": [
            {"clauses": sorted(each.clauses), "by": each.by, "typed": each.typed}
            for each in verdict.left_out
        ],
        "capabilities": verdict.capabilities(),
        "required": sorted(verdict.required),
        "outdated": [
            {"id": each.known.id, "file": each.known.file, "line": each.known.line, "why": each.why}
            for each in verdict.outdated
        ],
        "clauses": [_clause(clause, result, verdict) for clause, result in verdict.results()],
    }


def _clause(clause: Clause, result: Result, verdict: Verdict) -> dict[str, Any]:
    data = as_data(result)
    entry = verdict.entry(clause.id)
    effect = effect_of(clause, result)
    return {
        "id": clause.id,
        "level": data["level"],
        "capability": clause.capability,
        "sentence": clause.sentence,
        "why": why_of(clause, result),
        "fix": fix_of(clause, result),
        "harm": GRADES[effect].name.lower().replace("_", "-"),
        "effect": effect,
        "sources": list(map(str, clause.sources)),
        "outcome": result.outcome,
        "status": data["status"],
        "message": result.message,
        "expected": result.expected,
        "got": result.got,
        "excuse": result.excuse,
        "not_applicable": result.inapplicable,
        "causes": data["causes"],
        "known": entry.as_data() if entry else None,
        "accepted_with": list(verdict.accepted_with(result)),
        "calls": list(map(str, result.calls)),
        "session": data["calls"],
        "location": data["location"],
        "history": data["history"],
        "snapshots": data["snapshots"],
        "stacks": result.stacks,
        "trace": result.trace,
        "output": result.output,
        "reached": result.reached,
        "target_failed": result.target_failed,
        "hung": result.hung,
        "check": result.check,
        "page": result.page,
        "reproduce": result.script,
        "seconds": data["seconds"],
    }
