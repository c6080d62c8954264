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


class InSteps(Locked):
    """One of its methods takes the lock for each of its steps, and frees it between them."""

    in_steps: str

    @contextlib.contextmanager
    def _turn(self, name):
        with contextlib.nullcontext() if name == self.in_steps else self.lock:
            yield


class ClearsWhatIsStillThere(InSteps):
    """Deletes all tokens, each under the lock, and passes over what another call has deleted."""

    clause = "THR-3"
    in_steps = "delete_tokens"

    def _clear(self):
        for record in list(self.records):
            with self.lock:
                self.records[:] = [each for each in self.records if each is not record]


class DeletesByPosition(InSteps):
    """Looks for the position of a record under the lock, and deletes there under the lock."""

    clause = "THR-3"
    in_steps = "delete_token"

    def _remove(self, record):
        with self.lock:
            position = next(i for i, each in enumerate(self.records) if each is record)
        with self.lock:
            del self.records[position : position + 1]


OF_LOCKS = (MakesItsLockLate, ClearsWhatIsStillThere, DeletesByPosition)
"""The faults."""
