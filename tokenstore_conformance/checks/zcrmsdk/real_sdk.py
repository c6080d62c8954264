"""SDK-1 to SDK-11: a program on the older SDK that logs in, refreshes, switches users and removes.

Zoho is a stand-in that knows two users, and whose access tokens are numbered. This SDK asks the
store when it is about to call the API; where the store finds nothing, it asks Zoho and saves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import carries
from tokenstore_conformance.checks.zohocrmsdk.real_sdk import EXPIRED, FAR_AHEAD, access, told
from tokenstore_conformance.checks.zohocrmsdk.real_sdk import email_of as mail_of
from tokenstore_conformance.failures import ClauseFailed, NotApplicable
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.in_sdk import Running, running

NAMES: Final = ("anna", "bert")
BY_THE_CLOCK: Final = ("expires_in", "id")
"""What a login sets to what the SDK alone knows."""

STORED: Final = ("SAVE-1", "LIST-1", "LIST-2", "DATA-4", "FIND-6", "FIND-11")


def login_of(store: Subject, name: str, expires: str = FAR_AHEAD) -> Record:
    """The record of a user who logged in to a program."""
    return Record(
        id=f"python_{name}_stand-in_{name}" if store.door.by_id else None,
        user=mail_of(name),
        client_id="program.client",
        client_secret="program.secret",
        refresh_token=f"{name}.refresh",
        access_token=f"{name}.access",
        grant_token=f"{name}.grant",
        expires_in=expires,
        redirect_url="https://program.example/callback",
    )


def by_grant(name: str) -> Record:
    """What a program is started with when a user logs in for the first time, and again."""
    return Record(
        user=mail_of(name),
        client_id="program.client",
        client_secret="program.secret",
        grant_token=f"{name}.grant",
        redirect_url="https://program.example/callback",
    )


def by_refresh(name: str) -> Record:
    """What a program may be started with once it has a refresh token."""
    return by_grant(name).but(grant_token=None, redirect_url=None, refresh_token=f"{name}.refresh")


class Session:
    """The older SDK with one store."""

    def __init__(self, sdk: Running) -> None:
        self.sdk = sdk
        self.store = sdk.store
        self._old: Any = sdk.program

    def start(self, query: Record) -> Any:
        """Start as a new process does; returns the token."""
        user, token = self._user_and_token(query)
        self.sdk.must(f"the SDK starts with {query}", lambda: self._old.start(token, user))
        return token

    def switch(self, query: Record) -> Any:
        """Go on as another user; returns the token."""
        user, token = self._user_and_token(query)
        self.sdk.must(f"the SDK switches to {query}", lambda: self._old.switch(token, user))
        return token

    def uses(self, token: Any, expected: str | None, what: str) -> None:
        """With this token the SDK sends this access token to Zoho's API."""
        used = self.sdk.must(what, lambda: self._old.authenticate(token))
        if used != expected:
            raise ClauseFailed(f"{what}: it uses the access token {expected!r}", repr(used))

    def remove(self, token: Any) -> None:
        """`OAuthToken.remove`, which says False where the store raised."""
        outcome = self.sdk.attempt(lambda: self._old.remove(token))
        if outcome.value is not True:
            raise ClauseFailed(
                f"OAuthToken.remove deletes the record of {self.store.said(token)}",
                f"False; the SDK swallowed what the store did: {self.store.calls[-1]}",
                outcome.error,
            )

    def _user_and_token(self, query: Record) -> tuple[Any, Any]:
        user, token = self.store.door.to_find(query).arguments
        return user, token


@contextmanager
def program(store: Subject) -> Iterator[Session]:
    """The SDK with this store, and a Zoho that knows two users."""
    with running(store) as sdk:
        for name in NAMES:
            login = login_of(store, name)
            sdk.zoho.add_login(
                mail_of(name),
                grant=login.grant_token,
                refresh=login.refresh_token,
                access=login.access_token,
            )
        yield Session(sdk)


def leaves(store: Subject, *expected: Record, after: str, ignored: tuple[str, ...] = ()) -> None:
    """The store lists just these records."""
    dropped = (*BY_THE_CLOCK, *ignored)
    kept = [store.door.comparable(record).without(*dropped) for record in expected]
    try:
        expect.are([record.without(*dropped) for record in store.records()], *kept)
    except ClauseFailed as failure:
        raise ClauseFailed(f"after {after} {failure.expected}", failure.got) from failure


def asks_nothing(session: Session, before: int, when: str) -> None:
    asked = [str(request) for request in session.sdk.zoho.requests[before:]]
    if asked:
        raise ClauseFailed(f"the SDK asks Zoho for nothing when {when}", "; ".join(asked))


def refreshes(session: Session, *names: str) -> None:
    """These users' refresh tokens went to Zoho for new access tokens, in this order."""
    tokens = [f"{name}.refresh" for name in names]
    sent = session.sdk.zoho.refreshed()
    if sent != tokens:
        raise ClauseFailed(f"the SDK sends {told(tokens)} to be refreshed", told(sent))


def save_all(store: Subject, *records: Record) -> None:
    """What earlier programs left in the store."""
    store.given(*records)


@five("SDK-1")
def keeps_a_first_login(store: Subject) -> None:
    with program(store) as session:
        stored: list[Record] = []
        for number, name in enumerate(NAMES, 1):
            token = session.start(by_grant(name))
            session.uses(token, access(number, name), f"{name!r} logs in by grant token")

            stored.append(login_of(store, name).but(access_token=access(number, name)))
            leaves(store, *stored, after=f"the login of {name!r} by grant token")
            query = login_of(store, name).only("user", "client_id", "client_secret", "grant_token")
            names = ("access_token", "refresh_token")
            carries(store.find(query), stored[-1], names, f"the login of {name!r} by grant token")


@five("SDK-2")
def asks_nothing_when_started_again(store: Subject) -> None:
    save_all(store, *(login_of(store, name) for name in NAMES))
    with program(store) as session:
        for query in (by_grant, by_refresh):
            for name in NAMES:
                what = f"the SDK starts with {query(name)}, whose record is stored"
                session.uses(session.start(query(name)), f"{name}.access", what)
                asks_nothing(session, 0, "started with what is stored")

    store = store.fresh()
    with program(store) as session:
        session.uses(session.start(by_grant("anna")), access(1, "anna"), "anna logs in")
        asked = len(session.sdk.zoho.requests)
        for query in (by_grant, by_refresh):
            session.uses(session.start(query("anna")), access(1, "anna"), "anna comes again")
            asks_nothing(session, asked, "started again after a login")


@five("SDK-3")
def keeps_a_refreshed_token(store: Subject) -> None:
    for query, ignored in ((by_grant, ()), (by_refresh, ("grant_token", "refresh_token"))):
        for expiry in EXPIRED:
            _keeps_what_it_refreshes(store.fresh(), query, expiry, ignored)


def _keeps_what_it_refreshes(
    store: Subject, query: Callable[[str], Record], expiry: str, ignored: tuple[str, ...]
) -> None:
    bert = login_of(store, "bert")
    save_all(store, login_of(store, "anna", expiry), bert)
    with program(store) as session:
        new = access(1, "anna")
        session.uses(session.start(query("anna")), new, "an expired token is refreshed")
        refreshes(session, "anna")
        anna = login_of(store, "anna").but(access_token=new)
        leaves(store, anna, bert, after="the refresh", ignored=ignored)

        asked = len(session.sdk.zoho.requests)
        session.uses(session.start(query("anna")), new, "the SDK starts again after the refresh")
        asks_nothing(session, asked, "started again after the refresh")


@five("SDK-4")
def starts_with_an_id(store: Subject) -> None:
    if not store.door.by_id:
        raise NotApplicable("this line of the SDK has no get_token_by_id")
    save_all(store, *(login_of(store, name) for name in NAMES))
    with program(store) as session:
        for name in NAMES:
            _start_by_id(session, name, f"{name}.access")
        asks_nothing(session, 0, "started with an id that is stored")

    store = store.fresh()
    bert = login_of(store, "bert")
    save_all(store, login_of(store, "anna", EXPIRED[0]), bert)
    with program(store) as session:
        _start_by_id(session, "anna", access(1, "anna"))
        refreshes(session, "anna")
        anna = login_of(store, "anna").but(access_token=access(1, "anna"))
        leaves(
            store, anna, bert, after="the refresh by id", ignored=("grant_token", "refresh_token")
        )


def _start_by_id(session: Session, name: str, expected: str) -> None:
    query = Record(user=mail_of(name), id=login_of(session.store, name).id)
    session.uses(session.start(query), expected, f"the SDK starts with the id {query.id!r}")


@five("SDK-5")
def keeps_users_apart(store: Subject) -> None:
    save_all(store, *(login_of(store, name) for name in NAMES))
    with program(store) as session:
        session.start(by_grant("anna"))
        for name in ("bert", "anna"):
            what = f"the SDK switches to {name!r}"
            session.uses(session.switch(by_grant(name)), f"{name}.access", what)
        asks_nothing(session, 0, "it switches between users who are stored")

    store = store.fresh()
    save_all(store, *(login_of(store, name, EXPIRED[0]) for name in NAMES))
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


@five("SDK-6")
def removes_a_saved_token(store: Subject) -> None:
    bert = login_of(store, "bert")
    save_all(store, bert)
    with program(store) as session:
        token = session.start(by_grant("anna"))
        session.uses(token, access(1, "anna"), "anna logs in by grant token")
        session.remove(token)

        leaves(store, bert, after="OAuthToken.remove on the token that logged in")


@five("SDK-11")
def removes_a_found_token(store: Subject) -> None:
    bert = login_of(store, "bert")
    save_all(store, login_of(store, "anna"), bert)
    with program(store) as session:
        token = session.start(by_grant("anna"))
        session.uses(token, "anna.access", "the SDK starts with what is stored")
        request = store.door.to_find(by_grant("anna"))
        answer = store.request(request)  # the token that was found may be another one
        session.remove(token if answer is request.token else answer)

        leaves(store, bert, after="OAuthToken.remove on a token that was found")
