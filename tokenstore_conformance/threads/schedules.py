"""Which thread goes on at each point of an interleaving, and when one counts as blocked."""

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
    """A point in the code under test: before an instruction, at a line's start or within it.

    There is one for each point, so that it can be looked up quickly: by its identity.
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
    """Who goes on. Made for each run."""

    def choose(self, running: int | None, waiting: Sequence[int], point: int) -> int:
        """The thread that gets the baton: ``running``, or one of those ``waiting`` for it.

        ``running`` has come to its n-th ``point``. It is None where the last one ended or is
        blocked; then somebody waits.
        """

    def asks_from(self, thread: int) -> float:
        """The first point at which `choose` has to be asked while this thread runs."""


class PauseOnce:
    """Let one thread begin; from its n-th point on it goes on only while no other can."""

    def __init__(self, thread: int, point: int | None) -> None:
        """``point`` None: the threads run one after another."""
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
    """Let the first of two threads begin, the second go on from its point, and back from there."""

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
    """Switch with this probability at each point, by a seed."""

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
    """When a thread counts as blocked, or as spinning. Learns from run to run.

    It does where it takes ``factor`` times as long, or comes as often, as was usual there. Times
    are in seconds.
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
        """A thread took this long from here to its next point, with no thread in its way."""
        usual = self.forgets * self._usual.get(place, 0.0)
        self._usual[place] = seconds if seconds > usual else usual

    def look_after(self, first_look: bool) -> float:
        """The time until it is worth to look at a thread, or to look again."""
        return self.floor if first_look else self.floor / 4

    def sees_blocking(self, place: Place | None, seconds: float) -> bool:
        """Whether a thread that has been here for so long counts as blocked."""
        usual = self._usual.get(place)
        if usual is None:
            return seconds > self.for_a_new_place
        return seconds > max(self.floor, min(self.factor * usual, self.ceiling))

    def learn_rounds(self, rounds: Mapping[Place, int]) -> None:
        """A thread came to these places so often, with no thread in its way."""
        for place, often in rounds.items():
            if often > self._usual_rounds.get(place, 0):
                self._usual_rounds[place] = often

    def asks(self, seconds: float) -> bool:
        """Whether a thread that has run for so long may be seen spinning."""
        return seconds > self.seconds_of_rounds or bool(self._spun)

    def sees_spinning(self, place: Place, rounds: int, seconds: float) -> bool:
        """Whether a thread that came here so often, in this time, counts as spinning."""
        if rounds == 1:
            return False
        usual = self._usual_rounds.get(place, 0)
        if rounds > 2 * usual + self.rounds and seconds > self.seconds_of_rounds:
            self._spun.add(place)
        return place in self._spun and rounds > usual + 1


class Handover(NamedTuple):
    """Where a thread lost the baton, and whether because it was blocked there."""

    thread: int
    place: Place | None
    blocked: bool
    moment: int | None = None
    """When, by the clock of the run."""

    def as_data(self) -> Switch:
        """The same as plain data, with the text of the line."""
        place = self.place
        if place is None:
            return Switch(self.thread, "its start", self.blocked, moment=self.moment)
        source = linecache.getline(place.file, place.line).strip()
        where = (place.file, place.line, place.function, source)
        return Switch(self.thread, str(place), self.blocked, *where, self.moment)
