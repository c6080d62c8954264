"""Threads that are made to interleave: every place is met, twice the same way, and none hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tokenstore_conformance import baton
from tokenstore_conformance.interleaving import Interleaving, run
from tokenstore_conformance.own_code import OwnCode
from tokenstore_conformance.strategies import PauseOnce, Randomly, worth_pausing_at


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


CODE = OwnCode(Counter)


def interleaved(counter: Counter, point: int | None, within: bool = False) -> Interleaving:
    within_lines = (0,) if within else ()
    return run([counter.add, counter.add], PauseOnce(0, point), CODE, within_lines=within_lines)


def swept(make: Callable[[], Counter], within: bool = False) -> list[int]:
    """What two additions come to, for each point at which the first is stopped."""
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


def test_within_lines_the_sweep_meets_a_read_modify_write_in_one_line():
    """`self.value += 1` reads and writes, and a thread can be stopped between."""
    assert set(swept(OneLineCounter)) == {2}
    assert 1 in swept(OneLineCounter, within=True)


@pytest.mark.parametrize(
    "make_lock",
    [threading.Lock, threading.RLock, threading.Condition, threading.Semaphore],
    ids=["lock", "rlock", "condition", "semaphore"],
)
def test_a_stop_inside_a_lock_neither_hangs_nor_loses_anything(make_lock):
    """Whoever waits for a lock that the stopped thread holds is noticed, and that one resumed."""
    assert set(swept(lambda: LockedCounter(make_lock()))) == {2}


def test_a_thread_that_spins_for_a_lock_does_not_spin_for_ever():
    """Whoever tries again and again for what the stopped thread holds is noticed as well."""
    assert set(swept(SpinningCounter)) == {2}


def test_a_seed_gives_the_same_switches_each_time():
    """Random runs can be repeated."""
    first, second = (
        run([Counter().add] * 3, Randomly(7, probability=0.5), CODE).switches for _ in range(2)
    )

    assert first
    assert first == second


def test_a_deadlock_is_given_up_with_the_place_of_each_thread():
    """The run ends, and tells where the threads stand."""
    deadlock = Deadlock()
    thunks = [lambda: deadlock.take(0), lambda: deadlock.take(1)]

    interleaving = run(thunks, PauseOnce(0, 4), CODE, stuck_after=0.05)
    for lock in deadlock.locks:
        lock.release()

    assert interleaving.stuck is not None
    assert interleaving.stuck.startswith("no thread moved for 0.05 seconds\nthread 1:\n")
    assert interleaving.stuck.count("with self.locks[1 - mark]:") == 2


def test_an_endless_loop_is_ended(monkeypatch):
    """A thread that never ends is stopped, and leaves no thread that burns on."""
    monkeypatch.setattr(baton, "ENDLESS_AFTER", 1_000)
    rounds = []

    def endless() -> None:
        while True:
            rounds.append(1)

    interleaving = run([endless], PauseOnce(0, None), CODE)
    (thread,) = (each for each in threading.enumerate() if "in_thread" in each.name) or (None,)
    if thread is not None:
        thread.join()

    assert interleaving.stuck is not None
    assert interleaving.stuck.startswith("no end after 1,000 steps")


def test_what_a_thunk_raises_is_told():
    """An exception ends its own thread alone, SystemExit included."""
    counter = Counter()

    def leaves() -> None:
        raise SystemExit("enough")

    interleaving = run([leaves, counter.add], PauseOnce(0, None), CODE)

    assert [str(error) for error in interleaving.errors] == ["enough"]
    assert counter.value == 1


def test_tracing_is_set_as_it_was_before():
    """Coverage and debuggers go on with what they did."""
    ended_with = []
    traced = lambda frame, event, argument: None  # noqa: E731
    counter = Counter()

    class Watched(threading.Thread):
        pass

    assert ended_with == []


OWN = {
    "the file of the class": (Counter, __file__),
    "another file of the project": (Counter, str(Path(__file__).parent / "stores" / "other.py")),
    "the file of an installed class": (pytest.Item, pytest.Item.__module__),
}
