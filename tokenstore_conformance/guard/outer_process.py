"""The process that the user started only waits: no store chooses its exit status.

A store that calls `os._exit` is stopped (see `interrupts`). C code that calls `_exit`, or an
`exec`, cannot be, and would end the run green before its verdict. So the run is a child of the
process that the user started. That process ends with the status of its child, but with 0 only where
the run said so at its end. Before that it waits for the watchdog, which tells what is known of a
run that died. And it ends a process that does not end when the run is over.

On Linux alone, and where the process has no threads, which a child would miss. Elsewhere there is
one process: on macOS, much that a store may use does not work in a forked child.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import socket
import sys
import warnings
from types import FrameType
from typing import Final

RED: Final = 1
"""The exit status of a run that ended with 0 before its end."""
ENDING: Final = 45
"""Seconds in which the process has to end when the run is over: longer than `left_threads` gives
it, which says what keeps it."""
BY_SIGNAL: Final = 128
"""A shell adds this to the number of the signal that ended a process."""

_end: mmap.mmap | None = None
"""Shared with the process that waits: whether the run is over, and its exit status."""
_line: socket.socket | None = None
"""Open as long as the process that waits lives; it waits until no process holds the other end."""


def go_on_in_a_child() -> None:
    """Return in a child of this process, which ends when that has ended."""
    global _end, _line
    if not sys.platform.startswith("linux") or len(os.listdir("/proc/self/task")) > 1:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    end, (ours, theirs) = mmap.mmap(-1, 2), socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # raised by fork, it would leave two runs
        child = os.fork()
    if child == 0:
        ours.close()
        _end, _line = end, theirs
        return
    status = RED
    try:
        theirs.close()
        status = _wait(child, end, ours)
    finally:
        os._exit(status)


def line() -> socket.socket | None:
    """For the watchdog: what can be read here once the process that waits has been killed."""
    return _line


def hand_over(line: int) -> None:
    """This run is the rest of another one, whose line it was given."""
    global _line
    _line = socket.socket(fileno=line)


def close_line() -> None:
    """The watchdog has it now: the process that waits need not wait for what a store forked."""
    global _line
    if _line is not None:
        _line.close()
    _line = None


def tell(status: int) -> None:
    """The run is over, with this exit status."""
    if _end is not None:
        _end[:] = bytes([True, status])


def _wait(child: int, end: mmap.mmap, line: socket.socket) -> int:
    """The exit status for this process, once the run has ended."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not _is_at_a_terminal():
            os.kill(child, number)

    left = ENDING

    def look(number: int, frame: FrameType | None) -> None:
        nonlocal left
        left -= end[0]
        if left < 0:
            why = f"the run is over, and its process did not end within {ENDING} seconds"
            print(f"tokenstore: {why}", file=sys.stderr, flush=True)
            os.kill(child, signal.SIGKILL)
        else:
            signal.alarm(1)

    passed_on = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, pass_on) for each in passed_on}
    signal.signal(signal.SIGALRM, look)
    signal.alarm(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(0)
    for each, handler in before.items():
        signal.signal(each, handler)
    is_over, told = end[:]
    if left < 0:
        return told
    if not is_over:
        line.recv(1)
    if status < 0:
        return BY_SIGNAL - status
    return status or (told if is_over else RED)


def _is_at_a_terminal() -> bool:
    """Whether Ctrl-C reaches this process, and with it the run, from a terminal."""
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False
