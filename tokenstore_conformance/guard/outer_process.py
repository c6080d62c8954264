"""Judges in a child of the process that the user started: no store chooses the exit status.

A store that calls `os._exit` is stopped (see `interrupts`). C code that calls `_exit`, or an
`exec`, cannot be stopped, and would end the run green before its verdict. So the process that the
user started only waits for a child, which is the run. It exits with the status of the child, but
with 0 only if the run reported 0 at its end. If the run died, it first waits for the watchdog,
which reports what is known. If the child does not end when the run is over, it kills the child.

This works only on Linux, and only if the process has no other threads, which a child would not
have. Elsewhere there is one process: on macOS, much that a store may use does not work in a forked
child.
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
"""The exit status for a run whose process exits with 0 before the run is over."""
ENDING: Final = 45
"""Seconds that the process gets to end when the run is over. That is longer than in `left_threads`,
which reports what keeps the process alive."""
BY_SIGNAL: Final = 128
"""A shell adds this to the number of the signal that ended a process."""

_end: mmap.mmap | None = None
"""Memory shared with the waiting process: whether the run is over, and its exit status."""
_line: socket.socket | None = None
"""The run's end of a socket pair. The waiting process keeps the other end open as long as it lives,
and waits until no process holds this end."""


def go_on_in_a_child() -> None:
    """Fork, and return only in the child. The parent waits for the child and then exits."""
    global _end, _line
    if not sys.platform.startswith("linux") or len(os.listdir("/proc/self/task")) > 1:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    end, (ours, theirs) = mmap.mmap(-1, 2), socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # if fork raised a warning, two runs would continue
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
    """Return a socket for the watchdog, readable once the waiting process has been killed."""
    return _line


def hand_over(line: int) -> None:
    """Take over the line of another run. This run judges the rest of that one."""
    global _line
    _line = socket.socket(fileno=line)


def close_line() -> None:
    """Close the line, which the watchdog holds now.

    Otherwise the waiting process would also wait for processes that a store forked.
    """
    global _line
    if _line is not None:
        _line.close()
    _line = None


def tell(status: int) -> None:
    """Tell the waiting process that the run is over, with this exit status."""
    if _end is not None:
        _end[:] = bytes([True, status])


def _wait(child: int, end: mmap.mmap, line: socket.socket) -> int:
    """Wait until the run has ended, and return the exit status for this process."""

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
    """Whether Ctrl-C at a terminal reaches this process, and the run with it."""
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False
