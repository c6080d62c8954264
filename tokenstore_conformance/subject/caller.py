"""Calls the user's store: takes and returns records, and keeps each call as data.

Whatever the store raises becomes an `Outcome`. So no exception of the store, not even `SystemExit`
or the skip of a test framework, is mistaken for one of the kit or of pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import (
    DROPPED,
    Call,
    Calls,
    CannotJudge,
    ClauseFailed,
    Fault,
    Raised,
    Said,
    named,
)
from tokenstore_conformance.guard import forks, limits
from tokenstore_conformance.guard.frames import describe, in_short, let_go
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.guard.output import trim_captured
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request, is_refusal
from tokenstore_conformance.sdk.values import (
    Endless,
    Unreadable,
    as_said,
    elements,
    is_text,
    must_end,
)
from tokenstore_conformance.target.methods import unusable_methods
from tokenstore_conformance.target.storage import Storage, working_in

ABOUT_ALL: Final = ("get_tokens", "delete_tokens")
"""The methods that may take longer the more tokens there are."""

OFTEN: Final = 16
"""The kit checks how much the store has printed each time it has made this many calls."""


@dataclass(frozen=True)
class Outcome:
    """The result of a call on the store: a value, or what it raised."""

    value: Any = None
    error: BaseException | None = None


class Caller:
    """Calls one store, and keeps the calls."""

    def __init__(self, door: Door, storage: Storage, calls: Calls, name: str) -> None:
        self.door = door
        self.storage = storage
        self.calls = calls
        self.name = name
        self.raw = storage.build()
        """The user's own store."""
        self.store = self.raw
        """The store that is called: the user's, or one that corrects its known faults."""
        self.last_raised: Raised | None = None
        """What the store raised in the last call in which it raised something."""
        self.unusable = dict(unusable_methods(self.door, self.raw))
        """The methods that the SDK cannot call, and why."""

    def let_go(self) -> None:
        """Drop the store, which must not be called any more."""
        self.raw = self.store = None

    # -- calls ---------------------------------------------------------------------------------

    def attempt(self, method: str, *arguments: Any) -> Outcome:
        """Call the store; what it raises is part of the outcome. A hang raises `Hung`."""
        self.require(method)
        said = tuple(map(self.said, arguments))
        limits.between_calls()
        self.storage.saves += method == "save_token"
        limits.step(method, self.storage.saves if method in ABOUT_ALL else 0)
        with forks.Watch(partial(_returned_twice, method)):
            try:
                return self._made(method, said, arguments)
            finally:
                limits.returned()

    def _made(self, method: str, said: tuple[Said, ...], arguments: tuple[Any, ...]) -> Outcome:
        """Make the call of `attempt`, once the clause is known to have time for it."""
        try:
            with working_in(self.storage.working_directory):
                value = self._interruptible(getattr(self.store, method), arguments)
        except limits.Hung as hung:
            self.storage.may_be_reused = False
            self.calls.append(Call(method, said, "does not return", self.name))
            hung.doing = method
            raise
        except BaseException as error:
            if from_the_keyboard(error):
                raise
            raised = f"raised {describe(error)}"
            refused = is_refusal(self.door, error)
            self.calls.append(
                Call(method, said, raised, self.name, refused=refused, given=arguments)
            )
            self.last_raised = Raised.by(method, error)
            let_go(error)
            return Outcome(error=error)
        if len(self.calls) % OFTEN == 0:
            trim_captured()
        if method == "get_tokens":
            self._check_end(value)
        elif method == "delete_tokens":
            self.storage.saves = 0
        id = self._id_set_on(arguments[0]) if method == "save_token" else ""
        self.calls.append(
            Call(
                method,
                said,
                self.said(value),
                self.name,
                made_id=id,
                given=arguments,
                returned=value,
            )
        )
        return Outcome(value)

    @staticmethod
    def _interruptible(method: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Call the method. Raise `Hung` even if the store catches it: the call took too long."""
        try:
            value = method(*arguments)
        except limits.Hung:
            raise
        except BaseException as error:
            limits.raise_if_interrupted(error)
            raise
        limits.raise_if_interrupted()
        return value

    def _id_set_on(self, token: Any) -> str:
        """Return the id of a saved token; "" if it has none, or if stores do not make ids."""
        if not self.door.makes_ids:
            return ""
        try:
            return self.door.read(token).id or ""
        except Unreadable:
            return ""

    def _check_end(self, listed: Any) -> None:
        """Raise `ClauseFailed`, in any clause, if a listing that has a length never ends."""
        try:
            must_end(listed)
        except Endless as endless:
            self.calls.append(Call("get_tokens", (), str(endless), self.name))
            raise _endless(endless) from None

    def answer(self, method: str, *arguments: Any) -> Any:
        """Call the store, and return its answer; an exception breaks the clause."""
        return self.completed(method, self.attempt(method, *arguments))

    def completed(self, method: str, outcome: Outcome) -> Any:
        """Return the value of a call; an exception breaks the clause."""
        if outcome.error is not None:
            raise ClauseFailed(
                f"{method} not to raise",
                f"the exception {describe(outcome.error)}",
                outcome.error,
                fault=Fault(Raised.by(method, outcome.error)),
            )
        return outcome.value

    def try_request(self, request: Request) -> Outcome:
        """Make a call that the door prepared; whatever the store raises is the outcome."""
        return self.attempt(request.method, *request.arguments)

    def request(self, request: Request) -> Any:
        """Make a call that the door prepared; an exception breaks the clause."""
        return self.answer(request.method, *request.arguments)

    def save(self, token: Record | Any) -> Any:
        """Save a record or a token of the SDK. Return the token as the store left it."""
        if isinstance(token, Record):
            request = self.door.to_save(token)
            self.request(request)
            return request.token
        self.answer("save_token", token)
        return token

    def keep(self, record: Record) -> None:
        """Save what a program saves, so that the store must keep at least this record."""
        self.save(self.door.in_full(record))

    def find(self, query: Record) -> Record | None:
        return self.read(self.request(self.door.to_find(query)))

    def find_by_id(self, id: str | None) -> Record | None:
        return self.read(self.request(self.door.to_find_by_id(id)))

    def records(self) -> list[Record]:
        """Return what get_tokens lists, with only the fields that the kit compares.

        None, a tuple and the like are accepted here: LIST-1 and LIST-2 judge them.
        """
        listed = self.elements(self.answer("get_tokens"))
        where = " in what get_tokens lists"
        return [self.door.comparable(self.read_whole(token, where)) for token in listed]

    def elements(self, listed: Any) -> list[Any]:
        """Return the elements of an answer of get_tokens, whatever type it has."""
        try:
            return elements(listed)
        except Endless as endless:
            raise _endless(endless) from None
        except Unreadable as error:
            raise ClauseFailed("a list of tokens from get_tokens", in_short(listed)) from error

    # -- reading -------------------------------------------------------------------------------

    def read(self, token: Any) -> Record | None:
        """Return the record of an answer that may be None."""
        return None if token is None else self.read_whole(token)

    def read_whole(self, token: Any, where: str = "") -> Record:
        try:
            return self.door.read(token)
        except Unreadable as error:
            raise ClauseFailed(f"a complete OAuthToken{where}", str(error)) from error

    def require(self, method: str) -> None:
        """Raise `CannotJudge` if the store has no such method, or one that the SDK cannot call."""
        if method in self.unusable:
            raise CannotJudge(self.unusable[method], "SHAPE-2")

    def said(self, value: Any) -> Said:
        """Return an argument or an answer as data that later calls cannot change."""
        if type(value) is list:
            return tuple(map(self._said_alone, value))
        return self._said_alone(value)

    def _said_alone(self, value: Any) -> Record | str:
        try:
            return self.door.named(value) or self.door.written(value)
        except Unreadable:
            return repr(as_said(value)) if is_text(value) else in_short(value)

    # -- what a check does between its calls ---------------------------------------------------

    def note(self, statement: str) -> None:
        """Add what the check does between its calls, as Python, to the calls of the report."""
        self.calls.append(Call.stating(statement, self.name))

    def begin_step(self, method: str, arguments: tuple[Any, ...]) -> int:
        """Begin a step of a program, in which the SDK makes calls. Return its number."""
        self.calls.append(Call.step(method, tuple(map(self.said, arguments)), arguments))
        return len(self.calls) - 1

    def end_step(self, number: int, outcome: Outcome) -> None:
        """End a step, and mark the calls since it began as made by the SDK."""
        raised = f"raised {describe(outcome.error)}" if outcome.error is not None else ""
        answer = raised or self.said(outcome.value)
        step = replace(self.calls[number], answer=answer, returned=outcome.value)
        by_sdk = [replace(each, by_sdk=True) for each in self.calls[number + 1 :]]
        self.calls[number:] = [step, *by_sdk]

    def drop_tokens(self) -> None:
        """Drop every token that was passed or returned so far, as a program does when done."""
        self.calls[:] = [replace(each, given=(), returned=None) for each in self.calls]
        self.note(DROPPED)

    def change(self, token: Any, record: Record) -> None:
        """Set fields of a token that the store was given or has returned."""
        fields = ", ".join(f"{name}={value!r}" for name, value in record.items())
        self.note(f"change({named(token, self.calls) or 'token'}, {fields})")
        self.door.fill(token, record)

    def empty(self, listed: list[Any]) -> None:
        """Remove every token from a list that the store has returned."""
        self.note(f"{named(listed, self.calls)}.clear()")
        listed.clear()


def _returned_twice(method: str) -> ClauseFailed:
    return ClauseFailed(f"{method} to return once", forks.TWICE, fault=Fault(shows=Shown.A_FORK))


def _endless(endless: Endless) -> ClauseFailed:
    fault = Fault(Raised.by("get_tokens", endless))
    return ClauseFailed("a list of tokens from get_tokens", str(endless), fault=fault)
