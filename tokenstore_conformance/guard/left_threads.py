"""Ends a process that a store would keep alive.

Python waits for every non-daemon thread and every exit handler before it ends. A poller, a pool or
a handler that a store left behind would keep the process alive forever after the verdict.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Collection
from typing import Final

from tokenstore_conformance.plural import in_seconds

GRACE: Final = 3.0
"""Seconds, in total, that the store's threads get when the process is about to end."""
LONG: Final = 30.0
"""Seconds that exit handlers get. Coverage writes its data in one."""


def end_without(before: Collection[threading.Thread], status: int) -> None:
    """Make the process end with this status, whatever the store has left behind.

    ``before`` are the threads that are not the store's.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is None:
        return
    left = [each for each in threading.enumerate() if not each.daemon and each not in before]
    ending = threading.Event()

    def end() -> None:
        ending.wait()
        for thread in left:
            thread.join(GRACE / len(left))
        alive = [each.name for each in left if each.is_alive()]
        more = f" and {len(alive) - 1} more" if len(alive) > 1 else ""
        if alive:
            _end(f"the store left threads running: {alive[0]}{more}", status)
        time.sleep(LONG)
        _end(f"an exit handler (atexit) has not returned within {in_seconds(LONG)}", status)

    with contextlib.suppress(RuntimeError, MemoryError):  # a store may leave no room for a thread
        threading.Thread(target=end, daemon=True).start()
    register(ending.set)  # called when the main thread has ended, before Python waits for others


def _end(why: str, status: int) -> None:
    print(f"tokenstore: {why}", file=sys.stderr)
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        stream.flush()
    os._exit(status)
