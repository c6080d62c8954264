"""DUR-1: a store that is opened again. And what the other checks of durability share.

A store whose tokens another store does not see is not durable: nothing here applies to it, and
each check finds that out first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import HOUSEHOLD, user_of
from tokenstore_conformance.failures import (
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
    Raised,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.processes.parent import (
    Gone,
    NotBuiltThere,
    Process,
    raised,
    started,
)
from tokenstore_conformance.processes.worker import Done, Stopped
from tokenstore_conformance.records import NOW, Record, zoho_token
from tokenstore_conformance.sdk import Door, Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt
from tokenstore_conformance.target.storages import emptied

PATIENCE: Final = 4
"""A process gets so many times the time limit of a call until it must answer."""

LOOKS: Final = 3
"""After each of so many saves another store is asked: one may write after every second."""


@check("DUR-1")
def is_seen_by_another_store(store: Subject) -> None:
    """A second store over the same storage, also one in another process, holds what the first one
    holds, with one record and with many: after delete_tokens, after a deletion, after an update,
    and with ids that callers chose. A store that writes a file and shows no tokens when it is
    opened again breaks this clause.
    """
    stored: list[Record] = []
    seen: list[list[Record]] = []
    for record in _household(store):
        stored += store.given(record)
        if len(seen) < LOOKS:
            seen.append(another(store).records())
    again = another(store)
    if not again.records():
        _raise_for_nothing(store)
    for number, records in enumerate(seen, 1):
        try:
            expect.are(records, *stored[:number])
        except ClauseFailed as failure:
            where = f"in another store, after save number {number}"
            raise ClauseFailed(f"{where}: {failure.expected}", failure.got) from failure
    expect.holds(again, *stored)
    for record in stored:
        _is_found(again, record)

    with stores_in_processes(store, 1) as (process,):
        listed = store.made_good(process.listed())
        if not listed and not _written(store):
            raise Lacking("not durable: a store in another process lists nothing")
        try:
            expect.are(list(listed), *stored)
        except ClauseFailed as failure:
            raise ClauseFailed(f"in a new process, {failure.expected}", failure.got) from failure

    _holds_in_any_state(store)


def _holds_in_any_state(store: Subject) -> None:
    """After each change another store has what this one has, also with ids that callers chose.

    The other one is asked first: the next call of this one may write what it left unwritten.
    """
    door = store.door
    store = store.fresh()
    anna, bert, carl = (user_of(door, name) for name in ("anna", "bert", "carl"))
    chosen = [anna.but(id="caller-1"), bert.but(id="77")] if door.makes_ids else [anna, bert]
    anna, bert = store.given(*chosen)
    renewed = anna.but(access_token=zoho_token("anna.second"))
    for what, request in (
        ("a save", door.to_save(door.in_full(carl))),
        ("an update", door.to_save(door.in_full(renewed))),
        ("a deletion", door.to_delete(door.in_full(bert))),
        ("delete_tokens", Request("delete_tokens", ())),
    ):
        if store.try_request(request).error is not None:
            continue  # other clauses are about that
        listed = another(store).records()
        try:
            expect.are(listed, *store.records())
        except ClauseFailed as failure:
            where = f"in another store, after {what}"
            raise ClauseFailed(f"{where}: {failure.expected}", failure.got) from None


def _written(store: Subject) -> list[str]:
    """The names of the files that the store wrote in its directory."""
    return sorted(each.name for each in store.storage.directory.rglob("*") if each.is_file())


def _is_found(again: Subject, record: Record) -> None:
    """Not only listed: by its key, and by its id where the store makes ids."""
    door = again.door
    key = door.key(door.in_full(record))
    if key.items():
        found = again.find(key)
        used = None if found is None else door.used(found)
        expect.complete(
            used, door.used(record), door.used(key), what="in another store, found by its key"
        )
    if door.makes_ids and record.id is not None:
        found = again.find_by_id(record.id)
        expect.complete(found, record, Record(), what="in another store, found by its id")


def _household(store: Subject) -> list[Record]:
    """Records of every kind that a store of this generation knows."""
    if store.door.makes_ids:
        return list(HOUSEHOLD)
    return [user_of(store.door, f"user{each}") for each in range(8)]


def _raise_for_nothing(store: Subject) -> NoReturn:
    """A store in memory alone is not durable. One that wrote something lost what it wrote."""
    written = _written(store)
    if not written:
        raise Lacking("not durable: another store over the same storage lists nothing")
    raise ClauseFailed(
        "the tokens in another store over the same storage",
        f"none, though the store wrote {', '.join(written[:3])}; is a commit or a flush missing?",
    )


def another(store: Subject) -> Subject:
    """Another store over the same storage."""
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"another store over the same storage raises {describe(failure.error)}"
        if not failure.in_store:
            raise NotApplicable(f"what the target does around the store fails: {why}") from failure
        raise CannotJudge(why, "SHAPE-4") from failure


def must_be_seen(store: Subject) -> None:
    """Nothing that follows applies to a store whose tokens no other store sees."""
    store.given(user_of(store.door, "anna"))
    if not another(store).records():
        raise Lacking("not durable: another store over the same storage lists nothing")


def must_be_durable(store: Subject) -> None:
    """Nothing that follows applies to a store whose tokens no other process sees."""
    must_be_seen(store)
    with stores_in_processes(store, 1) as (process,):
        if process.listed() == ():
            raise Lacking("not durable: a store in another process lists nothing")


@contextmanager
def stores_in_processes(store: Subject, count: int) -> Iterator[list[Process]]:
    """Processes with stores over the storage. Their own time limits come first.

    A store that another process can build over nothing, but not over this storage, breaks DUR-1.
    """
    begun = started(
        store.door.module,
        store.storage,
        store.bench.timeout,
        count,
        lambda record: store.pool.add(store.door, record),
    )
    try:
        with limits.patient(PATIENCE), ExitStack() as stack:
            try:
                processes = stack.enter_context(begun)
            except NotBuiltThere as why:
                if _can_be_built_there(store, why):
                    raise _cannot_read(why) from why
                raise
            yield processes
    except Gone as gone:
        raise ClauseFailed("an answer from each process that uses the store", str(gone)) from gone


def _can_be_built_there(store: Subject, why: NotBuiltThere) -> bool:
    """Whether another process can build a store where nothing was written yet.

    If not, that says nothing of the store: its module may exist in this process alone, or its
    factory may need what only this process has.
    """
    if not (why.built.in_store or why.built.hung):
        return False
    storages = store.bench.storages
    storage = storages.fresh()
    if storages.shared or storages.target.harness:  # no other place, or one that has to be set up
        emptied(storage.build(), store.door)
    storage.directory.mkdir(parents=True, exist_ok=True)
    try:
        with started(store.door.module, storage, store.bench.timeout, 1):
            return True
    except (NotApplicable, Gone):
        return False


def _cannot_read(why: NotBuiltThere) -> CannotJudge:
    got = f"the exception {why.built.error}"
    failure = ClauseFailed("a store in another process over what this one wrote", got)
    return CannotJudge(f"{failure.expected} raises {why.built.error}", "DUR-1", otherwise=failure)


def nth_expiry(nth: int) -> str:
    """An hour ahead, and another one for each of the access tokens of a user."""
    return str(NOW + 3_600_457 + nth)


@dataclass(frozen=True)
class Logins:
    """The users of these clauses, as a generation of the SDK has them."""

    door: Door

    def login(self, name: str, nth: int = 0) -> Record:
        """The login of a user, with the nth access token."""
        access = f"{name}.access.{nth}"
        return user_of(self.door, name).but(access_token=access, expires_in=nth_expiry(nth))


def done(answer: Done | Stopped) -> Done:
    assert isinstance(answer, Done)
    if answer.error:
        fault = Fault(Raised.described("save_token", answer.error))
        raise ClauseFailed(
            "a save in one of several processes not to raise", raised(answer), fault=fault
        )
    return answer


def named(users: list[Any]) -> str:
    more = [f"{len(users) - 5} more"] if len(users) > 5 else []
    return ", ".join([*map(str, users[:5]), *more])
