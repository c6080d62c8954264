"""A verdict as objects, read from its JSON. All formats but JSON and the terminal use it.

`read` takes the data of `json_file.report`, from this run or from a file of an earlier one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from tokenstore_conformance.contract import GRADES, Harm
from tokenstore_conformance.failures import Call
from tokenstore_conformance.history import History, Snapshot
from tokenstore_conformance.judging.result import Location, Status
from tokenstore_conformance.judging.result_data import (
    call_from_data,
    history_from_data,
    snapshot_from_data,
)
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report.formats import NotAReport

SCHEMA: Final = "tokenstore-conformance/1"


@dataclass(frozen=True)
class Accepted:
    """Why a failure is accepted. A field is "" if the entry does not have it."""

    reason: str
    expires: str = ""
    """The first day on which the failure is no longer accepted."""
    issue: str = ""

    @property
    def notes(self) -> list[str]:
        """Until when the failure is accepted, and its issue, if known."""
        until = [f"until {self.expires}"] if self.expires else []
        return [*until, self.issue] if self.issue else until


@dataclass(frozen=True)
class OutdatedEntry:
    """An entry of the file of accepted failures that fails the run, and where to find it."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(frozen=True)
class ClauseView:
    """What became of one clause on one store."""

    id: str
    level: str
    status: Status
    sentence: str
    why: str
    fix: str
    effect: str
    capability: str | None = None
    sources: tuple[str, ...] = ()
    message: str = ""
    expected: str = ""
    got: str = ""
    causes: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    history: History | None = None
    snapshots: tuple[Snapshot, ...] = ()
    location: Location | None = None
    stacks: str = ""
    trace: str = ""
    output: str = ""
    reached: str = ""
    """How far it got, if it ended early because the store is slow."""
    target_failed: bool = False
    """Whether it was not judged because of something around the store, such as its harness."""
    script: str = ""
    page: str = ""
    check: str = ""
    accepted: Accepted | None = None
    accepted_with: tuple[str, ...] = ()
    """The accepted failures that explain it, or that leave it without a judgement."""

    @property
    def failed(self) -> bool:
        """Whether the store breaks the clause, and no entry accepts that."""
        return self.status is Status.FAILED

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]

    @property
    def gravity(self) -> int:
        """The rank of its harm among the grades; 0 is the worst."""
        harm = GRADES.get(self.effect)
        return len(Harm) if harm is None else list(Harm).index(harm)


@dataclass(frozen=True)
class StoreView:
    """The verdict on one store."""

    target: str
    word: str
    """One of conformant, not-conformant, known-deviations and incomplete."""
    sdk: str
    generation: str
    strict: bool
    required: tuple[str, ...]
    clauses: tuple[ClauseView, ...]
    left_out: tuple[str, ...] = ()
    """How many clauses were left out, and because of what, in words."""
    outdated: tuple[OutdatedEntry, ...] = ()
    capabilities: dict[str, bool | None] = field(default_factory=dict)

    @property
    def failures(self) -> list[ClauseView]:
        """The clauses that the store breaks, the worst first."""
        return sorted(self.with_status(Status.FAILED), key=lambda each: each.gravity)

    @property
    def is_complete(self) -> bool:
        """Whether all clauses were part of the run."""
        return self.word != "incomplete" and not self.with_status(Status.NOT_RUN)

    @property
    def target_failures(self) -> list[ClauseView]:
        """The clauses not judged because of something around the store, such as its harness."""
        return [each for each in self.clauses if each.target_failed]

    @property
    def ended_early(self) -> str:
        """The clauses that ended early because the store is slow, and how far each got, or ""."""
        return ", ".join(f"{each.id} after {each.reached}" for each in self.clauses if each.reached)

    def with_status(self, *statuses: Status) -> list[ClauseView]:
        return [each for each in self.clauses if each.status in statuses]

    def fails_the_run(self, clause: ClauseView) -> bool:
        """Whether a failure of this clause fails the run."""
        return self.strict or clause.level == "MUST"

    def effects(self) -> dict[str, list[str]]:
        """Return what the store does to its users, worst first, and the clauses that show it."""
        found: dict[str, list[str]] = {}
        for clause in self.failures:
            found.setdefault(clause.effect, []).append(clause.id)
        return found


@dataclass(frozen=True)
class ReportView:
    """The verdicts of a run."""

    kit: str
    contract: str
    stores: tuple[StoreView, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """What else is known about the run, such as when it started: names and values."""

    @property
    def is_complete(self) -> bool:
        return bool(self.stores) and all(each.is_complete for each in self.stores)


def read(data: Any, name: str = "the report") -> ReportView:
    """Return the report as objects; raises `NotAReport`."""
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise NotAReport(f"{name} is not a report of this kit: its schema is not {SCHEMA!r}")
    try:
        return ReportView(
            data["kit"], data["contract"], tuple(map(_store, data["stores"])), _facts(data)
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise damaged(name, error) from None


def damaged(name: str, error: Exception) -> NotAReport:
    """Return the error for a report that cannot be read, which says what is wrong."""
    what = f"{type(error).__name__}: {error}"
    return NotAReport(f"{name} is damaged, or of another version of this kit ({what})")


_FACTS: Final = {"started": "started", "python": "Python", "platform": "platform"}


def _facts(data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = ((words, str(data[name])) for name, words in _FACTS.items() if data.get(name))
    return tuple((words, in_minutes(value)) for words, value in found)


def in_minutes(text: str) -> str:
    """Return a UTC time, to the minute, as people write it; any other text as it is."""
    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d\+00:00", text)
    return f"{moment[1]} {moment[2]} UTC" if moment else text


def _store(data: dict[str, Any]) -> StoreView:
    sdk = data.get("sdk")
    return StoreView(
        target=data["target"],
        word=data["verdict"],
        sdk=f"{sdk['distribution']} {sdk['version']}" if sdk else "",
        generation=data["generation"],
        strict=data["strict"],
        required=tuple(data["required"]),
        clauses=tuple(map(_clause, data["clauses"])),
        left_out=tuple(
            f"{counted(len(each['clauses']), 'clause')} because of {each['by']}"
            for each in data["left_out"]
        ),
        outdated=tuple(
            OutdatedEntry(str(each.get("file", "")), int(each.get("line", 1)), str(each["why"]))
            for each in data.get("outdated", ())
        ),
        capabilities=dict(data["capabilities"]),
    )


def _clause(data: dict[str, Any]) -> ClauseView:
    history, location, accepted = (data.get(each) for each in ("history", "location", "known"))
    return ClauseView(
        id=data["id"],
        level=data["level"],
        status=Status(data["status"]),
        sentence=data["sentence"],
        why=data["why"],
        fix=data["fix"],
        effect=data["effect"],
        capability=data["capability"],
        sources=tuple(data["sources"]),
        message=data["message"],
        expected=data["expected"],
        got=data["got"],
        causes=tuple(data["causes"]),
        calls=tuple(map(call_from_data, data["session"])),
        history=history_from_data(history) if history else None,
        snapshots=tuple(map(snapshot_from_data, data.get("snapshots", ()))),
        location=Location(**location) if location else None,
        stacks=data["stacks"],
        trace=data["trace"],
        output=data["output"],
        reached=data.get("reached", ""),
        target_failed=data.get("target_failed", False),
        script=data["reproduce"],
        page=data["page"],
        check=data["check"],
        accepted=_accepted(accepted) if accepted else None,
        accepted_with=tuple(data.get("accepted_with", ())),
    )


def _accepted(data: dict[str, Any]) -> Accepted:
    return Accepted(*(str(data.get(each) or "") for each in ("reason", "expires", "issue")))
