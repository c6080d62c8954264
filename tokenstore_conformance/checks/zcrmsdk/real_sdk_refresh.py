"""SDK-3, 4 and 5: a program that refreshes tokens, starts with an id and switches users."""

from __future__ import annotations

from collections.abc import Callable

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.real_sdk import EXPIRED, access, email_of
from tokenstore_conformance.checks.zcrmsdk.real_sdk import (
    NAMES,
    Session,
    asks_nothing,
    by_grant,
    by_refresh,
    leaves,
    login_of,
    one_token_for_two,
    program,
    refreshes,
    unless_single_calls_fail,
)
from tokenstore_conformance.failures import NotApplicable
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("SDK-3", generation="zcrmsdk")
def keeps_a_refreshed_token(store: Subject) -> None:
    """When the SDK refreshes an expired token, the store then has one record for it, with the new
    access token and the same refresh token. In zohocrmsdk this holds for records with and without a
    user name.
    """
    whole, without_grant = login_of(store, "anna"), login_of(store, "anna").but(grant_token=None)
    for anna, query, ignored in (
        (whole, by_grant, ()),
        (whole, by_refresh, ("grant_token", "refresh_token")),
        (without_grant, by_refresh, ()),
    ):
        for expiry in EXPIRED:
            _keeps_what_it_refreshes(store.fresh(), anna, expiry, query, ignored)


def _keeps_what_it_refreshes(
    store: Subject,
    anna: Record,
    expiry: str,
    query: Callable[[str], Record],
    ignored: tuple[str, ...],
) -> None:
    bert = login_of(store, "bert")
    store.given(anna.but(expires_in=expiry), bert)
    with program(store) as session:
        new = access(1, "anna")
        session.uses(session.start(query("anna")), new, "an expired token is refreshed")
        refreshes(session, "anna")
        anna = anna.but(access_token=new)
        leaves(store, anna, bert, after="the refresh", ignored=ignored)

        asked = len(session.sdk.zoho.requests)
        session.uses(session.start(query("anna")), new, "the SDK starts again after the refresh")
        asks_nothing(session, asked, "started again after the refresh")


@check("SDK-4", generation="zcrmsdk")
def starts_with_an_id(store: Subject) -> None:
    """If the SDK starts with an id alone, it uses the record with that id, and refreshes it if it
    has expired. In zcrmsdk this binds the lines 2.x.
    """
    if not store.door.by_id:
        raise NotApplicable("this line of the SDK has no get_token_by_id")
    store.given(*(login_of(store, name) for name in NAMES))
    with program(store) as session:
        for name in NAMES:
            _start_by_id(session, name, zoho_token(f"{name}.access"))
        asks_nothing(session, 0, "started with an id that is stored")

    store = store.fresh()
    bert = login_of(store, "bert")
    store.given(login_of(store, "anna", EXPIRED[0]), bert)
    with program(store) as session:
        _start_by_id(session, "anna", access(1, "anna"))
        refreshes(session, "anna")
        anna = login_of(store, "anna").but(access_token=access(1, "anna"))
        leaves(
            store, anna, bert, after="the refresh by id", ignored=("grant_token", "refresh_token")
        )


def _start_by_id(session: Session, name: str, expected: str) -> None:
    query = Record(user=email_of(name), id=login_of(session.store, name).id)
    session.uses(session.start(query), expected, f"the SDK starts with the id {query.id!r}")


@check("SDK-5", generation="zcrmsdk")
def keeps_users_apart(store: Subject) -> None:
    """Two users in one store never get each other's token, when the program switches between them,
    and when their tokens expire and are refreshed.
    """
    store.given(*(login_of(store, name) for name in NAMES))
    with program(store) as session:
        session.start(by_grant("anna"))
        for name in ("bert", "anna"):
            what = f"the SDK switches to {name!r}"
            session.uses(session.switch(by_grant(name)), zoho_token(f"{name}.access"), what)
        asks_nothing(session, 0, "switched between stored users")

    store = store.fresh()
    store.given(*(login_of(store, name, EXPIRED[0]) for name in NAMES))
    with program(store) as session:
        token = session.start(by_grant("anna"))
        session.uses(token, access(1, "anna"), "anna's expired token is refreshed")
        token = session.switch(by_grant("bert"))
        session.uses(token, access(2, "bert"), "bert's expired token is refreshed")
        refreshes(session, "anna", "bert")
        stored = (
            login_of(store, name).but(access_token=access(number, name))
            for number, name in enumerate(NAMES, 1)
        )
        leaves(store, *stored, after="switching between expired users")

    if not store.door.by_id:
        store = store.fresh()
        with program(store) as session, unless_single_calls_fail():
            _, *logins = one_token_for_two(session)
            leaves(store, *logins, after="switching to another user with the same token")
