"""Time limits: a store that never returns fails its clause, with the stack of where it stands.

An alarm signal interrupts whatever Python does in the main thread, also where it waits for a lock
or for a socket, and raises `Hung` there. Every call on the store sets the alarm anew, so a slow
store has time, and one that makes no headway has not. Where no alarm helps (the store hangs in C,
disarms it, or catches everything that it is interrupted with), the `watchdog` ends the whole run
from outside: a run that can say nothing must not be green.

Without alarm signals (on Windows) there are no limits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from tokenstore_conformance.guard.frames import place
from tokenstore_conformance.guard.watchdog import Watchdog

DEFAULT: Final = 10.0
"""Seconds in which a call has to return."""
WHOLE: Final = 30
"""A clause may take so many times as long as a call."""
HURRY: Final = 0.1
"""The share of the limit that a store gets which has hung already."""
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

    def set_alarm(self, doing: str = "") -> None:
        left = max(min(self.seconds, self.ends - time.monotonic()), 0.001)
        signal.setitimer(signal.ITIMER_REAL, left, AGAIN)
        if _watchdog is not None:
            _watchdog.expect(left, doing)

    def on_alarm(self, number: int, frame: FrameType | None) -> None:
        whole = time.monotonic() >= self.ends
        raise Hung(self.whole if whole else self.seconds, whole)


_limit: _Limit | None = None
_stderr: int | None = None
_watchdog: Watchdog | None = None


def keep_stderr() -> None:
    """Remember where stderr goes before pytest captures it: there the last words go."""
    global _stderr
    if _stderr is None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            _stderr = os.dup(sys.stderr.fileno())


@contextlib.contextmanager
def guarded(last_words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Path | None]:
    """Inside, a watchdog ends the run where no alarm can; see `Watchdog` for the arguments.

    Yields the folder that ``last_words`` gets; None where there is no watchdog.
    """
    global _watchdog
    if not HAS_ALARMS or _watchdog is not None:
        yield None
        return
    _watchdog = Watchdog(_stderr, last_words, environment)
    try:
        yield _watchdog.folder
    finally:
        ended, _watchdog = _watchdog, None
        ended.stop()


@contextlib.contextmanager
def limited(seconds: float, whole: float | None = None, doing: str = "") -> Iterator[None]:
    """Raise `Hung` inside, where a step takes longer than ``seconds``, or all the ``whole``.

    Steps are parted by `step`; ``doing`` is the first of them, in words. An alarm of somebody else
    (pytest-timeout's) is put back at the end, with the time that is left of it. In another thread
    than the main one nothing is limited.
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
    limit.set_alarm(doing)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        _limit = outer
        if _watchdog is not None:
            _watchdog.rest()
            if outer is not None:
                _watchdog.expect(max(outer.ends - time.monotonic(), 0), "")
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


def step(doing: str = "") -> None:
    """The store has made headway: the limit of a call begins anew. From any thread.

    ``doing`` is what it does now, in words.
    """
    if _limit is not None:
        _limit.set_alarm(doing)
