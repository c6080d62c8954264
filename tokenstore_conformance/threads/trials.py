"""Races and their trials, as data: who calls what, what happened, and what that shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tokenstore_conformance.history import History, Switch
from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.threads.recorder import Invocation


@dataclass(frozen=True)
class Race:
    """What is stored at first, and what each thread calls.

    The first thread is stopped wherever that may matter, unless there are ``random_runs``.
    """

    title: str
    stored: tuple[Record, ...]
    threads: tuple[tuple[Invocation, ...], ...]
    random_runs: int = 0
    stops: int = 1
    """If 2, the second thread is also stopped, while the first is."""
    by: str = ""
    """The field by which its calls find records, if that is not the user."""
    at_clients: bool = False
    """Whether a user has a record at each client, as in zcrmsdk. In zohocrmsdk, a user has one."""
    untouched: bool = False
    """Whether each trial makes the first calls on a new store. The race is left out if the first
    call on the store does nothing special."""


@dataclass(frozen=True)
class Trial:
    """What one run of a race did, as data."""

    stored: tuple[Record, ...]
    """What was listed before the threads began."""
    history: tuple[Operation, ...]
    """The calls of the threads, and finally the main thread's get_tokens."""
    one_by_one: bool = False
    """Whether the threads ran one after another."""

    @property
    def listed(self) -> tuple[Record, ...] | None:
        """What is stored at the end; None if the listing raised."""
        listed = self.history[-1].result
        return listed if isinstance(listed, tuple) else None


@dataclass(frozen=True)
class Anomaly:
    """What a trial shows: a word for programs, a sentence for people, and the calls behind it."""

    kind: str
    sentence: str
    history: tuple[Operation, ...] = ()
    stacks: str = ""
    """Where the threads are that do not end, as text."""


@dataclass(frozen=True)
class Counterexample:
    """An anomaly, the race that showed it, and how its threads were switched."""

    race: str
    stored: tuple[Record, ...]
    anomaly: Anomaly
    switches: tuple[Switch, ...]
    without_threads: bool
    """Whether the anomaly also shows when the threads run one after another."""
    left: tuple[Record, ...] | None = None
    """What was stored at the end; None if that is not known."""

    def __str__(self) -> str:
        return f"{self.race}: {self.anomaly.sentence}"

    @property
    def history(self) -> History:
        """What the threads did, as data."""
        return History(self.stored, self.anomaly.history, self.switches, self.left)


@dataclass
class Exploration:
    """The result of running races: the first counterexample, if any, and how much was tried."""

    counterexample: Counterexample | None = None
    trials: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    """How often the threads' calls raised. The keys are texts such as "save raised ..."."""


Criterion = Callable[[Trial], Anomaly | None]
