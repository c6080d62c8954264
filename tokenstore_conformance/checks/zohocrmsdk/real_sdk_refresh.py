"""SDK-3, 4, 5 and 8: a program that refreshes tokens, starts with an id and switches users."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.real_sdk import EXPIRED, access
from tokenstore_conformance.checks.zohocrmsdk.real_sdk import (
    ANNA,
    BERT,
    CARL,
    asks_nothing,
    first_login,
    leaves,
    program,
    refreshed,
    refreshes,
    starts,
    uses,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("SDK-3", generation="zohocrmsdk")
def keeps_a_refreshed_token(store: Subject) -> None:
    """When the SDK refreshes an expired token, the store then has one record for it, with the new
    access token and the same refresh token. In zohocrmsdk this holds for records with and without a
    user name.
    """
    for kind in (ANNA, ANNA.without("user")):
        for query in starts(kind):
            for expiry in EXPIRED:
                _keeps_what_it_refreshes(store.fresh(), kind.but(expires_in=expiry), query)


def _keeps_what_it_refreshes(store: Subject, expired: Record, query: Record) -> None:
    # A nameless record gets the name of its user. From then on, only its id leads to it.
    saved = store.given if expired.user else store.identified
    expired, bert = saved(expired, BERT)
    with program(store) as sdk:
        sdk.start(query)

        refreshes(sdk, expired)
        leaves(sdk, refreshed(sdk, expired, 1, "anna"), bert, after="the refresh")

        asked = len(sdk.zoho.requests)
        sdk.start(query)
        asks_nothing(sdk, asked, when=f"started again, with {query}, after the refresh")
        uses(sdk, query, access(1, "anna"))


@check("SDK-4", generation="zohocrmsdk")
def starts_with_an_id(store: Subject) -> None:
    """If the SDK starts with an id alone, it uses the record with that id, and refreshes it if it
    has expired. In zcrmsdk this binds the lines 2.x.
    """
    stored = store.identified(ANNA, BERT.without("user"), CARL.but(id="caller-1"))
    with program(store) as sdk:
        for record in stored:
            sdk.start(record.only("id"))

            asks_nothing(sdk, 0, when=f"started with the id {record.id!r}, which is stored")
            uses(sdk, record.only("id"), record.access_token)

    for expired in (ANNA, ANNA.without("user"), ANNA.but(id="77")):
        store = store.fresh()
        expired, bert = store.identified(expired.but(expires_in=EXPIRED[0]), BERT)
        with program(store) as sdk:
            sdk.start(expired.only("id"))

            refreshes(sdk, expired)
            leaves(sdk, refreshed(sdk, expired, 1, "anna"), bert, after="the refresh by id")


@check("SDK-5", generation="zohocrmsdk")
def keeps_users_apart(store: Subject) -> None:
    """Two users in one store never get each other's token, when the program switches between them,
    and when their tokens expire and are refreshed.
    """
    ways = list(zip(starts(ANNA), starts(BERT), strict=True))
    anna, bert, _ = store.given(ANNA, BERT, CARL)
    with program(store) as sdk:
        for to_anna, to_bert in ways:
            sdk.start(to_anna)
            for query, record in ((to_bert, bert), (to_anna, anna)):
                sdk.switch(query)

                uses(sdk, query, record.access_token)
        asks_nothing(sdk, 0, when="switched between stored users")

    for to_anna, to_bert in ways:
        store = store.fresh()
        anna, bert, carl = store.given(
            *(each.but(expires_in=EXPIRED[0]) for each in (ANNA, BERT, CARL))
        )
        with program(store) as sdk:
            sdk.zoho.lifetime = -60
            store.note("zoho.lifetime = -60")
            sdk.start(to_anna)
            sdk.switch(to_bert)
            sdk.switch(to_anna)

            refreshes(sdk, anna, bert, anna)
            anna, bert = refreshed(sdk, anna, 3, "anna"), refreshed(sdk, bert, 2, "bert")
            leaves(sdk, anna, bert, carl, after="switching between expired users")

    store = store.fresh()
    with program(store) as sdk:
        sdk.start(first_login("anna"))
        sdk.switch(first_login("bert"))
        for number, name in enumerate(("anna", "bert"), start=1):
            uses(sdk, first_login(name), access(number, name))


@check("SDK-8")
def takes_tokens_as_they_are(store: Subject) -> None:
    """A token from get_tokens or find_token_by_id can be passed to the SDK as it is. If it has
    expired, it is refreshed and saved.
    """
    for method in ("get_tokens", "find_token_by_id"):
        for kind in (ANNA.without("user"), ANNA):
            store = store.fresh()
            expired, bert = store.identified(kind.but(expires_in=EXPIRED[0]), BERT)
            token = _answered(store, method, expired)
            with program(store) as sdk:
                sdk.start(token, f"the SDK to start with a token from {method}")

                refreshes(sdk, expired)
                stored = refreshed(sdk, expired, 1, "anna")
                leaves(sdk, stored, bert, after=f"the refresh of a token from {method}")


def _answered(store: Subject, method: str, record: Record) -> object:
    """Return the token of that record, as the store made it."""
    if method == "find_token_by_id":
        answers = [store.answer(method, record.id)]
    else:
        listed = store.answer(method)
        answers = listed if isinstance(listed, list) else []
    for answer in answers:
        if answer is not None and store.read_whole(answer).id == record.id:
            return answer
    raise ClauseFailed(f"the token of the id {record.id!r} from {method}", "no such token")
