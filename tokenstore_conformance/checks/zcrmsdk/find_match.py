"""FIND-16, 17 and 19: which login a query finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tokenstore_conformance.checks import check, contents, expect, reused_memory
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.samples import CROWD
from tokenstore_conformance.checks.zcrmsdk.lacking import (
    by_grant_alone,
    those_kept,
    without_secret,
)
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    another_of,
    carries,
    found,
    handed_on,
    login,
    nth_login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request, Unreadable
from tokenstore_conformance.subject import Subject


def _found_by(store: Subject, way: str) -> None:
    """Check finds by one key, with any email in the token, and next to other logins of the user."""
    for record in (login(store, "anna"), without_grant(store, "bert")):
        store = store.fresh()  # a store may take no more than one
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
                asked = [name for name in TO_USE if getattr(beside, name) is None]
                _must_be_that(store, request, record, f"found by {way}, with {what}", asked)

    store = store.fresh()
    firsts = login(store, "anna"), without_grant(store, "bert")
    records = [each for first in firsts for each in (first, another_of(first))]
    store.given(*records)
    for record in records:
        for query in _by(way, record):
            what = f"found by {way}, next to another login of the user"
            _must_be_that(store, store.door.to_find(query), record, what)

    store = store.fresh()
    count = store.room_for(CROWD)
    often = (login if way == "grant token" else without_grant)(store, "zoe")
    records = [nth_login(often, number) for number in range(count)]
    store.given(*records)
    for record in (records[0], records[-1]):
        for query in _by(way, record):
            what = f"found by {way}, next to {count - 1} other logins of the user"
            _must_be_that(store, store.door.to_find(query), record, what)


def _beside_the_key(query: Record) -> Iterator[tuple[str, Record]]:
    """Yield values that a query may have and that are not part of its key."""
    yield "another client secret", Record(client_secret="a.new.secret")
    if query.grant_token is not None:
        yield "another refresh token", Record(refresh_token=zoho_token("of.yesterday"))


def _by(way: str, record: Record) -> list[Record]:
    """Return the query that finds a login in this way, if there is one."""
    return [query for each, query in queries(record).items() if each == way]


def _must_be_that(
    store: Subject, request: Request, record: Record, what: str, asked: Iterable[str] = TO_USE
) -> None:
    """Check that a login is found, and that no ``asked`` field is of another login.

    FIND-18 requires all of these fields, and FIND-20 those that the query had.
    """
    answer = store.request(request)
    try:
        read = None if answer is None else store.door.read(answer)
    except Unreadable:
        return
    given = [] if read is None else [name for name in asked if getattr(read, name) is not None]
    names = tuple(given or asked)
    carries(read, record, names, what, claim=contents.has("answer", record.only(*names)))


def _found_without_a_value(store: Subject) -> None:
    """Find logins for which Zoho gave no refresh token, and logins without a client secret."""
    bare = [*by_grant_alone(store, "dora"), *without_secret(store, "emil")]
    for record in those_kept(store, *bare):
        for query in _by("grant token", record):
            lacks = "refresh token" if record.refresh_token is None else "client secret"
            what = f"found by grant token, the login without a {lacks}"
            asked = [name for name in TO_USE if getattr(record, name) is not None]
            _must_be_that(store, store.door.to_find(query), record, what, asked)


def _found_after_a_miss(store: Subject) -> None:
    """Find by a refresh token that found nothing until a second save brought it."""
    anna = login(store, "anna")
    renewed = anna.but(refresh_token=zoho_token("anna.renewed"), access_token=zoho_token("newer"))
    (query,) = _by("refresh token", renewed)

    def comes(store: Subject) -> None:
        store.save(renewed)
        what = "found by refresh token, which a second save of the login has brought"
        _must_be_that(store, store.door.to_find(query), renewed, what)

    def control() -> None:
        ground = store.fresh()
        ground.given(anna)
        comes(ground)

    store.given(anna)
    found(store, query)
    try:
        comes(store)
    except ClauseFailed as failure:
        raise_unless_alike(store, failure, control, "SAVE")


@check("FIND-16")
def by_grant_token(store: Subject) -> None:
    """A query with a grant token finds the login with that grant token."""
    _found_by(store, "grant token")
    _found_without_a_value(store.fresh())


@check("FIND-17")
def by_refresh_token(store: Subject) -> None:
    """A query with a refresh token finds the login with that refresh token."""
    _found_by(store, "refresh token")
    _found_after_a_miss(store.fresh())


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
            for answer in _answers(store, query, other):
                if answer is not None and answer.access_token == other.access_token:
                    raise ClauseFailed(
                        f"by {way}, the token of {record.user!r}", f"the token of {other.user!r}"
                    )
    for mine in queries(anna).values():
        stranger = mine.but(user=login(store, "carl").user)
        for what, query in (
            ("a user with another's token", stranger),
            ("a user with another's tokens", stranger.but(access_token=anna.access_token)),
        ):
            expect.nothing_found(store, query, what=what)
        for answer in _answers(store, stranger, anna):
            if answer is not None and answer.access_token == anna.access_token:
                raise ClauseFailed("None: a user with another's token", str(answer))
    reused_memory.must_not_matter(store.fresh(), anna, login(store, "bert"))


def _answers(store: Subject, query: Record, other: Record) -> Iterator[Record | None]:
    """Yield what a query finds, without and with another user's user_mail in its token."""
    yield store.find(query)
    yield store.read(store.request(handed_on(store, store.door.to_find(query), other)))
