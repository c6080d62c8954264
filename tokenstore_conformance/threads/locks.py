"""Which of a store's locks are held at each point, where they can be seen.

Where every thread takes one lock first, a thread that is stopped under it is not met by the others:
they wait until it goes on. So few of the points under a lock are worth a trial of their own.
"""

from __future__ import annotations

import _thread
import contextlib
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

from tokenstore_conformance.threads.schedules import Place

At = Callable[[int, Place, int], None]
"""Takes a thread, the place to which it came, and the activation of the function there."""

LOCK: Final[type] = type(_thread.allocate_lock())
RLOCK: Final[type] = type(_thread.RLock())


class Observer:
    """Notes, at each point of threads that run one after another, which locks are held."""

    def __init__(self, count: int, calls_begun: Callable[[int], int]) -> None:
        """``calls_begun`` says how many calls on the store a thread has begun."""
        self.held: tuple[list[frozenset[int]], ...] = tuple([] for _ in range(count))
        """For each thread and each of its points, the locks that are held, as numbers."""
        self._first_call: list[int] = [0] * count  # how many points come before its end
        self._calls_begun = calls_begun
        self._locks: dict[int, Any] = {}

    def enter(self, frame: FrameType) -> None:
        """A function of the store's own code begins: learn the locks that it can reach."""
        for value in _reached(frame):
            lock: Any = value
            if type(value) is threading.Condition:
                lock = vars(value)["_lock"]
            if type(lock) in (LOCK, RLOCK):
                self._locks[id(lock)] = lock

    def before(self, at: At) -> At:
        """What notes which locks a thread holds when it comes to a point, and then calls this."""

        def note(index: int, place: Place, activation: int) -> None:
            held = (number for number, lock in self._locks.items() if _is_held(lock))
            self.held[index].append(frozenset(held))
            if self._calls_begun(index) <= 1:
                self._first_call[index] += 1
            at(index, place, activation)

        return note

    def under_a_lock(self, thread: int) -> frozenset[int]:
        """The points of a thread, counted from 1, at which all others would wait for it: it holds a
        lock that each of them takes in its first call.
        """
        others = [index for index in range(len(self.held)) if index != thread]
        taken = [frozenset().union(*self.held[each][: self._first_call[each]]) for each in others]
        common = frozenset.intersection(*taken) if taken else frozenset()
        return frozenset(point for point, held in enumerate(self.held[thread], 1) if held & common)


def _reached(frame: FrameType) -> Iterator[object]:
    """What a function sees in its module, in the variables around it, and in its first argument."""
    yield from list(frame.f_globals.values())
    code = frame.f_code
    for name in (*code.co_freevars, *code.co_varnames[: min(code.co_argcount, 1)]):
        value = frame.f_locals.get(name)
        yield value
        with contextlib.suppress(Exception):  # no code of the user's runs: it has no such method
            yield from object.__getattribute__(value, "__dict__").values()


def _is_held(lock: Any) -> bool:
    """Whether the thread that asks holds it; a plain lock does not say who does."""
    if type(lock) is RLOCK:
        return bool(lock._is_owned())  # type: ignore[attr-defined]
    return bool(lock.locked())
