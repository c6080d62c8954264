"""FIND-1 to 5, 10 and 13: which record a query finds."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CREDENTIALS,
    EVERY_KIND,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.crowd import crowd
from tokenstore_conformance.checks.zohocrmsdk.samples import (
    ONE_CLIENT,
    SHARES_REFRESH,
    UNKNOWN,
    keys_of,
)
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject

ELSEWHERE: Final = Record(
    redirect_url="https://other.example/callback", api_domain="https://api.other.example"
)
"""Fields that a query may have, but that no match rule looks at."""


@check("FIND-1")
def finds_by_user(store: Subject) -> None:
    """A query with a user finds the record of that user."""
    _found_by(store, "user", (ANNA, SHARES_REFRESH), (SHARES_REFRESH, ANNA))
    _found_by_a_token_that_missed(store.fresh())


@check("FIND-2")
def finds_by_access_token(store: Subject) -> None:
    """A query with an access token alone finds the record with that access token."""
    _found_by(store, "access token")


@check("FIND-3")
def finds_by_grant_token(store: Subject) -> None:
    """A query with client credentials and a grant token finds the record with that grant token."""
    _found_by(store, "grant token")


@check("FIND-4")
def finds_by_refresh_token(store: Subject) -> None:
    """A query with client credentials and a refresh token finds the record with that refresh
    token.
    """
    _found_by(store, "refresh token")
    _found_beside_an_empty_grant_token(store.fresh())


def _found_by(store: Subject, way: str, *more: tuple[Record, ...]) -> None:
    """Check that each such key finds its record, among other records and with one shared client."""
    for ground in (EVERY_KIND, ONE_CLIENT, *more):
        store = store.fresh()
        stored = store.given(*ground)
        for record in stored:
            query = keys_of(record).get(way)
            if query is not None:
                others = [each for each in stored if each != record]
                what = f"the record with that {way}"
                expect.identifies(store.find(query), record, query, what=what, others=others)

    store = store.fresh()
    many = crowd(store)
    for record in (*many[:1], *many[-1:]):
        query = keys_of(record)[way]
        what = f"the record with that {way}, one of {len(many)}"
        expect.identifies(store.find(query), record, query, what=what)


def _found_beside_an_empty_grant_token(store: Subject) -> None:
    """Check that an empty grant token counts as blank, so that the refresh token decides."""
    (anna,) = store.given(ANNA)
    query = keys_of(anna)["refresh token"].but(grant_token="")
    what = "the record with that refresh token, by a query with grant_token=''"
    expect.identifies(store.find(query), anna, query, what=what)


def _found_by_a_token_that_missed(store: Subject) -> None:
    """Find with the same token object before and after the login, as a program may."""
    queries = [each.only("user") for each in (ANNA, BERT)]
    tokens = [store.door.build(query) for query in queries]
    for token in tokens:
        store.attempt("find_token", token)
    for record, query, token in zip(store.given(ANNA, BERT), queries, tokens, strict=True):
        found = store.read(store.answer("find_token", token))
        expect.identifies(found, record, query, what="the record, by a token that missed before")


@check("FIND-5")
def finds_by_the_highest_rule(store: Subject) -> None:
    """If a query has several keys, the first rule of the match rules that applies decides alone."""
    anna, bert, nameless, *_ = store.given(
        ANNA, BERT.updated_by(ANNA.only(*CREDENTIALS)), BY_ACCESS, BY_GRANT, BY_REFRESH
    )
    client = ANNA.only(*CREDENTIALS)
    ids = {"an unknown id": "no-such-id", "the id of another record": bert.id}
    beside_an_id = {
        f"{way} before {what}": query.but(id=id)
        for what, id in ids.items()
        if id is not None
        for way, query in keys_of(ANNA).items()
    }
    of_anna = {
        "user before access token": Record(
            user=zoho_user("anna"), access_token=zoho_token("bert.access")
        ),
        "user before grant token": client.but(
            user=zoho_user("anna"), grant_token=zoho_token("bert.grant")
        ),
        "user before refresh token": client.but(
            user=zoho_user("anna"), refresh_token=zoho_token("bert.refresh")
        ),
        "access before refresh token": Record(
            access_token=zoho_token("anna.access"), refresh_token=zoho_token("bert.refresh")
        ),
        "access before grant token": Record(
            access_token=zoho_token("anna.access"), grant_token=zoho_token("bert.grant")
        ),
        "grant token, where an access token comes with client credentials": client.but(
            access_token=zoho_token("bert.access"), grant_token=zoho_token("anna.grant")
        ),
        "refresh token, where an access token comes with client credentials": client.but(
            access_token=zoho_token("bert.access"), refresh_token=zoho_token("anna.refresh")
        ),
        "refresh token, where that access token is of a record without client": client.but(
            access_token=zoho_token("only.access"), refresh_token=zoho_token("anna.refresh")
        ),
    }
    beside_an_address = {
        f"{way}, beside another redirect URL and API domain": query.updated_by(ELSEWHERE)
        for way, query in keys_of(ANNA).items()
    }
    for rule, query in {**of_anna, **beside_an_id, **beside_an_address}.items():
        expect.identifies(store.find(query), anna, query, what=f"by {rule}, the record of 'anna'")

    missing = {
        **{
            f"an unknown {way} with the id of {whose} record": query.but(id=record.id)
            for whose, record in (("a", anna), ("a nameless", nameless))
            for way, query in UNKNOWN.items()
            if record.id is not None
        },
        **{
            f"an unknown user with the {token} of a login without a user": each.but(
                user=zoho_user("nobody")
            )
            for token, each in (
                ("access token", BY_ACCESS),
                ("grant token", BY_GRANT),
                ("refresh token", BY_REFRESH),
            )
        },
        "an unknown user with another's access token": Record(
            user=zoho_user("nobody"), access_token=zoho_token("anna.access")
        ),
        "an unknown user with another's grant token": client.but(
            user=zoho_user("nobody"), grant_token=zoho_token("anna.grant")
        ),
        "an unknown user with another's refresh token": client.but(
            user=zoho_user("nobody"), refresh_token=zoho_token("anna.refresh")
        ),
        "an unknown access token with a known refresh token": Record(
            access_token=zoho_token("no.access"), refresh_token=zoho_token("anna.refresh")
        ),
        "client credentials and a known access token with an unknown refresh token": client.but(
            access_token=zoho_token("anna.access"), refresh_token=zoho_token("no.refresh")
        ),
    }
    for what, query in missing.items():
        expect.nothing_found(store, query, what=f"{what} identifies no record")


@check("FIND-10")
def finds_by_id_alone(store: Subject) -> None:
    """A query with an id alone finds the record with that id."""
    for record in store.identified(*EVERY_KIND, person("dora").but(id="caller-1")):
        query = record.only("id")
        outcome = store.attempt("find_token", store.door.build(query))
        if outcome.value is None:
            error = outcome.error
            got = "None" if error is None else f"the exception {describe(error)}"
            fault = Fault(store.last_raised if error is not None else None)
            raise ClauseFailed(f"the token of the id {record.id!r}", got, error, fault=fault)
        expect.complete(store.read(outcome.value), record, query, what="found by id, the token")


@check("FIND-13")
def finds_by_grant_before_refresh(store: Subject) -> None:
    """If a query has a grant token and a refresh token that match different records, the grant
    token decides.
    """
    client = ANNA.only(*CREDENTIALS)
    for order in ((ANNA, BERT), (BERT, ANNA)):
        store = store.fresh()
        store.given(*(each.updated_by(client) for each in order))
        query = client.but(
            grant_token=zoho_token("anna.grant"), refresh_token=zoho_token("bert.refresh")
        )
        stored = ANNA.but(id=None)
        found = store.find(query)
        expect.identifies(
            found and found.but(id=None), stored, query, what="the record with that grant token"
        )
