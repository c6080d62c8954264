"""ISO: no token outside the store is the store's own copy."""

from __future__ import annotations

from functools import partial

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.zcrmsdk.samples import (
    LATER,
    TO_USE,
    carries,
    holds,
    kept,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

CHANGED = Record(
    id="changed",
    user="changed@users.example",
    client_id="changed",
    client_secret="changed",
    refresh_token="changed",
    access_token="changed",
    grant_token="changed",
    expires_in="1",
    redirect_url="https://changed.example",
)


@check("ISO-1", generation="zcrmsdk")
def holds_a_copy_of_what_was_saved(store: Subject) -> None:
    """Changing a token after it was saved changes nothing in the store."""
    for make in (login, without_grant):
        first = make(store, "anna")
        ground = store.fresh()
        ground.given(first)
        ground.save(first.but(expires_in=LATER, access_token="new"))
        if kept(ground, first.but(expires_in=LATER, access_token="new")) not in ground.records():
            raise CannotJudge("a second save does not update the record", "SAVE")

        for changed in (CHANGED, CHANGED.only(*TO_USE)):
            store = store.fresh()
            for record in (first, first.but(expires_in=LATER, access_token="new")):
                store.change(store.save(record), changed)
                _still_holds(store, record, after="the saved token was changed")


@check("ISO-2", generation="zcrmsdk")
def gives_away_copies(store: Subject) -> None:
    """Changing a token that was found or listed changes nothing in the store, and nothing in the
    answer to another call.
    """
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    store.given(anna, bert)
    requests = [
        partial(store.door.to_find, query)
        for query in (*queries(anna).values(), *queries(bert).values())
    ]
    if store.door.by_id:
        requests += [partial(store.door.to_find_by_id, record.id) for record in (anna, bert)]
    for request in requests:
        found, again = store.request(request()), store.request(request())
        before = store.read_whole(again)
        store.change(found, CHANGED)
        _still_holds(store, anna, bert, after="a found token was changed")
        if store.read_whole(again) != before:
            raise ClauseFailed(f"another answer, unchanged: {before}", str(store.read_whole(again)))
    listed = store.answer("get_tokens")
    for token in listed:
        store.change(token, CHANGED)
    if isinstance(listed, list):
        store.empty(listed)
    _still_holds(store, anna, bert, after="listed tokens were changed")


def _still_holds(store: Subject, *records: Record, after: str) -> None:
    try:
        holds(store, *records)
        for record in records:
            for way, query in queries(record).items():
                carries(store.find(query), record, TO_USE, f"by {way}")
    except ClauseFailed as failure:
        raise failure.within(f"after {after}, ") from failure
