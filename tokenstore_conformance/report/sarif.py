"""The failures as SARIF 2.1.0, within what GitHub code scanning accepts.

All clauses are rules, so that an alert closes when its clause passes. Accepted failures are left
out, since GitHub ignores suppressions.
See https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from tokenstore_conformance.history import History
from tokenstore_conformance.report.findings import (
    OUTDATED,
    fingerprint,
    incomplete,
    message,
    outdated,
    path_and_line,
    path_of,
)
from tokenstore_conformance.report.view import (
    ClauseView,
    OutdatedEntry,
    ReportView,
    StoreView,
    read,
)
from tokenstore_conformance.report.visible import in_one_line

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LONGEST: Final = 1024
"""At most this many characters of a rule's description are written."""


def text(data: dict[str, Any]) -> str:
    """Return the SARIF log of a report."""
    report = read(data)
    rules = _rules(report)
    if any(store.outdated for store in report.stores):
        rules.append(_OUTDATED)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [
        _result(store, clause, numbers[clause.id])
        for store in report.stores
        for clause in store.failures
    ]
    results += [
        _outdated(store, entry, numbers[OUTDATED])
        for store in report.stores
        for entry in store.outdated
    ]
    return document("tokenstore-conformance/", report.kit, rules, results, _invocation(report))


def document(
    category: str,
    kit: str,
    rules: list[dict[str, Any]],
    results: list[dict[str, Any]],
    invocation: dict[str, Any],
) -> str:
    """Return a log of one run. GitHub closes a category's alerts that its newest log lacks."""
    driver = {"name": "tokenstore-conformance", "version": kit, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": category},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _invocation(report: ReportView) -> dict[str, Any]:
    if report.is_complete:
        return {"executionSuccessful": True}
    notes = [
        {"level": "error", "message": {"text": incomplete(each)}}
        for each in report.stores
        if not each.is_complete
    ]
    return {"executionSuccessful": False, "toolExecutionNotifications": notes}


def _rules(report: ReportView) -> list[dict[str, Any]]:
    clauses: dict[str, ClauseView] = {}
    for clause in (each for store in report.stores for each in store.clauses):
        if clause.id not in clauses or not clause.failed:  # a failure may show another effect
            clauses[clause.id] = clause
    return [_rule(clause) for clause in clauses.values()]


def _rule(clause: ClauseView) -> dict[str, Any]:
    help = (
        f"{clause.sentence}\n\nWhy: {clause.why}\n\nTo fix it: {clause.fix}\n\n"
        f"A store that breaks it {clause.effect}."
    )
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.sentence[:LONGEST]},
        "fullDescription": {"text": f"{clause.sentence} {clause.why}"[:LONGEST]},
        "help": {
            "text": help,
            "markdown": f"**{clause.id}**: {help}\n\nSee `{clause.page}`.",
        },
        "defaultConfiguration": {"level": "error" if clause.level == "MUST" else "warning"},
        "properties": {"tags": ["token-store", clause.family]},
    }


def _result(store: StoreView, clause: ClauseView, rule: int) -> dict[str, Any]:
    path, line = path_and_line(store, clause)
    result = {
        "ruleId": clause.id,
        "ruleIndex": rule,
        "level": "error" if store.fails_the_run(clause) else "warning",
        "message": {"text": message(store, clause)},
        "locations": [location(path, line)],
        "partialFingerprints": {"tokenstoreClause/v1": fingerprint(store.target, clause.id)},
    }
    flows = _thread_flows(clause.history) if clause.history else []
    if flows:
        result["codeFlows"] = [{"threadFlows": flows}]
    return result


_OUTDATED: Final = {
    "id": OUTDATED,
    "shortDescription": {"text": "An entry for an accepted failure is out of date."},
    "help": {"text": "Delete the entry, or update it."},
    "defaultConfiguration": {"level": "error"},
    "properties": {"tags": ["token-store"]},
}


def _outdated(store: StoreView, entry: OutdatedEntry, rule: int) -> dict[str, Any]:
    by = fingerprint(store.target, OUTDATED, entry.why)
    return {
        "ruleId": OUTDATED,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": outdated(store, entry)},
        "locations": [location(path_of(entry.file), entry.line)],
        "partialFingerprints": {"tokenstoreClause/v1": by},
    }


def _thread_flows(history: History) -> list[dict[str, Any]]:
    """Return the places where each thread stopped."""
    flows: dict[int, list[dict[str, Any]]] = {}
    for switch in history.switches:
        if switch.file:
            words = {"message": {"text": in_one_line(switch.of(history.callers))}}
            there = location(switch.file, switch.line) | words
            flows.setdefault(switch.thread, []).append({"location": there})
    return [
        {"id": f"{history.callers} {thread + 1}", "locations": locations}
        for thread, locations in sorted(flows.items())
    ]


def location(path: str, line: int) -> dict[str, Any]:
    """Return the SARIF location for a line of a file in the repository."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path)},
            "region": {"startLine": line},
        }
    }
