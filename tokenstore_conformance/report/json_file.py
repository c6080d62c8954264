"""The verdict as JSON, schema ``tokenstore-conformance/1``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenstore_conformance import __version__
from tokenstore_conformance.contract import VERSION
from tokenstore_conformance.judging.verdict import Verdict


def is_writable(file: Path) -> bool:
    """Whether a report can be written there; directories that are missing are made."""
    there = file
    while not there.exists() and there != there.parent:
        there = there.parent
    return os.access(there, os.W_OK) and there.is_dir() is (there != file)


def write(file: Path, verdicts: Iterable[Verdict]) -> None:
    """Write the report; every clause of the contract stands in it once for each store."""
    text = json.dumps(as_data(verdicts), indent=2, ensure_ascii=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def as_data(verdicts: Iterable[Verdict]) -> dict[str, Any]:
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
        "conformant": verdict.conformant,
        "strict": verdict.strict,
        "ran": verdict.has_run,
        "capabilities": verdict.capabilities(),
        "required": sorted(verdict.required),
        "clauses": [
            {
                "id": clause.id,
                "level": str(verdict.level_of(clause)),
                "capability": clause.capability,
                "sentence": clause.sentence,
                "outcome": result["outcome"],
                "message": result.get("message", ""),
                "expected": result.get("expected", ""),
                "got": result.get("got", ""),
                "calls": result.get("calls", []),
                "history": result.get("history", ""),
                "reproduce": result.get("reproduce", ""),
                "seconds": result.get("seconds", 0.0),
            }
            for clause, result in verdict.results()
        ],
    }
