"""Tells the user's Ctrl-C from a store that raises KeyboardInterrupt by itself."""

from __future__ import annotations

import contextlib
import signal
import unittest
from collections.abc import Iterator
from types import FrameType

_pressed = False


def from_the_keyboard(error: BaseException) -> bool:
    """Whether this is the user's own interrupt, which must end the run."""
    return isinstance(error, KeyboardInterrupt) and _pressed


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Notice Ctrl-C while the checks run. Elsewhere than in the main thread nothing is watched."""
    try:
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, _on_interrupt)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    signal.default_int_handler(number, frame)


def takes_control(error: BaseException) -> bool:
    """Whether a store raised what is no ordinary exception: SystemExit, a test's skip, and such."""
    return not isinstance(error, Exception) or isinstance(error, unittest.SkipTest)
