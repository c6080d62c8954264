"""DUR-1: opens the store again, in this process and in another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.lookups import Lookup, asked, asked_there, lookups, said
from tokenstore_conformance.checks.other_stores import (
    another,
    nth_expiry,
    stores_in_processes,
    with_its_id,
)
from tokenstore_conformance.checks.samples import CROWD, EVERY_KIND, user_of
from tokenstore_conformance.failures import (
    CannotJudge,
    ClauseFailed,
    Lacking,
)
from tokenstore_conformance.processes.asking import Answer
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import sizes

LOOKS: Final = 3
"""The number of saves after which another store is asked: one may write every second time."""


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
            contents.are(records, *stored[:number])
        except ClauseFailed as failure:
            raise failure.within(f"in another store, after save number {number}: ") from failure
    contents.holds(again, *stored)
    for record in stored:
        _must_be_found(again, record)

    ways = lookups(store.door, stored)
    asks = [way.ask for way in ways]
    told = [asked(store, ask) for ask in asks]
    _must_answer_alike("in another store", ways, told, [asked(again, ask) for ask in asks])
    with stores_in_processes(store, 1, instead_of=[store, again]) as (process,):
        listed = store.made_good(process.listed())
        if not listed and not _written(store):
            raise Lacking("not durable: a store in another process lists nothing")
        try:
            contents.are(list(listed), *stored)
        except ClauseFailed as failure:
            raise failure.within("in a new process, ") from failure
        _must_answer_alike("in a new process", ways, told, asked_there(store, process, asks))

    _holds_in_any_state(store)
    _holds_many(store.fresh())


def _holds_many(store: Subject) -> None:
    """Save more records than a file, a page or a batch may hold, and save some of them again.

    A store that writes a log may have merged it meanwhile. What is saved again is newer than that.
    """
    count = store.room_for(CROWD)
    numbers = [*range(count), *range(0, count, CROWD // 5)]
    for nth, number in enumerate(numbers):
        record = user_of(store.door, f"user{number}").but(expires_in=nth_expiry(nth))
        if store.try_request(store.door.to_save(store.door.in_full(record))).error is not None:
            return  # other clauses are about that
    _must_list(store, "after many saves")

    stored = store.records()
    for number in range(min(count, LOOKS)):
        user = user_of(store.door, f"user{number}")
        record = store.door.in_full(with_its_id(store.door, user, stored))
        for request in (store.door.to_delete(record), store.door.to_save(record)):
            store.try_request(request)
    _must_list(store, "after many saves, and deletions and saves of the same users")
    store.attempt("delete_tokens")
    if store.records():
        return  # CLEAR-1 is about that
    newcomer = user_of(store.door, "newcomer")
    if store.try_request(store.door.to_save(store.door.in_full(newcomer))).error is None:
        _must_list(store, "after many saves, delete_tokens and a save", newcomer)


def _must_list(store: Subject, when: str, *expected: Record) -> None:
    """Fail unless another store lists these. Without any, it must list what this store lists."""
    listed = another(store).records()
    try:
        contents.are(listed, *(expected or store.records()))
    except ClauseFailed as failure:
        raise failure.within(f"in another store, {when}: ") from None


def _holds_in_any_state(store: Subject) -> None:
    """Fail unless another store has what this one has, after each kind of change.

    The other one is asked first: the next call of this one may write what it left unwritten.
    """
    door = store.door
    store = store.fresh()
    anna, bert, carl, dora = (user_of(door, name) for name in ("anna", "bert", "carl", "dora"))
    chosen = [anna.but(id="caller-1"), bert.but(id="77")] if door.makes_ids else [anna, bert]
    with_an_id = "a save with an id that the caller chose" if door.makes_ids else "a save"
    renewed = chosen[0].but(access_token=zoho_token("anna.second"))
    for what, request in (
        *((with_an_id, door.to_save(door.in_full(each))) for each in chosen),
        ("a save", door.to_save(door.in_full(carl))),
        (
            "a save without a refresh token",
            door.to_save(door.in_full(dora).but(refresh_token=None)),
        ),
        ("an update", door.to_save(door.in_full(renewed))),
        *(
            ("an update by refresh token", door.to_save(each))
            for each in [door.in_full(renewed).but(grant_token=None)] * (not door.makes_ids)
        ),
        ("a deletion", door.to_delete(door.in_full(chosen[1]))),
        ("a save of what was deleted", door.to_save(door.in_full(chosen[1]))),
        ("delete_tokens", Request("delete_tokens", ())),
        ("a save after delete_tokens", door.to_save(door.in_full(chosen[0]))),
    ):
        if store.try_request(request).error is not None:
            continue  # other clauses are about that
        there = f"in another store, after {what}"
        try:
            listed = another(store).records()
        except CannotJudge as why:
            unseen = ClauseFailed(f"{there}: the tokens of the first store", why.reason)
            raise CannotJudge(why.reason, *why.clauses, otherwise=unseen) from why
        try:
            contents.are(listed, *store.records())
        except ClauseFailed as failure:
            raise failure.within(f"{there}: ") from None


def _written(store: Subject) -> list[str]:
    """Return the names of the files that the store wrote in its directory."""
    return sorted(each.name for each in sizes(store.storage.directory))


def _must_be_found(again: Subject, record: Record) -> None:
    """Fail unless a listed record is also found: by its key, and by its id if the store has ids."""
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


def _must_answer_alike(
    where: str, ways: Sequence[Lookup], told: Sequence[Answer], answers: Sequence[Answer]
) -> None:
    """Fail unless another store finds what the first one found, by each key and by id.

    A listing does not show an index that is only filled by saves, or that only one process can
    read, such as one that uses `hash`.
    """
    for way, wanted, answer in zip(ways, told, answers, strict=True):
        if wanted.records and answer != wanted:
            raise ClauseFailed(f"{where}, {way.words}: {said(wanted)}", said(answer))


def _household(store: Subject) -> list[Record]:
    """Return records of every kind that stores of this generation know."""
    if store.door.makes_ids:
        return list(EVERY_KIND)
    return [user_of(store.door, f"user{each}") for each in range(8)]


def _raise_for_nothing(store: Subject) -> NoReturn:
    """Raise `Lacking` if the store wrote no file. If it wrote one, it lost its tokens: fail."""
    written = _written(store)
    if not written:
        raise Lacking("not durable: another store over the same storage lists nothing")
    raise ClauseFailed(
        "the tokens in another store over the same storage",
        f"none, though the store wrote {', '.join(written[:3])}; is a commit or a flush missing?",
    )
