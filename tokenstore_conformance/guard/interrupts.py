"""Lets Ctrl-C and SIGTERM end the run, and keeps a store from ending it.

A KeyboardInterrupt that a store raises itself is distinguished from the user's. A store that calls
`os._exit` is stopped: otherwise the run would end green with no verdict.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import unittest
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

_pressed = False

_in_threads: list[str] = []
"""The calls of `os._exit` in threads, where nothing caught the `Exited`."""

really_exit = os._exit
"""Ends this process at once, even while `os._exit` is replaced."""


class Ours(BaseException):
    """Raised by the kit, not by the store, in the middle of a call on the store.

    It is not an `Exception`, so that the SDK, Hypothesis and most stores do not catch it.
    """


def is_ours(error: BaseException) -> bool:
    """Whether an exception has to pass through a call because the store did not raise it."""
    return isinstance(error, Ours) or from_the_keyboard(error)


def from_the_keyboard(error: BaseException) -> bool:
    """Whether this is an interrupt from outside the store, which must end the run."""
    return isinstance(error, KeyboardInterrupt) and _pressed


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Handle Ctrl-C, SIGTERM and `os._exit` while the checks run; signals only in the main thread.

    SIGTERM, for example from a cancelled job, ends the run like Ctrl-C: with the results so far.
    """
    with _no_exit():
        before = {}
        try:
            for each in (signal.SIGINT, signal.SIGTERM):
                if each is signal.SIGINT or signal.getsignal(each) is signal.SIG_DFL:
                    before[each] = signal.signal(each, _on_interrupt)
        except ValueError:
            yield
            return
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class Exited(BaseException):
    """Raised instead of a call of `os._exit` in the judging process."""


def never_exit_green(at_least: Callable[[], int]) -> Callable[[], None]:
    """Make `os._exit(0)` in this process, for example in a finalizer, exit with ``at_least()``.

    Return a function that undoes this.
    """
    judging = os.getpid()

    def exit_red(status: int) -> NoReturn:
        really_exit(status or at_least() if os.getpid() == judging else status)

    _replace_exit(exit_red)
    return lambda: _replace_exit(really_exit)


def _replace_exit(exit: Any) -> None:
    modules: list[Any] = [os, sys.modules[os.name]]  # os imports it from that module
    for module in modules:
        module._exit = exit


@contextlib.contextmanager
def _no_exit() -> Iterator[None]:
    judging, exit = os.getpid(), os._exit

    def exit_or_raise(status: int) -> NoReturn:
        if os.getpid() == judging:
            raise Exited(f"os._exit({status}) would have ended the run")
        exit(status)  # a forked process may end

    before = threading.excepthook

    def note_exit(thrown: threading.ExceptHookArgs) -> None:
        if thrown.exc_type is Exited:
            _in_threads.append(f"{thrown.exc_value}, in a thread that it started")
        else:
            before(thrown)

    _replace_exit(exit_or_raise)
    threading.excepthook = note_exit
    try:
        yield
    finally:
        threading.excepthook = before
        _replace_exit(exit)


def exits_in_threads() -> list[str]:
    """Return the calls of `os._exit` in the store's threads, since the last call of this."""
    found, _in_threads[:] = list(_in_threads), []
    return found


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    raise KeyboardInterrupt(signal.Signals(number).name)


def takes_control(error: BaseException) -> bool:
    """Whether a store raised more than an ordinary exception, such as SystemExit or a test skip."""
    return not isinstance(error, Exception) or isinstance(error, unittest.SkipTest)
