"""The store that is being judged, in a running SDK that calls a stand-in for Zoho on loopback.

The SDK gets a store of its own type that passes every call on to the user's store, through
`Subject.attempt`. So the calls that the SDK makes are kept for the report, and run in the directory
of the storage. The user's store is not modified, and its exceptions reach the SDK unchanged.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import NOT_RAISED, Call, ClauseFailed, Fault
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import open_program
from tokenstore_conformance.sdk.stand_in import StandIn
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome

if TYPE_CHECKING:
    from tokenstore_conformance.sdk.program import Program


class Running:
    """The SDK at work with one store. `running` makes it."""

    def __init__(self, store: Subject, program: Program, zoho: StandIn) -> None:
        self.store = store
        self.zoho = zoho
        self.revokes = program.revokes
        self.program = program

    def add_login(self, login: Record) -> None:
        """Make Zoho know the tokens of a user's login."""
        self.zoho.add_login(
            str(login.user).partition(":")[0],
            grant=login.grant_token,
            refresh=login.refresh_token,
            access=login.access_token,
        )
        tokens = ("user", "refresh_token", "access_token", "grant_token")
        self.store.calls.append(Call.login(login.only(*tokens)))

    def start(self, token: Record | Any, what: str = "") -> Any:
        """Start the SDK as in a new process. Return the token that it was started with."""
        made = self._made(token)
        what = what or f"the SDK to start with {self.named(token)}"
        self.must(what, "start", lambda: self.program.start(made), made)
        return made

    def switch(self, token: Record) -> None:
        """Switch the user."""
        made = self._made(token)
        what = f"the SDK to switch to {token}"
        self.must(what, "switch", lambda: self.program.switch(made), made)

    def access_token(self, token: Record | Any) -> Any:
        """Return the access token that the SDK sends to Zoho's API for this token."""
        made = self._made(token)
        what = f"the SDK to get an access token for {self.named(token)}"
        return self.must(what, "get_token", lambda: self.program.get_token(made), made)

    def remove(self, token: Record | Any) -> Outcome:
        """Call `OAuthToken.remove`. It returns False if the store raised an exception."""
        made = self._made(token)
        return self.attempt("remove", lambda: self.program.remove(made), made)

    def revoke(self, id: str | None) -> Outcome:
        """Call `OAuthToken.revoke` on a token that is not stored."""
        asked = self._made(Record(access_token="asked.access"))
        return self.attempt("revoke", lambda: self.program.revoke(asked, id), id)

    def _made(self, token: Record | Any) -> Any:
        return self.store.door.build(token) if isinstance(token, Record) else token

    def named(self, token: Record | Any) -> str:
        """Return a record, or a token of the SDK, in words."""
        return str(token if isinstance(token, Record) else self.store.said(token))

    def must(self, what: str, step: str, call: Callable[[], Any], *arguments: Any) -> Any:
        """Make a step of the program, and return its value; an exception breaks the clause."""
        asked_before = len(self.zoho.requests)
        outcome = self.attempt(step, call, *arguments)
        if outcome.error is not None:
            asked = [str(request) for request in self.zoho.requests[asked_before:]]
            after = f", after it had asked Zoho: {'; '.join(asked)}" if asked else ""
            raise ClauseFailed(
                what,
                f"the exception {describe(outcome.error)}{after}",
                outcome.error,
                fault=Fault(self.store.last_raised, shows=Shown.NOT_FOUND),
                claim=NOT_RAISED,
            )
        return outcome.value

    def attempt(self, step: str, call: Callable[[], Any], *arguments: Any) -> Outcome:
        """Make a step of the program. If it raises, the exception is the outcome.

        ``step`` and ``arguments`` are how a script calls it.
        """
        number = self.store.begin_step(step, arguments)
        try:
            outcome = Outcome(call())
        except BaseException as error:
            if is_ours(error):
                raise
            outcome = Outcome(error=error)
        self.store.end_step(number, outcome)
        if self.store.avoided is not None:
            raise self.store.avoided
        if self.program.refused:
            raise ClauseFailed(
                "the SDK to call the Zoho that it was started with",
                f"it called {self.program.refused[0]}, as the store's answer said (blocked)",
            )
        return outcome


@contextmanager
def running(store: Subject) -> Iterator[Running]:
    """Run the SDK with this store, and with a Zoho that does not know a user yet.

    If a clause fails inside, the failure also names the first error in saving that the SDK
    swallowed. The SDK logs such errors and continues: that is the likely cause of what is missing.
    """
    for method in store.door.methods:
        store.require(method)
    zoho = _stand_in(os.getpid())
    zoho.reset()
    with open_program(store.door.module, _passed_on(store), zoho) as program:
        try:
            yield Running(store, program, zoho)
        except ClauseFailed as failure:
            errors = [each for each in program.swallowed if each.saving]
            if not errors:
                raise
            raise ClauseFailed(
                failure.expected,
                f"{failure.got}; the SDK swallowed {describe(errors[0].error)}, raised when it was "
                "about to save the token",
                failure.error or errors[0].error,
                claim=failure.claim,
            ) from failure


def _passed_on(store: Subject) -> Any:
    """Return a store of the SDK's own type that passes every call on to the user's store."""

    def passing(method: str) -> Callable[..., Any]:
        def call(_: Any, *arguments: Any) -> Any:
            outcome = store.attempt(method, *arguments)
            if outcome.error is not None:
                raise outcome.error
            return outcome.value

        return call

    body = {method: passing(method) for method in store.door.methods}
    return type("PassedOn", (store.door.store_type,), body)()


@cache
def _stand_in(process: int) -> StandIn:
    """Return the stand-in that the checks of this process share. A forked process has its own."""
    zoho = StandIn()
    atexit.register(zoho.close)
    return zoho
