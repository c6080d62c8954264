"""The baton: the thread that holds it runs, and the other threads of the run wait.

At each point that a thread reaches, a `Strategy` says which thread continues. Meanwhile,
`Baton.watch` makes sure that no thread waits endlessly. Two things can keep the holder from ending
while others wait, and neither is an error of the code under test:

- It is *blocked*: it waits for a lock, of any kind, that another thread holds. A step takes much
  longer than is usual at that place. The baton is taken from the thread, which queues for it again
  when it reaches its next point.
- It *spins*: it tries again and again to get something that another thread must release. It reaches
  a place much more often than is usual there. Another thread then runs to its end.

Both are recognized by time. So time decides how well threads are steered, but never what a program
is blamed for: a thread that was slow, not blocked, runs beside another thread for a moment, as
threads usually do.
"""

from __future__ import annotations

import math
import threading
from _thread import allocate_lock  # threading.Lock may be replaced
from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Final

from tokenstore_conformance.guard.interrupts import Ours
from tokenstore_conformance.guard.processor_time import is_running, seconds_of_thread
from tokenstore_conformance.plural import in_seconds
from tokenstore_conformance.threads.schedules import Handover, Patience, Place, Strategy

ENDLESS_AFTER: Final = 200_000
"""If all threads together reach more points than this, they are given up as an endless loop."""

A_LOOK: Final = 0.1
"""The most seconds that one look at the threads adds to the time in which none moved. If more time
passed since the look before, the whole process got no processor."""


class GivenUp(Ours):
    """Raised at a thread's next point, to end it, after its run was given up."""


class Baton:
    """The baton that ``count`` threads pass to one another. An index names a thread."""

    def __init__(
        self, count: int, strategy: Strategy, patience: Patience, clock: Iterator[int]
    ) -> None:
        """``clock`` numbers the moments of switches."""
        self.ways: list[list[Place]] = [[] for _ in range(count)]
        """The points that each thread has reached."""
        self.activations: list[list[int]] = [[] for _ in range(count)]
        """For each of these points, the number of the activation (the frame) of its function."""
        self.switches: list[Handover] = []
        self.ended: set[int] = set()
        self._strategy = strategy
        self._patience = patience
        self._clock = clock
        self._lock = allocate_lock()  # guards all that follows
        self._holder: int | None = None
        self._queue = list(range(count))  # the threads that wait for the baton
        self._since = self._given_at = perf_counter()  # when the holder last moved; got the baton
        self._asks_from = 0.0  # the holder's first point at which to ask the strategy
        self._rounds: Counter[Place] = Counter()  # the holder's visits since it got the baton
        self._counted = 0  # how many of its points are in `_rounds`, or came before it
        self._favoured: int | None = None  # continues, whatever the strategy says
        self._given_up = False
        self._suspect: tuple[int, int] | None = None  # who seemed blocked, at which point
        self._looked_at: tuple[int, int] | None = None  # who was seen to run, at which point
        self._spent = 0.0  # seconds that it had run by then
        self._native_ids: dict[int, int] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._running = allocate_lock()  # held until all threads have ended
        self._running.acquire()
        self._turns = [allocate_lock() for _ in range(count)]  # released to hand the baton over
        for turn in self._turns:
            turn.acquire()

    # Called by the threads

    def await_start(self, index: int) -> None:
        """Wait until this thread gets the baton for the first time, or the run is given up."""
        self._threads[index] = threading.current_thread()
        self._native_ids[index] = threading.get_native_id()
        self._turns[index].acquire()

    def at(self, index: int, place: Place, activation: int = 0) -> None:
        """Wait at a point until this thread has the baton. Raises `GivenUp`."""
        way, now = self.ways[index], perf_counter()
        if self._holder == index:  # kept short: a store reaches hundreds of points in each trial
            self._patience.learn(way[-1] if way else None, now - self._since)
            self._since = now
        way.append(place)
        self.activations[index].append(activation)
        if self._holder == index and self._goes_on(len(way), now):
            return
        with self._lock:
            if self._given_up:
                raise GivenUp
            if self._holder is None:
                self._take(index)
                return
            if self._holder == index:
                chosen = self._next_after(index, place, len(way))
                if chosen == index:
                    return
                self._note_switch(index, place, blocked=False)
                self._give(chosen)
            self._queue.append(index)
        self._turns[index].acquire()
        if self._given_up:
            raise GivenUp

    def end(self, index: int) -> None:
        """Note that this thread reaches no more points, and pass on the baton if it has it."""
        with self._lock:
            self.ended.add(index)
            if self._holder == index:
                self._hand_on()
            self._since = perf_counter()
            if len(self.ended) == len(self.ways):
                self._running.release()

    def _goes_on(self, point: int, now: float) -> bool:
        """Whether the holder can continue without asking the strategy or checking if it spins."""
        return point < self._asks_from and not self._patience.asks(now - self._given_at)

    # Called by the thread that watches the others

    def watch(self, stuck_after: float) -> str | None:
        """Start the threads. Return None when all have ended, or the reason why they do not end."""
        with self._lock:
            self._hand_on()
        looked_at, stood = perf_counter(), 0.0
        while not self._running.acquire(timeout=self._patience.look_after(self._suspect is None)):
            with self._lock:
                now = perf_counter()
                waited = now - self._since
                stood = min(waited, stood + min(now - looked_at, A_LOOK))
                looked_at = now
                if stood > stuck_after:
                    return f"no thread moved for {in_seconds(stuck_after)}"
                if sum(map(len, self.ways)) > ENDLESS_AFTER:
                    return f"no end after {ENDLESS_AFTER:,} steps"
                holder = self._holder
                if holder is None or self._begun() is None:
                    continue
                if self._is_blocked(holder, waited):
                    self._note_switch(holder, self._place(holder), blocked=True)
                    self._hand_on()
        return None

    def give_up(self) -> None:
        """Let the threads continue to their next point, and end there."""
        with self._lock:
            self._given_up, self._asks_from = True, 0.0
            for index in self._queue:
                self._turns[index].release()
            self._queue.clear()

    # Called with the lock held

    def _note_switch(self, index: int, place: Place | None, *, blocked: bool) -> None:
        self.switches.append(Handover(index, place, blocked, next(self._clock)))

    def _next_after(self, index: int, place: Place, point: int) -> int:
        begun = self._begun()
        if begun is not None:
            rounds = self._rounds_so_far()[place]
            if self._patience.sees_spinning(place, rounds, self._since - self._given_at):
                self._favoured = begun
        favoured = self._favoured
        if favoured is not None and (favoured == index or favoured in self._queue):
            return favoured
        return self._strategy.choose(index, self._queue, point)

    def _rounds_so_far(self) -> Counter[Place]:
        """Return how often the holder has reached each place since it got the baton."""
        if self._holder is not None:
            way = self.ways[self._holder]
            self._rounds.update(way[self._counted :])
            self._counted = len(way)
        return self._rounds

    def _hand_on(self) -> None:
        """Take the baton from a holder that ended or is blocked. Give it to a thread that waits for
        it, if there is one.
        """
        self._learn_rounds()
        self._holder = None
        self._since = perf_counter()
        if self._favoured in self._queue:
            self._give(self._favoured)
        elif self._queue:
            self._give(self._strategy.choose(None, self._queue, 0))

    def _learn_rounds(self) -> None:
        if self._begun() is None:
            self._patience.learn_rounds(self._rounds_so_far())

    def _give(self, index: int) -> None:
        self._learn_rounds()
        self._queue.remove(index)
        self._take(index)
        self._turns[index].release()

    def _take(self, index: int) -> None:
        self._holder = index
        self._since = self._given_at = perf_counter()
        self._asks_from = self._strategy.asks_from(index) if self._favoured != index else math.inf
        self._rounds.clear()
        self._counted = len(self.ways[index])

    def _place(self, index: int) -> Place | None:
        way = self.ways[index]
        return way[-1] if way else None

    def _begun(self) -> int | None:
        """Return the first waiting thread that has begun: until then, a thread blocks no other."""
        for index in self._queue:
            if self.ways[index]:
                return index
        return None

    def _is_blocked(self, holder: int, waited: float) -> bool:
        """Whether two looks in a row show that the holder waits.

        A single look may find it waiting for the interpreter.
        """
        if not self._patience.sees_blocking(self._place(holder), waited):
            return False
        native_id = self._native_ids.get(holder)
        if native_id is None:  # it was started but has not run yet: the machine is busy
            return False
        suspect = holder, len(self.ways[holder])
        waits = not is_running(native_id) or self._runs_on(suspect)
        seen_before, self._suspect = self._suspect == suspect, suspect if waits else None
        return waits and seen_before

    def _runs_on(self, suspect: tuple[int, int]) -> bool:
        """Whether the holder has run for long at this point since the first look at it there."""
        spent = seconds_of_thread(self._threads[suspect[0]])
        if self._looked_at != suspect:
            self._looked_at, self._spent = suspect, spent
        return spent - self._spent > self._patience.ceiling
