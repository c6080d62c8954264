"""SAVE-23 and 24: which record a save updates."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.samples import EXPIRED
from tokenstore_conformance.checks.zcrmsdk.samples import (
    LATER,
    OFTEN,
    TO_USE,
    another_of,
    carries,
    finds,
    found,
    given,
    holds,
    kept,
    login,
    nth_login,
    queries,
    without_grant,
    without_refresh,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject

NO_KEYS: Final = (
    {"client_secret": "rotated.secret"},
    {"redirect_url": "https://program.example/moved"},
)
"""What may change in a login that stays the same login."""


@check("SAVE-23")
def updates_by_grant_token(store: Subject) -> None:
    """A second save by the same grant token leaves one record, with the new access token, expiry
    and refresh token.
    """
    anna, bert = login(store, "anna"), another_of(login(store, "anna"))
    store.given(bert, anna)
    for number, expiry in ((1, LATER), (2, LATER), (3, EXPIRED)):
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
        {"refresh_token": zoho_token("refresh.last"), "expires_in": EXPIRED},
        *NO_KEYS,
    ):  # with the access token that is stored
        anna = anna.but(**changes)
        store.save(anna)
        holds(store, bert, anna)
        again = store.find(queries(anna)["grant token"])
        carries(again, anna, TO_USE, "the login saved again", shows=Shown.NOT_REFRESHED)
    _is_updated_often(store, anna, bert)
    _gets_its_refresh_token_later(store.fresh())
    _is_updated_among_many(store.fresh())


def _gets_its_refresh_token_later(store: Subject) -> None:
    """Check that a login stays one record if the server sends its refresh token later."""
    anna = without_refresh(store, "anna")
    given(store, anna)
    for changes in (
        {"access_token": zoho_token("access.1"), "expires_in": LATER},
        {"access_token": zoho_token("access.2"), "refresh_token": zoho_token("refresh.1")},
    ):
        anna = anna.but(**changes)
        store.save(anna)
        holds(store, anna)
    for way, query in queries(anna).items():
        what = f"the login that got its refresh token later, by {way}"
        carries(store.find(query), anna, TO_USE, what, shows=Shown.NOT_REFRESHED)


def _is_updated_among_many(store: Subject) -> None:
    """Update one of many logins of a user: a store that reads some at a time must read all."""
    anna, *others = (nth_login(login(store, "anna"), number) for number in range(OFTEN))
    store.given(anna, *others)
    anna = anna.but(access_token=zoho_token("access.new"), expires_in=LATER)
    store.save(anna)
    holds(store, anna, *others)


def _is_updated_often(store: Subject, anna: Record, bert: Record) -> None:
    """Update a login often: a store may act differently at every tenth save, for example."""
    for number in range(OFTEN):
        again = anna.but(access_token=zoho_token(f"access.often.{number}"))
        store.save(again)
        holds(store, bert, again)
    store.save(anna)


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
        {"expires_in": EXPIRED},  # with the access token that is stored
    ):
        anna = anna.but(**changes)
        store.save(anna)
        holds(store, bert, anna)
    _is_updated_often(store, anna, bert)
    save = store.door.to_save(anna)  # and with one object, as the SDK does after each refresh
    for changes in ({"access_token": zoho_token("access.3")}, *NO_KEYS):
        anna = anna.but(**changes)
        store.change(save.token, Record(**changes))
        store.request(save)
        holds(store, bert, anna)

    store = store.fresh()  # an update by refresh token of a login that has a grant token as well
    carl = login(store, "carl")
    another = another_of(carl)
    store.given(another, carl)
    by_refresh = queries(carl)["refresh token"]
    is_found = finds(store, by_refresh, carl)
    found(store, queries(carl)["grant token"])  # a cache has it then
    new = carl.but(grant_token=None, access_token=zoho_token("access.new"), expires_in=LATER)
    store.save(new)
    open_fields = ("grant_token", "refresh_token")  # whether an update keeps them is open
    left = [kept(store, each).without(*open_fields) for each in (another, new)]
    try:
        contents.are([each.without(*open_fields) for each in store.records()], *left)
    except ClauseFailed as failure:
        each_once = (
            f"[{contents.has('each', one)} for each in answer].count(True)" for one in left
        )
        failure.claim = f"[len(answer), {', '.join(each_once)}] == [2, 1, 1]"
        raise
    tokens = ("access_token", "refresh_token")
    if is_found:
        carries(store.find(by_refresh), new, tokens, "the login that was saved")
    answer = found(store, queries(carl)["grant token"])
    if answer is not None and answer.access_token == carl.access_token:
        expected = "the new access token by the grant token, or None"
        claim = f"not {contents.has('answer', carl.only('access_token'))}"
        fault = Fault(shows=Shown.NOT_REFRESHED)
        raise ClauseFailed(expected, str(answer), fault=fault, claim=claim)
