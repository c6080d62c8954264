"""Many users at once, for stores that look at a page, a batch or a cache of their records."""

from __future__ import annotations

from tokenstore_conformance.checks.samples import CROWD, person
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


def crowd(store: Subject, count: int = CROWD) -> list[Record]:
    """Save many users; returns those that are listed, in the order in which they were saved.

    That each save works is up to SAVE-14, and that each record is listed to LIST-2.
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
