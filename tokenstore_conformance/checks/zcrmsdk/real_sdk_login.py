"""SDK-1 and 2: a program that logs in, and starts again."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.contents import has
from tokenstore_conformance.checks.real_sdk import access
from tokenstore_conformance.checks.zcrmsdk.real_sdk import (
    NAMES,
    asks_nothing,
    by_grant,
    by_refresh,
    leaves,
    login_of,
    program,
)
from tokenstore_conformance.checks.zcrmsdk.samples import carries
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("SDK-1", generation="zcrmsdk")
def keeps_a_first_login(store: Subject) -> None:
    """After a login with a grant token the store has one record for it, with access token and
    refresh token.
    """
    store.given(*(login_of(store, name) for name in NAMES))  # must work without the SDK

    store = store.fresh()
    with program(store) as session:
        stored: list[Record] = []
        for number, name in enumerate(NAMES, 1):
            token = session.start(by_grant(name))
            session.uses(token, access(number, name), f"{name!r} logs in by grant token")

            stored.append(login_of(store, name).but(access_token=access(number, name)))
            leaves(store, *stored, after=f"the login of {name!r} by grant token")
            query = login_of(store, name).only("user", "client_id", "client_secret", "grant_token")
            names = ("access_token", "refresh_token")
            carries(
                store.find(query),
                stored[-1],
                names,
                f"the login of {name!r} by grant token",
                claim=has("answer", stored[-1].only(*names)),
            )


@check("SDK-2", generation="zcrmsdk")
def asks_nothing_when_started_again(store: Subject) -> None:
    """If the SDK starts again with the same grant token or refresh token (in zohocrmsdk also with
    the user), it requests nothing from Zoho's accounts server.
    """
    store.given(*(login_of(store, name) for name in NAMES))
    with program(store) as session:
        for query in (by_grant, by_refresh):
            for name in NAMES:
                what = f"the SDK starts with {query(name)}, whose record is stored"
                session.uses(session.start(query(name)), zoho_token(f"{name}.access"), what)
                asks_nothing(session, 0, "started with what is stored")

    store = store.fresh()
    with program(store) as session:
        session.uses(session.start(by_grant("anna")), access(1, "anna"), "anna logs in")
        asked = len(session.sdk.zoho.requests)
        for query in (by_grant, by_refresh):
            session.uses(session.start(query("anna")), access(1, "anna"), "anna comes again")
            asks_nothing(session, asked, "started again after a login")
