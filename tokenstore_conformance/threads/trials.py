"""Races, and the trials that are made of them: who calls what, switched where, answered how.

A `Race` says what is stored at first and what each thread calls. It is tried without switching (a
store that fails there is wrong without threads too), and then either with its first thread stopped
wherever it may matter, each place in a trial of its own, or a few times with random switches.
Before each trial the store is emptied and filled again.

How many trials are made depends on the store's code alone, never on a clock.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.history import History, Switch
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject.plain_store import RecordStore
from tokenstore_conformance.threads.history import Call, Recorder, told
from tokenstore_conformance.threads.interleaving import STUCK_AFTER, Interleaving, run
from tokenstore_conformance.threads.lookups import Lookups
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import (
    Patience,
    PauseBoth,
    PauseOnce,
    Place,
    Randomly,
    Strategy,
    worth_pausing_at,
)


@dataclass(frozen=True)
class Effort:
    """How many stops to try in each race: before lines and within lines.

    A race that is not over when no thread has moved for ``stuck_after`` seconds is given up.
    """

    before_lines: int = 24
    within_lines: int = 6
    stuck_after: float = STUCK_AFTER


DEFAULT_EFFORT: Final = Effort()

STOPPED_TWICE: Final = (16, 6)
"""Of each thread so many stops, where both are stopped."""


@dataclass(frozen=True)
class Race:
    """What is stored at first, and what each thread calls.

    The first thread is stopped wherever it may matter, unless there are ``random_runs``.
    """

    title: str
    stored: tuple[Record, ...]
    threads: tuple[tuple[Call, ...], ...]
    random_runs: int = 0
    stops: int = 1
    """2: in each trial the second thread is stopped as well, while the first is."""
    by: str = ""
    """The field by which its calls find, where that is not the user."""
    untouched: bool = False
    """Each trial has a store of its own, which is called for the first time in it."""


@dataclass(frozen=True)
class Trial:
    """What one run of a race did, as data."""

    stored: tuple[Record, ...]
    """What was listed before the threads began."""
    history: tuple[Operation, ...]
    """The calls of the threads, and last the main thread's get_tokens."""
    one_by_one: bool = False
    """Whether the threads ran one after another."""

    @property
    def listed(self) -> tuple[Record, ...] | None:
        """What is stored at the end; None where the listing raised."""
        listed = self.history[-1].result
        return listed if isinstance(listed, tuple) else None


@dataclass(frozen=True)
class Fault:
    """What a trial shows: a word for programs, a sentence for people, the calls it rests on."""

    kind: str
    sentence: str
    history: tuple[Operation, ...] = ()
    stacks: str = ""
    """Where threads stand that do not end, as text."""


@dataclass(frozen=True)
class Finding:
    """A fault, the race that showed it, and how its threads were switched."""

    race: str
    stored: tuple[Record, ...]
    fault: Fault
    switches: tuple[Switch, ...]
    without_threads: bool
    """It shows as well when the threads run one after the other."""
    left: tuple[Record, ...] | None = None
    """What was stored in the end; None where that is not known."""

    def __str__(self) -> str:
        return f"{self.race}: {self.fault.sentence}"

    @property
    def history(self) -> History:
        """What the threads did, as data."""
        return History(self.stored, self.fault.history, self.switches, self.left)


@dataclass
class Outcome:
    """What came of races: the first finding, if any, and how much was tried."""

    finding: Finding | None = None
    trials: int = 0
    left_out: int = 0
    """Stops that were not tried: beyond the effort."""
    calls: int = 0
    """Calls that the threads made."""
    raised: Counter[str] = field(default_factory=Counter)
    """Those of them that raised: how often which call raised what."""


Judge = Callable[[Trial], Fault | None]


class Unprepared(Exception):
    """The store could not be emptied and filled for a trial, by calls of one thread."""


class Track:
    """Where the races of a store are run, one after another, until the first finding."""

    def __init__(
        self, make_store: Callable[[], RecordStore], points: Points, effort: Effort
    ) -> None:
        """``make_store`` gives a fresh, empty store; ``points`` are where threads may switch."""
        self.outcome = Outcome()
        self._make_store = make_store
        self._points = points
        self._effort = effort
        self._patience = Patience()
        self._store: RecordStore | None = None
        self._lookups = Lookups()

    def learn(self, stored: Sequence[Record]) -> None:
        """See in which ways records are found, with one thread; raises `Unprepared`."""
        self._store = self._make_store()
        self._lookups.learn(self._store, _filled(self._store, stored))

    def run(self, race: Race, judge: Judge) -> Finding | None:
        """Try a race in all the ways that there is time for; raises `Unprepared`."""
        if self.outcome.finding is None and (not race.by or race.by in self._lookups.trusted):
            self.outcome.finding = self._first_finding(race, judge)
        return self.outcome.finding

    def _first_finding(self, race: Race, judge: Judge) -> Finding | None:
        if race.stops == 2:
            return self._sweep_twice(race, judge)
        if not race.random_runs:
            return self._sweep(race, judge)
        _, found = self._try(race, judge, PauseOnce(0, None), one_by_one=True)
        if found:
            return replace(found, without_threads=True)
        trials = (self._try(race, judge, Randomly(seed))[1] for seed in range(race.random_runs))
        return next(filter(None, trials), None)

    def _sweep(self, race: Race, judge: Judge) -> Finding | None:
        lines: dict[tuple[str, str, int], bool] = {}  # whether others waited for a stop there
        for within, at_most in (
            (False, self._effort.before_lines),
            (True, self._effort.within_lines),
        ):
            finely = (0,) if within else ()
            alone, found = self._try(race, judge, PauseOnce(0, None), finely, one_by_one=True)
            if found:
                return replace(found, without_threads=True)
            way = alone.ways[0]
            # Where others waited for a stop before, a lock may be held throughout the line: last.
            # Not left out, since a thread that is slow on a busy machine seems to wait as well.
            points = sorted(
                self._worth_pausing_at(alone, 0, within),
                key=lambda point: lines.get(way[point - 1].whole_line, False),
            )
            for done, point in enumerate(points):
                if done >= at_most:
                    self.outcome.left_out += len(points) - done
                    break
                stopped, found = self._try(race, judge, PauseOnce(0, point), finely)
                if found:
                    return found
                line = way[point - 1].whole_line
                lines[line] = lines.get(line, True) and stopped.has_blocked
        return None

    def _sweep_twice(self, race: Race, judge: Judge) -> Finding | None:
        """Stop the first thread, and then both, the second while the first is stopped.

        Before lines alone; and not both where either holds a lock that the other waits for: that is
        a stop of one alone.
        """
        alone, found = self._try(race, judge, PauseOnce(0, None), one_by_one=True)
        if found:
            return replace(found, without_threads=True)
        firsts, seconds = (
            self._worth_pausing_at(alone, thread)[:stops]
            for thread, stops in enumerate(STOPPED_TWICE)
        )
        open_points = []
        for point in firsts:
            once, found = self._try(race, judge, PauseOnce(0, point))
            if found:
                return found
            if not once.has_blocked:
                open_points.append(point)
        for point in open_points:
            for other in tuple(seconds):
                both, found = self._try(race, judge, PauseBoth(point, other))
                if found:
                    return found
                if any(each.thread == 0 and each.blocked for each in both.switches):
                    seconds.remove(other)
        return None

    def _worth_pausing_at(
        self, alone: Interleaving, thread: int, within: bool = False
    ) -> list[int]:
        """Where to stop a thread, the most telling points first.

        The lines of the store's own methods, each once; between them, where a method is entered
        again and further rounds of loops; then what the methods call, which seldom changes a store.
        """
        way, activations = alone.ways[thread], alone.activations[thread]
        begun = {activation: point for point, activation in reversed([*enumerate(activations, 1)])}
        lines, entries, rounds, others = [], [], [], []
        seen: set[Place] = set()
        for point in worth_pausing_at(way, within, activations):
            place = way[point - 1]
            if not self._points.in_method(place):
                others.append(point)
            elif place not in seen:
                lines.append(point)
            elif begun[activations[point - 1]] == point:
                entries.append(point)
            else:
                rounds.append(point)
            seen.add(place)
        return [*_two_to_one(lines, [*_two_to_one(entries, rounds)]), *others]

    def _try(
        self,
        race: Race,
        judge: Judge,
        strategy: Strategy,
        within_lines: Container[int] = (),
        one_by_one: bool = False,
    ) -> tuple[Interleaving, Finding | None]:
        limits.between_calls()
        store, stored = self._prepared(race)
        recorder = Recorder(store, stored)
        thunks = [recorder.thunk(index, calls) for index, calls in enumerate(race.threads)]
        interleaving = run(
            thunks,
            strategy,
            self._points,
            self._patience,
            within_lines,
            self._effort.stuck_after,
            recorder.clock,
        )
        self._count(recorder.history())
        left = None
        if interleaving.stuck is None:
            recorder.make(MAIN_THREAD, Call("get_tokens"))
            trial = Trial(stored, recorder.history(), one_by_one)
            fault, left = judge(trial), trial.listed
            if fault is None and left is not None:
                known = [*stored, *(call.record for calls in race.threads for call in calls)]
                sentence = self._lookups.fault(store, left, known, learning=one_by_one)
                fault = Fault("lookup", sentence, trial.history) if sentence else None
        else:
            fault = Fault("stuck", interleaving.stuck, recorder.history(), interleaving.stacks)
        if fault is None:
            return interleaving, None
        switches = tuple(each.as_data() for each in interleaving.switches)
        return interleaving, Finding(race.title, stored, fault, switches, False, left)

    def _count(self, history: Sequence[Operation]) -> None:
        self.outcome.trials += 1
        self.outcome.calls += len(history)
        self.outcome.raised.update(
            f"{operation.call} raised {operation.error}" for operation in history if operation.error
        )

    def _prepared(self, race: Race) -> tuple[RecordStore, tuple[Record, ...]]:
        """The store with what is stored at first; a new one where the last cannot be emptied."""
        if race.untouched:
            self._store = None
            return self._make_store(), ()
        if self._store is not None:
            with contextlib.suppress(Exception):
                return self._store, _filled(self._store, race.stored)
        self._store = self._make_store()
        return self._store, _filled(self._store, race.stored)


def _two_to_one(lines: Sequence[int], rounds: Sequence[int]) -> Iterator[int]:
    """All of both, in turn: two of the lines, one of the rounds."""
    left = iter(rounds)
    for number, point in enumerate(lines, 1):
        yield point
        if number % 2 == 0:
            yield from itertools.islice(left, 1)
    yield from left


def _filled(store: RecordStore, records: Sequence[Record]) -> tuple[Record, ...]:
    try:
        store.clear()
        for record in records:
            store.save(record)
        listed = tuple(store.get_tokens())
    except Exception as error:
        raise Unprepared(f"with one thread: {told(error)}") from error
    if sorted(map(str, records)) != sorted(str(record.without("id")) for record in listed):
        raise Unprepared(f"with one thread, {len(records)} saved, but listed: {listed}")
    return listed
