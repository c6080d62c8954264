"""Accepted failures: faults of a store that the user accepts for now, each with a reason.

An entry makes one broken clause green, and nothing else. It fails the run as soon as it is out of
date. A clause that cannot be judged because of an accepted failure is accepted with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tokenstore_conformance.judging.result import Result, Status


@dataclass(frozen=True)
class Known:
    """An entry of the file that ``--tokenstore-known`` names."""

    id: str
    """The clause."""
    reason: str
    target: str | None = None
    """The store that the entry is about; None for every store of the run."""
    expires: date | None = None
    """The first day, in UTC, on which the entry no longer holds."""
    issue: str | None = None
    got: str | None = None
    """Text that the ``got`` of the failure must contain. A different fault is not accepted."""
    file: str = ""
    """The file as the user named it."""
    line: int = 0
    """The first line of the entry, from 1."""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def is_about(self, target: str, clause: str) -> bool:
        return self.id == clause and self.target in (None, target)

    def has_expired(self, today: date) -> bool:
        return self.expires is not None and today >= self.expires

    def fits(self, result: Result) -> bool:
        """Whether the clause fails in the way that was accepted."""
        return self.got is None or _plain(self.got) in _plain(result.got)

    def as_data(self) -> dict[str, Any]:
        """Return the entry as plain data, for JSON."""
        return asdict(self) | {"expires": self.expires.isoformat() if self.expires else None}


@dataclass(frozen=True)
class Outdated:
    """An entry that fails the run."""

    known: Known
    why: str
    """Completes "this run fails: "."""


def accepted(result: Result, entries: Iterable[Known], today: date) -> Known | None:
    """Return the entry that accepts this failure; None if there is none, or nothing failed.

    A failure that ended the judging process cannot be accepted.
    """
    if not result.failed or result.ended_the_process:
        return None
    for each in entries:
        about = each.is_about(result.target, result.clause)
        if about and not each.has_expired(today) and each.fits(result):
            return each
    return None


def outdated(entry: Known, results: Iterable[Result], today: date) -> Outdated | None:
    """Return why an entry fails the run, by the results of its clause on the stores it is about.

    Return None if the entry holds, or if the clause was not judged on any of these stores.
    """
    ran = [each for each in results if each.status in _JUDGED]
    if not ran:
        return None
    if entry.has_expired(today):
        advice = "fix the store, or choose a new date"
        return Outdated(entry, f"{entry.id} was accepted until {entry.expires}: {advice}")
    broken = [each for each in ran if each.status is not Status.PASSED]
    if not broken:
        return Outdated(entry, f"{entry.id} passes now: delete this entry")
    otherwise = [each for each in broken if not entry.fits(each)]
    if otherwise:
        got = otherwise[0].got
        return Outdated(entry, f"{entry.id} fails in a different way than {entry.got!r}: {got}")
    return None


_JUDGED = (Status.PASSED, Status.FAILED, Status.KNOWN)


def _plain(text: str) -> str:
    return " ".join(text.split())
