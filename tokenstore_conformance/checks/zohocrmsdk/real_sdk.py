"""A program on the real SDK: who logs in, and what it must do and leave in the store.

Other clauses judge whether the store answers each call of the SDK correctly. The SDK clauses judge
whether programs work. That also depends on what one call must pass on to the next, and on what the
SDK does with an answer that looks right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.real_sdk import AHEAD, access, email_of, left, quoted
from tokenstore_conformance.checks.samples import CREDENTIALS
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.in_sdk import Running, running

NAMES: Final = ("anna", "bert", "carl")

BY_THE_CLOCK: Final = ("expires_in", "api_domain")
"""Fields that a refresh sets to values that a check cannot know in advance."""


def login_of(name: str) -> Record:
    """Return the record of a user who logged in, with the user name that the SDK sets."""
    return Record(
        user=f"{email_of(name)}:60001",
        client_id="program.client",
        client_secret="program.secret",
        refresh_token=zoho_token(f"{name}.refresh"),
        access_token=zoho_token(f"{name}.access"),
        grant_token=zoho_token(f"{name}.grant"),
        expires_in=AHEAD,
        redirect_url="https://program.example/callback",
        api_domain="https://api.program.example",
    )


ANNA, BERT, CARL = map(login_of, NAMES)


def first_login(name: str) -> Record:
    """Return what a program starts with when a user logs in for the first time."""
    return login_of(name).only(*CREDENTIALS, "grant_token", "redirect_url")


@contextmanager
def program(store: Subject) -> Iterator[Running]:
    """Run the SDK with this store, and with a Zoho that knows the three users."""
    with running(store) as sdk:
        for name in NAMES:
            sdk.add_login(login_of(name))
        yield sdk


def starts(record: Record) -> Iterator[Record]:
    """Yield what a program can start with again: the queries that identify the record."""
    for way, query in keys_of(record).items():
        if way != "access token":  # SDK-9 starts with that
            yield query


def leaves(sdk: Running, *expected: Record, after: str) -> None:
    """Check that the store holds exactly these records. An id of None stands for any id."""
    listed = [record.without(*BY_THE_CLOCK) for record in sdk.store.records()]
    try:
        contents.are(listed, *(record.without(*BY_THE_CLOCK) for record in expected))
    except ClauseFailed as failure:
        # If the store keeps the SDK from asking who the user is, the name is open.
        by_zoho = () if all(each.user for each in expected) else ("user",)
        failure.claim = left((*BY_THE_CLOCK, *by_zoho), expected)
        raise failure.within(f"after {after}, ") from failure


def uses(sdk: Running, token: Record, expected: str | None) -> None:
    """Check that the SDK, with this token, sends this access token to Zoho's API."""
    used = sdk.access_token(token)
    if used != expected:
        raise ClauseFailed(
            f"the access token {expected!r} sent to Zoho for {token}",
            repr(used),
            claim=f"answer == {expected!r}",
        )


def asks_nothing(sdk: Running, asked_before: int, *, when: str) -> None:
    asked = [str(request) for request in sdk.zoho.requests[asked_before:]]
    if asked:
        expected = f"no request to Zoho when the SDK is {when}"
        raise ClauseFailed(
            expected,
            "; ".join(asked),
            fault=Fault(shows=Shown.NOT_FOUND),
            claim=f"zoho.asked[{asked_before}:] == []",
        )


def refreshes(sdk: Running, *expected: Record) -> None:
    """Check that the SDK sent just these refresh tokens to Zoho for new access tokens, in order."""
    tokens = [str(record.refresh_token) for record in expected]
    sent = sdk.zoho.refreshed()
    if sent != tokens:
        shows = Shown.NOT_REFRESHED if set(sent) <= set(tokens) else Shown.THE_USUAL
        wanted = f"{quoted(tokens)} sent to Zoho for new access tokens"
        claim = f"zoho.refreshed == {tokens}"
        raise ClauseFailed(wanted, quoted(sent), fault=Fault(shows=shows), claim=claim)


def lookup(sdk: Running, fails: bool) -> AbstractContextManager[None]:
    """Return a context in which Zoho refuses to say who the user is, if ``fails``."""
    if not fails:
        return nullcontext()
    sdk.store.note("zoho.knows_users = False")
    return sdk.zoho.failing("users")


def knows_the_user(sdk: Running) -> bool:
    """Whether the SDK asked Zoho who the user is. Line 5 never asks. The other lines ask if the
    token has no user signature, not even an empty one."""
    return bool(sdk.zoho.asked("users"))


def refreshed(sdk: Running, record: Record, number: int, name: str) -> Record:
    """Return the record after the nth answer of the accounts server."""
    user = login_of(name).user if knows_the_user(sdk) else record.user
    return record.but(user=user, access_token=access(number, name))
