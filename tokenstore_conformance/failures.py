"""How a check ends that does not pass: plain data, so that every report can tell it its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tokenstore_conformance.records import Record

Said = Record | tuple[Record, ...] | str
"""A token, a listing, or anything else in its own words."""


@dataclass(frozen=True)
class Call:
    """One call on the store, as data: the method, its arguments, and what it answered."""

    method: str
    arguments: tuple[Said, ...]
    answer: Said
    store: str = "store"
    """The variable that a script calls this store."""

    def __str__(self) -> str:
        return self._told(str)

    def brief(self) -> str:
        """The call with what tells the tokens in it apart."""
        return self._told(lambda said: said.brief() if isinstance(said, Record) else str(said))

    def _told(self, word: Callable[[Said], str]) -> str:
        if not self.method:
            return f"{self.store} = another store over the same storage"
        code = f"{self.store}.{self.method}({', '.join(map(word, self.arguments))})"
        return code if self.answer == "None" else f"{code}  ->  {_answered(self.answer, word)}"


def _answered(answer: Said, word: Callable[[Said], str]) -> str:
    """An answer in one line; of a long listing the first three tokens."""
    if not isinstance(answer, tuple):
        return word(answer)
    more = [f"... {len(answer)} in all"] if len(answer) > 3 else []
    return "[" + ", ".join([*map(word, answer[:3]), *more]) + "]"


class ClauseFailed(Exception):
    """The store breaks the clause: what the contract expects, what it got, after which calls."""

    def __init__(
        self, expected: str, got: str, error: BaseException | None = None, history: str = ""
    ) -> None:
        super().__init__(expected, got)
        self.expected = expected
        self.got = got
        self.error = error
        """What the store raised, if it is that which broke the clause."""
        self.history = history
        """What happened at the same time, or between two processes, in several lines."""


class CannotJudge(Exception):
    """The check cannot begin, or not go on, because the store breaks one of these other clauses."""

    def __init__(self, reason: str, *clauses: str, otherwise: ClauseFailed | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.clauses = clauses
        self.otherwise = otherwise or ClauseFailed("a store on which this can be tried", reason)
        """What breaks this clause where the store breaks none of those."""


class NotApplicable(Exception):
    """The clause asks nothing of this store; says why."""


class Lacking(NotApplicable):
    """Because the store does not have the capability that it is about."""
