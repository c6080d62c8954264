"""A store that forks in a call, and returns from it in the child too.

The child would judge the rest of the clauses a second time. It ends here instead, and tells the
process that judges.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable
from typing import Final

from tokenstore_conformance.guard.interrupts import really_exit

TWICE: Final = "it returned in a child process as well"
"""What came of a call that forked, and returned in both."""

WAIT: Final = 0.1
"""Seconds in which a child has to return, once a call has forked; else it ends in the call."""

TRUSTED_AFTER: Final = 3
"""Calls that forked, and whose children ended in them: then no more is waited for."""

_returned = mmap.mmap(-1, 1)  # shared with every child
_forks = 0
_ended_well = 0


def _count() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_count)


class Watch:
    """A call made inside returns once, or this raises; the child that returns too ends here."""

    def __init__(self, otherwise: Callable[[], Exception]) -> None:
        self._otherwise = otherwise

    def __enter__(self) -> None:
        self._process = os.getpid()
        self._forks = _forks
        _returned[0] = 0

    def __exit__(self, *_: object) -> None:
        if self._has_returned_twice():
            raise self._otherwise()

    def _has_returned_twice(self) -> bool:
        global _ended_well
        if os.getpid() != self._process:
            _returned[0] = 1
            really_exit(1)
        if _forks == self._forks or _ended_well >= TRUSTED_AFTER:
            return False
        until = time.monotonic() + WAIT
        while not _returned[0] and time.monotonic() < until:
            os.sched_yield()
        if _returned[0]:
            return True
        _ended_well += 1
        return False
