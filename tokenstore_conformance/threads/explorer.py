"""Runs races on a store, each in many trials, until one shows an anomaly.

A race is tried without switching (a store that fails there is wrong without threads too), and then
either with its first thread stopped wherever it may matter, each place in a trial of its own, or a
few times with random switches. Before each trial the store is emptied and filled again.

How many trials are made depends on the store's code alone, never on a clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject.plain_store import RecordStore
from tokenstore_conformance.threads.interleaving import STUCK_AFTER, Interleaving, run
from tokenstore_conformance.threads.locks import Observer
from tokenstore_conformance.threads.lookups import Lookups
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.recorder import Invocation, Recorder, told
from tokenstore_conformance.threads.schedules import (
    Patience,
    PauseBoth,
    PauseOnce,
    Randomly,
    Strategy,
)
from tokenstore_conformance.threads.stops import (
    Budget,
    Line,
    most_telling_first,
    of_both_kinds,
    within_budget,
)
from tokenstore_conformance.threads.trials import (
    Anomaly,
    Counterexample,
    Criterion,
    Exploration,
    Race,
    Trial,
)

BEFORE_LINES: Final = Budget(24, under_a_lock=4)
WITHIN_LINES: Final = Budget(6, under_a_lock=2)
"""How many stops of the first thread are tried in each race."""

LONG: Final = 5_000
"""Points in a trial, beyond which the next trial has a new store."""

STOPPED_TWICE: Final = ((14, 2), (4, 5))
"""How many stops of each thread are tried where both are stopped: outside of a lock, and inside."""


class Unprepared(Exception):
    """The store could not be emptied and filled for a trial, by calls of one thread."""


def explore(
    races: Sequence[Race],
    criterion: Criterion,
    make_store: Callable[[], RecordStore],
    points: Points,
    stuck_after: float = STUCK_AFTER,
) -> Exploration:
    """Run races until the criterion finds an anomaly in a trial; raises `Unprepared`, `Untraced`.

    ``make_store`` gives a fresh, empty store; ``points`` are where threads may switch. A race is
    given up where no thread has moved for ``stuck_after`` seconds.
    """
    explorer = Explorer(make_store, points, stuck_after)
    explorer.learn(max((race.stored for race in races), key=len))
    done = 0
    with limits.reaching(lambda: done, f"{len(races)} races"):
        for race in races:
            explorer.run(race, criterion)
            done += 1
    return explorer.exploration


class Untraced(Exception):
    """The store switched off the tracing of a thread, by which it is stopped."""


class Explorer:
    """Runs races on one store, until the first counterexample."""

    def __init__(
        self, make_store: Callable[[], RecordStore], points: Points, stuck_after: float
    ) -> None:
        """``make_store`` gives a fresh, empty store; ``points`` are where threads may switch."""
        self.exploration = Exploration()
        self._make_store = make_store
        self._points = points
        self._stuck_after = stuck_after
        self._patience = Patience()
        self._store: RecordStore | None = None
        self._lookups = Lookups()
        self._begins_otherwise: bool | None = None
        """Whether a store does something in its first call alone."""

    def learn(self, stored: Sequence[Record]) -> None:
        """See in which ways records are found, with one thread; raises `Unprepared`."""
        self._store = self._make_store()
        self._lookups.learn(self._store, _filled(self._store, stored))

    def run(self, race: Race, criterion: Criterion) -> Counterexample | None:
        """Try a race in all the ways that there is time for; raises `Unprepared`."""
        if self.exploration.counterexample is None and (
            not race.by or race.by in self._lookups.trusted
        ):
            self.exploration.counterexample = self._first_counterexample(race, criterion)
        return self.exploration.counterexample

    def _first_counterexample(self, race: Race, criterion: Criterion) -> Counterexample | None:
        if race.untouched and self._begins_otherwise is None:
            alone, found = self._try(race, criterion, PauseOnce(0, None), (0, 1), one_by_one=True)
            if found:
                return replace(found, without_threads=True)
            first, second = map(set, alone.ways)
            self._begins_otherwise = not first <= second
        if race.untouched and not self._begins_otherwise:
            return None
        if race.stops == 2:
            return self._sweep_twice(race, criterion)
        if not race.random_runs:
            return self._sweep(race, criterion)
        _, found = self._try_one_by_one(race, criterion)
        if found:
            return found
        trials = (self._try(race, criterion, Randomly(seed))[1] for seed in range(race.random_runs))
        return next(filter(None, trials), None)

    def _sweep(self, race: Race, criterion: Criterion) -> Counterexample | None:
        """Stop the first thread before lines, and then within lines."""
        waited: dict[Line, bool] = {}
        alone, found = self._try_one_by_one(race, criterion)
        found = found or self._stop_at_each(race, criterion, alone, (), waited)
        if found:
            return found
        alone, found = self._try(race, criterion, PauseOnce(0, None), (0,), one_by_one=True)
        return found or self._stop_at_each(race, criterion, alone, (0,), waited)

    def _stop_at_each(
        self,
        race: Race,
        criterion: Criterion,
        alone: Interleaving,
        within_lines: tuple[int, ...],
        waited: dict[Line, bool],
    ) -> Counterexample | None:
        """``waited`` is whether others waited for a stop in a line."""
        way = alone.ways[0]
        # Where others waited for a stop before, a lock may be held throughout the line: last.
        # Not left out, since a thread that is slow on a busy machine seems to wait as well.
        points = sorted(
            most_telling_first(alone, 0, self._points, bool(within_lines)),
            key=lambda point: waited.get(way[point - 1].whole_line, False),
        )
        budget = WITHIN_LINES if within_lines else BEFORE_LINES
        for point in within_budget(points, alone.under_a_lock[0], budget):
            stopped, found = self._try(race, criterion, PauseOnce(0, point), within_lines)
            if found:
                return found
            line = way[point - 1].whole_line
            waited[line] = waited.get(line, True) and stopped.has_blocked
        return None

    def _sweep_twice(self, race: Race, criterion: Criterion) -> Counterexample | None:
        """Stop the first thread, and then both, the second while the first is stopped.

        Before lines alone; and not both where the first holds a lock that the second waits for:
        that is a stop of one. A lock of the second need not be in the way of the first: each may
        have made one of its own.
        """
        alone, found = self._try_one_by_one(race, criterion)
        if found:
            return found
        firsts, seconds = (
            of_both_kinds(
                most_telling_first(alone, thread, self._points), alone.under_a_lock[thread], *counts
            )
            for thread, counts in enumerate(STOPPED_TWICE)
        )
        open_points = []
        for point in firsts:
            once, found = self._try(race, criterion, PauseOnce(0, point))
            if found:
                return found
            if not once.has_blocked:
                open_points.append(point)
        for point in open_points:
            for other in seconds:
                _, found = self._try(race, criterion, PauseBoth(point, other))
                if found:
                    return found
        return None

    def _try_one_by_one(
        self, race: Race, criterion: Criterion
    ) -> tuple[Interleaving, Counterexample | None]:
        """The threads one after another, beginning with each; returns how the first one ran."""
        alone: Interleaving | None = None
        for first in range(len(race.threads)):
            tried, found = self._try(race, criterion, PauseOnce(first, None), one_by_one=True)
            alone = alone or tried
            if found:
                return alone, replace(found, without_threads=True)
        assert alone is not None
        return alone, None

    def _try(
        self,
        race: Race,
        criterion: Criterion,
        strategy: Strategy,
        within_lines: Container[int] = (),
        one_by_one: bool = False,
    ) -> tuple[Interleaving, Counterexample | None]:
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
            self._stuck_after,
            recorder.clock,
            Observer(len(thunks), recorder.calls_begun) if one_by_one else None,
        )
        if not interleaving.is_traced:
            raise Untraced
        self._count(recorder.history())
        if sum(map(len, interleaving.ways)) > LONG:
            self._store = None  # a log that each call reads: the next trial begins a new one
        left = None
        if interleaving.stuck is None:
            recorder.make(MAIN_THREAD, Invocation("get_tokens"))
            trial = Trial(stored, recorder.history(), one_by_one)
            anomaly, left = criterion(trial), trial.listed
            if anomaly is None and left is not None:
                known = [*stored, *(call.record for calls in race.threads for call in calls)]
                sentence = self._lookups.anomaly(store, left, known, learning=one_by_one)
                anomaly = Anomaly("lookup", sentence, trial.history) if sentence else None
        else:
            anomaly = Anomaly("stuck", interleaving.stuck, recorder.history(), interleaving.stacks)
        if anomaly is None:
            return interleaving, None
        switches = tuple(each.as_data() for each in interleaving.switches)
        return interleaving, Counterexample(race.title, stored, anomaly, switches, False, left)

    def _count(self, history: Sequence[Operation]) -> None:
        self.exploration.trials += 1
        self.exploration.raised.update(
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
