"""How a check ends that does not pass, and the calls that led there, as data."""

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
"""A token, a listing, or anything else in its own words."""


_CLOCK: Final = "clock"
"""The variable that a script calls the clocks."""
_SDK: Final = "sdk"
"""The variable that a script calls a program on the SDK."""
_ZOHO: Final = "zoho"
"""The variable that a script calls the stand-in for Zoho."""


NOT_RAISED: Final = "not isinstance(answer, BaseException)"
"""Python that is true in a script if the last call raised nothing."""


@dataclass(frozen=True)
class Call:
    """One call on the store, as data: the method, its arguments, and what it answered.

    Or one step between such calls: see `opening`, `stating` and `forwarding`.
    """

    method: str
    arguments: tuple[Said, ...]
    answer: Said
    store: str = "store"
    """The variable that a script calls this store."""
    statement: str = ""
    """Python that the program runs here, instead of a call on the store."""
    made_id: str = ""
    """The id under which the store keeps a saved token, as far as it says so."""
    refused: bool = False
    """Whether it raised an SDKException."""
    given: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """The arguments themselves, by which a script knows a token again that is passed twice."""
    returned: Any = field(default=None, compare=False, repr=False)
    """The answer itself."""
    by_sdk: bool = False
    """Whether the SDK made it, in a step of a program."""

    @classmethod
    def opening(cls, store: str, answer: str = "") -> Call:
        """Another store is opened over the same storage; ``answer`` is what that raised, if so."""
        return cls("", (), answer, store)

    @classmethod
    def stating(cls, statement: str, store: str) -> Call:
        """The program does something else, as Python."""
        return cls("", (), "", store, statement)

    @classmethod
    def forwarding(cls, seconds: int) -> Call:
        """The clocks are moved on by so many seconds."""
        return cls("forward", (str(seconds),), "None", _CLOCK)

    @classmethod
    def step(cls, method: str, said: tuple[Said, ...], given: tuple[Any, ...]) -> Call:
        """A step of a program on the SDK, in which the SDK calls the store."""
        return cls(method, said, "None", _SDK, given=given)

    @classmethod
    def login(cls, record: Record) -> Call:
        """Zoho knows this login before a program starts."""
        return cls("add_login", (record,), "None", _ZOHO)

    @property
    def is_login(self) -> bool:
        return self.store == _ZOHO

    @property
    def is_step(self) -> bool:
        """Whether a program is about to call Zoho, or calls the SDK."""
        return self.store in (_SDK, _ZOHO)

    @property
    def is_opening(self) -> bool:
        """Whether it opens another store."""
        return not self.method and not self.statement

    @property
    def moves_the_clocks(self) -> bool:
        return self.store == _CLOCK

    @property
    def is_lookup(self) -> bool:
        """Whether it only reads."""
        return self.method.startswith(("find", "get"))

    def answered_with(self, got: str) -> bool:
        """Whether its answer is what a failure says that it got."""
        answer = self.answer
        return got == (answer.brief() if isinstance(answer, Record) else answer)

    def __str__(self) -> str:
        return self._written(str)

    def brief(self, *, answered: bool = True) -> str:
        """The call with what tells the tokens in it apart; without its answer if not wanted."""
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
    """An answer in one line; of a long listing the first three tokens."""
    if not isinstance(answer, tuple):
        return word(answer)
    more = [f"... {len(answer)} in all"] if len(answer) > 3 else []
    return "[" + ", ".join([*map(word, answer[:3]), *more]) + "]"


DROPPED: Final = "# The program drops its tokens."
"""The statement after which tokens are made where others were in memory."""


class Calls(list[Call]):
    """The calls of a check, without those that the kit made for itself in between: `whole` has
    them too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside: list[tuple[int, list[Call]]] = []

    def clear(self) -> None:
        """Forget all calls."""
        super().clear()
        self._aside.clear()

    def set_aside(self, start: int) -> None:
        """The calls from this one on the kit made for itself."""
        self._aside.append((start, self[start:]))
        del self[start:]

    def whole(self) -> tuple[Call, ...]:
        """All calls, in order."""
        merged, done = [], 0
        for start, aside in self._aside:
            merged += [*self[done:start], *aside]
            done = start
        return (*merged, *self[done:])


def named(value: object, calls: Sequence[Call]) -> str:
    """What a script calls a token or a listing that it has passed, or got as an answer: `token3`,
    `answer5` or `answer5[0]`, by the number of the call. "" for anything else.
    """
    for number, call in enumerate(calls):
        if call.by_sdk:  # a script does not make it
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
    """An exception that a call raised where the contract has it raise none."""

    method: str
    error: str
    """The name of its type."""
    text: str
    """What it said, without numbers and quoted values, so that two of a kind are equal."""

    @classmethod
    def by(cls, method: str, error: BaseException) -> Raised:
        """What a call of this method raised."""
        return cls.described(method, describe(error))

    @classmethod
    def described(cls, method: str, error: str) -> Raised:
        """The same of an exception as `describe` has it, from another thread or process."""
        text = re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "_", error)
        return cls(method, error.partition(":")[0], text)


@dataclass(frozen=True)
class Fault:
    """How a clause fails, as far as that can explain why others do."""

    raised: Raised | None = None
    fields: frozenset[str] = frozenset()
    """The fields that were lost or changed."""
    shows: Shown = Shown.THE_USUAL
    """What it does to users, where that is not what its clause is about."""
    capacity: int | None = None
    """How many records the store holds at most."""
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
        """Where threads stand that do not end, as text."""
        self.trace = trace
        """The traceback of what the store raised in another thread, as text."""
        self.fault = fault or NO_FAULT
        """What can explain the failure of other clauses."""
        self.calls = None if calls is None else tuple(calls)
        """The calls that show it; None for those that the check made last."""
        self.claim = claim
        """Python that is true in a script of these calls, once the fault is gone; "" if unknown."""

    def within(self, where: str, *, but: str = "") -> ClauseFailed:
        """The same failure with ``where`` before what was expected, and ``but`` after what came."""
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
    """The check cannot start, or cannot go on, because the store breaks one of these clauses."""

    def __init__(
        self,
        reason: str,
        *clauses: str,
        otherwise: ClauseFailed | None = None,
        shows: Shown = Shown.NO_START,
        claim: str = "",
    ) -> None:
        """``clauses`` are ids of clauses, or families such as "SAVE". Where ``otherwise`` is not
        given, ``shows`` is what the failure does to users, and ``claim`` what a script asserts.
        """
        super().__init__(reason)
        self.reason = reason
        self.clauses = clauses
        self.otherwise = otherwise or ClauseFailed(
            "the records that this check starts from",
            reason,
            fault=Fault(shows=shows),
            claim=claim,
        )
        """What breaks this clause where the store breaks none of those."""


class NotApplicable(Exception):
    """The clause asks nothing of this store; the message says why."""


class Lacking(NotApplicable):
    """The store does not have the capability that the clause is about."""


class TargetFailed(Exception):
    """What the user wrote around the store failed: a factory, a harness. The message says how.

    The store is not to blame, and the clause is not judged.
    """
