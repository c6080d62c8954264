"""FIND-6 and 12: queries that find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.zcrmsdk.samples import (
    JUST_EXPIRED,
    LATER,
    by_no_token,
    found,
    handed_on,
    login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed, Fault, named
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


@check("FIND-6", generation="zcrmsdk")
def misses(store: Subject) -> None:
    """A query that matches no record returns None and raises nothing, for each kind of key, on an
    empty store and on a store with records.
    """
    for filled in (False, True):
        records = (
            three_logins(store) if filled else [login(store, "anna"), without_grant(store, "bert")]
        )
        nobody = login(store, "nobody")
        for record in records:
            for way, query in queries(record).items():
                field = way.replace(" ", "_")
                strangers = {
                    "another user": query.but(user=nobody.user),
                    "another client": query.but(client_id=nobody.client_id),
                    "the same name elsewhere": query.but(user=f"{_name_of(record)}@other.example"),
                    f"another {way}": query.but(**{field: "no.such.token"}),
                    f"SQL as {way}": query.but(**{field: "x' or '1'='1"}),
                }
                if field == "grant_token":
                    crossed = query.but(grant_token=None, refresh_token=record.grant_token)
                    strangers["a grant token as refresh token"] = crossed
                else:
                    crossed = query.but(grant_token=record.refresh_token, refresh_token=None)
                    strangers["a refresh token as grant token"] = crossed
                if not filled:
                    strangers["an empty store"] = query
                for what, stranger in strangers.items():
                    expect.nothing_found(store, stranger, what=f"{what}, by {way}", stored=records)
            query = record.only("user", "client_id", "client_secret")
            by_refresh = query.but(refresh_token=record.refresh_token)
            if found(store, by_refresh) is None:
                continue  # a record without a refresh token has what this query has
            answer = found(store, query)  # the store may refuse it: it has no key
            if answer is not None:
                what = "neither grant nor refresh token"
                shows = expect.answered(answer, query, records)
                raise ClauseFailed(f"None: {what}", str(answer), fault=Fault(shows=shows))


def _name_of(record: Record) -> str:
    """Return the part of the user's email before the @."""
    return str(record.user).partition("@")[0]


@check("FIND-12", generation="zcrmsdk")
def leaves_a_query_that_misses_alone(store: Subject) -> None:
    """If a find returns None, the query token is as it was before. In zcrmsdk its user_mail may be
    set to the email of the user.
    """
    records = [login(store, "anna"), without_grant(store, "bert")]
    for filled in (False, True):
        store = store.fresh()
        if filled:
            records = three_logins(store)
        for record in records:
            for way, query in queries(record).items():
                for stranger in _strangers(store, query, way):
                    for request in _starts(store, stranger, records[0]):
                        _must_be_left(store, request)


def _strangers(store: Subject, query: Record, way: str) -> Iterator[Record]:
    """Yield queries like this one that match no record, on an empty store or beside its record."""
    unknown = login(store, "dora")
    yield by_no_token(query, way)
    yield query.but(user=unknown.user)
    yield query.but(client_id=unknown.client_id)
    yield queries(unknown)[way]


def _starts(store: Subject, query: Record, another: Record) -> Iterator[Request]:
    """Yield finds with the token of a program's first login, and with tokens that it used before,
    which have the email of that user or of another.
    """
    back = Record(redirect_url="https://program.example/back")
    yield store.door.to_find(query.updated_by(back))
    if not store.door.by_id:  # in 2.x, tokens need a client secret
        yield store.door.to_find(query.without("client_secret"))
    for user, expiry in ((query, JUST_EXPIRED), (another, LATER)):
        used = back.but(access_token=zoho_token("of.yesterday"), expires_in=expiry)
        if query.refresh_token is None:
            used = used.but(refresh_token=zoho_token("refresh.of.yesterday"))
        yield handed_on(store, store.door.to_find(query.updated_by(used)), user)


def _must_be_left(store: Subject, request: Request) -> None:
    """Check that a find does not change its token, unless it finds a login or raises."""
    before = store.door.written(request.token)
    outcome = store.try_request(request)
    if outcome.error is not None or outcome.value is not None:
        return  # no miss: FIND-6 is about that
    store.read_whole(request.token)  # which fails if the token lacks an attribute now
    after = store.door.written(request.token)
    has_email = after.user == store.door.email_of(request.arguments[0])
    expect.equal(
        after,
        before,
        what="the query as it was,",
        ignore=("user",) if has_email else (),
        name=named(request.token, store.calls),
    )
