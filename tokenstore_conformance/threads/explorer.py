"""Runs races on a store, each in many trials, until one shows an anomaly.

A race is first tried without switching: a store that fails there is wrong even without threads.
Then its first thread is stopped wherever that may matter, each place in a trial of its own, or its
threads are switched at random a few times. Before each trial the store is emptied and filled again.

The number of trials depends only on the store's code, never on a clock.
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
"""After a trial with more points than this, the next trial gets a new store."""

STOPPED_TWICE: Final = ((14, 2), (4, 5))
"""How many stops of each thread are tried if both are stopped: outside a lock, and under one."""


class Unprepared(Exception):
    """The store could not be emptied and filled for a trial, by calls of a single thread."""


def explore(
    races: Sequence[Race],
    criterion: Criterion,
    make_store: Callable[[], RecordStore],
    points: Points,
    stuck_after: float = STUCK_AFTER,
) -> Exploration:
    """Run races until the criterion finds an anomaly. Raises `Unprepared` or `Untraced`.

    ``make_store`` returns a new, empty store. Threads may switch at the ``points``. A race is given
    up if no thread has moved for ``stuck_after`` seconds.
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
    """The store switched off the tracing of a thread, so that the kit cannot stop the thread."""


class Explorer:
    """Runs races on one store, until the first counterexample."""

    def __init__(
        self, make_store: Callable[[], RecordStore], points: Points, stuck_after: float
    ) -> None:
        """``make_store`` returns a new, empty store. Threads may switch at the ``points``."""
        self.exploration = Exploration()
        self._make_store = make_store
        self._points = points
        self._stuck_after = stuck_after
        self._patience = Patience()
        self._store: RecordStore | None = None
        self._lookups = Lookups()
        self._begins_otherwise: bool | None = None
        """Whether the store does something only in its first call; None until that is known."""

    def learn(self, stored: Sequence[Record]) -> None:
        """Learn by which fields the store finds records, with one thread. Raises `Unprepared`."""
        self._store = self._make_store()
        self._lookups.learn(self._store, _filled(self._store, stored))

    def run(self, race: Race, criterion: Criterion) -> Counterexample | None:
        """Run the trials of a race, unless there is a counterexample already. Return it, if any.

        Raises `Unprepared` or `Untraced`.
        """
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
        """Stop the first thread at each point, in a trial of its own.

        ``waited`` says of a line whether others waited each time that the thread stopped in it.
        """
        way = alone.ways[0]
        # Lines in which others waited before come last: a lock may be held throughout the line.
        # They are not left out: on a busy machine, a slow thread seems to wait as well.
        points = sorted(
            most_telling_first(alone, 0, self._points, bool(within_lines)),
            key=lambda point: waited.get(way[point - 1].whole_line, False),
        )
        budget = WITHIN_LINES if within_lines else BEFORE_LINES
        stops = within_budget(points, alone.under_a_lock[0], budget)
        turns = {point: turn for turn, point in enumerate(sorted(stops))}
        for point in stops:
            stopped, found = self._try(
                race, criterion, PauseOnce(0, point), within_lines, turn=turns[point]
            )
            if found:
                return found
            line = way[point - 1].whole_line
            waited[line] = waited.get(line, True) and stopped.has_blocked
        return None

    def _sweep_twice(self, race: Race, criterion: Criterion) -> Counterexample | None:
        """Stop the first thread, and then both, the second while the first is stopped.

        Threads stop only before lines. If the second waits for a lock that the first holds at its
        stop, there is no trial that stops both there: the second would not reach its stop. Stops of
        the second under a lock are tried, because each thread may have made a lock of its own.
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
        """Run the threads one after another, beginning with each in turn. Return the first run."""
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
        turn: int | None = None,
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
            self._store = None  # it may keep a log that each call reads: start a new one
        left = None
        if interleaving.stuck is None:
            recorder.make(MAIN_THREAD, Invocation("get_tokens"))
            trial = Trial(stored, recorder.history(), one_by_one)
            anomaly, left = criterion(trial), trial.listed
            if anomaly is None and left is not None:
                known = [*stored, *(call.record for calls in race.threads for call in calls)]
                sentence = self._lookups.anomaly(store, left, known, learning=one_by_one, turn=turn)
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
        """Return the store, filled for a race, and its listing. Make a new store if necessary."""
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
