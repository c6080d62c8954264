"""Releases locks that a call has left locked and that all stores of the process share.

A lock in a class or a module outlives each store. If a call does not release it, the calls of all
later stores wait, so clauses would fail that the store keeps.
"""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

from tokenstore_conformance.guard.own_code import OwnCode

LOCK: Final[type] = type(_thread.allocate_lock())
RLOCK: Final[type] = type(_thread.RLock())


def release_left_locks(store_class: type) -> bool:
    """Release the locked locks in the class, its bases, and the modules of its author.

    Return whether there were any. Call this when no call on a store is running.
    """
    released = [each for each in _values(OwnCode(store_class)) if _release(each)]
    return bool(released)


def _values(own_code: OwnCode) -> Iterator[object]:
    for cls in own_code.classes:
        yield from list(vars(cls).values())
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and own_code.includes(file):
            yield from list(vars(module).values())


def lock_of(value: object) -> Any:
    """Return the lock of a condition, or anything else as it is."""
    return vars(value)["_lock"] if type(value) is threading.Condition else value


def _release(value: object) -> bool:
    """Release what this is, if it is a lock that is locked. Return whether it was."""
    lock = lock_of(value)
    kind = type(lock)
    if kind is LOCK and lock.locked():
        lock.release()
        return True
    if kind is RLOCK:
        with contextlib.suppress(RuntimeError):  # it is not locked
            lock._release_save()  # unlike release(), also if another thread has locked it
            return True
    if kind in (threading.Semaphore, threading.BoundedSemaphore) and not lock._value:
        lock.release()
        return True
    return False
