"""FIND-8, FIND-14 and FIND-15: never another's token."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import (
    ANNA,
    BY_ACCESS,
    CREDENTIALS,
    FRUGAL,
    HOUSEHOLD,
    MODERN,
    UNKNOWN_IDS,
    keys_of,
    person,
)
from tokenstore_conformance.checks.find import STORED
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.model import Model
from tokenstore_conformance.records import NAMELESS, Record
from tokenstore_conformance.subject import Subject

CLIENT = ANNA.only(*CREDENTIALS)

IDENTIFY_NOTHING = (
    Record(user=""),
    Record(user=NAMELESS),
    Record(access_token=""),
    Record(grant_token=""),
    Record(refresh_token=""),
    Record(redirect_url=ANNA.redirect_url),
    Record(api_domain=ANNA.api_domain),
    Record(expires_in=ANNA.expires_in),
    CLIENT,
    CLIENT.only("client_id"),
    CLIENT.only("client_secret"),
    CLIENT.but(access_token="anna.access"),
    CLIENT.but(access_token=""),
    CLIENT.but(grant_token=""),
    CLIENT.but(refresh_token=""),
    CLIENT.but(grant_token="", refresh_token=""),
    CLIENT.only("client_id").but(access_token="anna.access"),
    CLIENT.but(access_token="only.access"),
    ANNA.only("refresh_token"),
    ANNA.only("grant_token"),
    ANNA.only("client_id", "refresh_token"),
    ANNA.only("client_secret", "grant_token"),
    *(Record(id=id) for id in UNKNOWN_IDS),
    Record(id=""),
    Record(id="1 or 1=1"),
    Record(id="' or ''='"),
    Record(id="%"),
)
"""Queries that identify no record."""

IDENTIFY_NOBODY = (
    CLIENT.but(user="nobody", refresh_token="anna.refresh"),
    CLIENT.but(user="nobody", grant_token="anna.grant"),
    Record(user="nobody", access_token="anna.access"),
    Record(user="nobody", refresh_token="anna.refresh"),
    CLIENT.but(user="nobody"),
    Record(access_token="no.access", refresh_token="anna.refresh"),
    Record(access_token="no.access", grant_token="anna.grant"),
    CLIENT.but(access_token="anna.access", refresh_token="no.refresh"),
)
"""Queries that identify a record which is not there."""


@check("FIND-8", rests_on=("SAVE-1",))
def never_answers_with_a_stranger(store: Subject) -> None:
    for ground in (HOUSEHOLD, HOUSEHOLD[::-1], (ANNA,), (BY_ACCESS,), (FRUGAL, MODERN)):
        store = store.fresh()
        model = Model()
        for record in store.given(*ground):
            model.save(record, "")
        known_ids = (Record(id=id) for id in model.records)
        for query in (*IDENTIFY_NOTHING, *IDENTIFY_NOBODY, *known_ids):
            _not_revealed(store, model, query)


def _not_revealed(store: Subject, model: Model, query: Record) -> None:
    answers = model.find(query)
    outcome = store.attempt("find_token", store.door.build(query))
    if outcome.error is not None:
        if answers.refusal:
            expect.silent_or_refused(outcome, store, what=f"{query} identifies nothing")
            return
        expect.silent_or_refused(outcome, store, what=f"no record is that of {query}")
        return  # FIND-6 says that it must be None
    found = store.read(outcome.value)
    if found is None:
        return
    for record in answers.records:
        if all(
            getattr(found, name) in (value, getattr(query, name)) for name, value in record.items()
        ):
            return
    raise ClauseFailed(
        f"None: {query} identifies no record" if not answers.records else "None, or that record",
        str(found),
    )


NEAR_NAMES = (
    ("m\u00fcller", "muller"),
    ("anna", "anna "),
    ("anna", " anna"),
    ("anna", "ann\u00e1"),
    ("anna", "ann%"),
    ("anna", "%"),
    ("anna", "_nna"),
    ("anna", "ann*"),
    ("anna", ".*"),
    ("anna", "ann"),
    ("anna", "anna1"),
    ("stra\u00dfe", "strasse"),
    ("12", "012"),
    ("12", "12.0"),
)
"""A stored name, and another that a lookup might take for it."""

NEAR_TOKENS = (*NEAR_NAMES, ("Token", "token"), ("token", "TOKEN"), ("\u00e9", "e\u0301"))

TOKEN_KEYS = ("access token", "grant token", "refresh token")


@check("FIND-14", rests_on=STORED)
def compares_keys_exactly(store: Subject) -> None:
    for near in NEAR_NAMES:
        _are_two_users(store, *near)
        _are_two_users(store, *near[::-1])
    for stored, near in NEAR_TOKENS:
        _are_two_tokens(store, stored, near)
        _are_two_tokens(store, near, stored)


@check("FIND-15", rests_on=STORED)
def compares_names_exactly(store: Subject) -> None:
    for near in (("anna", "Anna"), ("anna", "ANNA"), ("zo\u00eb", "zoe\u0308"), ("\u212b", "\u00c5")):
        _are_two_users(store, *near)
        _are_two_users(store, *near[::-1])


def _are_two_users(store: Subject, name: str, near: str) -> None:
    store = store.fresh()
    first = ANNA.but(user=name)
    store.given(first)
    expect.nothing_found(
        store, Record(user=near), what=f"{near!r} is another user than {name!r}"
    )
    second = person("second").but(user=near).updated_by(CLIENT)
    store.save(second)
    for record in (first, second):
        query = record.only("user")
        found = store.find(query)
        expect.identifies(
            found and found.but(id=None),
            record,
            query,
            what=f"the record of {record.user!r}, which is not that of "
            f"{(near if record is first else name)!r}",
        )


def _are_two_tokens(store: Subject, stored: str, near: str) -> None:
    store = store.fresh()
    held = ANNA.but(
        access_token=f"a{stored}", grant_token=f"g{stored}", refresh_token=f"r{stored}"
    )
    other = held.but(access_token=f"a{near}", grant_token=f"g{near}", refresh_token=f"r{near}")
    store.given(held)
    for way in TOKEN_KEYS:
        expect.nothing_found(
            store,
            keys_of(other)[way],
            what=f"{near!r} is another {way} than {stored!r}",
        )
