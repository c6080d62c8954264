"""SAVE-6 and 25: which records a save keeps apart, and when it adds one."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.samples import EXPIRED
from tokenstore_conformance.checks.zcrmsdk.samples import (
    LATER,
    another_of,
    excused_by,
    given,
    handed_on,
    holds,
    kept,
    login,
    nth_login,
    queries,
    replaced,
    without_grant,
    without_refresh,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


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
        store.given(anna)
        for number, record in enumerate((bert, namesake), start=2):
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

        _leaves_whom_it_found(store.fresh(), anna, bert)

        store = store.fresh()
        dora = make(store, "dora").but(access_token=anna.access_token)
        store.save(anna)
        store.save(dora)
        with excused_by(store, "SAVE-1", "LIST-2"):
            contents.has_added(store, kept(store, anna), kept(store, dora))


def _leaves_whom_it_found(store: Subject, anna: Record, bert: Record) -> None:
    """Continue as bert with the token found for anna, and check that anna's login stays."""
    store.given(anna, bert)
    for way, query in queries(anna).items():
        token = store.request(store.door.to_find(query))
        if not isinstance(token, store.door.token_type):
            continue  # FIND-16 to FIND-18 are about that
        store.change(token, Record(access_token=zoho_token("of.bert")))
        if kept(store, anna) not in store.records():
            return  # ISO-2 is about that
        user, _ = store.door.to_save(bert).arguments
        store.try_request(Request("save_token", (user, token), token))
        listed = store.records()
        if kept(store, anna) not in listed:
            own = [each for each in listed if each.user == anna.user]
            raise ClauseFailed(
                f"the login of {anna.user!r} as it was, after a save by {bert.user!r} of the "
                f"token that was found by {way}",
                str(own[0]) if own else "no login of that user",
            )


@check("SAVE-25")
def keeps_clients_apart(store: Subject) -> None:
    """One user has a separate record for each client, and for each login with a different grant or
    refresh token.
    """
    for make in (login, without_grant, without_refresh):
        store = store.fresh()
        given(store, make(store, "anna"), make(store, "bert"))

        one = make(store, "anna")
        if one.refresh_token is not None:  # else the store may forget it
            expired = one.but(expires_in=EXPIRED)
            store = store.fresh()
            store.save(expired)
            store.save(another_of(one))
            holds(store, expired, another_of(one))
        store = store.fresh()
        store.save(one)
        store.save(another_of(one))
        holds(store, one, another_of(one))
        third = nth_login(one, 3).but(access_token=one.access_token)
        store.save(third)
        with excused_by(store, "SAVE-1", "LIST-2"):
            holds(store, one, another_of(one), third)

        store = store.fresh()
        token = store.door.to_save(one)
        store.request(token)  # the same object is saved again below, as another login
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

    store = store.fresh()  # by the refresh token that a login no longer has
    before = login(store, "anna")
    now = replaced(store, before)
    apart = before.but(grant_token=None, access_token=zoho_token("apart"))
    if apart.id is not None:
        apart = apart.but(id="python_anna_apart")
    store.save(apart)
    holds(store, now, apart)
