"""A store that forks in a call, and returns from it in the child too.

The child would judge the rest of the clauses a second time. It ends here instead, and tells the
process that judges: by a pipe, of which a child that ends or runs another program closes its end.
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
"""What came of a call that forked, and returned in both."""

WAIT: Final = 1.0
"""Seconds in which a child has to return or to end, once a call has forked; else it is one that
goes on with something else."""

TRUSTED_AFTER: Final = 3
"""Calls whose children went on with something else: then no more is waited for."""

_watches = 0
"""How many are in force."""
_made: tuple[int, int] | None = None
"""The pipe to the child that is being made, or of which this process is the child."""
_children: list[int] = []
"""The ends of the pipes to the children that were made in this call."""
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
    """A call made inside returns once, or this raises; the child that returns too ends here."""

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
    """Whether a child of this call has returned from it. Waits until it has, or has ended."""
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
