"""Tells whether a process or a thread runs, and how much processor time it has used.

Wall-clock time does not show that: on a busy machine, a thread or a process may get no processor
for long without being stuck.
"""

from __future__ import annotations

import threading
import time


def is_asleep(process: int) -> bool | None:
    """Whether a process waits for something. None if the system does not show that."""
    state = _state_in(f"/proc/{process}/stat")
    return None if state is None else state == b"S"


def is_running(native_id: int) -> bool:
    """Whether a thread of this process runs, or would if it had a processor, its memory or a disk.

    False if the system does not show that.
    """
    return _state_in(f"/proc/self/task/{native_id}/stat") in (b"R", b"D")


def seconds_of_process(process: int) -> float:
    """Return the processor time of a process, or wall-clock time if the system does not show it."""
    try:
        return time.clock_gettime(~process << 3 | 2)  # as clock_getcpuclockid(3) makes it on Linux
    except (AttributeError, OSError, OverflowError):
        return time.monotonic()


def seconds_of_thread(thread: threading.Thread) -> float:
    """Return the processor time of a thread of this process, or else wall-clock time."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
    except (AttributeError, OSError):
        return time.perf_counter()


def _state_in(file: str) -> bytes | None:
    try:
        with open(file, "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0]
    except OSError:
        return None
