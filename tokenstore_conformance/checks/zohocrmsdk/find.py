"""FIND-1 to FIND-7, FIND-9 and FIND-11 to FIND-13: what a lookup answers."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import (
    ANNA,
    BERT,
    BY_ACCESS,
    CREDENTIALS,
    HOUSEHOLD,
    UNKNOWN,
    UNKNOWN_IDS,
    keys_of,
    person,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import FIELDS, NAMELESS, Record
from tokenstore_conformance.subject import Subject

STORED = ("SAVE-1", "SAVE-6")


@check("FIND-1")
def finds_by_user(store: Subject) -> None:
    _found_by(store, "user")


@check("FIND-2")
def finds_by_access_token(store: Subject) -> None:
    _found_by(store, "access token")


@check("FIND-3")
def finds_by_grant_token(store: Subject) -> None:
    _found_by(store, "grant token")


@check("FIND-4")
def finds_by_refresh_token(store: Subject) -> None:
    _found_by(store, "refresh token")


def _found_by(store: Subject, way: str) -> None:
    """Every record that has such a key is found by it: beside others, and under one client."""
    client = ANNA.only(*CREDENTIALS)
    one_client = [each.updated_by(client) if each.client_id else each for each in HOUSEHOLD]
    for household in (HOUSEHOLD, tuple(one_client)):
        store = store.fresh()
        stored = store.given(*household)
        for record in stored:
            query = keys_of(record).get(way)
            if query is not None:
                expect.identifies(
                    store.find(query), record, query, what=f"the record with that {way}"
                )


@check("FIND-5")
def finds_by_the_highest_rule(store: Subject) -> None:
    anna, *_ = store.given(ANNA, BERT.updated_by(ANNA.only(*CREDENTIALS)), BY_ACCESS)
    client = ANNA.only(*CREDENTIALS)
    of_anna = {
        "user before access token": Record(user="anna", access_token="bert.access"),
        "user before grant token": client.but(user="anna", grant_token="bert.grant"),
        "user before refresh token": client.but(user="anna", refresh_token="bert.refresh"),
        "access before refresh token": Record(
            access_token="anna.access", refresh_token="bert.refresh"
        ),
        "access before grant token": Record(access_token="anna.access", grant_token="bert.grant"),
        "grant token, where an access token comes with client credentials": client.but(
            access_token="bert.access", grant_token="anna.grant"
        ),
        "refresh token, where an access token comes with client credentials": client.but(
            access_token="bert.access", refresh_token="anna.refresh"
        ),
        "refresh token, where that access token is of a record without client": client.but(
            access_token="only.access", refresh_token="anna.refresh"
        ),
    }
    for rule, query in of_anna.items():
        expect.identifies(store.find(query), anna, query, what=f"by {rule}, the record of 'anna'")

    missing = {
        "an unknown user with another's access token": Record(
            user="nobody", access_token="anna.access"
        ),
        "an unknown user with another's grant token": client.but(
            user="nobody", grant_token="anna.grant"
        ),
        "an unknown user with another's refresh token": client.but(
            user="nobody", refresh_token="anna.refresh"
        ),
        "an unknown access token with a known refresh token": Record(
            access_token="no.access", refresh_token="anna.refresh"
        ),
        "client credentials and a known access token with an unknown refresh token": client.but(
            access_token="anna.access", refresh_token="no.refresh"
        ),
    }
    for what, query in missing.items():
        expect.nothing_found(store, query, what=f"{what} identifies no record")


@check("FIND-6")
def misses_with_none(store: Subject) -> None:
    for ground in ((), HOUSEHOLD):
        store = store.fresh()
        store.given(*ground)
        for way, query in UNKNOWN.items():
            full = query.updated_by(Record(redirect_url="https://x.example", expires_in="1"))
            for asked in (query, full):
                expect.nothing_found(store, asked, what=f"no record has that {way}")


@check("FIND-7")
def finds_complete_tokens(store: Subject) -> None:
    for record in store.given(*HOUSEHOLD):
        for way, query in keys_of(record).items():
            found = store.find(query)
            if found is not None:  # FIND-1 to FIND-4 tell
                expect.complete(found, record, query, what=f"found by {way}, the token")


@check("FIND-9")
def fills_the_query(store: Subject) -> None:
    for record in store.given(*HOUSEHOLD):
        for way, query in keys_of(record).items():
            token = store.door.build(query)
            if store.answer("find_token", token) is not None:
                filled = store.read_whole(token)
                expect.complete(filled, record, query, what=f"found by {way}, the query filled")


@check("FIND-10")
def finds_by_id_alone(store: Subject) -> None:
    for record in store.identified(*HOUSEHOLD, person("dora").but(id="of-the-caller")):
        query = record.only("id")
        outcome = store.attempt("find_token", store.door.build(query))
        if outcome.value is None:
            raise ClauseFailed(f"the token of the id {record.id!r}", str(store.calls[-1].answer))
        expect.complete(store.read(outcome.value), record, query, what="found by id, the token")


def queries(stored: list[Record]) -> Iterator[Record]:
    """Hits, misses, and what identifies nothing."""
    for record in stored:
        yield from keys_of(record).values()
        if record.id is not None:
            yield record.only("id")
        if record.user is not None:
            yield record.only("user").but(access_token="query.access", expires_in="1")
    yield from UNKNOWN.values()
    for known in ANNA.only("access_token"), ANNA.only(*CREDENTIALS, "refresh_token"):
        yield known.but(user="nobody")
    yield from (Record(id=id) for id in UNKNOWN_IDS)
    yield from (Record(user=NAMELESS), Record(user=""), ANNA.only(*CREDENTIALS))


@check("FIND-11")
def changes_nothing_by_finding(store: Subject) -> None:
    for ground in ((), HOUSEHOLD):
        store = store.fresh()
        stored = store.given(*ground)
        before = _readable(store)
        for query in queries(stored):
            store.attempt("find_token", store.door.build(query))
            expect.same_records(store, before, after="a find")
        for id in (*UNKNOWN_IDS, *(record.id for record in stored if record.id)):
            store.attempt("find_token_by_id", id)
            expect.same_records(store, before, after="a find by id")


def _readable(store: Subject) -> list[Record]:
    try:
        return store.records()
    except ClauseFailed as failure:
        raise CannotJudge("the listing cannot be read", "LIST", otherwise=failure) from failure


@check("FIND-12")
def leaves_a_query_that_misses_alone(store: Subject) -> None:
    for ground in ((), HOUSEHOLD):
        store = store.fresh()
        store.given(*ground)
        for query in _misses():
            token = store.door.build(query)
            before = store.door.fields(token)
            outcome = store.attempt("find_token", token)
            if outcome.error is not None or outcome.value is not None:
                continue  # no miss: FIND-6 and FIND-8 tell
            after = store.door.fields(token)
            changed = [name for name in FIELDS if after[name] != before[name]]
            if changed:
                raise ClauseFailed(
                    "the query as it was: " + ", ".join(f"{n}={before[n]!r}" for n in changed),
                    ", ".join(f"{n}={after[n]!r}" for n in changed),
                )


def _misses() -> Iterator[Record]:
    yield from UNKNOWN.values()
    for known in ANNA.only("access_token"), ANNA.only(*CREDENTIALS, "refresh_token"):
        yield known.but(user="nobody")
    yield ANNA.only(*CREDENTIALS).but(refresh_token="no.refresh", access_token="anna.access")
    yield from (Record(id=id) for id in UNKNOWN_IDS)
    yield Record(user="nobody", id="no-such-id", expires_in="1", redirect_url="https://x.example")


@check("FIND-13")
def finds_by_grant_before_refresh(store: Subject) -> None:
    client = ANNA.only(*CREDENTIALS)
    for order in ((ANNA, BERT), (BERT, ANNA)):
        store = store.fresh()
        store.given(*(each.updated_by(client) for each in order))
        query = client.but(grant_token="anna.grant", refresh_token="bert.refresh")
        stored = ANNA.but(id=None)
        found = store.find(query)
        expect.identifies(
            found and found.but(id=None), stored, query, what="the record with that grant token"
        )
