"""SDK-6 and 11: a program that removes tokens."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.real_sdk import access
from tokenstore_conformance.checks.zcrmsdk.real_sdk import (
    by_grant,
    by_refresh,
    leaves,
    login_of,
    one_token_for_two,
    program,
    unless_single_calls_fail,
)
from tokenstore_conformance.checks.zcrmsdk.samples import handed_on
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("SDK-6", generation="zcrmsdk")
def removes_a_saved_token(store: Subject) -> None:
    """OAuthToken.remove deletes the record of its token and no other. In zohocrmsdk the token has
    its id, in zcrmsdk it was saved in the same program.
    """
    bert = login_of(store, "bert")
    store.fresh().given(login_of(store, "anna"), bert)

    store = store.fresh()
    store.given(bert)
    with program(store) as session:
        token = session.start(by_grant("anna"))
        session.uses(token, access(1, "anna"), "anna logs in by grant token")
        session.remove(token)

        leaves(store, bert, after="OAuthToken.remove on the token that logged in")

    if not store.door.by_id:
        store = store.fresh()
        with program(store) as session, unless_single_calls_fail():
            try:
                token, anna, berts = one_token_for_two(session)
                leaves(store, anna, berts, after="switching to another user with the same token")
            except ClauseFailed as failure:
                why = "a program cannot go on with the token of another user"
                raise CannotJudge(why, "SDK-5", otherwise=failure) from failure
            session.remove(token)
            leaves(store, anna, after="OAuthToken.remove by a user who goes on with anna's token")


@check("SDK-11")
def removes_a_found_token(store: Subject) -> None:
    """OAuthToken.remove, on a token that was found, deletes its record and no other."""
    bert = login_of(store, "bert")
    store.given(login_of(store, "anna"), bert)
    _removes_what_is_found(store, by_grant("anna"), bert)

    capital = "aNna@anna.example"
    store = store.fresh()
    store.given(login_of(store, "anna").but(user=capital, grant_token=None), bert)
    with unless_single_calls_fail("an email with a capital letter, by refresh token"):
        _removes_what_is_found(store, by_refresh("anna").but(user=capital), bert)

    store = store.fresh()
    store.given(login_of(store, "anna"), bert)
    with program(store) as session, unless_single_calls_fail():
        session.start(by_grant("anna"))
        request = handed_on(store, store.door.to_find(by_grant("anna")), bert)
        session.remove(store.request(request))
        leaves(store, bert, after="OAuthToken.remove on a token that was found, and was bert's")


def _removes_what_is_found(store: Subject, query: Record, other: Record) -> None:
    with program(store) as session:
        token = session.start(query)
        session.uses(token, zoho_token("anna.access"), "the SDK starts with what is stored")
        request = store.door.to_find(query)
        answer = store.request(request)  # the found token may be another object
        session.remove(token if answer is request.token else answer)

        leaves(store, other, after="OAuthToken.remove on a token that was found")
