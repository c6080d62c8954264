"""RES: the calls after which a store for the five methods must have nothing left open."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.resources import piles_up_nothing, save_as_before
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.records import zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


@check("RES-1", generation="zcrmsdk")
def leaves_nothing_open(store: Subject) -> None:
    """1,500 calls leave no more files, connections or threads open than 150 calls, and the store
    still saves.
    """
    piles_up_nothing(store, _make_round)


def _make_round(store: Subject, number: int) -> int:
    """Every kind of call, once or twice, on a store that is empty before and after."""
    door = store.door
    before = len(store.calls)
    anna = door.in_full(user_of(door, f"user{number % 3}"))
    nobody = door.in_full(user_of(door, "nobody"))
    calls = [
        *(door.to_save(anna.but(access_token=zoho_token(f"access{each}"))) for each in (1, 2)),
        *(door.to_find(door.key(each)) for each in (anna, anna, anna, nobody, nobody)),
        *(door.to_find_by_id(each.id) for each in (anna, nobody) if door.by_id),
        *(Request("get_tokens", ()) for _ in range(3)),
        *(door.to_delete(each) for each in (nobody, anna, nobody)),
        *(Request("delete_tokens", ()) for _ in range(2)),
    ]
    first, *rest = calls
    save_as_before(store, lambda: store.try_request(first), number)
    for request in rest:
        store.try_request(request)
    return len(store.calls) - before
