"""Faults of locks, for both generations: over a store with one lock around every call."""

import contextlib
import threading

from tests.correct.capable import Locked


class MakesItsLockLate(Locked):
    """The first call makes the lock; two first calls may make one each."""

    clause = "THR-2"

    def __init__(self):
        super().__init__()
        self.lock = None

    @contextlib.contextmanager
    def _turn(self, name):
        if self.lock is None:
            self.lock = threading.RLock()
        with self.lock:
            yield


OF_LOCKS = (MakesItsLockLate,)
"""The faults."""
