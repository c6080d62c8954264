"""FIND-16, 17 and 19: which login a query finds."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    carries,
    login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Unreadable
from tokenstore_conformance.subject import Subject


def _found_by(store: Subject, way: str) -> None:
    for record in three_logins(store):
        query = queries(record).get(way)
        if query is not None:
            _must_be_that(store, query, record, f"found by {way}")


def _must_be_that(store: Subject, query: Record, record: Record, what: str) -> None:
    """Something is found, and nothing in it is of another login; FIND-18 asks for all of it."""
    answer = store.request(store.door.to_find(query))
    try:
        read = None if answer is None else store.door.read(answer)
    except Unreadable:
        return
    given = [] if read is None else [name for name in TO_USE if getattr(read, name) is not None]
    carries(read, record, tuple(given) or TO_USE, what)


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
    """A query for one user never finds a token of another user, even with that user's tokens in
    it.
    """
    anna = login(store, "anna")
    shared = anna.only("client_id", "client_secret", "refresh_token")
    bert = without_grant(store, "bert").updated_by(shared)
    store.given(anna, bert)
    for record, other in ((anna, bert), (bert, anna)):
        for way, query in queries(record).items():
            found = store.find(query)
            if found is not None and found.access_token == other.access_token:
                raise ClauseFailed(
                    f"by {way}, the token of {record.user!r}", f"the token of {other.user!r}"
                )
    for mine in queries(anna).values():
        stranger = mine.but(user=login(store, "carl").user)
        expect.nothing_found(store, stranger, what="a user with another's token")
