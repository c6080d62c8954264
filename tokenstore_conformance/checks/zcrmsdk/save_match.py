"""SAVE-6, 23, 24 and 25: which record a save updates, and when it adds one."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.zcrmsdk.samples import (
    LATER,
    TO_USE,
    another_of,
    carries,
    found,
    handed_on,
    holds,
    kept,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault
from tokenstore_conformance.records import NOW, zoho_token
from tokenstore_conformance.subject import Subject

EARLIER: Final = str(NOW - 3_600_000)


@check("SAVE-23")
def updates_by_grant_token(store: Subject) -> None:
    """A second save by the same grant token leaves one record, with the new access token, expiry
    and refresh token.
    """
    anna, bert = login(store, "anna"), another_of(login(store, "anna"))
    store.given(bert, anna)
    for number, expiry in ((1, LATER), (2, LATER), (3, EARLIER)):
        old = queries(anna)["refresh token"]
        found(store, old)  # a cache has it then
        shown = {anna.access_token, zoho_token(f"access.{number}")}
        anna = anna.but(
            access_token=zoho_token(f"access.{number}"),
            expires_in=expiry,
            refresh_token=zoho_token(f"refresh.{number}"),
        )
        store.save(anna)
        holds(store, bert, anna)
        by_grant = queries(anna)["grant token"]
        again = store.find(by_grant)
        carries(again, anna, TO_USE, "the login that was saved again", shows=Shown.NOT_REFRESHED)
        answer = found(store, old)
        if answer is not None and answer.access_token in shown:
            what = "by the refresh token that the save has replaced"
            raise ClauseFailed(f"None {what}", str(answer), fault=Fault(shows=Shown.OTHERS))
        again = store.find(queries(anna)["refresh token"])
        what = "the login, by the refresh token of the second save"
        carries(again, anna, TO_USE, what, shows=Shown.NOT_REFRESHED)
    store = store.fresh()
    store.given(bert, anna)
    for changes in (
        {"expires_in": LATER},
        {"refresh_token": zoho_token("refresh.last"), "expires_in": EARLIER},
    ):  # with the access token that is stored
        anna = anna.but(**changes)
        store.save(anna)
        holds(store, bert, anna)
        again = store.find(queries(anna)["grant token"])
        carries(again, anna, TO_USE, "the login saved again", shows=Shown.NOT_REFRESHED)


@check("SAVE-24")
def updates_by_refresh_token(store: Subject) -> None:
    """A second save by the same refresh token leaves one record, with the new access token and
    expiry.
    """
    anna = without_grant(store, "anna")
    bert = another_of(anna)
    store.given(bert, anna)
    for changes in (
        {"access_token": zoho_token("access.1"), "expires_in": LATER},
        {"access_token": zoho_token("access.2"), "expires_in": LATER},
        {"expires_in": EARLIER},  # with the access token that is stored
    ):
        anna = anna.but(**changes)
        store.save(anna)
        holds(store, bert, anna)

    store = store.fresh()  # an update by refresh token of a login that has a grant token as well
    carl = login(store, "carl")
    store.given(carl)
    new = carl.but(grant_token=None, access_token=zoho_token("access.new"), expires_in=LATER)
    store.save(new)
    open_fields = ("grant_token", "refresh_token")  # whether an update keeps them is open
    try:
        contents.are(
            [each.without(*open_fields) for each in store.records()],
            kept(store, new).without(*open_fields),
        )
    except ClauseFailed as failure:
        only = contents.has("each", kept(store, new).without(*open_fields))
        failure.claim = f"[{only} for each in answer] == [True]"
        raise
    tokens = ("access_token", "refresh_token")
    carries(store.find(queries(new)["refresh token"]), new, tokens, "the login that was saved")
    answer = found(store, queries(carl)["grant token"])
    if answer is not None and answer.access_token == carl.access_token:
        expected = "the new access token by the grant token, or None"
        claim = f"not {contents.has('answer', carl.only('access_token'))}"
        fault = Fault(shows=Shown.NOT_REFRESHED)
        raise ClauseFailed(expected, str(answer), fault=fault, claim=claim)


@check("SAVE-6", generation="zcrmsdk")
def keeps_users_apart(store: Subject) -> None:
    """Different users have separate records, even if they share client credentials or tokens. The
    whole user name decides: the same email with another organisation id is another user, and so is
    another email with the same organisation id, or at another domain.
    """
    for make in (login, without_grant):
        store = store.fresh()
        anna = make(store, "anna")
        shared = ("client_id", "client_secret", "refresh_token", "grant_token")
        bert = make(store, "bert").updated_by(anna.only(*shared))
        namesake = make(store, "anna").but(
            user="anna@other.example", access_token=zoho_token("of.another")
        )
        if namesake.id is not None:
            namesake = namesake.but(id="python_anna_other")
        users = [kept(store, each) for each in (anna, bert, namesake)]
        for number, record in enumerate((anna, bert, namesake), start=1):
            store.save(record)
            contents.has_added(store, *users[:number])
        bert = bert.but(access_token=zoho_token("new"), expires_in=LATER)
        store.save(bert)
        contents.leaves_others(store, [users[0], users[2]], kept(store, bert))

        bert = bert.but(access_token=zoho_token("newer"))
        carl = make(store, "carl").updated_by(anna.only(*shared))
        for record in (bert, carl):  # with a token that anna used before
            store.request(handed_on(store, store.door.to_save(record), anna))
        others = [users[0], users[2], kept(store, carl)]
        contents.leaves_others(store, others, kept(store, bert))


@check("SAVE-25")
def keeps_clients_apart(store: Subject) -> None:
    """One user has a separate record for each client, and for each login with a different grant or
    refresh token.
    """
    for make in (login, without_grant):
        store = store.fresh()
        store.given(make(store, "anna"), make(store, "bert"))

        store = store.fresh()
        one = make(store, "anna")
        store.save(one)
        store.save(another_of(one))
        holds(store, one, another_of(one))

        store = store.fresh()
        token = store.door.to_save(one)
        store.request(token)  # and once more with the same object, as the login goes on
        store.request(store.door.to_find(queries(one)[next(iter(queries(one)))]))
        store.change(token.token, another_of(one).without("user"))
        store.request(token)
        try:
            holds(store, one, another_of(one))
        except ClauseFailed as failure:
            why = "the store may have kept the token itself"
            raise CannotJudge(why, "ISO-1", "ISO-2", otherwise=failure) from failure

        store = store.fresh()
        other = one.but(client_id="other.client", access_token=zoho_token("other.access"))
        if other.id is not None:
            other = other.but(id="python_anna_other")
        store.save(one)
        store.save(other)
        holds(store, one, other)
