"""Causes outages for the checks, and records what a store says during one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, TypeVar

from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.failures import (
    NOT_RAISED,
    CannotJudge,
    ClauseFailed,
    NotApplicable,
    TargetFailed,
)
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.guard.limits import Hung
from tokenstore_conformance.plural import first_of
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome
from tokenstore_conformance.target.file_outages import (
    Outage,
    ready_outages,
)
from tokenstore_conformance.target.storage import NotBuilt

TRIES: Final = 5
"""How many tries a call gets after an outage: a pool may hold broken connections."""

SLOW: Final = 1.0
"""Seconds after which a call counts as waiting for its backend."""


@dataclass
class Claims:
    """What a store said during an outage. It must be true."""

    stored: list[Record]
    """What was stored before."""
    saved: list[Record] = field(default_factory=list)
    """What it said it saved."""
    answers: dict[object, int] = field(default_factory=dict)
    """For each user, the index of their last save in the calls of the store."""
    perhaps: list[Record] = field(default_factory=list)
    """What it refused to save. It may be stored or not."""
    durable: bool = True
    """Whether another store sees what was stored before."""
    slow: bool = False
    """Whether a call took long, as in a store that waits for its backend. Then no method is called
    again."""
    asked: set[str] = field(default_factory=set)
    """The methods that were called."""

    def ask(self, store: Subject, request: Request) -> Outcome | None:
        """Make the call and return its outcome, or None if it is not made: see `slow`."""
        if self.slow and request.method in self.asked:
            return None
        self.asked.add(request.method)
        begun = monotonic()
        outcome = store.try_request(request)
        self.slow = self.slow or monotonic() - begun > SLOW
        return outcome


def outages_of(store: Subject) -> list[Outage]:
    """Return the ways to make the store's backend fail. Raises `NotApplicable` if there is none."""
    own = store.storage.outage
    if own is not None:
        during, after = "during outage() of the harness", "after outage() of the harness"
        return [Outage(during, after, own, kind="harness")]
    if not store.records():
        store.given(*two_users(store))
    outages = ready_outages(store.storage)
    if not outages or not is_durable(store):
        raise NotApplicable(
            "the kit cannot cause an outage: it does not know one file with all the tokens "
            f"({_files(store)}); to test this, name a harness with an outage()"
        )
    return outages


def _files(store: Subject) -> str:
    """Return in words the files that the store keeps in its directory."""
    directory = store.storage.directory
    files = sorted(str(each.relative_to(directory)) for each in directory.rglob("*"))
    return ", ".join(first_of(files, 5)) if files else "none in the working directory"


@contextmanager
def out(store: Subject, outage: Outage) -> Iterator[None]:
    """Run the block in an outage. Raises `TargetFailed` if that of a harness has no effect: a new
    store works as usual.
    """
    usual = None if store.storage.outage is None else _listed(store)
    with outage.begin():
        if usual is not None and _works_as_usual(store, usual):
            raise TargetFailed(
                "outage() had no effect: inside it, a new store lists and saves tokens as before"
            )
        store.note(f"outage.begins({outage.kind})")
        try:
            yield
        except Hung as hung:
            hung.during = outage.during
            raise
    store.note("outage.ends()")


def _works_as_usual(store: Subject, usual: set[Record]) -> bool:
    before = len(store.calls)
    try:
        another = store.reopened()
        if _listed(another) != usual:
            return False
        visitor = store.door.to_save(store.door.in_full(user_of(store.door, "visitor")))
        saved = another.try_request(visitor).error is None
        return saved and _listed(another) != usual
    except (NotBuilt, TargetFailed):  # no store can be opened
        return False
    finally:
        del store.calls[before:]  # the kit made these calls for itself


def _listed(store: Subject) -> set[Record] | None:
    """Return what is listed, or None if get_tokens fails."""
    try:
        return set(store.records())
    except ClauseFailed:
        return None


def is_durable(store: Subject) -> bool:
    """Whether another store sees what is stored. If not, the kit does not see its backend."""
    return bool(reopened(store, "with tokens stored").records())


def in_each_outage(store: Subject, *acts: Callable[[Subject, Outage, Claims], None]) -> None:
    """Run each act with each outage, each time on a fresh store that holds two users."""
    for first in outages_of(store):
        for act in acts:
            fresh = store.fresh()
            claims = Claims(fresh.given(*two_users(fresh)))
            outage = the_same(first, fresh)
            if outage is not None:
                claims.durable = outage.keeps is False or is_durable(fresh)
                act(fresh, outage, claims)


def the_same(outage: Outage, store: Subject) -> Outage | None:
    """Return this outage for another store. None if it has none: its log may be empty."""
    return next((each for each in outages_of(store) if each.during == outage.during), None)


def two_users(store: Subject) -> list[Record]:
    return [user_of(store.door, name) for name in ("anna", "bert")]


def reopened(store: Subject, when: str) -> Subject:
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"{when}, another store raises {describe(failure.error)}"
        raise CannotJudge(why, "SHAPE-4") from failure


T = TypeVar("T")


def again(call: Callable[[], T], what: str) -> T:
    """Return the answer to a call after an outage. This may take up to `TRIES` tries."""
    for tries in range(1, TRIES + 1):
        try:
            return call()
        except ClauseFailed as failure:
            if tries == TRIES:
                expected = f"{what}, within {TRIES} tries"
                claim = NOT_RAISED if failure.error is not None else ""
                raise ClauseFailed(expected, failure.got, failure.error, claim=claim) from failure
    raise AssertionError("not reached")
