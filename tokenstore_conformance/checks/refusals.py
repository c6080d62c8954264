"""Calls that a store may refuse, after which it and others over its storage have to go on."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.checks.texts import HALF
from tokenstore_conformance.records import Record, zoho_user
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


def refusals(store: Subject) -> Iterator[Request]:
    """Have the store do what it cannot do, or need not; gives each call that raised.

    After it: the next call may let go of what that one left locked.
    """
    door = store.door
    broken = door.in_full(user_of(door, "carl")).but(access_token=HALF, refresh_token=HALF)
    saves = [broken, Record(user=zoho_user("nobody"))] if door.makes_ids else [broken]
    useless = [door.to_find(Record()), door.to_delete(door.in_full(user_of(door, "nobody")))]
    if door.by_id:
        useless.append(door.to_find_by_id("no-such-id"))
    nothing = [Request(each.method, (None,) * len(each.arguments)) for each in useless]
    requests = [*map(door.to_save, saves), *useless, *nothing]
    for request in requests:
        if store.try_request(request).error is not None:
            yield request
