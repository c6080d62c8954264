"""ERR-2: a store after an outage of its storage. And how the checks of outages cause one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import lookups, user_of
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, NotApplicable, TargetFailed
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.processes.outages import (
    Outage,
    backed_up,
    damaged,
    has_companions,
    impatient,
    main_file,
    ready_outages,
)
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome
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


@check("ERR-2")
def has_everything_after_an_outage(store: Subject) -> None:
    """When its storage works again, the store holds everything that was saved before, and what it
    saves then is stored. This also holds if its file is replaced by a backup: the store reads and
    writes the new file.
    """
    with impatient():
        in_each_outage(store, _recover)
        if store.storage.outage is None:
            _go_on_after_a_backup(store.fresh())
            _go_on_after_damage(store.fresh())


def outages_of(store: Subject) -> list[Outage]:
    """The ways to put out the backend of a store that holds tokens; raises `NotApplicable`."""
    own = store.storage.outage
    if own is not None:
        return [Outage("during outage() of the harness", "after outage() of the harness", own)]
    if not store.records():
        store.given(*_users(store))
    outages = ready_outages(store.storage)
    if not outages or not _is_durable(store):
        raise NotApplicable(
            "the kit cannot cause an outage, since the store does not keep its tokens in one file "
            f"in its directory ({_files(store)}); to check this, name a harness with an outage()"
        )
    return outages


def _files(store: Subject) -> str:
    """The files that the store keeps in its directory, in words."""
    directory = store.storage.directory
    files = sorted(str(each.relative_to(directory)) for each in directory.rglob("*"))
    more = [f"{len(files) - 5} more"] if len(files) > 5 else []
    return "it has " + ", ".join([*files[:5], *more]) if files else "which is empty"


@contextmanager
def out(store: Subject, outage: Outage) -> Iterator[None]:
    """The outage. Raises `TargetFailed` if the harness causes it and a new store works as usual."""
    usual = None if store.storage.outage is None else _listed(store)
    with outage.begin():
        if usual is not None and _works_as_usual(store, usual):
            raise TargetFailed(
                "outage() had no effect: inside it, a new store lists and saves tokens as before"
            )
        yield


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


def _is_durable(store: Subject) -> bool:
    """Whether another store sees what is stored: else no file in sight is its backend."""
    return bool(_reopened(store, "with tokens stored").records())


def in_each_outage(store: Subject, *acts: Callable[[Subject, Outage, Claims], None]) -> None:
    """Do each act on a fresh store that holds two users, with each outage that there is."""
    for first in outages_of(store):
        for act in acts:
            fresh = store.fresh()
            claims = Claims(fresh.given(*_users(fresh)))
            outage = the_same(first, fresh)
            if outage is not None:
                claims.durable = outage.keeps is False or _is_durable(fresh)
                act(fresh, outage, claims)


def the_same(outage: Outage, store: Subject) -> Outage | None:
    """This outage for another store; None where it has none, such as of a log that is empty."""
    return next((each for each in outages_of(store) if each.during == outage.during), None)


def _users(store: Subject) -> list[Record]:
    return [user_of(store.door, name) for name in ("anna", "bert")]


def _recover(store: Subject, outage: Outage, claims: Claims) -> None:
    with out(store, outage):
        carl = store.door.in_full(user_of(store.door, "carl"))
        finds = [each for record in claims.stored for each in lookups(store.door, record)]
        for request in (store.door.to_save(carl), *finds, Request("get_tokens", ())):
            claims.ask(store, request)
    _holds_and_goes_on(store, claims, outage.after, same_store=outage.keeps)


def _go_on_after_a_backup(store: Subject) -> None:
    """The file is replaced, while the store is open, by a copy that was made of it before."""
    claims = Claims(store.given(*_users(store)))
    path = _file_of(store)
    if path is None:
        return
    restore = backed_up(path)
    store.given(user_of(store.door, "carl"), verified=False)
    sees_others = _sees(store, "emil")
    restore()
    when = "after its file was replaced by a backup"
    if sees_others and not _sees(store, "frida"):
        raise ClauseFailed(
            f"{when}: a record that another store saves then, as before",
            "a listing without it: the store still reads the file that was replaced",
        )
    _holds_and_goes_on(store, claims, when, same_store=True)


def _sees(store: Subject, name: str) -> bool:
    """Whether the store lists what another one saves now; DUR-4 asks for it."""
    record = user_of(store.door, name)
    _reopened(store, "with tokens stored").keep(record)
    return any(_is(each, record) for each in store.records())


def _go_on_after_damage(store: Subject) -> None:
    """The file is damaged where it is, while the store is open, and put right again."""
    claims = Claims(store.given(*_users(store)))
    path = _file_of(store)
    if path is None or has_companions(path):
        return
    _reopened(store, "with tokens stored").keep(user_of(store.door, "carl"))  # so it has to read
    with damaged(path):
        for request in (*lookups(store.door, claims.stored[0]), Request("get_tokens", ())):
            store.try_request(request)
    _holds_and_goes_on(store, claims, "after its file was damaged for a while", same_store=True)


def _file_of(store: Subject) -> Path | None:
    """The one file in which the tokens are, and another store finds them."""
    path = main_file(store.storage.directory)
    return path if path is not None and _is_durable(store) else None


def _holds_and_goes_on(store: Subject, claims: Claims, when: str, *, same_store: bool) -> None:
    """What was saved before is there, and what is saved now."""
    if same_store:  # as its program does
        _holds(store.records, claims.stored, when)
    if claims.durable:
        _holds(lambda: _reopened(store, when).records(), claims.stored, when)
    saver = store if same_store or not claims.durable else _reopened(store, when)
    dora = user_of(store.door, "dora")
    again(lambda: saver.keep(dora), f"{when}: save_token to store again")
    now = f"{when}, and a save"
    if same_store:
        _holds(store.records, [dora], now)
    if claims.durable:
        _holds(lambda: _reopened(store, now).records(), [*claims.stored, dora], now)


def _holds(records: Callable[[], list[Record]], expected: list[Record], when: str) -> None:
    listed = again(records, f"{when}: get_tokens to answer again")
    for record in expected:
        if not any(_is(each, record) for each in listed):
            raise ClauseFailed(
                f"{when}: {record.brief()}, which was saved before",
                f"{expect.count(len(listed))} without it",
            )


def _is(listed: Record, record: Record) -> bool:
    return listed == record if record.id is not None else listed.but(id=None) == record


def _reopened(store: Subject, when: str) -> Subject:
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"{when}, another store raises {describe(failure.error)}"
        raise CannotJudge(why, "SHAPE-4") from failure


T = TypeVar("T")


def again(call: Callable[[], T], what: str) -> T:
    """The answer to a call when the backend is back, which may take a few tries."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except ClauseFailed:
            continue
    try:
        return call()
    except ClauseFailed as failure:
        raise ClauseFailed(f"{what}, within {TRIES} tries", failure.got, failure.error) from failure
