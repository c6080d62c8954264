"""Which of a store's locks are held at each point, as far as the kit can see the locks.

If every thread takes one lock first, and a thread is stopped while it holds that lock, the others
only wait until it continues. So only a few points under a lock are worth a trial of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from tokenstore_conformance.guard.left_locks import LOCK, RLOCK, lock_of
from tokenstore_conformance.threads.schedules import Place

At = Callable[[int, Place, int], None]
"""Called with a thread, the place that it reached, and the activation of the function there."""


class Observer:
    """Notes which locks are held at each point, while threads run one after another."""

    def __init__(self, count: int, calls_begun: Callable[[int], int]) -> None:
        """``calls_begun`` says how many calls on the store a thread has begun."""
        self.held: tuple[list[frozenset[int]], ...] = tuple([] for _ in range(count))
        """For each thread and each of its points, the locks that are held there, as numbers."""
        self._first_call: list[int] = [0] * count  # how many points come before it ends
        self._calls_begun = calls_begun
        self._locks: dict[int, Any] = {}

    def enter(self, frame: FrameType) -> None:
        """Learn which locks a function of the store's own code can reach, when it begins."""
        for value in _reached(frame):
            lock = lock_of(value)
            if type(lock) in (LOCK, RLOCK):
                self._locks[id(lock)] = lock

    def before(self, at: At) -> At:
        """Return a function that notes which locks are held at a point, and then calls ``at``."""

        def note(index: int, place: Place, activation: int) -> None:
            held = (number for number, lock in self._locks.items() if _is_held(lock))
            self.held[index].append(frozenset(held))
            if self._calls_begun(index) <= 1:
                self._first_call[index] += 1
            at(index, place, activation)

        return note

    def under_a_lock(self, thread: int) -> frozenset[int]:
        """Return the points of a thread, counted from 1, where all others would wait for it: there
        it holds a lock that each of them takes in its first call.
        """
        others = [index for index in range(len(self.held)) if index != thread]
        taken = [frozenset().union(*self.held[each][: self._first_call[each]]) for each in others]
        common = frozenset.intersection(*taken) if taken else frozenset()
        return frozenset(point for point, held in enumerate(self.held[thread], 1) if held & common)


def _reached(frame: FrameType) -> Iterator[object]:
    """Yield what a function sees: its module's globals, closure variables and first argument, and
    the attributes of the last two.
    """
    yield from list(frame.f_globals.values())
    code = frame.f_code
    for name in (*code.co_freevars, *code.co_varnames[: min(code.co_argcount, 1)]):
        value = frame.f_locals.get(name)
        yield value
        # Some values have no __dict__. No `__getattr__` of the user's is called.
        with contextlib.suppress(Exception):
            yield from object.__getattribute__(value, "__dict__").values()


def _is_held(lock: Any) -> bool:
    """Whether the calling thread holds the lock. For a plain lock, whether any thread does."""
    if type(lock) is RLOCK:
        return bool(lock._is_owned())  # type: ignore[attr-defined]
    return bool(lock.locked())
