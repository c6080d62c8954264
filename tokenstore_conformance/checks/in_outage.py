"""How the checks of outages cause an outage, and what a store says in it."""

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
"""So often a call may be refused after an outage: a pool may hold connections that are broken."""

SLOW: Final = 1.0
"""Seconds after which a call counts as waiting for its backend."""


@dataclass
class Claims:
    """What a store said while its backend was out, and so has to be true."""

    stored: list[Record]
    """What was stored before."""
    saved: list[Record] = field(default_factory=list)
    """What it said it saved."""
    answers: dict[object, int] = field(default_factory=dict)
    """By user, which call was the last save."""
    perhaps: list[Record] = field(default_factory=list)
    """What it refused to save: it may be stored or not."""
    durable: bool = True
    """Whether another store saw it."""
    slow: bool = False
    """Whether a call took long: a store that waits for its backend is asked little."""
    asked: set[str] = field(default_factory=set)
    """The methods that were called."""

    def ask(self, store: Subject, request: Request) -> Outcome | None:
        """What the call came to; None where the store waits, and was asked that already."""
        if self.slow and request.method in self.asked:
            return None
        self.asked.add(request.method)
        begun = monotonic()
        outcome = store.try_request(request)
        self.slow = self.slow or monotonic() - begun > SLOW
        return outcome


def outages_of(store: Subject) -> list[Outage]:
    """The ways to put out the backend of a store that holds tokens; raises `NotApplicable`."""
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
    """The files that the store keeps in its directory, in words."""
    directory = store.storage.directory
    files = sorted(str(each.relative_to(directory)) for each in directory.rglob("*"))
    return ", ".join(first_of(files, 5)) if files else "none in the working directory"


@contextmanager
def out(store: Subject, outage: Outage) -> Iterator[None]:
    """The outage. Raises `TargetFailed` if the harness causes it and a new store works as usual."""
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
    except (NotBuilt, TargetFailed):  # not even a store can be opened
        return False
    finally:
        del store.calls[before:]  # what the kit asked for itself


def _listed(store: Subject) -> set[Record] | None:
    """What is listed; None if get_tokens raises."""
    try:
        return set(store.records())
    except ClauseFailed:
        return None


def is_durable(store: Subject) -> bool:
    """Whether another store sees what is stored: else no file in sight is its backend."""
    return bool(reopened(store, "with tokens stored").records())


def in_each_outage(store: Subject, *acts: Callable[[Subject, Outage, Claims], None]) -> None:
    """Do each act on a fresh store that holds two users, with each outage that there is."""
    for first in outages_of(store):
        for act in acts:
            fresh = store.fresh()
            claims = Claims(fresh.given(*two_users(fresh)))
            outage = the_same(first, fresh)
            if outage is not None:
                claims.durable = outage.keeps is False or is_durable(fresh)
                act(fresh, outage, claims)


def the_same(outage: Outage, store: Subject) -> Outage | None:
    """This outage for another store; None where it has none, such as of a log that is empty."""
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
    """The answer to a call when the backend is back, which may take a few tries."""
    for tries in range(1, TRIES + 1):
        try:
            return call()
        except ClauseFailed as failure:
            if tries == TRIES:
                expected = f"{what}, within {TRIES} tries"
                claim = NOT_RAISED if failure.error is not None else ""
                raise ClauseFailed(expected, failure.got, failure.error, claim=claim) from failure
    raise AssertionError("not reached")
