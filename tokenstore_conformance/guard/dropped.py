"""Finds code in which Python drops an exception: finalizers and callbacks that it calls by itself.

Python only warns of an exception that is raised there. The warning can fail a pytest test, and the
call that should have been interrupted continues.
"""

from __future__ import annotations

import _weakrefset
import contextlib
import gc
import weakref
from types import FrameType, TracebackType
from typing import Final

_FINALIZER: Final = "__del__"

_CALLBACKS: Final = (weakref.__file__, _weakrefset.__file__)
"""The files of the callbacks that Python calls when an object is deleted."""


def would_be_dropped(frame: FrameType | None) -> bool:
    """Whether the frame, or a caller of it, is a finalizer or a callback of `weakref` or `gc`."""
    of_the_collector = [getattr(each, "__code__", None) for each in gc.callbacks]
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _CALLBACKS or code.co_name == _FINALIZER or code in of_the_collector:
            return True
        frame = frame.f_back
    return False


def remove_finalizer(trace: TracebackType | None) -> None:
    """If the traceback begins in a method `__del__`, remove it from the classes of its object.

    Python may call that method at any time, even where nothing limits how long it takes.
    """
    if trace is None or trace.tb_frame.f_code.co_name != _FINALIZER:
        return
    arguments = trace.tb_frame.f_code.co_varnames
    finalized = trace.tb_frame.f_locals.get(arguments[0]) if arguments else None
    for each in type(finalized).__mro__:
        if _FINALIZER in vars(each):
            with contextlib.suppress(TypeError, AttributeError):  # a class that is written in C
                delattr(each, _FINALIZER)
