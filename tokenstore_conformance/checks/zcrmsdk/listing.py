"""LIST and CLEAR: get_tokens and delete_tokens."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.by_id import is_no_id
from tokenstore_conformance.checks.zcrmsdk.cast import (
    KEPT,
    LATER,
    TO_USE,
    carries,
    found,
    holds,
    kept,
    login,
    queries,
    readable,
    without_grant,
)
from tokenstore_conformance.checks.zcrmsdk.delete import is_gone
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.subject import Subject

MANY: Final = 110
"""So many logins: a store that keeps, lists or deletes a hundred at most has a limit."""


@five("LIST-1")
def lists_nothing_on_an_empty_store(store: Subject) -> None:
    listed = store.answer("get_tokens")
    if not isinstance(listed, list) or listed:
        raise ClauseFailed("[] on a new store", str(store.said(listed)))
    store.try_request(store.door.to_save(login(store, "anna")))
    store.attempt("delete_tokens")
    listed = store.answer("get_tokens")
    if not isinstance(listed, list):
        raise ClauseFailed("[] on a store that was emptied", str(store.said(listed)))
    store.try_request(store.door.to_save(login(store, "anna")))
    store.try_request(store.door.to_delete(login(store, "anna")))
    listed = store.answer("get_tokens")
    if not isinstance(listed, list):
        raise ClauseFailed("[] when the last login was deleted", str(store.said(listed)))


@five("LIST-2")
def lists_every_record_once(store: Subject) -> None:
    records = [
        *(login(store, f"user{number}") for number in range(MANY)),
        *(without_grant(store, f"guest{number}") for number in range(4)),
    ]
    store.given(*records)
    listed = store.answer("get_tokens")
    if not isinstance(listed, list):
        raise ClauseFailed("a list", str(store.said(listed)))
    expect.are(
        [kept(store, store.read_whole(token)) for token in listed],
        *(kept(store, record) for record in records),
    )
    _lists_relatives(store.fresh())


def _lists_relatives(store: Subject) -> None:
    """Of logins with the same user or the same client each that is found is listed."""
    anna = login(store, "anna")
    client = anna.only("client_id", "client_secret")
    other = anna.but(client_id="other.client", access_token="other.access")
    records = [anna, other, login(store, "bert").updated_by(client)]
    if store.door.by_id:
        records = [each.but(id=f"python_relative_{n}") for n, each in enumerate(records)]
    store.given(*records, verified=False)
    listed = [kept(store, each) for each in map(store.read_whole, store.answer("get_tokens"))]
    for record in records:
        answers = [found(store, query) for query in queries(record).values()]
        is_stored = all(each and each.access_token == record.access_token for each in answers)
        if is_stored and kept(store, record) not in listed:
            raise ClauseFailed(f"among what is listed {kept(store, record)}", "none like it")


@five("LIST-3")
def lists_refresh_tokens(store: Subject) -> None:
    records = [login(store, "anna"), without_grant(store, "bert"), login(store, "carl")]
    store.given(*records)
    expect.are(
        [each.only(*KEPT) for each in readable(store)], *(each.only(*KEPT) for each in records)
    )


@five("CLEAR-1")
def deletes_all(store: Subject) -> None:
    records = [
        *(login(store, f"user{number}") for number in range(MANY)),
        without_grant(store, "bert"),
    ]
    store.given(*records)
    store.answer("delete_tokens")
    holds(store)
    for record in (records[0], *records[-2:]):
        is_gone(store, record)
        if store.door.by_id:
            is_no_id(store, str(record.id))


@five("CLEAR-2")
def works_on(store: Subject) -> None:
    try:
        _works(store.fresh())
    except ClauseFailed as failure:
        why = "a store that was never cleared does not work either"
        raise CannotJudge(why, "SAVE", "FIND", "DEL", "LIST", otherwise=failure) from failure

    store = store.fresh()
    for _ in range(2):
        store.answer("delete_tokens")
    holds(store)
    store.save(login(store, "anna"))
    holds(store, login(store, "anna"))
    store.answer("delete_tokens")
    _works(store)


def _works(store: Subject) -> None:
    """An empty store takes logins, updates, finds and deletes them."""
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    for record in (anna, bert):
        store.save(record)
    anna = anna.but(access_token="new", expires_in=LATER)
    store.save(anna)
    holds(store, anna, bert)
    for record in (anna, bert):
        for way, query in queries(record).items():
            carries(store.find(query), record, TO_USE, f"after delete_tokens, found by {way}")
    store.request(store.door.to_delete(anna))
    holds(store, bert)
