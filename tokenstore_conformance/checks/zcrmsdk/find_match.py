"""FIND-16, 17 and 19: which login a query finds."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks import check, expect, reused_memory
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    another_of,
    carries,
    handed_on,
    login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request, Unreadable
from tokenstore_conformance.subject import Subject

NOTHING = Record()


def _found_by(store: Subject, way: str) -> None:
    """With any email in the token, and next to another login of the same user and client."""
    for record in (login(store, "anna"), without_grant(store, "bert")):
        store = store.fresh()  # which may take no more than one
        store.given(record)
        for query in _by(way, record):
            _must_be_that(store, store.door.to_find(query), record, f"found by {way}")

    store = store.fresh()
    records = three_logins(store)
    for record in records:
        for query in _by(way, record):
            request = store.door.to_find(query)
            _must_be_that(store, request, record, f"found by {way}")
            request = handed_on(store, store.door.to_find(query), login(store, "nobody"))
            _must_be_that(store, request, record, f"found by {way}, with another user_mail")
            for what, beside in _beside_the_key(query):
                request = store.door.to_find(query.updated_by(beside))
                _must_be_that(store, request, record, f"found by {way}, with {what}", left=beside)

    store = store.fresh()
    firsts = login(store, "anna"), without_grant(store, "bert")
    records = [each for first in firsts for each in (first, another_of(first))]
    store.given(*records)
    for record in records:
        for query in _by(way, record):
            what = f"found by {way}, next to another login of the user"
            _must_be_that(store, store.door.to_find(query), record, what)


def _beside_the_key(query: Record) -> Iterator[tuple[str, Record]]:
    """What a query may carry, and what is no part of its key."""
    yield "another client secret", Record(client_secret="a.new.secret")
    if query.grant_token is not None:
        yield "another refresh token", Record(refresh_token=zoho_token("of.yesterday"))


def _by(way: str, record: Record) -> list[Record]:
    """The query that finds a login in this way, if one does."""
    return [query for each, query in queries(record).items() if each == way]


def _must_be_that(
    store: Subject, request: Request, record: Record, what: str, left: Record = NOTHING
) -> None:
    """Something is found, and nothing in it is of another login; FIND-18 asks for all of it, and
    FIND-20 for what is ``left`` of the query.
    """
    answer = store.request(request)
    try:
        read = None if answer is None else store.door.read(answer)
    except Unreadable:
        return
    asked = [name for name in TO_USE if getattr(left, name) is None]
    given = [] if read is None else [name for name in asked if getattr(read, name) is not None]
    carries(read, record, tuple(given or asked), what)


@check("FIND-16")
def by_grant_token(store: Subject) -> None:
    """A query with a grant token finds the login with that grant token."""
    _found_by(store, "grant token")


@check("FIND-17")
def by_refresh_token(store: Subject) -> None:
    """A query with a refresh token finds the login with that refresh token."""
    _found_by(store, "refresh token")


@check("FIND-19")
def never_gives_away_another_users_token(store: Subject) -> None:
    """A query for one user never finds a token of another user, even with that user's tokens or
    user_mail in it.
    """
    anna = login(store, "anna")
    shared = anna.only("client_id", "client_secret", "refresh_token")
    bert = without_grant(store, "bert").updated_by(shared)
    store.given(anna, bert)
    for record, other in ((anna, bert), (bert, anna)):
        for way, query in queries(record).items():
            for found in _answers(store, query, other):
                if found is not None and found.access_token == other.access_token:
                    raise ClauseFailed(
                        f"by {way}, the token of {record.user!r}", f"the token of {other.user!r}"
                    )
    for mine in queries(anna).values():
        stranger = mine.but(user=login(store, "carl").user)
        expect.nothing_found(store, stranger, what="a user with another's token")
        for found in _answers(store, stranger, anna):
            if found is not None and found.access_token == anna.access_token:
                raise ClauseFailed("None: a user with another's token", str(found))
    reused_memory.must_not_matter(store.fresh(), anna, login(store, "bert"))


def _answers(store: Subject, query: Record, other: Record) -> Iterator[Record | None]:
    """What a query finds, and what it finds with the user_mail of another user in its token."""
    yield store.find(query)
    yield store.read(store.request(handed_on(store, store.door.to_find(query), other)))
