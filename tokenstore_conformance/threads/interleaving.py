"""Threads that interleave on purpose, and the same way each time.

Without help, threads hardly ever interleave inside a few lines of Python: an unlocked read, change
and write shows its fault once in thousands of trials. Here the threads pass a `Baton`. Only its
holder runs the code under test (see `OwnCode`). At each *point* of that code (before each line and,
on request, also within lines) a `Strategy` says which thread continues. `PauseOnce` stops one
thread at its n-th point, lets the others run to their end, and resumes it. Done for every n, this
finds every fault that needs no more than one preemption: every unlocked read-modify-write and
check-then-act. No chance is involved. `Randomly` switches back and forth by a seed, for faults that
need more.

Nothing of the program is wrapped or patched. Only the threads started here are traced. When they
end, any earlier tracing in them (coverage, a debugger) is restored.
"""

from __future__ import annotations

import inspect
import itertools
import os
import sys
import threading
import traceback
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from tokenstore_conformance.guard.frames import formatted
from tokenstore_conformance.threads.baton import Baton, GivenUp
from tokenstore_conformance.threads.locks import Observer
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import Handover, Patience, Place, Strategy

STUCK_AFTER: Final = 10.0
"""If no thread reaches a point or ends for so many seconds, the run is given up."""

WITHIN_LINES: Final = sys.version_info[:2] != (3, 12)
"""Whether threads can be switched within lines: Python 3.12 crashes under such tracing."""


@dataclass(frozen=True)
class Interleaving:
    """The result of a run: the points that each thread reached, and where it was switched.

    ``stuck`` is None if every thread ended, else the reason. ``stacks`` shows where the threads are
    that did not end. ``errors`` are what the thunks raised.
    """

    ways: tuple[tuple[Place, ...], ...]
    switches: tuple[Handover, ...]
    stuck: str | None
    stacks: str
    errors: tuple[BaseException, ...]
    activations: tuple[tuple[int, ...], ...] = ()
    """For each point, the number of the activation of its function."""
    under_a_lock: tuple[frozenset[int], ...] = ()
    """For each thread, the points under a lock that the others take first; () if not observed."""
    is_traced: bool = True
    """Whether each thread was traced to its end. If not, some of its points are missing here."""

    @property
    def has_blocked(self) -> bool:
        """Whether a thread had to wait for something other than the baton."""
        return any(switch.blocked for switch in self.switches)


def run(
    thunks: Sequence[Callable[[], object]],
    strategy: Strategy,
    points: Points,
    patience: Patience | None = None,
    within_lines: Container[int] = (),
    stuck_after: float = STUCK_AFTER,
    clock: Iterator[int] | None = None,
    observer: Observer | None = None,
) -> Interleaving:
    """Run each thunk in a thread of its own, and switch between them at the ``points``.

    Threads are switched at the start of lines, and those in ``within_lines`` also within lines.
    ``clock`` numbers the moments of switches, and may number other moments as well. An ``observer``
    is told of each point. Returns when all threads have ended or the run is stuck. Threads of a
    stuck run end at their next point. Those that never reach one remain as daemons.
    """
    shared = Baton(len(thunks), strategy, patience or Patience(), clock or itertools.count())
    errors: list[BaseException] = []
    untraced: list[int] = []

    def in_thread(index: int, thunk: Callable[[], object]) -> None:
        traced_before = sys.gettrace()
        shared.await_start(index)
        try:
            within = WITHIN_LINES and index in within_lines
            tracer = _tracer(shared, index, points, within, observer)
            sys.settrace(tracer)
            thunk()
            if sys.gettrace() is not tracer:
                untraced.append(index)
        except GivenUp:
            pass
        except BaseException as error:
            errors.append(error)
        finally:
            sys.settrace(traced_before)
            shared.end(index)

    threads = [
        threading.Thread(target=in_thread, args=each, daemon=True) for each in enumerate(thunks)
    ]
    for thread in threads:
        thread.start()
    stuck, standing = None, ""
    try:
        stuck = shared.watch(stuck_after)
        standing = stacks(threads) if stuck else ""
    finally:
        shared.give_up()
    for thread in () if stuck else threads:
        thread.join()
    ways = tuple(map(tuple, shared.ways))
    activations = tuple(map(tuple, shared.activations))
    switches = tuple(shared.switches)
    locked = tuple(observer.under_a_lock(index) for index in range(len(ways))) if observer else ()
    return Interleaving(
        ways, switches, stuck, standing, tuple(errors), activations, locked, not untraced
    )


def _tracer(
    shared: Baton, index: int, points: Points, within_lines: bool, observer: Observer | None
) -> Callable[[FrameType, str, Any], Any]:
    numbers = itertools.count(1)
    at = shared.at if observer is None else observer.before(shared.at)

    def on_call(frame: FrameType, event: str, argument: object) -> Any:
        within = points.within_lines(frame.f_code)
        if within is None:
            return None
        resumes = frame.f_code.co_flags & inspect.CO_GENERATOR  # it is "called" for each value
        activation = 0 if resumes else next(numbers)
        lines = points.lines(frame.f_code)
        if observer is not None:
            observer.enter(frame)

        def in_frame(frame: FrameType, event: str, argument: object) -> Any:
            if event == "line":
                at(index, lines.get(frame.f_lasti) or points.line(frame), activation)
            elif event == "opcode" and frame.f_lasti in within:
                at(index, within[frame.f_lasti], activation)
            return in_frame

        if within_lines:
            frame.f_trace = in_frame  # without it, Python 3.13 notices the next line too late
            frame.f_trace_opcodes = True
        return in_frame

    return on_call


def _end_tracing() -> None:
    """End the tracing in a child that a store forks in a call: it would wait for its turn, but has
    no other threads.
    """
    if getattr(sys.gettrace(), "__module__", None) == __name__:
        sys.settrace(None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_tracing)


def stacks(threads: Sequence[threading.Thread]) -> str:
    """Return where each thread is that has not ended, without the kit's own frames."""
    frames = sys._current_frames()
    standing = ""
    for index, thread in enumerate(threads):
        if thread.ident in frames:
            stack = traceback.extract_stack(frames[thread.ident])
            standing += f"\nthread {index + 1}:\n{formatted(stack)}"
    return standing.lstrip("\n")
