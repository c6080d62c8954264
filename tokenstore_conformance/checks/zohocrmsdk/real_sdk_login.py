"""SDK-1, 2 and 9: a program that logs in, and starts again."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.real_sdk import access
from tokenstore_conformance.checks.zohocrmsdk.real_sdk import (
    ANNA,
    BERT,
    CARL,
    asks_nothing,
    first_login,
    knows_the_user,
    leaves,
    login_of,
    lookup,
    program,
    starts,
    uses,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("SDK-1", generation="zohocrmsdk")
def keeps_a_first_login(store: Subject) -> None:
    """After a login with a grant token the store has one record for it, with access token and
    refresh token.
    """
    store.given(ANNA, BERT)  # the store must take both without the SDK

    for lookup_fails in (False, True):
        store = store.fresh()
        with program(store) as sdk, lookup(sdk, lookup_fails):
            stored: list[Record] = []
            for number, name in enumerate(("anna", "bert"), start=1):
                sdk.start(first_login(name))

                user = login_of(name).user if knows_the_user(sdk) and not lookup_fails else None
                stored.append(login_of(name).but(user=user, access_token=access(number, name)))
                leaves(sdk, *stored, after=f"the login of {name!r} by grant token")


@check("SDK-2", generation="zohocrmsdk")
def asks_nothing_when_started_again(store: Subject) -> None:
    """If the SDK starts again with the same grant token or refresh token (in zohocrmsdk also with
    the user), it requests nothing from Zoho's accounts server.
    """
    stored = store.given(ANNA, BERT.without("user"), CARL)
    with program(store) as sdk:
        for record in stored:
            for query in starts(record):
                sdk.start(query)

                asks_nothing(sdk, 0, when=f"started with {query}, whose record is stored")
                uses(sdk, query, record.access_token)

    store = store.fresh()
    with program(store) as sdk:
        sdk.start(first_login("anna"))
        asked = len(sdk.zoho.requests)
        for query in starts(ANNA if knows_the_user(sdk) else ANNA.without("user")):
            sdk.start(query)

            asks_nothing(sdk, asked, when=f"started again, with {query}")
            uses(sdk, query, access(1, "anna"))


@check("SDK-9")
def saves_an_access_token_once(store: Subject) -> None:
    """If the SDK starts with an access token alone, it saves it once. If it starts again with it,
    it requests nothing, and there is still one record.
    """
    store.given(BERT, ANNA.only("access_token"))  # the store must take both without the SDK

    for lookup_fails in (False, True):
        store = store.fresh()
        (bert,) = store.given(BERT)
        with program(store) as sdk, lookup(sdk, lookup_fails):
            query = ANNA.only("access_token")
            sdk.start(query)
            user = ANNA.user if knows_the_user(sdk) and not lookup_fails else None
            stored = query.but(user=user)
            leaves(sdk, stored, bert, after="a start with an access token alone")

            asked, calls = len(sdk.zoho.requests), len(store.calls)
            sdk.start(query)
            asks_nothing(sdk, asked, when="started again with that access token")
            again = [str(call) for call in store.calls[calls:] if call.method == "save_token"]
            if again:
                raise ClauseFailed("no save_token at the second start", again[0])
            leaves(sdk, stored, bert, after="a second start with that access token")
