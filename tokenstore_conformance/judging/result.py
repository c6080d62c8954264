"""The `Result` of one clause on one store, from the run of its check to the last report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from tokenstore_conformance.contract import ENDS_IT, FIXES, HANGS, WHYS, Clause, Level
from tokenstore_conformance.failures import NO_FAULT, Call, Fault
from tokenstore_conformance.history import History, Snapshot


class Status(str, Enum):
    """How a clause turned out."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN = "known"
    """The store breaks it, and the user accepts that for now."""
    EXPLAINED = "explained"
    """It failed, but only because of other clauses that the store breaks."""
    NOT_JUDGED = "not-judged"
    """It could not be tested: the store may keep the clause or break it."""
    NOT_APPLICABLE = "not-applicable"
    """It asks nothing of this store."""
    NOT_RUN = "not-run"
    """It was not part of the run, or the run ended before it."""

    def __str__(self) -> str:
        return self.value


class Location(NamedTuple):
    """A place in the code of a store."""

    file: str
    line: int
    function: str


@dataclass(frozen=True)
class Result:
    """How one clause turned out on one target."""

    target: str
    clause: str
    """The id of the clause."""
    level: Level
    """What breaking the clause means for this store in this run."""
    status: Status
    reason: str = ""
    """One line on the status, such as why the clause was not judged or does not apply."""
    effect: str = ""
    """If it failed, what that does to users: a phrase of `GRADES`."""
    expected: str = ""
    got: str = ""
    """If it failed, ``expected`` and ``got`` complete "expected ...; got ..."."""
    calls: tuple[Call, ...] = ()
    """The calls on the store that led to a failure, in order."""
    location: Location | None = None
    """The place in the store's code that shows the failure best."""
    history: History | None = None
    """What several threads did at the same time, if that led to the failure."""
    snapshots: tuple[Snapshot, ...] = ()
    """What the store and the model held after the last calls of a failed sequence."""
    stacks: str = ""
    """The stacks of threads that do not end."""
    trace: str = ""
    """The traceback of what the store raised, without the kit's own frames."""
    fault: Fault = NO_FAULT
    """What can explain the failures of other clauses. Not in any report."""
    claim: str = ""
    """Python that the script asserts, if the check provides it. Not in any report."""
    output: str = ""
    """The end of what the store printed and logged during the check."""
    reached: str = ""
    """If the clause ended early, how far it got, such as "21 of 50 sequences". Up to there, the
    store keeps it."""
    hung: bool = False
    """Whether a call did not return in time."""
    ended_the_process: bool = False
    """Whether the judging process died in this clause or had to be killed. The run then fails."""
    causes: tuple[str, ...] = ()
    """The broken clauses that explain this one, or that keep it from being judged."""
    target_failed: bool = False
    """Whether it was not judged because of something around the store, such as its harness."""
    lacking: bool = False
    """Whether the store does not have the capability that the clause is about."""
    seconds: float = 0.0
    script: str = ""
    """Python source that repeats the calls of a failure; "" if there is none."""
    check: str = ""
    """The file and the line of the check; "" if it was not run."""

    @property
    def page(self) -> str:
        """Where the documentation describes the clause, such as "docs/contract.md#save-2"."""
        return f"docs/contract.md#{self.clause.lower()}"

    @property
    def failed(self) -> bool:
        """Whether the store breaks the clause, and no other clause explains it."""
        return self.status is Status.FAILED

    @property
    def broken(self) -> bool:
        """Whether the store breaks the clause by itself, accepted or not."""
        return self.status in (Status.FAILED, Status.KNOWN)

    @property
    def outcome(self) -> str:
        """The status as one of four words: passed, failed, known or skipped."""
        return "skipped" if self.status in _SKIPPED else str(self.status)

    @property
    def excuse(self) -> str:
        """Why the clause is explained or not judged; "" if it is neither."""
        return self.reason if self.status in (Status.EXPLAINED, Status.NOT_JUDGED) else ""

    @property
    def inapplicable(self) -> str:
        """Why the clause asks nothing of this store; "" if it applies."""
        return self.reason if self.status is Status.NOT_APPLICABLE else ""

    @property
    def message(self) -> str:
        """In one line, why it did not pass, or ended early; "" if it passed in full."""
        if self.broken:
            return f"expected {self.expected}; got {self.got}"
        return self.reason


_SKIPPED: Final = (Status.EXPLAINED, Status.NOT_JUDGED, Status.NOT_APPLICABLE, Status.NOT_RUN)


def effect_of(clause: Clause, result: Result) -> str:
    """Return what a failure does to users."""
    if result.ended_the_process and not result.hung:
        return ENDS_IT
    return HANGS if result.hung else result.effect or clause.effect


def why_of(clause: Clause, result: Result) -> str:
    """Return why a store that fails in this way should be fixed."""
    return WHYS.get(effect_of(clause, result), clause.why)


def fix_of(clause: Clause, result: Result) -> str:
    """Return how a store that fails in this way is usually fixed."""
    return FIXES.get(effect_of(clause, result), clause.fix)


def where(result: Result) -> str:
    """Return where to read about the clause and its check, in words."""
    if not result.check:
        return result.page
    return f"{result.page}, checked in {result.check.removeprefix('tokenstore_conformance/')}"
