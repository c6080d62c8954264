"""The calls that threads make on a store, recorded as a history."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tokenstore_conformance.guard.frames import describe, trace
from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject.plain_store import RecordStore, StoreRaised, StoreRefused
from tokenstore_conformance.threads.baton import GivenUp

NAMED: Final = (StoreRefused, StoreRaised)
"""Exceptions whose text names what the store raised, and whose cause is what it raised."""


@dataclass(frozen=True)
class Invocation:
    """A call to make. `delete` and `find_by_id` get the id that this record's user had at first.
    The other methods get the record."""

    method: str
    record: Record | None = None
    brings: tuple[str, ...] = ()
    """The fields that a save brings, if this generation of the SDK saves only what has changed."""


class Recorder:
    """Makes calls on a store, from any thread, and records them."""

    def __init__(self, store: RecordStore, stored: Sequence[Record]) -> None:
        """``stored`` is what the store holds at first."""
        self._store = store
        self._ids = {record.user: record.id for record in stored}
        self.clock = itertools.count()
        """Numbers the moments at which calls are made and return."""
        self._operations: dict[int, Operation] = {}

    def history(self) -> tuple[Operation, ...]:
        """Return the calls so far, including those that have not returned."""
        return tuple(self._operations.copy().values())

    def calls_begun(self, thread: int) -> int:
        """Return how many calls a thread has begun."""
        return sum(operation.thread == thread for operation in self._operations.values())

    def thunk(self, thread: int, calls: Sequence[Invocation]) -> Callable[[], None]:
        """Return a function that makes these calls, one after another."""

        def make_calls() -> None:
            for call in calls:
                self.make(thread, call)

        return make_calls

    def make(self, thread: int, call: Invocation) -> None:
        """Make a call and record its answer. While the call runs, it is recorded as pending."""
        argument = self._argument(call)
        begun = Operation(thread, call.method, argument, next(self.clock))
        self._operations[begun.invoked] = begun
        try:
            ended = replace(begun, result=self._answer(call.method, argument))
        except GivenUp:
            raise
        except BaseException as error:  # a store may raise SystemExit, or a test's own outcome
            ended = replace(
                begun,
                error=told(error),
                refused=isinstance(error, StoreRefused),
                trace=trace(error.__cause__ if isinstance(error, NAMED) else error),
            )
        self._operations[begun.invoked] = replace(ended, returned=next(self.clock))

    def _argument(self, call: Invocation) -> object:
        if call.record is None:
            return ()
        named_by_id = call.method in ("delete", "find_by_id")
        return self._ids[call.record.user] if named_by_id else call.record

    def _answer(self, method: str, argument: object) -> object:
        made = getattr(self._store, method)
        answer = made() if argument == () else made(argument)
        return tuple(answer) if method == "get_tokens" else answer


def told(error: BaseException) -> str:
    """Return a text of one line for an exception."""
    return str(error) if isinstance(error, NAMED) else describe(error)
