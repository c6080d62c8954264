"""Time limits: a store that never returns fails its clause, with the stack of where it stands.

An alarm signal interrupts whatever Python does in the main thread, also where it waits for a lock
or for a socket, and raises `Hung` there. Every call on the store sets the alarm again, so only a
call that does not return is interrupted. Where no alarm helps (the store hangs in C, disarms it, or
catches everything that it is interrupted with), the `watchdog` ends the whole run from outside: a
run that can say nothing must not be green.

A store whose calls return is never failed for its slowness. Where they take so long together that
the clause would not end, it ends early: `between_calls` raises `OutOfTime`, and the clause passes
on what it saw.

Without alarm signals (on Windows) there are no limits.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import process_time  # a check may move that of `time`
from types import FrameType
from typing import Final

from tokenstore_conformance.guard import watchdog, watching
from tokenstore_conformance.guard.dropped import remove_finalizer, would_be_dropped
from tokenstore_conformance.guard.frames import place
from tokenstore_conformance.guard.interrupts import Ours
from tokenstore_conformance.plural import in_seconds

DEFAULT: Final = 10.0
"""Seconds in which a call has to return."""
WHOLE: Final = 30
"""A clause that has taken so many times as long as a call may take makes no more calls."""
BETWEEN: Final = DEFAULT
"""Seconds for what the kit does between two calls, or the limit of a call if that is more."""
MANY: Final = 30
"""For so many saved records a call that is about all of them has the limit of one more call."""
MOST: Final = 6 * MANY
"""No more time is given for more records than these."""
HURRY: Final = 0.1
"""The share of the limit that a store gets which has hung already."""
AROUND: Final = 60.0
"""Seconds that each step of the user's harness may take, or the limit of a call if that is more. A
library that the kit uses may take as long."""
AGAIN: Final = 0.2
"""Seconds after which a store that caught the interruption is interrupted again."""

LEAST: Final = 0.001
"""Seconds for which the timer is worth setting: less than a microsecond would switch it off."""

ENOUGH: Final = 1.0
"""Seconds that what is called when an object goes has to end by itself."""

LATE: Final = 0.5
"""Seconds after which an alarm is late: the process computed in C, or it stood still."""

HAS_ALARMS: Final = hasattr(signal, "setitimer")


class Hung(Ours):
    """Raised in the middle of whatever has not returned in time."""

    def __init__(self, seconds: float, note: str = "") -> None:
        super().__init__(seconds, note)
        self.seconds = seconds
        self.note = note
        """What is special about the limit."""
        self.doing = ""
        """The call that hangs, in words."""
        self.during = ""
        """What goes on meanwhile, in words: "while its file is away"."""
        self._place = ""

    def forget_frames(self) -> None:
        """Keep only the place: the frames would keep the values of their variables alive."""
        self._place = place(self)
        self.with_traceback(None)

    @property
    def place(self) -> str:
        """Where it hangs, in brackets, or ""."""
        return self._place or place(self)

    @property
    def expected(self) -> str:
        note = f" ({self.note})" if self.note else ""
        during = f"{self.during}: " if self.during else ""
        return (
            f"{during}{self.doing or 'the store'} to return within {in_seconds(self.seconds)}{note}"
        )

    @property
    def got(self) -> str:
        return f"nothing yet{self.place}"

    def __str__(self) -> str:
        return f"{self.doing or 'the store'} has not returned after {in_seconds(self.seconds)}"


class OutOfTime(Ours):
    """Raised between two calls on a slow store, to end the clause. It is not a failure."""

    def __init__(self, seconds: float, calls: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.reached = f"{calls:,} calls"
        """How far the clause got, in words."""
        self.has_tried = True
        """Whether it got anywhere."""
        self.is_told = False

    def tell(self, done: int, every: str) -> None:
        """Say how far it got. The innermost says it."""
        if not self.is_told:
            self.reached, self.has_tried, self.is_told = f"{done:,} of {every}", done > 0, True


class Limit:
    """The limits in force: of a call, and of a clause."""

    def __init__(self, seconds: float, whole: float, note: str, clause: str = "") -> None:
        self.seconds = seconds
        self._armed, self._armed_note = seconds, note
        """Seconds of the alarm that is set now, and what is special about it."""
        self.whole = whole
        self.note = note
        self.clause = clause
        self.began = clock()
        self.ends = self.began + whole
        self.calls = 0
        self.longest = 0.0
        """Seconds of the longest step that came to its end."""
        self._since = self.began
        self.has_rung = False
        self.is_interrupted = False
        """Whether `Hung` was raised in this step."""
        self.dropped: Hung | None = None
        """What was raised where Python drops it: in a method `__del__`, say."""
        self._until = self._rings_at = 0.0
        """By when the step has to end, and when the timer rings. That may be earlier: to set it for
        each of thousands of calls takes longer than many of them."""
        self._set_at = self._ran = 0.0
        """When the timer was set, and how many seconds the process had run by then."""
        self._doing = ""

    def set_alarm(self, doing: str = "", times: int = 1) -> None:
        self.calls += 1
        self.is_interrupted = False
        self._arm(times * self.seconds, doing, self.note)

    def call_returned(self, seconds: float = BETWEEN) -> None:
        """The store has returned: what is done now takes long only where the machine is busy."""
        self._arm(max(seconds, self.seconds))

    def _arm(self, seconds: float, doing: str = "", note: str = "") -> None:
        now = clock()
        self.longest, self._since = max(self.longest, now - self._since), now
        self._armed, self._armed_note, self._doing = seconds, note, doing
        self._until = _now() + seconds
        if not now < self._rings_at <= self._until:
            self._set_timer(seconds)
        self._be_watched(self._until, doing)

    def _set_timer(self, seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        self._set_at, self._ran = _now(), process_time()
        self._rings_at = self._set_at + seconds

    @property
    def left(self) -> float:
        """The seconds in which the step has to end."""
        return self._until - _now()

    def disarm(self) -> None:
        """Let nothing ring before the next step."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._rings_at = 0.0

    def watch(self, doing: str = "") -> None:
        """Have the watchdog end the run where nothing moves for long."""
        self._be_watched(_now() + self._armed, doing)

    def _be_watched(self, until: float, doing: str) -> None:
        current = watchdog.current()
        if current is not None:
            current.expect(until, f"{self.clause}{watching.IN}{doing}")

    def on_alarm(self, number: int, frame: FrameType | None) -> None:
        left = self.left
        if left > LEAST:
            self._set_timer(left)
            return
        if left > -ENOUGH and would_be_dropped(frame):
            self._set_timer(LEAST)
            return
        stood_still = self._stood_still()
        if stood_still:
            self.ends += stood_still
            self._arm(self._armed, self._doing, self._armed_note)
            return
        self.has_rung = self.is_interrupted = True
        self._since = clock()
        raise self.hung()

    def _stood_still(self) -> float:
        """The seconds by which the alarm is late because the process could not run: after Ctrl-Z,
        or while the machine slept. Where it ran on meanwhile, it computed in C.
        """
        now = _now()
        late, idle = now - self._rings_at, now - self._set_at - (process_time() - self._ran)
        is_late = late > LATE and not self.is_interrupted and self._rings_at > 0
        return late if is_late and idle > late / 2 else 0.0

    def hung(self) -> Hung:
        """What says that the step has not ended in time."""
        return Hung(self._armed, self._armed_note)

    def on_dropped(
        self, dropped: sys.UnraisableHookArgs, otherwise: Callable[[sys.UnraisableHookArgs], object]
    ) -> None:
        """In place of `sys.unraisablehook`: pytest would keep the frames, and what is in them."""
        hung = dropped.exc_value
        if not isinstance(hung, Hung):
            otherwise(dropped)
            return
        name = getattr(dropped.object, "__qualname__", "")
        hung.doing = f"{name}()" if name else "a finalizer"
        remove_finalizer(hung.__traceback__)
        hung.forget_frames()
        self.dropped = self.dropped or hung

    def raise_dropped(self) -> None:
        """Raise what was raised where Python drops it."""
        if self.dropped is not None:
            hung, self.dropped = self.dropped, None
            raise hung


_now: Callable[[], float] = watching.now if HAS_ALARMS else time.monotonic
"""Seconds. A check may move `time.monotonic`, and not this clock."""

clock = _now
"""What tells when a clause has had its time. Replaced in tests alone."""


_limit: Limit | None = None
_steps = 0


@contextlib.contextmanager
def limited(
    seconds: float,
    whole: float | None = None,
    note: str = "",
    doing: str = "",
    clause: str = "",
) -> Iterator[Limit]:
    """Raise `Hung` inside, where a step takes longer than ``seconds``; ``note`` goes with it.

    Steps are parted by `step`; ``doing`` is the first of them, in words, and ``clause`` what it is
    done for. After ``whole`` seconds
    `between_calls` raises `OutOfTime`. An alarm of somebody else (pytest-timeout's) is put back at
    the end, with the time that is left of it. In another thread than the main one nothing is
    limited.
    """
    global _limit
    limit = Limit(seconds, WHOLE * seconds if whole is None else whole, note, clause)
    began = _now()
    try:
        handler = signal.signal(signal.SIGALRM, limit.on_alarm) if HAS_ALARMS else None
    except ValueError:
        handler = None
    if handler is None:
        yield limit
        return
    outer, _limit = _limit, limit
    left, again = signal.getitimer(signal.ITIMER_REAL)
    hook = sys.unraisablehook
    sys.unraisablehook = lambda dropped: limit.on_dropped(dropped, hook)
    limit.set_alarm(doing)
    try:
        yield limit
        limit.raise_dropped()
    finally:
        sys.unraisablehook = hook
        signal.setitimer(signal.ITIMER_REAL, 0)
        current = watchdog.current()
        if current is not None:
            current.rest()
        signal.signal(signal.SIGALRM, handler)
        _limit = outer
        if outer is not None:  # a clause that asked how others fare: that is not its own time
            outer.disarm()
            outer.ends += clock() - limit.began
            outer.set_alarm()
        elif left:
            passed = _now() - began
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
    began = clock()
    before = limit.seconds, limit.ends, limit.has_rung
    limit.seconds, limit.ends, limit.has_rung = max(seconds, limit.seconds), math.inf, False
    limit.disarm()
    limit.set_alarm()
    try:
        yield
    finally:
        limit.seconds, limit.ends, limit.has_rung = before
        limit.ends += clock() - began
        if limit.has_rung:  # what is left is to end the clause
            limit.disarm()
            limit.watch()
        else:
            limit.set_alarm()


def step(doing: str = "", saved: int = 0) -> None:
    """The store has made headway: the limit of a call begins again. From any thread.

    ``doing`` is what it does now, in words. A call that is about all that was saved has the limit
    once more for each `MANY` that were ``saved``: a server may have them deleted one by one.
    """
    global _steps
    _steps += 1
    if _limit is not None:
        if _limit.dropped and threading.current_thread() is threading.main_thread():
            _limit.raise_dropped()
        _limit.set_alarm(doing, 1 + min(saved, MOST) // MANY)


def returned() -> None:
    """The call that was made last has returned, and its answer is read. From any thread."""
    if _limit is not None:
        _limit.call_returned()


def library_works() -> None:
    """Until the next call a library works, which may take long on a busy machine."""
    if _limit is not None:
        _limit.call_returned(AROUND)


def raise_if_interrupted(cause: BaseException | None = None) -> None:
    """Raise `Hung` where the store caught the one of this step, and ended with ``cause`` or well.

    Called when a call has ended.
    """
    if _limit is not None and _limit.is_interrupted:
        _limit.raise_dropped()
        raise _limit.hung() from cause


def end_the_run(doing: str) -> None:
    """Kill this process if there is a watchdog, which has the rest judged in another one."""
    if _limit is not None and watchdog.current() is not None:
        _limit.watch(doing)
        os.kill(os.getpid(), signal.SIGKILL)


def steps() -> int:
    """How often the stores of this process have made headway: about once for each call."""
    return _steps


def between_calls() -> None:
    """Raise `OutOfTime` where the clause has had its time. Called where a clause may end."""
    if _limit is not None and clock() >= _limit.ends:
        raise OutOfTime(_limit.whole, _limit.calls)


@contextlib.contextmanager
def reaching(done: Callable[[], int], every: str) -> Iterator[None]:
    """Where the clause runs out of time inside, this says how far it got: done, of every one."""
    try:
        yield
    except OutOfTime as early:
        early.tell(done(), every)
        raise
