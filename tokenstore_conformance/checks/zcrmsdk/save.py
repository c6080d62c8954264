"""SAVE: a login is kept, once, and the token that was given is left as it was."""

from __future__ import annotations

from typing import Any, Final

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    KEPT,
    LATER,
    TO_USE,
    another_of,
    carries,
    found,
    holds,
    kept,
    login,
    queries,
    readable,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

EARLIER: Final = "1767222000000"


@five("SAVE-1")
def keeps_a_login(store: Subject) -> None:
    saved = []
    for record in (login(store, "anna"), without_grant(store, "bert"), login(store, "carl")):
        store.save(record)
        saved.append(record)
        for each in saved:
            _is_kept(store, each)


def _is_kept(store: Subject, record: Record) -> None:
    """Each key of it is stored, and by some key it is found whole, or it is listed so.

    Other clauses ask for each way to find it, and for the listing.
    """
    answers = {way: found(store, query) for way, query in queries(record).items()}
    listed = readable(store)
    for way, answer in answers.items():
        key = ("user", "client_id", way.replace(" ", "_"))
        if answer is None and record.only(*key) not in [each.only(*key) for each in listed]:
            expected = f"the login that was saved, found by {way}: {record}"
            raise ClauseFailed(expected, "None", fault=Fault(fields=_lost(record, listed)))
    if record.only(*KEPT) in [each.only(*KEPT) for each in listed]:
        return
    some = [each for each in answers.values() if each is not None]
    if not any(each.only(*TO_USE) == record.only(*TO_USE) for each in some):
        what = "the login that was saved, found by its key"
        carries(some[-1] if some else None, record, TO_USE, what)


def _lost(record: Record, listed: list[Record]) -> frozenset[str]:
    """The fields in which a login is listed otherwise than it was saved."""
    tokens = {record.access_token, record.refresh_token, record.grant_token}
    for each in listed:
        if tokens & ({each.access_token, each.refresh_token, each.grant_token} - {None}):
            names = (name for name in KEPT if getattr(each, name) != getattr(record, name))
            return frozenset(names)
    return frozenset()


@five("SAVE-23")
def updates_by_grant_token(store: Subject) -> None:
    anna, bert = login(store, "anna"), another_of(login(store, "anna"))
    store.given(bert, anna)
    for number, expiry in ((1, LATER), (2, LATER), (3, EARLIER)):
        anna = anna.but(
            access_token=f"access.{number}", expires_in=expiry, refresh_token=f"refresh.{number}"
        )
        store.save(anna)
        holds(store, bert, anna)
        by_grant = queries(anna)["grant token"]
        carries(store.find(by_grant), anna, TO_USE, "the login that was saved again")


@five("SAVE-24")
def updates_by_refresh_token(store: Subject) -> None:
    anna = without_grant(store, "anna")
    bert = another_of(anna)
    store.given(bert, anna)
    for number in (1, 2):
        anna = anna.but(access_token=f"access.{number}", expires_in=LATER)
        store.save(anna)
        holds(store, bert, anna)

    store = store.fresh()  # an update by refresh token of a login that has a grant token as well
    carl = login(store, "carl")
    store.given(carl)
    new = carl.but(grant_token=None, access_token="access.new", expires_in=LATER)
    store.save(new)
    open_fields = ("grant_token", "refresh_token")  # whether an update keeps them is open
    expect.are(
        [each.without(*open_fields) for each in store.records()],
        kept(store, new).without(*open_fields),
    )
    carries(store.find(queries(new)["refresh token"]), new, TO_USE, "the login that was saved")


@five("SAVE-6")
def keeps_users_apart(store: Subject) -> None:
    for make in (login, without_grant):
        store = store.fresh()
        anna = make(store, "anna")
        shared = ("client_id", "client_secret", "refresh_token", "grant_token")
        bert = make(store, "bert").updated_by(anna.only(*shared))
        namesake = make(store, "anna").but(user="anna@other.example", access_token="of.another")
        if namesake.id is not None:
            namesake = namesake.but(id="python_anna_other")
        for record in (anna, bert, namesake):
            store.save(record)
        holds(store, anna, bert, namesake)
        bert = bert.but(access_token="new", expires_in=LATER)
        store.save(bert)
        holds(store, anna, bert, namesake)


@five("SAVE-25")
def keeps_clients_apart(store: Subject) -> None:
    for make in (login, without_grant):
        store = store.fresh()
        one = make(store, "anna")
        store.save(one)
        store.save(another_of(one))
        holds(store, one, another_of(one))

        store = store.fresh()
        other = one.but(client_id="other.client", access_token="other.access")
        if other.id is not None:
            other = other.but(id="python_anna_other")
        store.save(one)
        store.save(other)
        holds(store, one, other)


@five("SAVE-26")
def sets_the_user_mail(store: Subject) -> None:
    capital = login(store, "cArl")
    for first in (login(store, "anna"), without_grant(store, "bert"), capital):
        for record in (first, first.but(access_token="new", expires_in=LATER)):
            mail = store.read_whole(store.save(record)).user
            if mail != first.user:
                raise ClauseFailed(
                    f"user_mail={first.user!r} on the token that was saved", repr(mail)
                )


@five("SAVE-20")
def saves_the_same_again(store: Subject) -> None:
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    for record in (anna, bert):
        request = store.door.to_save(record)
        store.request(request)
        store.request(request)
        store.save(record)
    holds(store, anna, bert)


@five("SAVE-22")
def keeps_nothing_else(store: Subject) -> None:
    anna = login(store, "anna")
    user = store.door.to_save(anna).arguments[0]
    for before in ((), (anna,)):
        store.given(*before)
        junk: tuple[Any, ...] = (None, "junk", {"access_token": "a"}, 42)
        for each in junk:
            listed = store.records()
            store.attempt("save_token", user, each)
            what = "a save of something that is no token"
            expect.same_records(store, listed, after=what)


@five("SAVE-21")
def leaves_the_given_token(store: Subject) -> None:
    anna = login(store, "anna")
    for record in (anna, anna.but(access_token="new", expires_in=LATER), without_grant(store, "b")):
        after = store.read_whole(store.save(record))
        given = record.without("user")  # which a save sets: SAVE-26
        wrong = [name for name, value in given.items() if getattr(after, name) != value]
        if wrong:
            raise ClauseFailed(
                f"the saved token as it was: {record.only(*wrong)}",
                str(after.only(*wrong)),
            )
