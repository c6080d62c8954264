"""The ways in which a check does not pass, and the calls that led there, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tokenstore_conformance.contract import Shown
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import History, Snapshot
from tokenstore_conformance.records import Record, shortened

Said = Record | tuple[Record | str, ...] | str
"""A token, a listing, or anything else as text."""


_CLOCK: Final = "clock"
"""The variable for the clocks in a script."""
_SDK: Final = "sdk"
"""The variable for a program on the SDK in a script."""
_ZOHO: Final = "zoho"
"""The variable for the stand-in for Zoho in a script."""


NOT_RAISED: Final = "not isinstance(answer, BaseException)"
"""A Python expression that is true in a script if the last call raised nothing."""


@dataclass(frozen=True)
class Call:
    """One call on the store, as data: the method, its arguments, and what it answered.

    Or one step between such calls: see `opening`, `stating` and `forwarding`.
    """

    method: str
    arguments: tuple[Said, ...]
    answer: Said
    store: str = "store"
    """The variable for this store in a script."""
    statement: str = ""
    """Python code that the program runs here, instead of a call on the store."""
    made_id: str = ""
    """The id under which the store keeps a saved token, if the store shows it."""
    refused: bool = False
    """Whether the call raised an SDKException."""
    given: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """The arguments themselves, so that a script can recognize a token that is passed twice."""
    returned: Any = field(default=None, compare=False, repr=False)
    """The answer itself."""
    by_sdk: bool = False
    """Whether the SDK made the call, in a step of a program."""

    @classmethod
    def opening(cls, store: str, answer: str = "") -> Call:
        """Return a step that opens another store over the same storage.

        ``answer`` is what that raised, or "".
        """
        return cls("", (), answer, store)

    @classmethod
    def stating(cls, statement: str, store: str) -> Call:
        """Return a step in which the program does something else, as Python code."""
        return cls("", (), "", store, statement)

    @classmethod
    def forwarding(cls, seconds: int) -> Call:
        """Return a step that moves the clocks forward by this many seconds."""
        return cls("forward", (str(seconds),), "None", _CLOCK)

    @classmethod
    def step(cls, method: str, said: tuple[Said, ...], given: tuple[Any, ...]) -> Call:
        """Return a step of a program on the SDK, in which the SDK calls the store."""
        return cls(method, said, "None", _SDK, given=given)

    @classmethod
    def login(cls, record: Record) -> Call:
        """Return a step that makes a login known to Zoho before a program starts."""
        return cls("add_login", (record,), "None", _ZOHO)

    @property
    def is_login(self) -> bool:
        return self.store == _ZOHO

    @property
    def is_step(self) -> bool:
        """Whether this is a step of a program on the SDK, or a login at Zoho before it."""
        return self.store in (_SDK, _ZOHO)

    @property
    def is_opening(self) -> bool:
        """Whether this opens another store."""
        return not self.method and not self.statement

    @property
    def moves_the_clocks(self) -> bool:
        return self.store == _CLOCK

    @property
    def is_lookup(self) -> bool:
        """Whether the call only reads."""
        return self.method.startswith(("find", "get"))

    def answered_with(self, got: str) -> bool:
        """Whether the answer of the call is the ``got`` of a failure."""
        answer = self.answer
        return got == (answer.brief() if isinstance(answer, Record) else answer)

    def __str__(self) -> str:
        return self._written(str)

    def brief(self, *, answered: bool = True) -> str:
        """Return the call with what distinguishes its tokens. Add the answer if ``answered``."""
        return self._written(
            lambda said: said.brief() if isinstance(said, Record) else str(said), answered
        )

    def _written(self, word: Callable[[Said], str], answered: bool = True) -> str:
        if self.statement:
            return self.statement
        if self.is_opening:
            return f"{self.store} = another store over the same storage"
        code = f"{self.store}.{self.method}({', '.join(map(word, self.arguments))})"
        if self.answer == "None" or not answered:
            return code
        return f"{code}  ->  {_answered(self.answer, word)}"


def _answered(answer: Said, word: Callable[[Said], str]) -> str:
    """Return an answer in one line. Show only the first three tokens of a long listing."""
    if not isinstance(answer, tuple):
        return word(answer)
    more = [f"... {len(answer)} in all"] if len(answer) > 3 else []
    return "[" + ", ".join([*map(word, answer[:3]), *more]) + "]"


DROPPED: Final = "# The program drops its tokens."
"""The statement after which new tokens are made where dropped ones were in memory."""


class Calls(list[Call]):
    """The calls of a check, without those that the kit made for itself in between. `whole` returns
    those too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside: list[tuple[int, list[Call]]] = []

    def clear(self) -> None:
        """Forget all calls."""
        super().clear()
        self._aside.clear()

    def set_aside(self, start: int) -> None:
        """Set aside the calls from this index on, because the kit made them for itself."""
        self._aside.append((start, self[start:]))
        del self[start:]

    def whole(self) -> tuple[Call, ...]:
        """Return all calls, in order."""
        merged, done = [], 0
        for start, aside in self._aside:
            merged += [*self[done:start], *aside]
            done = start
        return (*merged, *self[done:])


def named(value: object, calls: Sequence[Call]) -> str:
    """Return a script's name for a token or a listing that it has passed, or got as an answer.

    That is `token3`, `answer5` or `answer5[0]`, with the number of the call. "" for anything else.
    """
    for number, call in enumerate(calls):
        if call.by_sdk:  # a script does not make this call
            continue
        if any(each is value for each in call.given[-1:]):
            return f"token{number}"
        if call.returned is value:
            return f"answer{number}"
        if type(call.returned) is list:
            for index, each in enumerate(call.returned):
                if each is value:
                    return f"answer{number}[{index}]"
    return ""


class Raised(NamedTuple):
    """An exception that a call raised although the contract allows none there."""

    method: str
    error: str
    """The name of its type."""
    text: str
    """The exception as text, without numbers and quoted values, so that two of a kind are equal."""

    @classmethod
    def by(cls, method: str, error: BaseException) -> Raised:
        """Return what a call of this method raised."""
        return cls.described(method, describe(error))

    @classmethod
    def described(cls, method: str, error: str) -> Raised:
        """Like `by`, for an exception as text from `describe`, such as one of another process."""
        text = re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "_", error)
        return cls(method, error.partition(":")[0], text)


@dataclass(frozen=True)
class Fault:
    """What in the failure of a clause can explain why other clauses fail."""

    raised: Raised | None = None
    fields: frozenset[str] = frozenset()
    """The fields that were lost or changed."""
    shows: Shown = Shown.THE_USUAL
    """What the failure does to users, if that is not what its clause is about."""
    capacity: int | None = None
    """How many records the store holds at most."""
    only_expired: bool = False
    """Whether only records are missing whose access token had expired when they were saved."""
    ends_in: str = ""
    """The method in which the judging process died, or hung so that it had to be killed."""


NO_FAULT: Final = Fault()


class ClauseFailed(Exception):
    """The store breaks the clause.

    ``expected`` and ``got`` complete "expected ...; got ...": both are noun phrases.
    """

    def __init__(
        self,
        expected: str,
        got: str,
        error: BaseException | None = None,
        *,
        history: History | None = None,
        stacks: str = "",
        trace: str = "",
        fault: Fault | None = None,
        calls: Iterable[Call] | None = None,
        claim: str = "",
    ) -> None:
        super().__init__(expected, got)
        self.expected = shortened(expected)
        self.got = shortened(got)
        self.error = error
        """What the store raised, if that is what broke the clause."""
        self.history = history
        """What several threads did at the same time."""
        self.snapshots: tuple[Snapshot, ...] = ()
        """What the store and the model held after the last calls of a sequence."""
        self.stacks = stacks
        """The stacks of threads that do not end, as text."""
        self.trace = trace
        """The traceback of what the store raised in another thread, as text."""
        self.fault = fault or NO_FAULT
        """What can explain the failure of other clauses."""
        self.calls = None if calls is None else tuple(calls)
        """The calls that show the failure. None stands for those that the check made last."""
        self.claim = claim
        """Python that is true in a script of these calls once the fault is gone. "" if unknown."""

    def within(self, where: str, *, but: str = "") -> ClauseFailed:
        """Return the same failure with ``where`` before `expected`, and ``but`` after `got`."""
        failure = ClauseFailed(
            f"{where}{self.expected}",
            f"{self.got}{but}",
            self.error,
            history=self.history,
            stacks=self.stacks,
            trace=self.trace,
            fault=self.fault,
            calls=self.calls,
            claim=self.claim,
        )
        failure.snapshots = self.snapshots
        return failure


class CannotJudge(Exception):
    """The check cannot start or continue, because the store breaks one of these clauses."""

    def __init__(
        self,
        reason: str,
        *clauses: str,
        otherwise: ClauseFailed | None = None,
        shows: Shown = Shown.NO_START,
        claim: str = "",
    ) -> None:
        """``clauses`` are ids of clauses, or families such as "SAVE". If ``otherwise`` is not
        given, ``shows`` is what the failure does to users, and ``claim`` is what a script asserts.
        """
        super().__init__(reason)
        self.reason = reason
        self.clauses = clauses
        self.otherwise = otherwise or ClauseFailed(
            "the records that the test begins with",
            reason,
            fault=Fault(shows=shows),
            claim=claim,
        )
        """The failure of this clause if the store breaks none of `clauses`."""


class NotApplicable(Exception):
    """The clause asks nothing of this store. The message says why."""


class Lacking(NotApplicable):
    """The store does not have the capability that the clause is about."""


class TargetFailed(Exception):
    """The user's code around the store failed: a factory, a harness. The message says how.

    The store is not to blame, and the clause is not judged.
    """
