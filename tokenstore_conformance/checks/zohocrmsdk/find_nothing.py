"""FIND-6, 8 and 12: queries that find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks import check, expect, reused_memory
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BY_ACCESS,
    CARL,
    CREDENTIALS,
    EVERY_KIND,
    ONLY_ACCESS,
    ONLY_REFRESH,
    UNKNOWN_IDS,
)
from tokenstore_conformance.checks.texts import hostile
from tokenstore_conformance.checks.zohocrmsdk.samples import ONE_CLIENT, UNKNOWN, keys_of
from tokenstore_conformance.failures import ClauseFailed, named
from tokenstore_conformance.oracle.zohocrmsdk import Model
from tokenstore_conformance.records import NAMELESS, Record, zoho_token, zoho_user
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
    CLIENT.but(access_token=zoho_token("anna.access")),
    CLIENT.but(access_token=""),
    CLIENT.but(grant_token=""),
    CLIENT.but(refresh_token=""),
    CLIENT.but(grant_token="", refresh_token=""),
    CLIENT.only("client_id").but(access_token=zoho_token("anna.access")),
    CLIENT.only("client_secret").but(access_token=zoho_token("anna.access")),
    CLIENT.but(access_token=zoho_token("only.access")),
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

BESIDE_AN_ID = (CLIENT, Record(redirect_url=ANNA.redirect_url))
"""Fields that no match rule looks at."""

IDENTIFY_NOBODY = (
    CLIENT.but(user=zoho_user("nobody"), refresh_token=zoho_token("anna.refresh")),
    CLIENT.but(user=zoho_user("nobody"), grant_token=zoho_token("anna.grant")),
    Record(user=zoho_user("nobody"), access_token=zoho_token("anna.access")),
    Record(user=zoho_user("nobody"), refresh_token=zoho_token("anna.refresh")),
    CLIENT.but(user=zoho_user("nobody")),
    Record(access_token=zoho_token("no.access"), refresh_token=zoho_token("anna.refresh")),
    Record(access_token=zoho_token("no.access"), grant_token=zoho_token("anna.grant")),
    CLIENT.but(access_token=zoho_token("anna.access"), refresh_token=zoho_token("no.refresh")),
)
"""Queries that identify a record that is not stored."""


@check("FIND-6", generation="zohocrmsdk")
def misses_with_none(store: Subject) -> None:
    """A query that matches no record returns None and raises nothing, for each kind of key, on an
    empty store and on a store with records.
    """
    for ground in ((), EVERY_KIND, ONE_CLIENT):
        store = store.fresh()
        store.given(*ground)
        for way, query in UNKNOWN.items():
            full = query.updated_by(Record(redirect_url="https://x.example", expires_in="1"))
            for asked in (query, full):
                expect.nothing_found(store, asked, what=f"no record has that {way}")


@check("FIND-8")
def never_answers_with_a_stranger(store: Subject) -> None:
    """The store never answers a query with a token that the query does not identify."""
    for ground in (
        EVERY_KIND,
        EVERY_KIND[::-1],
        (ANNA,),
        (BY_ACCESS,),
        (ONLY_REFRESH, ONLY_ACCESS),
    ):
        store = store.fresh()
        model = Model()
        stored = store.given(*ground)
        for number, record in enumerate(stored):
            model.save(record, f"unknown {number}")
        known_ids = [record.only("id") for record in stored if record.id is not None]
        beside = [id.updated_by(more) for id in known_ids for more in BESIDE_AN_ID]
        others = [token for each in stored for token in (each.refresh_token, each.grant_token)]
        crossed = [Record(access_token=token) for token in others if token]
        for query in (*IDENTIFY_NOTHING, *IDENTIFY_NOBODY, *known_ids, *beside, *crossed):
            _not_revealed(store, model, query)
    reused_memory.must_not_matter(store.fresh(), ANNA, BERT)
    _not_by_a_similar_id(store.fresh())
    _not_by_what_was_replaced(store.fresh())


def _not_by_a_similar_id(store: Subject) -> None:
    """Check find_token as BYID-3 checks find_token_by_id.

    If both methods confuse two ids, find_token_by_id is to blame.
    """
    stored = store.given(ANNA, BERT.but(id="customer-A"), CARL.but(id="7"))
    known = [record.id for record in stored if record.id]
    for id in (near for each in known for near in (*hostile(each), each[:4])):
        if id in known or not id:
            continue
        query = Record(id=id)
        found = store.attempt("find_token", store.door.build(query)).value
        if found is not None and store.attempt("find_token_by_id", id).value is None:
            answer = str(store.said(found))
            claim = f"say(store.find_token, {query}) is None"
            raise ClauseFailed(f"None: no record has the id {id!r}", answer, claim=claim)


def _not_by_what_was_replaced(store: Subject) -> None:
    """Check that the tokens that a user had before another login identify nothing."""
    store.given(BERT, ANNA)
    tokens = ("access_token", "refresh_token", "grant_token")
    new = ANNA.but(**{name: zoho_token(f"second.{name}") for name in tokens})
    store.save(new)
    found = store.find(ANNA.only("user"))
    if found is None or found.access_token != new.access_token:
        return  # the update is not stored, or not found: other clauses are about that
    model = Model()
    for number, record in enumerate((BERT, new)):
        model.save(record, f"unknown {number}")
    for way, query in keys_of(ANNA).items():
        if way != "user":
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
        f"None: {query} identifies no record" if not answers.records else "None or that record",
        str(found),
    )


@check("FIND-12", generation="zohocrmsdk")
def leaves_a_query_that_misses_alone(store: Subject) -> None:
    """If a find returns None, the query token is as it was before. In zcrmsdk its user_mail may be
    set to the email of the user.
    """
    for ground in ((), EVERY_KIND):
        store = store.fresh()
        store.given(*ground)
        for query in _misses():
            token = store.door.build(query)
            before = store.door.written(token)
            outcome = store.attempt("find_token", token)
            if outcome.error is not None or outcome.value is not None:
                continue  # no miss: FIND-6 and FIND-8 are about that
            after = store.door.written(token)
            name = named(token, store.calls)
            expect.equal(after, before, what="the query as it was,", name=name)


def _misses() -> Iterator[Record]:
    for query in UNKNOWN.values():
        yield from (query, query.but(id="no-such-id", expires_in="1"))
    for known in ANNA.only("access_token"), ANNA.only(*CREDENTIALS, "refresh_token"):
        yield known.but(user=zoho_user("nobody"))
    yield ANNA.only(*CREDENTIALS).but(
        refresh_token=zoho_token("no.refresh"), access_token=zoho_token("anna.access")
    )
    yield from (Record(id=id) for id in UNKNOWN_IDS)
    yield Record(
        user=zoho_user("nobody"), id="no-such-id", expires_in="1", redirect_url="https://x.example"
    )
