"""RES: the calls after which a store with five methods must have nothing left open."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.resources import piles_up_nothing, save_as_before
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.checks.zcrmsdk.samples import JUST_EXPIRED
from tokenstore_conformance.records import zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject

NO_TOKEN: Final = "no token"
"""A store ignores or refuses this, and may leave the call by another path than for a token."""


@check("RES-1", generation="zcrmsdk")
def leaves_nothing_open(store: Subject) -> None:
    """1,500 calls leave no more files, connections or threads open than 150 calls, and calls from
    80 short-lived threads no more than from 40. The store still saves.
    """
    piles_up_nothing(store, _make_round)


def _make_round(store: Subject, number: int) -> int:
    """Make every kind of call on an empty store, empty it again, and return how many calls."""
    door = store.door
    before = len(store.calls)
    anna = door.in_full(user_of(door, f"user{number % 3}"))
    nobody = door.in_full(user_of(door, "nobody"))
    renewed = anna.but(
        access_token=zoho_token("access2"),
        refresh_token=zoho_token("refresh2"),
        expires_in=JUST_EXPIRED,
    )
    user = door.to_save(anna).arguments[0]
    calls = [
        door.to_save(anna),
        *(door.to_find(door.key(each)) for each in (anna, nobody)),
        door.to_save(renewed),
        door.to_find(door.key(renewed)),
        *(door.to_find_by_id(each.id) for each in (anna, nobody) if door.by_id),
        *(Request(method, (user, NO_TOKEN)) for method in ("save_token", "get_token")),
        Request("delete_token", (NO_TOKEN,)),
        *(Request("get_tokens", ()) for _ in range(2)),
        *(door.to_delete(each) for each in (nobody, anna, nobody)),
        *(Request("delete_tokens", ()) for _ in range(2)),
    ]
    first, *rest = calls
    save_as_before(store, lambda: store.try_request(first), number)
    for request in rest:
        store.try_request(request)
    return len(store.calls) - before
