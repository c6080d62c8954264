"""RES: the calls after which a store with six methods must have nothing left open."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.resources import piles_up_nothing, save_as_before
from tokenstore_conformance.checks.samples import UNKNOWN_IDS, person
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject


@check("RES-1", generation="zohocrmsdk")
def leaves_nothing_open(store: Subject) -> None:
    """1,500 calls leave no more files, connections or threads open than 150 calls, and calls from
    80 short-lived threads no more than from 40. The store still saves.
    """
    piles_up_nothing(store, _make_round)


def _make_round(store: Subject, number: int) -> int:
    """Make every kind of call on an empty store, empty it again, and return how many calls."""
    before = len(store.calls)
    record = person(f"user{number % 3}")
    token = store.door.build(record)
    save_as_before(store, lambda: store.attempt("save_token", token), number)
    id = store.read_whole(token).id
    store.attempt(
        "save_token", store.door.build(record.but(access_token=zoho_token(f"access{number}")))
    )
    store.attempt("save_token", store.door.build(Record(user=zoho_user("nobody"))))
    for query in (
        *keys_of(record).values(),
        record.only("id").but(id=id),
        Record(user=zoho_user("nobody")),
    ):
        store.attempt("find_token", store.door.build(query))
    for one in (id, UNKNOWN_IDS[0]):
        store.attempt("find_token_by_id", one)
    store.attempt("get_tokens")
    for one in (UNKNOWN_IDS[0], id):
        store.attempt("delete_token", one)
    store.attempt("delete_tokens")
    return len(store.calls) - before
