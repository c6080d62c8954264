"""What would end the run: the user's Ctrl-C or a SIGTERM, which may, and a store, which may not.

A store that raises KeyboardInterrupt by itself is told from the keyboard's; one that calls
`os._exit` is stopped before the run is over, green, with no verdict.
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
"""The exits of threads that nothing caught."""

really_exit = os._exit
"""Ends this process at once, also while `os._exit` is replaced."""


class Ours(BaseException):
    """What the kit, and not the store, raises in the middle of a call on the store.

    Not an `Exception`: neither the SDK, nor hypothesis, nor most stores catch it.
    """


def is_ours(error: BaseException) -> bool:
    """Whether it has to pass through a call: the store did not raise it."""
    return isinstance(error, Ours) or from_the_keyboard(error)


def from_the_keyboard(error: BaseException) -> bool:
    """Whether this is an interrupt from outside the store, which must end the run."""
    return isinstance(error, KeyboardInterrupt) and _pressed


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Notice Ctrl-C, SIGTERM and `os._exit` while the checks run; signals in the main thread alone.

    A SIGTERM, as of a job that is cancelled, ends the run as Ctrl-C does: with what is known.
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
    """Raised in place of an `os._exit` in the process that judges."""


def never_exit_green(at_least: Callable[[], int]) -> Callable[[], None]:
    """From now on `os._exit(0)` in this process, in a finalizer say, ends it with ``at_least``.

    Returns what undoes that.
    """
    judging = os.getpid()

    def exit_red(status: int) -> NoReturn:
        really_exit(status or at_least() if os.getpid() == judging else status)

    _replace_exit(exit_red)
    return lambda: _replace_exit(really_exit)


def _replace_exit(exit: Any) -> None:
    modules: list[Any] = [os, sys.modules[os.name]]  # os has it from there
    for module in modules:
        module._exit = exit


@contextlib.contextmanager
def _no_exit() -> Iterator[None]:
    judging, exit = os.getpid(), os._exit

    def exit_or_raise(status: int) -> NoReturn:
        if os.getpid() == judging:
            raise Exited(f"os._exit({status}) would have ended the run")
        exit(status)  # a process that was forked ends as it likes

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
    """What threads that the store started would have ended the run with, since this was asked."""
    found, _in_threads[:] = list(_in_threads), []
    return found


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    raise KeyboardInterrupt(signal.Signals(number).name)


def takes_control(error: BaseException) -> bool:
    """Whether a store raised more than an ordinary exception: SystemExit, or the skip of a test."""
    return not isinstance(error, Exception) or isinstance(error, unittest.SkipTest)
