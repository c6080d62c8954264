"""DUR-1: a store that is opened again. And what the other checks of durability share.

A store whose tokens another store does not see is not durable: nothing here applies to it, and
each check finds that out first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import HOUSEHOLD, user_of
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault, Lacking, Raised
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.processes.parent import Gone, Process, raised, started
from tokenstore_conformance.processes.worker import Done, Stopped
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt

PATIENCE: Final = 4
"""A process gets so many times the time limit of a call until it must answer."""

LOOKS: Final = 3
"""After each of so many saves another store is asked: one may write after every second."""


@check("DUR-1")
def is_seen_by_another_store(store: Subject) -> None:
    """A second store over the same storage holds what the first one holds, with one record and with
    many: after delete_tokens, after a deletion, after an update, and with ids that callers chose. A
    store that writes a file and shows no tokens when it is opened again breaks this clause.
    """
    stored: list[Record] = []
    seen: list[list[Record]] = []
    for record in _household(store):
        stored += store.given(record)
        if len(seen) < LOOKS:
            seen.append(_another(store).records())
    again = _another(store)
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
    """Opened again, it has what it had: after updates, deletes, and with ids that callers chose."""
    door = store.door
    for delete in (False, True):
        store = store.fresh()
        anna, bert = (user_of(door, name) for name in ("anna", "bert"))
        chosen = [anna.but(id="caller-1"), bert.but(id="77")] if door.makes_ids else [anna, bert]
        anna, bert = store.given(*chosen)
        anna = anna.but(access_token="anna.second")
        store.save(door.in_full(anna))
        if delete:
            store.request(door.to_delete(door.in_full(bert)))
        before = store.records()
        try:
            expect.are(_another(store).records(), *before)
        except ClauseFailed as failure:
            when = "after an update and a delete" if delete else "after an update"
            raise ClauseFailed(
                f"in another store, {when}: {failure.expected}", failure.got
            ) from None


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


def _another(store: Subject) -> Subject:
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"another store over the same storage raises {describe(failure.error)}"
        raise CannotJudge(why, "SHAPE-4") from failure


def must_be_durable(store: Subject) -> None:
    """Nothing that follows applies to a store whose tokens no other process sees."""
    store.given(user_of(store.door, "anna"))
    if not _another(store).records():
        raise Lacking("not durable: another store over the same storage lists nothing")
    with stores_in_processes(store, 1) as (process,):
        if process.listed() == ():
            raise Lacking("not durable: a store in another process lists nothing")


@contextmanager
def stores_in_processes(store: Subject, count: int) -> Iterator[list[Process]]:
    """Processes with stores over the storage. Their own time limits come first."""
    begun = started(
        store.door.module,
        store.storage,
        store.bench.timeout,
        count,
        lambda record: store.pool.add(store.door, record),
    )
    try:
        with limits.patient(PATIENCE), begun as processes:
            yield processes
    except Gone as gone:
        raise ClauseFailed("an answer from each process that uses the store", str(gone)) from gone


@dataclass(frozen=True)
class Logins:
    """The users of these clauses, as a generation of the SDK has them."""

    door: Door

    def login(self, name: str, nth: int = 0) -> Record:
        """The login of a user, with the nth access token."""
        access = f"{name}.access.{nth}"
        return user_of(self.door, name).but(access_token=access, expires_in=f"{NOW + nth}")


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
