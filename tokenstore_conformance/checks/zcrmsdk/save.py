"""SAVE: a login is kept, once, and the token that was given is left as it was."""

from __future__ import annotations

from typing import Any, Final

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    KEPT,
    LATER,
    SAVED,
    TO_USE,
    carries,
    holds,
    kept,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

LISTED: Final = ("LIST-1",)


@five("SAVE-1", rests_on=("DATA-3",))
def keeps_a_login(store: Subject) -> None:
    saved = []
    for record in (login(store, "anna"), without_grant(store, "bert"), login(store, "carl")):
        store.save(record)
        saved.append(record)
        for each in saved:
            _is_kept(store, each)


def _is_kept(store: Subject, record: Record) -> None:
    """By some key it is found whole, or it is listed so: other clauses ask for each of them."""
    found = [store.find(query) for query in queries(record).values()]
    listed = [each.only(*KEPT) for each in map(store.read_whole, store.answer("get_tokens") or ())]
    if record.only(*KEPT) not in listed:
        for each in found[:-1]:
            if each is not None and each.only(*TO_USE) == record.only(*TO_USE):
                return
        carries(found[-1], record, TO_USE, "the login that was saved, found by its key")


@five("SAVE-2", rests_on=(*SAVED, "FIND-1"))
def updates_by_grant_token(store: Subject) -> None:
    anna, bert = login(store, "anna"), login(store, "bert")
    for record in (bert, anna):
        store.save(record)
    for number in (1, 2):
        anna = anna.but(
            access_token=f"access.{number}", expires_in=LATER, refresh_token=f"refresh.{number}"
        )
        store.save(anna)
        holds(store, bert, anna)
        by_grant = queries(anna)["grant token"]
        carries(store.find(by_grant), anna, TO_USE, "the login that was saved again")


@five("SAVE-3", rests_on=SAVED)
def updates_by_refresh_token(store: Subject) -> None:
    anna, bert = without_grant(store, "anna"), without_grant(store, "bert")
    for record in (bert, anna):
        store.save(record)
    for number in (1, 2):
        anna = anna.but(access_token=f"access.{number}", expires_in=LATER)
        store.save(anna)
        holds(store, bert, anna)


@five("SAVE-4", rests_on=SAVED)
def keeps_users_apart(store: Subject) -> None:
    for make in (login, without_grant):
        store = store.fresh()
        anna = make(store, "anna")
        bert = make(store, "bert").but(
            client_id=anna.client_id,
            client_secret=anna.client_secret,
            refresh_token=anna.refresh_token,
        )
        store.save(anna)
        store.save(bert)
        holds(store, anna, bert)
        bert = bert.but(access_token="new", expires_in=LATER)
        store.save(bert)
        holds(store, anna, bert)


@five("SAVE-5", rests_on=SAVED)
def keeps_clients_apart(store: Subject) -> None:
    for make in (login, without_grant):
        store = store.fresh()
        one = make(store, "anna")
        other = one.but(client_id="other.client", access_token="other.access")
        if other.id is not None:
            other = other.but(id="python_anna_other")
        store.save(one)
        store.save(other)
        holds(store, one, other)


@five("SAVE-6", rests_on=("SAVE-1",))
def sets_the_user_mail(store: Subject) -> None:
    anna = login(store, "anna")
    for record in (anna, anna.but(access_token="new", expires_in=LATER)):
        token = store.save(record)
        mail = store.read_whole(token).user
        if mail != anna.user:
            raise ClauseFailed(f"user_mail={anna.user!r} on the token that was saved", repr(mail))


@five("SAVE-7", rests_on=SAVED)
def saves_the_same_again(store: Subject) -> None:
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    for record in (anna, bert):
        request = store.door.to_save(record)
        store.request(request)
        store.request(request)
        store.save(record)
    holds(store, anna, bert)


@five("SAVE-8", rests_on=LISTED)
def keeps_nothing_else(store: Subject) -> None:
    anna = login(store, "anna")
    user = store.door.to_save(anna).arguments[0]
    for before in ((), (anna,)):
        for record in before:
            store.save(record)
        junk: tuple[Any, ...] = (None, "junk", {"access_token": "a"}, 42)
        for each in junk:
            listed = store.records()
            store.attempt("save_token", user, each)
            what = "a save of something that is no token"
            expect.same_records(store, listed, after=what)


@five("SAVE-9", rests_on=("SAVE-1",))
def leaves_the_given_token(store: Subject) -> None:
    anna = login(store, "anna")
    for record in (anna, anna.but(access_token="new", expires_in=LATER), without_grant(store, "b")):
        after = store.read_whole(store.save(record))
        wrong = [name for name, value in record.items() if getattr(after, name) != value]
        if wrong:
            raise ClauseFailed(
                f"the saved token as it was: {kept(store, record).only(*wrong) or record}",
                str(after.only(*wrong)),
            )
