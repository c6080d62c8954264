"""The verdict as JSON, schema ``tokenstore-conformance/1``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenstore_conformance import __version__
from tokenstore_conformance.contract import VERSION, Clause
from tokenstore_conformance.judging.result import Result, as_data
from tokenstore_conformance.judging.verdict import Verdict


def is_writable(file: Path) -> bool:
    """Whether a report can be written there; directories that are missing are made."""
    there = file
    while not there.exists() and there != there.parent:
        there = there.parent
    return os.access(there, os.W_OK) and there.is_dir() is (there != file)


def write(file: Path, verdicts: Iterable[Verdict]) -> None:
    """Write the report; every clause of the contract stands in it once for each store."""
    text = json.dumps(report(verdicts), indent=2, ensure_ascii=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def report(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    return {
        "schema": "tokenstore-conformance/1",
        "kit": __version__,
        "contract": VERSION,
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
        "strict": verdict.strict,
        "ran": verdict.has_run,
        "left_out": [
            {"clauses": sorted(each.clauses), "by": each.by, "typed": each.typed}
            for each in verdict.left_out
        ],
        "capabilities": verdict.capabilities(),
        "required": sorted(verdict.required),
        "clauses": [_clause(clause, result) for clause, result in verdict.results()],
    }


def _clause(clause: Clause, result: Result) -> dict[str, Any]:
    data = as_data(result)
    return {
        "id": clause.id,
        "level": data["level"],
        "capability": clause.capability,
        "sentence": clause.sentence,
        "why": clause.why,
        "harm": clause.harm.name.lower().replace("_", "-"),
        "effect": clause.effect,
        "sources": list(map(str, clause.sources)),
        "outcome": result.outcome,
        "status": data["status"],
        "message": result.message,
        "expected": result.expected,
        "got": result.got,
        "causes": data["causes"],
        "calls": list(map(str, result.calls)),
        "session": data["calls"],
        "history": data["history"],
        "stacks": result.stacks,
        "trace": result.trace,
        "output": result.output,
        "reached": result.reached,
        "hung": result.hung,
        "check": result.check,
        "page": result.page,
        "reproduce": result.script,
        "seconds": data["seconds"],
    }
