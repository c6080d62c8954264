"""DEL: a login is deleted by its user's email, its client and its token."""

from __future__ import annotations

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    SAVED,
    holds,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.subject import Subject


@five("DEL-1", rests_on=(*SAVED, "FIND-3"))
def deletes_that_record(store: Subject) -> None:
    present = [
        *(login(store, name) for name in ("anna", "bert", "carl")),
        *(without_grant(store, name) for name in ("dora", "emil")),
    ]
    for record in present:
        store.save(record)
    while present:
        gone = present.pop(len(present) // 2)
        store.request(store.door.to_delete(gone))
        holds(store, *present)
        for way, query in queries(gone).items():
            expect.nothing_found(store, query, what=f"a deleted token, by {way}")


@five("DEL-2", rests_on=SAVED)
def deletes_nothing_else(store: Subject) -> None:
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    nobody = login(store, "nobody")
    for filled in (False, True):
        if filled:
            store.save(anna)
            store.save(bert)
        strangers = [nobody, without_grant(store, "nobody")]
        for record in (anna, bert):
            key = "grant_token" if record.grant_token else "refresh_token"
            strangers += [
                record.but(user=nobody.user),
                record.but(client_id="no.client"),
                record.but(**{key: "no.such.token"}),
                record.but(**{key: "x' or '1'='1"}),
                record.but(**{key: "%"}),
            ]
        for stranger in strangers:
            before = store.records()
            # The rest of a login may identify another record of several: only the key is given.
            key = "grant_token" if stranger.grant_token else "refresh_token"
            token = stranger.only("user", "client_id", "client_secret", key)
            outcome = store.try_request(store.door.to_delete(token))
            what = "a token that matches nothing"
            expect.silent_or_refused(outcome, store, what=what)
            expect.same_records(store, before, after=f"delete_token of {what}")


@five("DEL-3", rests_on=(*SAVED, "DEL-1"))
def can_be_saved_again(store: Subject) -> None:
    for record in (login(store, "anna"), without_grant(store, "bert")):
        store.save(record)
        store.request(store.door.to_delete(record))
        store.save(record)
    holds(store, login(store, "anna"), without_grant(store, "bert"))
