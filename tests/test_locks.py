"""The kit sees a store's locks if they are kept in a usual way and all threads wait for them."""

from __future__ import annotations

import functools
import linecache
import threading
from collections.abc import Callable

import pytest

from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.threads.interleaving import run
from tokenstore_conformance.threads.locks import Observer
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import PauseOnce
from tokenstore_conformance.threads.stops import Budget, most_telling_first, within_budget

PUT = "self.things = [*self.things, thing]"

GLOBAL_LOCK = threading.Lock()


class Shelf:
    """Puts things in a list, and returns the last of them."""

    def __init__(self) -> None:
        self.lock = self.new_lock()
        self.things: list[str] = []

    def new_lock(self) -> object:
        return threading.Lock()

    def put(self, thing: str) -> None:
        with self.lock:
            self.things = [*self.things, thing]

    def last(self) -> str:
        with self.lock:
            return self.things[-1]


class WithRLock(Shelf):
    def new_lock(self) -> object:
        return threading.RLock()


class WithCondition(Shelf):
    def new_lock(self) -> object:
        return threading.Condition()


class WithGlobalLock(Shelf):
    def put(self, thing: str) -> None:
        with GLOBAL_LOCK:
            self.things = [*self.things, thing]

    def last(self) -> str:
        with GLOBAL_LOCK:
            return self.things[-1]


def one_at_a_time(method: Callable) -> Callable:
    lock = threading.Lock()

    @functools.wraps(method)
    def locked(*arguments):
        with lock:
            return method(*arguments)

    return locked


class WithDecorator(Shelf):
    @one_at_a_time
    def put(self, thing: str) -> None:
        self.things = [*self.things, thing]

    def last(self) -> str:
        return self.things[-1]


class ReadsUnlocked(Shelf):
    def last(self) -> str:
        return self.things[-1]


class WithTwoLocks(Shelf):
    def __init__(self) -> None:
        super().__init__()
        self.other = threading.Lock()

    def last(self) -> str:
        with self.other:
            return self.things[-1]


def under_a_lock(store: type[Shelf], *others: str) -> set[str]:
    """Return the lines of a `put` where the thread that makes these calls would wait for it."""
    shelf, begun = store(), [0, 0]

    def call(index: int, method: str) -> None:
        begun[index] += 1
        getattr(shelf, method)(*["a thing"] * (method == "put"))

    def second() -> None:
        for method in others:
            call(1, method)

    observer = Observer(2, lambda index: begun[index])
    points = Points(OwnCode(store))
    alone = run([lambda: call(0, "put"), second], PauseOnce(0, None), points, observer=observer)
    assert alone.errors == ()
    places = [alone.ways[0][point - 1] for point in alone.under_a_lock[0]]
    return {linecache.getline(place.file, place.line).strip() for place in places}


@pytest.mark.parametrize("store", [Shelf, WithRLock, WithCondition, WithGlobalLock])
def test_a_lock_that_both_threads_take_is_seen(store):
    """The lines under the lock count, and so does the line that releases it."""
    assert PUT in under_a_lock(store, "last")


def test_a_lock_in_a_decorator_is_seen():
    """The lock is a variable of the function around the method."""
    assert PUT in under_a_lock(WithDecorator, "put")


@pytest.mark.parametrize("store", [ReadsUnlocked, WithTwoLocks, WithDecorator])
def test_a_thread_that_takes_no_such_lock_meets_what_is_under_it(store):
    """The thread may see a half-done change."""
    assert under_a_lock(store, "last") == set()


def test_a_thread_that_takes_the_lock_late_meets_what_is_under_it():
    """Its first call sees a half-done change, although its second one waits."""
    assert under_a_lock(ReadsUnlocked, "last", "put") == set()


def test_few_stops_under_a_lock_are_tried():
    """The stops where the others do not wait are all tried, up to the number of stops."""
    points = [5, 1, 2, 3, 4, 6, 7]

    assert within_budget(points, {1, 2, 3, 7}, Budget(6, under_a_lock=2)) == [5, 1, 2, 4, 6]


class FreesItsLockBetween(Shelf):
    """Does a lot under its lock, frees it, and takes it again."""

    def put(self, thing: str) -> None:
        with self.lock:
            kept = [*self.things]
            for _ in range(6):
                kept = [*kept]
                kept = [*kept]
                kept = [*kept]
                kept = [*kept]
                kept = [*kept]
            kept = [*kept, thing]
        with self.lock:
            self.things = kept


def test_the_stops_where_a_lock_is_free_come_first():
    """The stop between two locks is tried, however many stops are under them."""
    shelf, begun = FreesItsLockBetween(), [0, 0]

    def put(index: int) -> None:
        begun[index] += 1
        shelf.put("a thing")

    points = Points(OwnCode(FreesItsLockBetween))
    observer = Observer(2, lambda index: begun[index])
    alone = run([lambda: put(0), lambda: put(1)], PauseOnce(0, None), points, observer=observer)
    between = max({*range(len(alone.ways[0]) + 1)} - alone.under_a_lock[0])

    stops = most_telling_first(alone, 0, points)

    assert linecache.getline(__file__, alone.ways[0][between - 1].line).strip() == "with self.lock:"
    assert between in stops[:2]
