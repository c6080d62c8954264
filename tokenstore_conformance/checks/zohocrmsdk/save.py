"""SAVE-1 to SAVE-9: which record a save reaches, and what it writes there."""

from __future__ import annotations

from collections.abc import Iterable

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import (
    ANNA,
    BERT,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CARL,
    CREDENTIALS,
    FRUGAL,
    HOUSEHOLD,
    LATER,
    MODERN,
    keys_of,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.keys import TELLING

STORED = ("SAVE-1", "LIST-2")
"""What most checks of this family read the store by."""

FRESH = Record(access_token="fresh.access", expires_in=LATER)
"""What a refresh brings."""


def refreshed(record: Record) -> Record:
    return record.updated_by(FRESH)


@check("SAVE-1")
def stores_unknown_tokens_complete(store: Subject) -> None:
    for record in HOUSEHOLD:
        saved = store.save(record)

        seen = [each.but(id=None) for each in readings(store, store.read_whole(saved))]
        _is_among(seen, record)


def _is_among(seen: list[Record], record: Record) -> None:
    """One of the three ways of reading shows it whole: where none does, it was not stored so."""
    if record in seen:
        return
    like = next((each for each in seen if _resembles(record, each)), None)
    if like is not None:
        expect.equal(like, record, what=f"{record.brief()} stored complete,")
    raise ClauseFailed(f"stored complete: {record}", "no such record")


def _resembles(record: Record, seen: Record) -> bool:
    """Whether a record that was read has a user or a token of one that was saved."""
    saved = [value for name, value in record.items() if name in TELLING]
    return any(value in saved for name, value in seen.items() if name in TELLING)


def readings(store: Subject, record: Record) -> Iterable[Record]:
    """What the store shows of a record: by id, by each of its keys, and in the listing."""
    by_id = [("find_token_by_id", record.id)] if record.id is not None else []
    # A query that carries more than its key would vouch for what it carries itself.
    alone = [query for query in keys_of(record).values() if len(query.items()) == 1]
    by_key = [("find_token", store.door.build(query)) for query in alone]
    for method, argument in [*by_id, *by_key]:
        found = store.attempt(method, argument).value
        if isinstance(found, store.door.token_type):
            yield store.read_whole(found)
    try:
        listed = store.records()
    except ClauseFailed:
        listed = []
    yield from listed


@check("SAVE-2")
def updates_by_user(store: Subject) -> None:
    store.given(BERT, ANNA, FRUGAL)

    store.save(refreshed(ANNA))
    expect.holds(store, BERT, refreshed(ANNA), FRUGAL)

    second_login = Record(user="anna", refresh_token="anna.second.refresh", access_token="second")
    store.save(second_login)
    expect.holds(store, BERT, refreshed(ANNA).updated_by(second_login), FRUGAL)

    store.save(FRUGAL.updated_by(FRESH))
    expect.holds(store, BERT, refreshed(ANNA).updated_by(second_login), FRUGAL.updated_by(FRESH))


@check("SAVE-3")
def updates_by_access_token(store: Subject) -> None:
    store.given(BERT, BY_ACCESS, ANNA)

    again = BY_ACCESS.but(expires_in=LATER, redirect_url="https://again.example")
    store.save(again)
    expect.holds(store, BERT, again, ANNA)

    store.save(ANNA.only("access_token").but(expires_in=LATER))
    expect.holds(store, BERT, again, ANNA.but(expires_in=LATER))


@check("SAVE-4")
def updates_by_grant_token(store: Subject) -> None:
    store.given(ANNA, BY_GRANT, BERT)

    again = BY_GRANT.only(*CREDENTIALS, "grant_token").updated_by(FRESH)
    store.save(again.but(refresh_token="grace.refresh"))
    grace = BY_GRANT.updated_by(again).but(refresh_token="grace.refresh")
    expect.holds(store, ANNA, grace, BERT)

    store.save(BERT.only(*CREDENTIALS, "grant_token").but(access_token="bert.second"))
    expect.holds(store, ANNA, grace, BERT.but(access_token="bert.second"))


@check("SAVE-5")
def updates_by_refresh_token(store: Subject) -> None:
    store.given(ANNA, BY_REFRESH, BERT)

    again = BY_REFRESH.only(*CREDENTIALS, "refresh_token").updated_by(FRESH)
    store.save(again)
    expect.holds(store, ANNA, refreshed(BY_REFRESH), BERT)

    store.save(BERT.only(*CREDENTIALS, "refresh_token").but(access_token="bert.second"))
    expect.holds(store, ANNA, refreshed(BY_REFRESH), BERT.but(access_token="bert.second"))


@check("SAVE-6")
def keeps_users_of_one_client_apart(store: Subject) -> None:
    client = ANNA.only(*CREDENTIALS, "redirect_url", "api_domain")
    users = [person.updated_by(client) for person in (ANNA, BERT, CARL)]

    for number, user in enumerate(users, start=1):
        store.save(user)
        expect.holds(store, *users[:number])

    store.save(refreshed(users[1]))
    expect.holds(store, users[0], refreshed(users[1]), users[2])


@check("SAVE-7")
def saves_by_the_highest_rule(store: Subject) -> None:
    cases = {
        "user before access token": ANNA.only("user").but(access_token="bert.access"),
        "user before grant token": ANNA.only("user", *CREDENTIALS).but(grant_token="bert.grant"),
        "user before refresh token": ANNA.only("user", *CREDENTIALS).but(
            refresh_token="bert.refresh"
        ),
        "access token before refresh token": ANNA.only("access_token").but(
            refresh_token="bert.refresh"
        ),
        "access token before grant token": ANNA.only("access_token").but(grant_token="bert.grant"),
    }
    for token in cases.values():
        store = store.fresh()
        store.given(BERT, ANNA)
        store.save(token)
        expect.holds(store, BERT, ANNA.updated_by(token))

    # With client credentials an access token is no key: the refresh token is.
    store = store.fresh()
    store.given(ANNA, BERT)
    token = BERT.only(*CREDENTIALS, "refresh_token").but(access_token="anna.access")
    store.save(token)
    expect.holds(store, ANNA, BERT.updated_by(token))

    # A higher rule that finds no record does not fall through to a lower one.
    for token in (
        ANNA.but(user="dora"),
        ANNA.only("access_token").but(user="dora"),
        ANNA.only("refresh_token").but(access_token="another.access"),
        ANNA.only("grant_token").but(access_token="another.access"),
    ):
        store = store.fresh()
        store.given(BERT, ANNA)
        store.save(token)
        expect.holds(store, BERT, ANNA, token)


@check("SAVE-8")
def keeps_what_an_update_leaves_out(store: Subject) -> None:
    for kind in (ANNA, BY_ACCESS.but(refresh_token="kept.refresh"), BY_GRANT, BY_REFRESH):
        for way, query in keys_of(kind).items():
            record = kind
            store = store.fresh()
            store.given(record)
            fresh = FRESH.without("access_token") if way == "access token" else FRESH
            for change in (fresh, Record(redirect_url="https://new.example")):
                store.save(query.updated_by(change))
                record = record.updated_by(change)
                _one_record(store, record)


@check("SAVE-9")
def replaces_what_an_update_carries(store: Subject) -> None:
    fresh = Record(
        refresh_token="new.refresh",
        access_token="new.access",
        grant_token="new.grant",
        expires_in=LATER,
        redirect_url="https://new.example",
        api_domain="https://api.new.example",
    )
    for record in (ANNA, BY_ACCESS, BY_GRANT, BY_REFRESH, FRUGAL, MODERN):
        for query in keys_of(record).values():
            # Grant and refresh token together are ambiguous: the one that is the key stays.
            keys = set(dict(query.items())) | _kept_beside(query)
            update = fresh.without(*keys & set(FIELDS)).updated_by(query)
            store = store.fresh()
            store.given(record)
            store.save(update)

            _one_record(store, record.updated_by(update))

            sooner = query.but(expires_in="1")
            store.save(sooner)
            _one_record(store, record.updated_by(update).updated_by(sooner))

    for record, client in ((FRUGAL, ANNA.only(*CREDENTIALS)), (ANNA, Record(client_secret="new"))):
        store = store.fresh()
        store.given(record)
        store.save(record.only("user").updated_by(client))
        _one_record(store, record.updated_by(client))


def _kept_beside(query: Record) -> set[str]:
    return {"grant_token"} if query.grant_token is None and query.refresh_token else set()


def _one_record(store: Subject, expected: Record) -> None:
    listed = store.records()
    if len(listed) != 1:
        why = "a save did not update the record"
        raise CannotJudge(why, "SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5")
    expect.equal(listed[0], expected, what="the updated record", ignore=("id",))
