"""SDK-1 to SDK-5, SDK-8 and SDK-9: a program that logs in, refreshes and switches users.

Zoho is a stand-in that knows three users, and whose access tokens are numbered. Other clauses say
whether the store answers each call of the SDK rightly; these say whether the SDK's programs work,
which takes more: what a call must hand over to the next one, and what the SDK makes of an answer
that looks right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import CREDENTIALS, keys_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.in_sdk import Running, running

NAMES: Final = ("anna", "bert", "carl")
FAR_AHEAD: Final = "4102444800000"
"""The year 2100."""
EXPIRED: Final = ("1000", "-1")
"""Milliseconds since the epoch: a moment in 1970, and one before."""

BY_THE_CLOCK: Final = ("expires_in", "api_domain")
"""What a refresh sets to what nobody can know beforehand."""

STORED: Final = ("SAVE-1", "SAVE-6", "SAVE-10", "LIST-1", "LIST-2")
MISSES: Final = ("FIND-6", "FIND-11", "FIND-12")
FINDS: Final = ("FIND-1", "FIND-3", "FIND-4", "FIND-7", "FIND-11", "DATA-3")
UPDATES: Final = (
    *("SAVE-2", "SAVE-4", "SAVE-5", "SAVE-8", "SAVE-9", "SAVE-12"),
    *("SAVE-17", "SAVE-18", "SAVE-20"),
)


def email_of(name: str) -> str:
    return f"{name}@program.example"


def login_of(name: str) -> Record:
    """The record of a user who logged in to a program, by the name that the SDK gives the user."""
    return Record(
        user=f"{email_of(name)}:60001",
        client_id="program.client",
        client_secret="program.secret",
        refresh_token=f"{name}.refresh",
        access_token=f"{name}.access",
        grant_token=f"{name}.grant",
        expires_in=FAR_AHEAD,
        redirect_url="https://program.example/callback",
        api_domain="https://api.program.example",
    )


ANNA, BERT, CARL = map(login_of, NAMES)


def first_login(name: str) -> Record:
    """What a program is started with when a user logs in for the first time."""
    return login_of(name).only(*CREDENTIALS, "grant_token", "redirect_url")


def access(number: int, name: str) -> str:
    """The access token that Zoho hands out as the nth of all."""
    return f"access-{number}-of-{email_of(name)}"


@contextmanager
def program(store: Subject) -> Iterator[Running]:
    """The SDK with this store, and a Zoho that knows the three users."""
    with running(store) as sdk:
        for name in NAMES:
            login = login_of(name)
            sdk.zoho.add_login(
                email_of(name),
                grant=login.grant_token,
                refresh=login.refresh_token,
                access=login.access_token,
            )
        yield sdk


def starts(record: Record) -> Iterator[Record]:
    """What a program can be started with again: what identifies the record to find_token."""
    for way, query in keys_of(record).items():
        if way != "access token":  # SDK-9
            yield query


def leaves(sdk: Running, *expected: Record, after: str) -> None:
    """The store holds just these records; an id that is None is any id."""
    listed = [record.without(*BY_THE_CLOCK) for record in sdk.store.records()]
    try:
        expect.are(listed, *(record.without(*BY_THE_CLOCK) for record in expected))
    except ClauseFailed as failure:
        raise ClauseFailed(f"after {after} {failure.expected}", failure.got) from failure


def _uses(sdk: Running, token: Record, expected: str | None) -> None:
    """With this token the SDK sends this access token to Zoho's API."""
    used = sdk.access_token(token)
    if used != expected:
        raise ClauseFailed(f"the SDK uses the access token {expected!r} for {token}", repr(used))


def _asks_nothing(sdk: Running, asked_before: int, *, when: str) -> None:
    asked = [str(request) for request in sdk.zoho.requests[asked_before:]]
    if asked:
        raise ClauseFailed(f"the SDK asks Zoho for nothing when {when}", "; ".join(asked))


def _refreshes(sdk: Running, *expected: Record) -> None:
    """These are the refresh tokens that went to Zoho for new access tokens, in this order."""
    tokens = [str(record.refresh_token) for record in expected]
    sent = sdk.zoho.refreshed()
    if sent != tokens:
        raise ClauseFailed(f"the SDK sends {told(tokens)} to be refreshed", told(sent))


def told(tokens: list[str]) -> str:
    return ", ".join(map(repr, tokens)) or "nothing"


@check("SDK-1")
def keeps_a_first_login(store: Subject) -> None:
    store.given(ANNA, BERT)  # both, saved without the SDK, are there

    for lookup_fails in (False, True):
        store = store.fresh()
        with program(store) as sdk, _lookup(sdk, lookup_fails):
            stored: list[Record] = []
            for number, name in enumerate(("anna", "bert"), start=1):
                sdk.start(first_login(name))

                user = login_of(name).user if _knows_the_user(sdk) and not lookup_fails else None
                stored.append(login_of(name).but(user=user, access_token=access(number, name)))
                leaves(sdk, *stored, after=f"the login of {name!r} by grant token")


def _lookup(sdk: Running, fails: bool) -> AbstractContextManager[None]:
    """Whether Zoho refuses to say who the user is."""
    return sdk.zoho.failing("users") if fails else nullcontext()


def _knows_the_user(sdk: Running) -> bool:
    """Whether the SDK asked Zoho who the user is. Line 5 never does; the others do where the token
    has no user signature, not even an empty one."""
    return bool(sdk.zoho.asked("users"))


@check("SDK-2")
def asks_nothing_when_started_again(store: Subject) -> None:
    stored = store.given(ANNA, BERT.without("user"), CARL)
    with program(store) as sdk:
        for record in stored:
            for query in starts(record):
                sdk.start(query)

                _asks_nothing(sdk, 0, when=f"started with {query}, whose record is stored")
                _uses(sdk, query, record.access_token)

    store = store.fresh()
    with program(store) as sdk:
        sdk.start(first_login("anna"))
        asked = len(sdk.zoho.requests)
        for query in starts(ANNA if _knows_the_user(sdk) else ANNA.without("user")):
            sdk.start(query)

            _asks_nothing(sdk, asked, when=f"started again, with {query}")
            _uses(sdk, query, access(1, "anna"))


@check("SDK-3")
def keeps_a_refreshed_token(store: Subject) -> None:
    for kind in (ANNA.without("user"), ANNA):
        for query in starts(kind):
            for expiry in EXPIRED:
                _keeps_what_it_refreshes(store.fresh(), kind.but(expires_in=expiry), query)


def _keeps_what_it_refreshes(store: Subject, expired: Record, query: Record) -> None:
    expired, bert = store.given(expired, BERT)
    with program(store) as sdk:
        sdk.start(query)

        _refreshes(sdk, expired)
        leaves(sdk, _refreshed(sdk, expired, 1, "anna"), bert, after="the refresh")

        asked = len(sdk.zoho.requests)
        sdk.start(query)
        _asks_nothing(sdk, asked, when=f"started again, with {query}, after the refresh")
        _uses(sdk, query, access(1, "anna"))


def _refreshed(sdk: Running, record: Record, number: int, name: str) -> Record:
    """The record after the nth answer of the accounts server."""
    user = login_of(name).user if _knows_the_user(sdk) else record.user
    return record.but(user=user, access_token=access(number, name))


@check("SDK-4")
def starts_with_an_id(store: Subject) -> None:
    stored = store.identified(ANNA, BERT.without("user"), CARL.but(id="of-the-caller"))
    with program(store) as sdk:
        for record in stored:
            sdk.start(record.only("id"))

            _asks_nothing(sdk, 0, when=f"started with the id {record.id!r}, which is stored")
            _uses(sdk, record.only("id"), record.access_token)

    for expired in (ANNA, ANNA.without("user"), ANNA.but(id="77")):
        store = store.fresh()
        expired, bert = store.identified(expired.but(expires_in=EXPIRED[0]), BERT)
        with program(store) as sdk:
            sdk.start(expired.only("id"))

            _refreshes(sdk, expired)
            leaves(sdk, _refreshed(sdk, expired, 1, "anna"), bert, after="the refresh by id")


@check("SDK-5")
def keeps_users_apart(store: Subject) -> None:
    ways = list(zip(starts(ANNA), starts(BERT), strict=True))
    anna, bert, _ = store.given(ANNA, BERT, CARL)
    with program(store) as sdk:
        for to_anna, to_bert in ways:
            sdk.start(to_anna)
            for query, record in ((to_bert, bert), (to_anna, anna)):
                sdk.switch(query)

                _uses(sdk, query, record.access_token)
        _asks_nothing(sdk, 0, when="it switches between users who are stored")

    for to_anna, to_bert in ways:
        store = store.fresh()
        anna, bert, carl = store.given(
            *(each.but(expires_in="1000") for each in (ANNA, BERT, CARL))
        )
        with program(store) as sdk:
            sdk.zoho.lifetime = -60
            sdk.start(to_anna)
            sdk.switch(to_bert)
            sdk.switch(to_anna)

            _refreshes(sdk, anna, bert, anna)
            anna, bert = _refreshed(sdk, anna, 3, "anna"), _refreshed(sdk, bert, 2, "bert")
            leaves(sdk, anna, bert, carl, after="switching between expired users")

    store = store.fresh()
    with program(store) as sdk:
        sdk.start(first_login("anna"))
        sdk.switch(first_login("bert"))
        for number, name in enumerate(("anna", "bert"), start=1):
            _uses(sdk, first_login(name), access(number, name))


@check("SDK-8")
def takes_tokens_as_they_are(store: Subject) -> None:
    for method in ("get_tokens", "find_token_by_id"):
        for kind in (ANNA.without("user"), ANNA):
            store = store.fresh()
            expired, bert = store.identified(kind.but(expires_in=EXPIRED[0]), BERT)
            token = _answered(store, method, expired)
            with program(store) as sdk:
                sdk.start(token, f"the SDK starts with a token from {method}")

                _refreshes(sdk, expired)
                stored = _refreshed(sdk, expired, 1, "anna")
                leaves(sdk, stored, bert, after=f"the refresh of a token from {method}")


def _answered(store: Subject, method: str, record: Record) -> object:
    """The SDK's token of that record, as the store made it."""
    if method == "find_token_by_id":
        answers = [store.answer(method, record.id)]
    else:
        listed = store.answer(method)
        answers = listed if isinstance(listed, list) else []
    for answer in answers:
        if answer is not None and store.read_whole(answer).id == record.id:
            return answer
    raise ClauseFailed(f"{method} answers with the token of the id {record.id!r}", "none like it")


@check("SDK-9")
def saves_an_access_token_once(store: Subject) -> None:
    store.given(BERT, ANNA.only("access_token"))  # both, saved without the SDK, are there

    for lookup_fails in (False, True):
        store = store.fresh()
        (bert,) = store.given(BERT)
        with program(store) as sdk, _lookup(sdk, lookup_fails):
            query = ANNA.only("access_token")
            sdk.start(query)
            user = ANNA.user if _knows_the_user(sdk) and not lookup_fails else None
            stored = query.but(user=user)
            leaves(sdk, stored, bert, after="a start with an access token alone")

            asked, calls = len(sdk.zoho.requests), len(store.calls)
            sdk.start(query)
            _asks_nothing(sdk, asked, when="started again with that access token")
            again = [str(call) for call in store.calls[calls:] if call.method == "save_token"]
            if again:
                raise ClauseFailed("an access token is saved at the first start alone", again[0])
            leaves(sdk, stored, bert, after="a second start with that access token")
