"""LIST and CLEAR: get_tokens and delete_tokens."""

from __future__ import annotations

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    KEPT,
    SAVED,
    holds,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.subject import Subject


@five("LIST-1")
def lists_nothing_on_an_empty_store(store: Subject) -> None:
    listed = store.answer("get_tokens")
    if not isinstance(listed, list) or listed:
        raise ClauseFailed("[] on a new store", str(store.said(listed)))


@five("LIST-2", rests_on=("SAVE-1", "LIST-1"))
def lists_every_record_once(store: Subject) -> None:
    records = [
        *(login(store, f"user{number}") for number in range(12)),
        *(without_grant(store, f"guest{number}") for number in range(4)),
    ]
    for record in records:
        store.save(record)
    listed = store.answer("get_tokens")
    if not isinstance(listed, list):
        raise ClauseFailed("a list", str(store.said(listed)))
    expect.are(
        [store.read_whole(token).only(*KEPT) for token in listed],
        *(record.only(*KEPT) for record in records),
    )


@five("CLEAR-1", rests_on=(*SAVED, "FIND-3"))
def deletes_all(store: Subject) -> None:
    records = [login(store, "anna"), without_grant(store, "bert")]
    for record in records:
        store.save(record)
    store.answer("delete_tokens")
    holds(store)
    for record in records:
        for way, query in queries(record).items():
            expect.nothing_found(store, query, what=f"a deleted token, by {way}")


@five("CLEAR-2", rests_on=SAVED)
def works_on(store: Subject) -> None:
    for _ in range(2):
        store.answer("delete_tokens")
    holds(store)
    store.save(login(store, "anna"))
    holds(store, login(store, "anna"))
    store.answer("delete_tokens")
    store.save(login(store, "bert"))
    holds(store, login(store, "bert"))
