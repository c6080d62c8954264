"""A program on the older SDK: who logs in, and what it must do and leave in the store.

This SDK asks the store just before it calls Zoho's API. If the store finds nothing, the SDK asks
Zoho and saves the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.real_sdk import AHEAD, access, email_of, left, quoted
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.in_sdk import Running, running

NAMES: Final = ("anna", "bert")

BY_THE_CLOCK: Final = ("expires_in", "id")
"""Fields that a login sets to values that only the SDK knows."""


def login_of(store: Subject, name: str, expires: str = AHEAD) -> Record:
    """Return the record of a user who logged in to a program."""
    return Record(
        id=f"python_{email_of(name).partition('@')[0]}_stand-in_{name}"
        if store.door.by_id
        else None,
        user=email_of(name),
        client_id="program.client",
        client_secret="program.secret",
        refresh_token=zoho_token(f"{name}.refresh"),
        access_token=zoho_token(f"{name}.access"),
        grant_token=zoho_token(f"{name}.grant"),
        expires_in=expires,
        redirect_url="https://program.example/callback",
    )


def by_grant(name: str) -> Record:
    """Return what a program starts with when a user logs in, for the first time or again."""
    return Record(
        user=email_of(name),
        client_id="program.client",
        client_secret="program.secret",
        grant_token=zoho_token(f"{name}.grant"),
        redirect_url="https://program.example/callback",
    )


def by_refresh(name: str) -> Record:
    """Return what a program may start with once it has a refresh token."""
    return by_grant(name).but(
        grant_token=None, redirect_url=None, refresh_token=zoho_token(f"{name}.refresh")
    )


class Session:
    """The older SDK with one store."""

    def __init__(self, sdk: Running) -> None:
        self.sdk = sdk
        self.store = sdk.store
        self._old: Any = sdk.program

    def start(self, query: Record) -> Any:
        """Start as a new process does, and return the token."""
        user, token = self._user_and_token(query)
        what = f"the SDK to start with {query}"
        self.sdk.must(what, "start", lambda: self._old.start(token, user), user, token)
        return token

    def switch(self, query: Record, with_token: Any = None) -> Any:
        """Continue as another user, with their own token or with this one. Return the token."""
        user, own = self._user_and_token(query)
        token = own if with_token is None else with_token
        what = f"the SDK to switch to {query}"
        self.sdk.must(what, "switch", lambda: self._old.switch(token, user), user, token)
        return token

    def uses(self, token: Any, expected: str | None, when: str) -> None:
        """Check that the SDK, with this token, sends this access token to Zoho's API."""
        what = f"the SDK to get an access token when {when}"
        used = self.sdk.must(what, "get_token", lambda: self._old.authenticate(token), token)
        if used != expected:
            raise ClauseFailed(
                f"the access token {expected!r} sent to Zoho when {when}",
                repr(used),
                claim=f"answer == {expected!r}",
            )

    def remove(self, token: Any) -> None:
        """Call `OAuthToken.remove`, which returns False if the store raised."""
        outcome = self.sdk.attempt("remove", lambda: self._old.remove(token), token)
        if outcome.value is not True:
            raise ClauseFailed(
                f"True from OAuthToken.remove of {self.store.said(token)}",
                f"False; the SDK swallowed what the store did: {self.store.calls[-1]}",
                outcome.error,
                claim="answer is True",
            )

    def _user_and_token(self, query: Record) -> tuple[Any, Any]:
        user, token = self.store.door.to_find(query).arguments
        return user, token


@contextmanager
def program(store: Subject) -> Iterator[Session]:
    """Run the SDK with this store, and with a Zoho that knows two users."""
    with running(store) as sdk:
        for name in NAMES:
            sdk.add_login(login_of(store, name))
        yield Session(sdk)


@contextmanager
def unless_single_calls_fail(
    why: str = "a program goes on with the token of another user",
) -> Iterator[None]:
    """Raise `CannotJudge` for a failure: if single calls are wrong, other clauses say so."""
    try:
        yield
    except ClauseFailed as failure:
        families = ("SAVE", "FIND", "DEL", "DATA", "ISO")
        raise CannotJudge(why, *families, otherwise=failure) from failure


def one_token_for_two(session: Session) -> tuple[Any, Record, Record]:
    """Continue as bert with the token that was saved for anna. Return it, and both their logins.

    Only for 3.x: in 2.x the SDK does not ask the store about a token that has an access token.
    """
    token = session.start(by_refresh("anna"))
    session.uses(token, access(1, "anna"), "anna starts with a refresh token")
    session.switch(by_refresh("bert"), with_token=token)
    session.uses(token, access(2, "anna"), "bert, who has no login, goes on with anna's token")
    login = login_of(session.store, "anna").but(grant_token=None, access_token=access(1, "anna"))
    return token, login, login.but(user=email_of("bert"), access_token=access(2, "anna"))


def leaves(store: Subject, *expected: Record, after: str, ignored: tuple[str, ...] = ()) -> None:
    """Check that the store lists exactly these records."""
    dropped = (*BY_THE_CLOCK, *ignored)
    kept = [store.door.comparable(record).without(*dropped) for record in expected]
    try:
        contents.are([record.without(*dropped) for record in store.records()], *kept)
    except ClauseFailed as failure:
        failure.claim = left(dropped, expected)
        raise failure.within(f"after {after}, ") from failure


def asks_nothing(session: Session, before: int, when: str) -> None:
    asked = [str(request) for request in session.sdk.zoho.requests[before:]]
    if asked:
        expected = f"no request to Zoho when the SDK is {when}"
        raise ClauseFailed(
            expected,
            "; ".join(asked),
            fault=Fault(shows=Shown.NOT_FOUND),
            claim=f"zoho.asked[{before}:] == []",
        )


def refreshes(session: Session, *names: str) -> None:
    """Check that just these users' refresh tokens went to Zoho for new access tokens, in order."""
    tokens = [zoho_token(f"{name}.refresh") for name in names]
    sent = session.sdk.zoho.refreshed()
    if sent != tokens:
        shows = Shown.NOT_REFRESHED if set(sent) <= set(tokens) else Shown.THE_USUAL
        wanted = f"{quoted(tokens)} sent to Zoho for new access tokens"
        claim = f"zoho.refreshed == {tokens}"
        raise ClauseFailed(wanted, quoted(sent), fault=Fault(shows=shows), claim=claim)
