"""Many users at once, to test stores that read records by the page, in batches or from a cache."""

from __future__ import annotations

from tokenstore_conformance.checks.samples import CROWD, person
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


def crowd(store: Subject, count: int = CROWD) -> list[Record]:
    """Save many users, and return those that are listed, in the order of their saves.

    SAVE-14 checks that each save works, and LIST-2 that each record is listed.
    """
    users = [person(f"user{number}") for number in range(count)]
    for user in users:
        if store.try_request(store.door.to_save(user)).error is not None:
            break
    try:
        ids = {each.but(id=None): each.id for each in store.records()}
    except ClauseFailed:
        return []
    return [user.but(id=ids[user]) for user in users if user in ids]
