"""Detects a store that forks in a call and returns from the call in the child too.

The child would judge the remaining clauses a second time. Instead, it ends here and tells the
judging process through a pipe. A child that ends or runs another program closes its end of it.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tokenstore_conformance.guard.interrupts import really_exit

TWICE: Final = "it returned in a child process as well"
"""The outcome of a call that forked and returned in both processes."""

WAIT: Final = 1.0
"""Seconds that a child gets to return or end, once a call has forked. A child that does neither is
taken to do other work."""

TRUSTED_AFTER: Final = 3
"""After this many calls whose children did other work, the kit no longer waits for children."""

_watches = 0
"""How many watches are in force."""
_made: tuple[int, int] | None = None
"""The pipe to the child that is being forked; in the child, the pipe to its parent."""
_children: list[int] = []
"""The read ends of the pipes to the children that were forked in this call."""
_went_on = 0


def _before() -> None:
    global _made
    _made = os.pipe() if _watches else None


def _in_parent() -> None:
    if _made is not None:
        os.close(_made[1])
        _children.append(_made[0])


def _in_child() -> None:
    while _children:
        os.close(_children.pop())
    if _made is not None:
        os.close(_made[0])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)


class Watch:
    """Raises if the call inside also returns in a child. A child that returns ends here."""

    def __init__(self, otherwise: Callable[[], Exception]) -> None:
        self._otherwise = otherwise

    def __enter__(self) -> None:
        global _watches
        _watches += 1
        self._process = os.getpid()

    def __exit__(self, *_: object) -> None:
        global _watches
        _watches -= 1
        if os.getpid() != self._process:
            if _made is not None:
                with suppress(OSError):  # the store may have closed it
                    os.write(_made[1], b"\1")
            really_exit(1)
        if _children and _has_returned_twice():
            raise self._otherwise()


def _has_returned_twice() -> bool:
    """Whether a child of this call has returned from it too. Waits for that, at most `WAIT`."""
    global _went_on
    until = time.monotonic() + (WAIT if _went_on < TRUSTED_AFTER else 0)
    try:
        while _children:
            left = max(0.0, until - time.monotonic())
            ready, _, _ = select.select(_children, [], [], left)
            if not ready:
                _went_on += 1
                return False
            for link in ready:
                if os.read(link, 1):
                    return True
                _children.remove(link)
                os.close(link)
        return False
    finally:
        while _children:
            os.close(_children.pop())
