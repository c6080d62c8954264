"""Which thread continues at each point of an interleaving, and when a thread counts as blocked."""

from __future__ import annotations

import linecache
import math
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from tokenstore_conformance.history import Switch


@dataclass(frozen=True, eq=False)
class Place:
    """A point in the code under test: before an instruction, at the start of a line or within it.

    There is one object for each point, so that it can be looked up quickly, by its identity.
    """

    file: str
    function: str
    line: int
    offset: int
    within: bool

    @property
    def whole_line(self) -> tuple[str, str, int]:
        return self.file, self.function, self.line

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.line} in {self.function}"


class Strategy(Protocol):
    """Says which thread continues. Each run gets a new one."""

    def choose(self, running: int | None, waiting: Sequence[int], point: int) -> int:
        """Return the thread that gets the baton: ``running``, or one of those ``waiting`` for it.

        ``running`` has reached its n-th ``point``. It is None if the last holder has ended or is
        blocked. Then at least one thread waits.
        """

    def asks_from(self, thread: int) -> float:
        """Return the first point at which `choose` has to be called while this thread runs."""


class PauseOnce:
    """Let one thread begin. From its n-th point on, it continues only while no other thread can."""

    def __init__(self, thread: int, point: int | None) -> None:
        """If ``point`` is None, the threads run one after another."""
        self._thread = thread
        self._point = math.inf if point is None else point
        self._has_begun = False

    def choose(self, running: int | None, waiting: Sequence[int], point: int) -> int:
        if not self._has_begun:
            self._has_begun = True
            return self._thread
        if running is not None and (running != self._thread or point < self._point):
            return running
        return min((each for each in waiting if each != self._thread), default=self._thread)

    def asks_from(self, thread: int) -> float:
        return self._point if thread == self._thread else math.inf


class PauseBoth:
    """Run the first of two threads to its point, the second to its own, then the first again."""

    def __init__(self, first: int, second: int) -> None:
        self._points = (first, second)
        self._stopped = [False, False]
        self._has_begun = False

    def choose(self, running: int | None, waiting: Sequence[int], point: int) -> int:
        if not self._has_begun:
            self._has_begun = True
            return 0
        if running is None:
            return min(waiting)
        if point >= self._points[running] and not self._stopped[running]:
            self._stopped[running] = True
            return min(waiting, default=running)
        return running

    def asks_from(self, thread: int) -> float:
        return math.inf if self._stopped[thread] else self._points[thread]


class Randomly:
    """Switch at random, with this probability at each point. The seed determines the choices."""

    def __init__(self, seed: int, probability: float = 0.1) -> None:
        self._random = random.Random(seed)
        self._probability = probability

    def choose(self, running: int | None, waiting: Sequence[int], point: int) -> int:
        stays = not waiting or self._random.random() >= self._probability
        if running is not None and stays:
            return running
        return self._random.choice(sorted(waiting))

    def asks_from(self, thread: int) -> float:
        return 0


class Patience:
    """Decides when a thread counts as blocked, or as spinning. Learns from run to run.

    A thread is blocked if it takes ``factor`` times as long as was usual at its place, within the
    limits below. It spins if it reaches a place much more often than was usual. Times are in
    seconds.
    """

    floor: Final = 0.0002 if os.path.exists("/proc/self/task") else 0.002
    ceiling: Final = 0.1
    for_a_new_place: Final = 0.01
    factor: Final = 4
    forgets: Final = 0.9
    rounds: Final = 8
    seconds_of_rounds: Final = 0.03

    def __init__(self) -> None:
        self._usual: dict[Place | None, float] = {}
        self._usual_rounds: dict[Place, int] = {}
        self._spun: set[Place] = set()

    def learn(self, place: Place | None, seconds: float) -> None:
        """Note how long a thread took from here to its next point, with no thread in its way."""
        usual = self.forgets * self._usual.get(place, 0.0)
        self._usual[place] = seconds if seconds > usual else usual

    def look_after(self, first_look: bool) -> float:
        """Return how long to wait before a first look at a thread, or before another look."""
        return self.floor if first_look else self.floor / 4

    def sees_blocking(self, place: Place | None, seconds: float) -> bool:
        """Whether a thread that has been at this place for so long counts as blocked."""
        usual = self._usual.get(place)
        if usual is None:
            return seconds > self.for_a_new_place
        return seconds > max(self.floor, min(self.factor * usual, self.ceiling))

    def learn_rounds(self, rounds: Mapping[Place, int]) -> None:
        """Note how often a thread reached each of these places, with no thread in its way."""
        for place, often in rounds.items():
            if often > self._usual_rounds.get(place, 0):
                self._usual_rounds[place] = often

    def asks(self, seconds: float) -> bool:
        """Whether to check if a thread that has run for so long is spinning."""
        return seconds > self.seconds_of_rounds or bool(self._spun)

    def sees_spinning(self, place: Place, rounds: int, seconds: float) -> bool:
        """Whether a thread that reached this place so often in this time counts as spinning."""
        if rounds == 1:
            return False
        usual = self._usual_rounds.get(place, 0)
        if rounds > 2 * usual + self.rounds and seconds > self.seconds_of_rounds:
            self._spun.add(place)
        return place in self._spun and rounds > usual + 1


class Handover(NamedTuple):
    """Where a thread lost the baton, and whether it was blocked there."""

    thread: int
    place: Place | None
    blocked: bool
    moment: int | None = None
    """When the thread lost the baton, by the clock of the run."""

    def as_data(self) -> Switch:
        """Return the handover as plain data, with the text of the line."""
        place = self.place
        if place is None:
            return Switch(self.thread, "its start", self.blocked, moment=self.moment)
        source = linecache.getline(place.file, place.line).strip()
        where = (place.file, place.line, place.function, source)
        return Switch(self.thread, str(place), self.blocked, *where, self.moment)
