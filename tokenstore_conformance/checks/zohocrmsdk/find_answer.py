"""FIND-7, 9 and 11: what a find returns, fills and leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import ANNA, CREDENTIALS, EVERY_KIND, LATER, UNKNOWN_IDS
from tokenstore_conformance.checks.zohocrmsdk.samples import ONE_CLIENT, UNKNOWN, keys_of
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import NAMELESS, Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject


@check("FIND-7")
def finds_complete_tokens(store: Subject) -> None:
    """The token that is found is complete: every field that is None in the query is filled."""
    for ground in (EVERY_KIND, ONE_CLIENT):
        store = store.fresh()
        stored = store.given(*ground)
        for record in stored:
            others = [each for each in stored if each != record]
            for way, query in _ways(record):
                found = store.find(query)
                if found is not None:  # FIND-1 to FIND-4 are about that
                    what = f"found by {way}, the token"
                    expect.complete(found, record, query, what=what, others=others)


def _ways(record: Record) -> Iterator[tuple[str, Record]]:
    """Yield each key alone, and the user with one other field that the program knows."""
    yield from keys_of(record).items()
    if record.user is not None:
        for name, _ in record.without("id", "user").items():
            yield f"user with its {name}", record.only("user", name)


@check("FIND-9")
def fills_the_query(store: Subject) -> None:
    """find_token fills the token that it gets, in place."""
    for record in store.given(*EVERY_KIND):
        for way, query in keys_of(record).items():
            token = store.door.build(query)
            if store.answer("find_token", token) is not None:
                filled = store.read_whole(token)
                expect.complete(
                    filled, record, query, what=f"the query that find_token filled in, by {way},"
                )


MORE: Final = Record(
    expires_in=LATER,
    redirect_url="https://new.example/callback",
    api_domain="https://api.new.example",
)
"""Values that a query may have and that no record has."""


def _queries(stored: list[Record]) -> Iterator[Record]:
    """Yield queries that find a record, that miss, and that identify nothing."""
    for record in stored:
        for key in keys_of(record).values():
            yield from (key, MORE.updated_by(key))
        if record.id is not None:
            yield record.only("id")
        if record.user is not None:
            yield record.only("user").but(access_token=zoho_token("query.access"), expires_in="1")
    yield from UNKNOWN.values()
    for known in ANNA.only("access_token"), ANNA.only(*CREDENTIALS, "refresh_token"):
        yield known.but(user=zoho_user("nobody"))
    yield from (Record(id=id) for id in UNKNOWN_IDS)
    yield from (Record(user=NAMELESS), Record(user=""), ANNA.only(*CREDENTIALS))


@check("FIND-11", generation="zohocrmsdk")
def changes_nothing_by_finding(store: Subject) -> None:
    """Finding changes nothing in the store, whether it finds a record or not."""
    for ground in ((), EVERY_KIND):
        store = store.fresh()
        stored = store.given(*ground)
        before = _listed(store)
        for query in _queries(stored):
            store.attempt("find_token", store.door.build(query))
            contents.same_records(store, before, after="a find")
        for id in (*UNKNOWN_IDS, *(record.id for record in stored if record.id)):
            store.attempt("find_token_by_id", id)
            contents.same_records(store, before, after="a find by id")
    store = store.fresh()
    for record in store.given(*EVERY_KIND):
        _changes_nothing_by_id(store, record)


def _changes_nothing_by_id(store: Subject, record: Record) -> None:
    """Check that the values in queries do not change what find_token_by_id returns."""
    seen = []
    for queries in ((), _queries([record])):
        for query in queries:
            store.attempt("find_token", store.door.build(query))
        found = store.attempt("find_token_by_id", record.id).value
        if isinstance(found, store.door.token_type):  # else other clauses are about it
            seen.append(store.read_whole(found))
    if len(seen) == 2 and seen[0] != seen[1]:
        raise ClauseFailed(f"by id, the same as before some finds: {seen[0]}", str(seen[1]))


def _listed(store: Subject) -> list[Record]:
    try:
        return store.records()
    except ClauseFailed as failure:
        raise CannotJudge("the listing cannot be read", "LIST", otherwise=failure) from failure
