"""Calls that change nothing. A store and others over its storage must still work after them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.checks.texts import HALF
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_user
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject

AFTER: Final = "after a call that raised or changed nothing"


def unless_damaged(store: Subject, record: Record, failure: ClauseFailed) -> Exception:
    """Return the exception to raise for a failure that follows a call that changed nothing.

    If this store, which holds the record, no longer works in this thread either, its storage is
    damaged. Then return `CannotJudge`: clauses on saves are about that.
    """
    door = store.door
    found = store.try_request(door.to_find(door.key(door.in_full(record))))
    saved = store.try_request(door.to_save(door.in_full(user_of(door, "dora"))))
    if found.value is not None and saved.error is None:
        return failure
    why = "after a call that changed nothing, the store does not work any more"
    return CannotJudge(why, "DATA", "SAVE", otherwise=failure)


def idle_calls(store: Subject, known: Record) -> Iterator[None]:
    """Ask the store for things that it cannot do, or need not do. Yield after each call.

    The caller checks after each call, because the next one may release what that one left locked.
    Half of a surrogate pair comes last: a store that takes it may be unable to read its tokens
    afterwards. ``known`` is a stored record.
    """
    door = store.door
    broken = door.in_full(user_of(door, "carl")).but(access_token=HALF, refresh_token=HALF)
    saves = [Record(user=zoho_user("nobody")), broken] if door.makes_ids else [broken]
    useless = [door.to_find(Record()), door.to_delete(door.in_full(user_of(door, "nobody")))]
    if door.by_id:
        useless.append(door.to_find_by_id("no-such-id"))
    asked = [*useless, door.to_save(door.in_full(user_of(door, "nobody")))]
    nothing = [Request(each.method, (None,) * len(each.arguments)) for each in asked]
    again = door.to_save(door.in_full(known))
    for request in (*useless, again, *nothing, *map(door.to_save, saves)):
        store.try_request(request)
        yield
