"""FIND-11: a find changes nothing."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.zcrmsdk.samples import login, queries, readable, three_logins
from tokenstore_conformance.subject import Subject


@check("FIND-11", generation="zcrmsdk")
def changes_nothing(store: Subject) -> None:
    """Finding changes nothing in the store, whether it finds a record or not."""
    records = three_logins(store)
    nobody = login(store, "nobody")
    for record in (*records, nobody):
        requests = [store.door.to_find(query) for query in queries(record).values()]
        if store.door.by_id:
            requests.append(store.door.to_find_by_id(record.id))
        for request in requests:
            before = readable(store)
            store.try_request(request)
            contents.unchanged(before, readable(store), after="a find")
