"""Time limits: a store that never returns fails its clause, with the stack of where it hangs.

An alarm signal interrupts whatever Python does in the main thread, even a wait for a lock or a
socket, and raises `Hung` there. Every call on the store sets the alarm again, so only a call that
does not return is interrupted. The alarm does not help if the store hangs in C, disarms the alarm,
or catches every interruption. Then the `watchdog` ends the whole run from outside, because a run
without a verdict must not be green.

A store whose calls return never fails for being slow. If the calls together take so long that the
clause would not end, the clause ends early: `between_calls` raises `OutOfTime`, and the clause
passes on what it has seen so far.

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
from time import process_time  # imported by name: a check may move that of `time`
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
"""A clause that has taken this many times the limit of a call makes no more calls."""
BETWEEN: Final = DEFAULT
"""Seconds for the kit's own work between two calls, or the limit of a call if that is longer."""
MANY: Final = 30
"""The number of saved records for which a call about all of them gets the limit once more."""
MOST: Final = 6 * MANY
"""Records beyond this number give a call no more time."""
HURRY: Final = 0.1
"""The share of the limit that a store gets once it has hung."""
AROUND: Final = 60.0
"""Seconds that each step of the user's harness may take, or the limit of a call if that is longer.
A library that the kit uses may take as long."""
AGAIN: Final = 0.2
"""Seconds after which a store that caught the interruption is interrupted again."""

LEAST: Final = 0.001
"""The fewest seconds to set the timer to. Less than a microsecond would switch it off."""

ENOUGH: Final = 1.0
"""Seconds that a finalizer, or another callback that would drop `Hung`, gets to end by itself."""

LATE: Final = 0.5
"""Seconds of delay after which an alarm is late: the process computed in C, or it stood still."""

HAS_ALARMS: Final = hasattr(signal, "setitimer")


class Hung(Ours):
    """Raised in the middle of a step that has not ended in time."""

    def __init__(self, seconds: float, note: str = "") -> None:
        super().__init__(seconds, note)
        self.seconds = seconds
        self.note = note
        """What is special about the limit."""
        self.doing = ""
        """The call that hangs, as text."""
        self.during = ""
        """What happens meanwhile, as text, such as "while its file is away"."""
        self._place = ""

    def forget_frames(self) -> None:
        """Keep only the place: the frames would keep the values of their variables alive."""
        self._place = place(self)
        self.with_traceback(None)

    @property
    def place(self) -> str:
        """Where it hangs, in parentheses. "" if that is unknown."""
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
        """How far the clause got, as text."""
        self.has_tried = True
        """Whether the clause got anywhere."""
        self.is_told = False

    def tell(self, done: int, every: str) -> None:
        """Set how far the clause got. Only the innermost `reaching` does."""
        if not self.is_told:
            self.reached, self.has_tried, self.is_told = f"{done:,} of {every}", done > 0, True


class Limit:
    """The limits in force, for a call and for a clause."""

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
        """Seconds of the longest call that ended."""
        self._since = self.began
        self.has_rung = False
        self.is_interrupted = False
        """Whether `Hung` was raised in this step."""
        self.dropped: Hung | None = None
        """What was raised where Python drops it, for example in a method `__del__`."""
        self._until = self._rings_at = 0.0
        """When the step has to end, and when the timer rings. The timer may ring earlier: setting
        it for each of thousands of calls takes longer than many of the calls."""
        self._set_at = self._ran = 0.0
        """When the timer was set, and how many seconds the process had run by then."""
        self._doing = ""

    def set_alarm(self, doing: str = "", times: int = 1) -> None:
        self.calls += 1
        self.is_interrupted = False
        self._arm(times * self.seconds, doing, self.note)

    def call_returned(self, seconds: float = BETWEEN) -> None:
        """Limit the kit's own work after a call. It takes long only on a busy machine."""
        self._arm(max(seconds, self.seconds))

    def _arm(self, seconds: float, doing: str = "", note: str = "") -> None:
        now = clock()
        if self._doing:  # otherwise the kit worked, or imported a library
            self.longest = max(self.longest, now - self._since)
        self._since = now
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
        """The seconds that are left for the step."""
        return self._until - _now()

    def disarm(self) -> None:
        """Switch the timer off until the next step."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._rings_at = 0.0

    def watch(self, doing: str = "") -> None:
        """Have the watchdog end the run if it makes no progress for long."""
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
        """Return the seconds by which the alarm is late because the process could not run: after
        Ctrl-Z, or while the machine slept. Return 0 if it ran meanwhile: then it computed in C.
        """
        now = _now()
        late, idle = now - self._rings_at, now - self._set_at - (process_time() - self._ran)
        is_late = late > LATE and not self.is_interrupted and self._rings_at > 0
        return late if is_late and idle > late / 2 else 0.0

    def hung(self) -> Hung:
        """Return the exception for a step that has not ended in time."""
        return Hung(self._armed, self._armed_note)

    def on_dropped(
        self, dropped: sys.UnraisableHookArgs, otherwise: Callable[[sys.UnraisableHookArgs], object]
    ) -> None:
        """Handle a dropped exception: pytest's own hook would keep its frames and variables."""
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
        """Raise the `Hung` that Python dropped, if there is one."""
        if self.dropped is not None:
            hung, self.dropped = self.dropped, None
            raise hung


_now: Callable[[], float] = watching.now if HAS_ALARMS else time.monotonic
"""A clock in seconds. A check may move `time.monotonic`, but not this clock."""

clock = _now
"""The clock that tells when the time of a clause is over. Only tests replace it."""


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
    """Raise `Hung` inside if a step takes longer than ``seconds``. ``note`` is passed to it.

    `step` begins a new step. ``doing`` is the first step, as text, and ``clause`` is the clause
    that it is for. After ``whole`` seconds, `between_calls` raises `OutOfTime`. An alarm that other
    code has set, such as pytest-timeout's, is restored at the end with the time that is left of it.
    Outside the main thread there are no limits.
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
        if outer is not None:  # the outer clause asked for another's result: not its own time
            outer.disarm()
            outer.ends += clock() - limit.began
            outer.set_alarm()
        elif left:
            passed = _now() - began
            signal.setitimer(signal.ITIMER_REAL, max(left - passed, 0.001), again)


@contextlib.contextmanager
def patient(factor: float) -> Iterator[None]:
    """Let a step inside take ``factor`` times as long."""
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
    """Limit the user's own code around the store, such as a harness or the end of a factory.

    Inside, a step may take ``seconds``, or the limit of a call if that is longer. Then `Hung` is
    raised. This time is not the store's, so it does not count for the clause.
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
        if limit.has_rung:  # all that is left is to end the clause
            limit.disarm()
            limit.watch()
        else:
            limit.set_alarm()


def step(doing: str = "", saved: int = 0) -> None:
    """Begin a new step: the store has made progress, so the limit of a call begins again.

    Any thread may call this. ``doing`` is what the store does now, as text. A call about all saved
    records gets the limit once more for every `MANY` that were ``saved``: on a server, they may
    have to be deleted one by one.
    """
    global _steps
    _steps += 1
    if _limit is not None:
        if _limit.dropped and threading.current_thread() is threading.main_thread():
            _limit.raise_dropped()
        _limit.set_alarm(doing, 1 + min(saved, MOST) // MANY)


def returned() -> None:
    """Note that the last call has returned. Its answer is read next. Any thread may call this."""
    if _limit is not None:
        _limit.call_returned()


def library_works() -> None:
    """Note that a library works until the next call, which may take long on a busy machine."""
    if _limit is not None:
        _limit.call_returned(AROUND)


def raise_if_interrupted(cause: BaseException | None = None) -> None:
    """Raise `Hung` if the store caught the one of this step. ``cause`` is what it raised instead.

    Call this when a call on the store has ended.
    """
    if _limit is not None and _limit.is_interrupted:
        _limit.raise_dropped()
        raise _limit.hung() from cause


def end_the_run(doing: str) -> None:
    """Kill this process if there is a watchdog, which has the rest judged in another process."""
    if _limit is not None and watchdog.current() is not None:
        _limit.watch(doing)
        os.kill(os.getpid(), signal.SIGKILL)


def steps() -> int:
    """Return how many steps the stores of this process have begun: about one for each call."""
    return _steps


def between_calls() -> None:
    """Raise `OutOfTime` if the time of the clause is over. Call this where a clause may end."""
    if _limit is not None and clock() >= _limit.ends:
        raise OutOfTime(_limit.whole, _limit.calls)


@contextlib.contextmanager
def reaching(done: Callable[[], int], every: str) -> Iterator[None]:
    """If the clause runs out of time inside, record how far it got: ``done()`` of ``every``."""
    try:
        yield
    except OutOfTime as early:
        early.tell(done(), every)
        raise
