"""SAVE-16 and 22: what is not stored."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import ANNA, BY_ACCESS, BY_GRANT, CREDENTIALS
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.guard.interrupts import takes_control
from tokenstore_conformance.records import Record, zoho_user
from tokenstore_conformance.subject import Subject


@check("SAVE-16")
def refuses_what_holds_no_token(store: Subject) -> None:
    """Saving a token that has an id or a user, but no grant, refresh or access token, and that
    matches no record, raises SDKException and stores nothing.
    """
    useless = (
        Record(id="999999"),
        Record(id="no-such-id"),
        Record(user=zoho_user("dora")),
        Record(id="999999", user=zoho_user("dora")),
        ANNA.only(*CREDENTIALS, "redirect_url", "expires_in").but(user=zoho_user("dora")),
        ANNA.only(*CREDENTIALS).but(id="no-such-id"),
    )
    for ground in ((), (ANNA, BY_ACCESS, BY_GRANT)):
        store = store.fresh()
        store.given(*ground)
        before = store.records()
        for token in useless:
            outcome = store.attempt("save_token", store.door.build(token))

            contents.same_records(store, before, after="a save that holds no token")
            expect.refused(outcome, store, what="there is no token in it to store")


@check("SAVE-22", generation="zohocrmsdk")
def stores_nothing_but_tokens(store: Subject) -> None:
    """Saving something that is not an OAuthToken (None, a str, a dict) does not change the store.
    The store may ignore it or raise an exception.
    """
    for ground in ((), (ANNA, BY_ACCESS)):
        store = store.fresh()
        store.given(*ground)
        before = store.records()
        things: tuple[object, ...] = (None, "a token", "", {}, {"user_name": "anna"}, 42, [])
        for thing in (*things, b"token"):
            outcome = store.attempt("save_token", thing)
            if outcome.error is not None and takes_control(outcome.error):
                raise ClauseFailed(
                    "nothing, or an ordinary exception",
                    f"the exception {describe(outcome.error)}",
                    outcome.error,
                )
            contents.same_records(store, before, after="a save of something that is not a token")
