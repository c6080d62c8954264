"""Locks that a call leaves locked, in the class of a store or in its module, are released."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tokenstore_conformance.guard.left_locks import release_left_locks

IN_THE_MODULE = threading.Lock()


class Store:
    """It has a lock of each kind."""

    lock = threading.Lock()
    again = threading.RLock()
    changed = threading.Condition()
    turns = threading.Semaphore(2)


def in_another_thread(call: Any) -> Any:
    """Return what the call returns."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    thread.start()
    thread.join()
    return answers[0]


LOCKS = {
    "a lock": Store.lock,
    "a lock of the module": IN_THE_MODULE,
    "a lock that its thread may take again": Store.again,
    "a condition": Store.changed,
    "a semaphore": Store.turns,
}


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS.keys())
def test_a_lock_that_is_left_is_released(lock: Any) -> None:
    """Whichever thread has locked it, another one can take it then."""
    lock.acquire()
    in_another_thread(lambda: lock.acquire(blocking=False))  # the second turn of the semaphore

    assert release_left_locks(Store)
    assert in_another_thread(lambda: lock.acquire(blocking=False))
    assert release_left_locks(Store)
    assert not release_left_locks(Store)


class Derived(Store):
    """A store whose lock is that of its base."""


def test_a_lock_of_a_base_is_released() -> None:
    """The class that has the lock may be a base of the store's class."""
    Store.lock.acquire()

    assert release_left_locks(Derived)
    assert not Store.lock.locked()
