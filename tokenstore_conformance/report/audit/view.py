"""An audit as objects, read from its JSON. All formats but JSON and the terminal use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenstore_conformance.plural import counted
from tokenstore_conformance.report.formats import AUDIT, NotAReport, is_audit
from tokenstore_conformance.report.view import damaged, in_minutes
from tokenstore_conformance.report.visible import in_one_line


@dataclass(frozen=True)
class FindingView:
    """A problem, in words."""

    kind: str
    what: str
    """The kind in a few words."""
    consequence: str
    records: str
    """The records, masked; "" for the store as a whole."""
    detail: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.records, self.detail or self.what)))


@dataclass(frozen=True)
class Audited:
    """What was found in a store."""

    target: str
    sdk: str
    generation: str
    tokens: int
    findings: tuple[FindingView, ...]
    notes: tuple[str, ...]

    @property
    def answer(self) -> str:
        """What was found, in a few words."""
        found = counted(len(self.findings), "problem") if self.findings else "no problems found"
        return f"{found} in {counted(self.tokens, 'token')}"

    @property
    def by_kind(self) -> dict[str, list[FindingView]]:
        found: dict[str, list[FindingView]] = {}
        for each in self.findings:
            found.setdefault(each.kind, []).append(each)
        return found


@dataclass(frozen=True)
class AuditView:
    """The audits of a run."""

    kit: str
    started: str
    stores: tuple[Audited, ...]

    @property
    def headline(self) -> str:
        """The result of the audits in a sentence."""
        harmful = [each for each in self.stores if each.findings]
        if len(self.stores) != 1:
            return f"{len(harmful)} of {len(self.stores)} stores harm somebody"
        (store,) = self.stores
        return f"problems in {store.target}" if harmful else f"no problems found in {store.target}"


def message(store: Audited, finding: FindingView) -> str:
    """Return a finding in one line, for viewers of findings."""
    return in_one_line(f"{store.target}: {finding.what}: {finding}. {finding.consequence}")


def read(data: Any, name: str = "the report") -> AuditView:
    """Return the report of an audit as objects; raises `NotAReport`."""
    if not is_audit(data):
        raise NotAReport(f"{name} is not an audit of this kit: its schema is not {AUDIT!r}")
    try:
        stores = tuple(map(_store, data["stores"]))
        return AuditView(data["kit"], in_minutes(data["started"]), stores)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise damaged(name, error) from None


def _store(data: dict[str, Any]) -> Audited:
    sdk = data["sdk"]
    return Audited(
        target=data["target"],
        sdk=f"{sdk['distribution']} {sdk['version']}" if sdk else "",
        generation=data["generation"],
        tokens=data["tokens"],
        findings=tuple(_finding(each) for each in data["findings"]),
        notes=tuple(data["notes"]),
    )


def _finding(data: dict[str, Any]) -> FindingView:
    names = ("kind", "what", "consequence", "records", "detail")
    return FindingView(**{name: data[name] for name in names})
