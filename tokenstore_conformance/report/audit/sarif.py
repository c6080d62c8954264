"""An audit as SARIF 2.1.0. All kinds of harm are rules: so an alert closes when it is gone."""

from __future__ import annotations

from typing import Any

from tokenstore_conformance.live.findings import Kind
from tokenstore_conformance.report.audit.view import Audited, FindingView, message, read
from tokenstore_conformance.report.findings import fingerprint, path_of
from tokenstore_conformance.report.sarif import document, location


def text(data: dict[str, Any]) -> str:
    """Return the SARIF log of an audit."""
    audit = read(data)
    rules = {each.id: _rule(each.id, each.words, each.consequence) for each in Kind}
    for store in audit.stores:
        for each in store.findings:  # another version of the kit may have other kinds
            rules.setdefault(each.kind, _rule(each.kind, each.what, each.consequence))
    numbers = {name: number for number, name in enumerate(rules)}
    results = [
        _result(store, each, numbers[each.kind])
        for store in audit.stores
        for each in store.findings
    ]
    invocation = {"executionSuccessful": True}
    category = "tokenstore-conformance-audit/"
    return document(category, audit.kit, list(rules.values()), results, invocation)


def _rule(id: str, what: str, consequence: str) -> dict[str, Any]:
    sentence = f"{what[:1].upper()}{what[1:]}."
    return {
        "id": id,
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": f"{sentence} {consequence}"},
        "help": {"text": consequence, "markdown": f"**{what}**: {consequence}"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["token-store", "audit"]},
    }


def _result(store: Audited, finding: FindingView, rule: int) -> dict[str, Any]:
    parts = (store.target, finding.kind, finding.records, finding.detail)
    return {
        "ruleId": finding.kind,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": message(store, finding)},
        "locations": [location(path_of(store.target), 1)],
        "partialFingerprints": {"tokenstoreAudit/v1": fingerprint(*parts)},
    }
