"""FIND-11: a find changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.zcrmsdk.samples import (
    JUST_EXPIRED,
    login,
    queries,
    three_logins,
)
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
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
            _changes_nothing(store, request, "a find")
    for what, query in _whole_tokens(records[0], nobody):
        _changes_nothing(store, store.door.to_find(query), f"a find, {what}")

    expired = login(store, "emil").but(expires_in=JUST_EXPIRED)  # it has a refresh token
    store.try_request(store.door.to_save(expired))
    for query in queries(expired).values():
        _changes_nothing(store, store.door.to_find(query), "a find of a login that has expired")


def _whole_tokens(stored: Record, nobody: Record) -> Iterator[tuple[str, Record]]:
    """Yield queries by tokens that a program has used before."""
    yesterday = {name: zoho_token(f"{name}.of.yesterday") for name in ("access", "refresh")}
    old = {f"{name}_token": token for name, token in yesterday.items()}
    yield "by a token with old values", stored.but(**old)
    yield "by the whole token of a login that is not stored", nobody
    another = nobody.but(access_token=stored.access_token)
    yield "by a login that is not stored, with the access token of another", another


def _changes_nothing(store: Subject, request: Request, what: str) -> None:
    before = contents.readable(store)
    store.try_request(request)
    contents.unchanged(before, contents.readable(store), after=what)
