"""Time limits: a store that never returns fails its clause, with the stack of where it stands.

An alarm signal interrupts whatever Python does in the main thread, also where it waits for a lock
or for a socket, and raises `Hung` there. Every call on the store sets the alarm anew, so a slow
store has time, and one that makes no headway has not. Where no alarm helps (the store hangs in C,
or catches everything that it is interrupted with), the whole run is ended with status 1, and the
stacks go to stderr: a run that can say nothing must not be green.

Without alarm signals (on Windows) there are no limits.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Final

from tokenstore_conformance.guard.frames import place

DEFAULT: Final = 10.0
"""Seconds in which a call has to return."""
WHOLE: Final = 30
"""A clause may take so many times as long as a call."""
HURRY: Final = 0.1
"""The share of the limit that a store gets which has hung already."""
GRACE: Final = 5.0
"""Seconds in which a clause that was interrupted has to end, beside those of a call."""
AROUND: Final = 60.0
"""Seconds that each step of the user's harness may take, or the limit of a call if that is more."""
AGAIN: Final = 0.2
"""Seconds after which a store that caught the interruption is interrupted again."""

HAS_ALARMS: Final = hasattr(signal, "setitimer")


class Hung(BaseException):
    """Raised in the middle of whatever has not returned in time.

    Not an `Exception`: neither the SDK, nor hypothesis, nor most stores catch it.
    """

    def __init__(self, seconds: float, whole: bool) -> None:
        super().__init__(seconds, whole)
        self.seconds = seconds
        self.whole = whole
        """Whether it is the clause that takes too long, call after call, and not one call."""
        self.doing = ""
        """The call that hangs, in words."""

    @property
    def expected(self) -> str:
        what = "all calls of this clause" if self.whole else self.doing or "the store"
        return f"{what} to return within {self.seconds:g} seconds"

    @property
    def got(self) -> str:
        return f"nothing yet{place(self)}"

    def __str__(self) -> str:
        return f"{self.doing or 'the store'} has not returned after {self.seconds:g} seconds"


class _Limit:
    """The limit in force: of a call, and of all calls together."""

    def __init__(self, seconds: float, whole: float) -> None:
        self.seconds = seconds
        self.whole = whole
        self.ends = time.monotonic() + whole
        self.has_rung = False

    def set_alarm(self) -> None:
        left = self.ends - time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, max(min(self.seconds, left), 0.001), AGAIN)

    def on_alarm(self, number: int, frame: FrameType | None) -> None:
        whole = time.monotonic() >= self.ends
        if not self.has_rung:  # in case that the store catches what it gets now
            self.has_rung = True
            _end_the_run_after(self.seconds + GRACE)
        raise Hung(self.whole if whole else self.seconds, whole)


_limit: _Limit | None = None
_stderr: int | None = None


def keep_stderr() -> None:
    """Remember where stderr goes before pytest captures it: there the last words go."""
    global _stderr
    if _stderr is None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            _stderr = os.dup(sys.stderr.fileno())


@contextlib.contextmanager
def limited(seconds: float, whole: float | None = None) -> Iterator[None]:
    """Raise `Hung` inside, where a step takes longer than ``seconds``, or all the ``whole``.

    Steps are parted by `step`. An alarm of somebody else (pytest-timeout's) is put back at the end,
    with the time that is left of it. In another thread than the main one nothing is limited.
    """
    global _limit
    limit = _Limit(seconds, WHOLE * seconds if whole is None else whole)
    began = time.monotonic()
    try:
        handler = signal.signal(signal.SIGALRM, limit.on_alarm) if HAS_ALARMS else None
    except ValueError:
        handler = None
    if handler is None:
        yield
        return
    outer, _limit = _limit, limit
    left, again = signal.getitimer(signal.ITIMER_REAL)
    _end_the_run_after(limit.whole + limit.seconds + GRACE)
    limit.set_alarm()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, handler)
        _limit = outer
        if left:
            passed = time.monotonic() - began
            signal.setitimer(signal.ITIMER_REAL, max(left - passed, 0.001), again)


@contextlib.contextmanager
def patient(factor: float) -> Iterator[None]:
    """Inside, a step may take so many times as long."""
    if _limit is None:
        yield
        return
    usual, _limit.seconds = _limit.seconds, factor * _limit.seconds
    step()
    try:
        yield
    finally:
        _limit.seconds = usual
        step()


@contextlib.contextmanager
def around_the_store(seconds: float = AROUND) -> Iterator[None]:
    """Inside runs what the user wrote around the store: a harness, the end of a factory.

    It may take so many seconds, or the limit of a call if that is more; then it raises `Hung`. This
    time is not the store's: the clock of the clause stands still.
    """
    limit = _limit
    if limit is None:
        yield
        return
    began = time.monotonic()
    before = limit.seconds, limit.ends, limit.has_rung
    limit.seconds, limit.ends, limit.has_rung = max(seconds, limit.seconds), math.inf, False
    _end_the_run_after(limit.seconds + GRACE)
    limit.set_alarm()
    try:
        yield
    finally:
        limit.seconds, limit.ends, limit.has_rung = before
        limit.ends += time.monotonic() - began
        if limit.has_rung:
            signal.setitimer(signal.ITIMER_REAL, 0)
            _end_the_run_after(limit.seconds + GRACE)
        else:
            left = 0.0 if math.isinf(limit.ends) else max(limit.ends - time.monotonic(), 0)
            _end_the_run_after(left + limit.seconds + GRACE)
            limit.set_alarm()


def step() -> None:
    """The store has made headway: the limit of a call begins anew. From any thread."""
    if _limit is not None:
        _limit.set_alarm()


def _end_the_run_after(seconds: float) -> None:
    stderr = 2 if _stderr is None else _stderr
    with contextlib.suppress(OSError, RuntimeError):
        faulthandler.dump_traceback_later(seconds, file=stderr, exit=True)
