"""Threads interleave on purpose: at every place, the same way each time, and none hangs."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.threads import baton
from tokenstore_conformance.threads.interleaving import WITHIN_LINES, Interleaving, run
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import (
    Patience,
    PauseOnce,
    Place,
    Randomly,
)
from tokenstore_conformance.threads.stops import worth_pausing_at


class Counter:
    """Reads, adds and writes, with no lock."""

    def __init__(self) -> None:
        self.value = 0

    def add(self) -> None:
        value = self.value
        self.value = value + 1


class OneLineCounter(Counter):
    """Reads, adds and writes in one line."""

    def add(self) -> None:
        self.value += 1


class LockedCounter(Counter):
    """Reads, adds and writes under a lock."""

    def __init__(self, lock: object) -> None:
        super().__init__()
        self.lock = lock

    def add(self) -> None:
        with self.lock:
            value = self.value
            self.value = value + 1


class SpinningCounter(Counter):
    """Tries until it gets the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def add(self) -> None:
        while not self.lock.acquire(blocking=False):
            pass
        value = self.value
        self.value = value + 1
        self.lock.release()


class Deadlock:
    """Takes two locks, each thread in its own order."""

    def __init__(self) -> None:
        self.locks = threading.Lock(), threading.Lock()

    def take(self, first: int) -> None:
        with self.locks[first]:
            mark = first
            with self.locks[1 - mark]:
                pass

    def let_go(self) -> None:
        for lock in self.locks:
            if lock.locked():
                lock.release()


CODE = Points(OwnCode(Counter))


def interleaved(counter: Counter, point: int | None, within: bool = False) -> Interleaving:
    within_lines = (0,) if within else ()
    return run([counter.add, counter.add], PauseOnce(0, point), CODE, within_lines=within_lines)


def swept(make: Callable[[], Counter], within: bool = False) -> list[int]:
    """Return the result of two additions, for each point where the first is stopped."""
    results = []
    for point in range(1, len(interleaved(make(), None, within).ways[0]) + 1):
        counter = make()
        assert interleaved(counter, point, within).stuck is None
        results.append(counter.value)
    return results


def test_without_a_stop_the_threads_run_one_after_another():
    """The first run shows what a program does without concurrency."""
    counter = Counter()

    interleaving = interleaved(counter, None)

    assert counter.value == 2
    assert interleaving.switches == ()


def test_the_sweep_meets_an_unlocked_read_modify_write():
    """Some point lies between the read and the write, and the sweep stops there."""
    assert 1 in swept(Counter)


def test_the_sweep_meets_the_same_faults_each_time():
    """No chance is involved, so a red run stays red."""
    assert swept(Counter) == swept(Counter)


@pytest.mark.skipif(not WITHIN_LINES, reason="Python 3.12 crashes under such tracing")
def test_within_lines_the_sweep_meets_a_read_modify_write_in_one_line():
    """`self.value += 1` reads and writes, and a thread can be stopped in between."""
    assert set(swept(OneLineCounter)) == {2}
    assert 1 in swept(OneLineCounter, within=True)


@pytest.mark.parametrize(
    "make_lock",
    [threading.Lock, threading.RLock, threading.Condition, threading.Semaphore],
    ids=["lock", "rlock", "condition", "semaphore"],
)
def test_a_stop_inside_a_lock_neither_hangs_nor_loses_anything(make_lock):
    """If a thread waits for a lock that the stopped thread holds, the stopped one is resumed."""
    assert set(swept(lambda: LockedCounter(make_lock()))) == {2}


def test_a_thread_that_spins_for_a_lock_does_not_spin_for_ever():
    """The kit also notices a thread that keeps trying to get what the stopped thread holds."""
    assert set(swept(SpinningCounter)) == {2}


def test_a_seed_gives_the_same_switches_each_time():
    """Random runs can be repeated."""
    first, second = (
        run([Counter().add] * 3, Randomly(7, probability=0.5), CODE).switches for _ in range(2)
    )

    assert first
    assert first == second


def test_a_deadlock_is_given_up_with_the_place_of_each_thread():
    """The run ends, and shows where the threads stand."""
    stopped = Deadlock(), Deadlock(), Deadlock(), Deadlock()

    runs = [
        run(
            [partial(each.take, 0), partial(each.take, 1)],
            PauseOnce(0, point),
            CODE,
            stuck_after=0.05,
        )
        for point, each in enumerate(stopped, 1)
    ]
    for each in stopped:
        each.let_go()
    stuck = [each for each in runs if each.stuck]

    assert stuck
    assert stuck[0].stuck == "no thread moved for 0.05 seconds"
    assert stuck[0].stacks.startswith("thread 1:\n")
    assert stuck[0].stacks.count("with self.locks[1 - mark]:") == 2


def test_an_endless_loop_is_ended(monkeypatch):
    """A thread that would never end is stopped, and uses no more CPU time."""
    monkeypatch.setattr(baton, "ENDLESS_AFTER", 1_000)
    threads = []

    def endless() -> None:
        threads.append(threading.current_thread())
        while True:
            threads[0].name = "endless"

    interleaving = run([endless], PauseOnce(0, None), CODE)
    threads[0].join()

    assert interleaving.stuck == "no end after 1,000 steps"
    assert interleaving.stacks.startswith("thread 1:\n")


def test_what_a_thunk_raises_is_told():
    """An exception, even SystemExit, ends only its own thread."""
    counter = Counter()

    def leaves() -> None:
        raise SystemExit("enough")

    interleaving = run([leaves, counter.add], PauseOnce(0, None), CODE)

    assert [str(error) for error in interleaving.errors] == ["enough"]
    assert counter.value == 1


def test_tracing_is_set_as_it_was_before():
    """Coverage and debuggers continue as before, in these threads and in the caller's."""
    seen = []
    in_threads, here = threading.gettrace(), sys.gettrace()

    threading.settrace(lambda frame, event, argument: seen.append(frame.f_code.co_name))
    try:
        run([Counter().add], PauseOnce(0, None), CODE)
    finally:
        threading.settrace(in_threads)  # type: ignore[arg-type]

    assert "add" not in seen
    assert "end" in seen
    assert sys.gettrace() is here


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_a_store_forks_waits_for_no_turn():
    """It has no other threads, so it would wait for the baton forever."""
    counter = Counter()

    def forks() -> None:
        child = os.fork()
        if child == 0:
            counter.add()
            os._exit(0)
        os.waitpid(child, 0)

    interleaving = run([counter.add, forks], PauseOnce(0, 1), CODE, stuck_after=1.0)

    assert interleaving.stuck is None
    assert counter.value == 1


def test_locks_that_are_replaced_are_not_those_of_the_kit(monkeypatch: pytest.MonkeyPatch):
    """A library may replace threading.Lock by a lock that only its owner can release."""
    monkeypatch.setattr(threading, "Lock", threading.RLock)
    counter = Counter()

    interleaving = run([counter.add, counter.add], PauseOnce(0, None), CODE)

    assert interleaving.errors == ()
    assert counter.value == 2


PACKAGE = Path(pytest.__file__).parent.parent

OWN = {
    "the file of its class": (Counter, __file__),
    "another file of the project": (Counter, str(Path(__file__).parent / "stores" / "other.py")),
    "the package of an installed class": (pytest.Item, str(PACKAGE / "_pytest" / "other.py")),
}

NOT_OWN = {
    "the standard library": (Counter, json.__file__),
    "an installed package": (Counter, str(PACKAGE / "_pytest" / "nodes.py")),
    "another installed package": (pytest.Item, str(PACKAGE / "pluggy" / "_hooks.py")),
    "the kit": (Counter, baton.__file__),
    "generated code": (Counter, "<string>"),
}


@pytest.mark.parametrize(("store", "file"), OWN.values(), ids=OWN.keys())
def test_threads_are_switched_in(store, file):
    """A store's own code is what its author wrote, wherever it was installed."""
    assert OwnCode(store).includes(file)


@pytest.mark.parametrize(("store", "file"), NOT_OWN.values(), ids=NOT_OWN.keys())
def test_threads_are_not_switched_in(store, file):
    """Threads are not switched in other people's code."""
    assert not OwnCode(store).includes(file)


def test_of_a_loop_three_rounds_are_worth_a_stop():
    """These are the first, the last and one between: a long loop does not make a long sweep."""
    body = Place("store.py", "save", 2, 10, within=False)
    way = [replace(body, line=1), *[body] * 50, replace(body, line=3)]

    points = worth_pausing_at(way, within=False)

    assert sorted(points) == [1, 2, 27, 51, 52]


def test_of_a_loop_the_rounds_count_for_each_activation():
    """A function that is called for each record is worth a stop in each of its calls."""
    body = Place("store.py", "token", 2, 10, within=False)
    way = [body] * 45
    activations = [1] * 15 + [2] * 15 + [3] * 15

    points = worth_pausing_at(way, within=False, activations=activations)

    assert sorted(points) == [1, 8, 15, 16, 23, 30, 31, 38, 45]


def test_each_activation_has_a_number() -> None:
    """All points of one call of a function have the same number. The next call has another."""

    def called() -> None:
        pass

    def calls_twice() -> None:
        called()
        called()

    interleaving = run([calls_twice], PauseOnce(0, None), CODE)

    numbers = [
        activation
        for place, activation in zip(interleaving.ways[0], interleaving.activations[0], strict=True)
        if place.function == "called"
    ]
    assert len(numbers) == 2
    assert numbers[0] != numbers[1]


def test_the_first_stops_are_spread():
    """If time is short, the stops that were made are spread evenly over all points."""
    way = [Place("store.py", "save", line, line, within=False) for line in range(16)]

    points = worth_pausing_at(way, within=False)

    assert sorted(points[:4]) == [1, 5, 9, 13]


def test_threads_are_not_stuck_where_the_whole_process_stood_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the machine is suspended between two looks, hours pass in which no thread can move."""
    hours = itertools.count(step=3600)
    monkeypatch.setattr(baton, "perf_counter", lambda: float(next(hours)))
    passing = baton.Baton(1, PauseOnce(0, 1), Patience(), itertools.count())
    looks = itertools.count(1)
    ends_at_the_third_look = SimpleNamespace(acquire=lambda timeout: next(looks) == 3)
    passing._running = ends_at_the_third_look  # type: ignore[assignment]

    assert passing.watch(stuck_after=10) is None


def test_a_thread_that_has_not_run_yet_does_not_count_as_blocked() -> None:
    """On a busy machine, a thread may hold the baton for a while before its first step."""
    passing = baton.Baton(2, PauseOnce(0, 1), Patience(), itertools.count())
    place = Place("store.py", "save", 1, 0, within=False)

    def first() -> None:
        passing.await_start(0)
        with suppress(baton.GivenUp):
            passing.at(0, place)  # the other thread, which never begins, gets the baton

    thread = threading.Thread(target=first)
    thread.start()
    stuck = passing.watch(stuck_after=0.2)
    passing.give_up()
    thread.join()

    assert stuck == "no thread moved for 0.2 seconds"
    assert not any(switch.blocked for switch in passing.switches)
