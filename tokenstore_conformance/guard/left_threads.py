"""Lets a process end although a store left threads running for which Python would wait.

Python ends only after every thread that is not a daemon. One that a store left behind, a poller or
a pool, would keep the process alive for ever after the verdict.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Collection
from typing import Final

GRACE: Final = 3.0
"""Seconds that such threads get when the process is about to end."""


def end_without(before: Collection[threading.Thread], status: int) -> None:
    """End the process with this status, if threads that were not there ``before`` keep it alive."""
    left = [each for each in threading.enumerate() if not each.daemon and each not in before]
    register = getattr(threading, "_register_atexit", None)
    if not left or register is None:
        return
    ending = threading.Event()

    def end() -> None:
        ending.wait()
        for thread in left:
            thread.join(GRACE / len(left))
        alive = [each.name for each in left if each.is_alive()]
        if alive:
            more = f" and {len(alive) - 1} more" if len(alive) > 1 else ""
            print(f"tokenstore: the store left threads running: {alive[0]}{more}", file=sys.stderr)
            for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
                stream.flush()
            os._exit(status)

    threading.Thread(target=end, daemon=True).start()
    register(ending.set)  # called when the main thread has ended, before Python waits for others
