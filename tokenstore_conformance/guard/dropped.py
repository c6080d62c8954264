"""Where an exception is lost: in what Python calls by itself, it warns of what is raised there.

A warning fails a test of pytest's, and what should have been interrupted goes on.
"""

from __future__ import annotations

import _weakrefset
import contextlib
import gc
import weakref
from types import FrameType, TracebackType
from typing import Final

_CALLBACKS: Final = (weakref.__file__, _weakrefset.__file__)
"""The files of what is called when an object goes."""


def would_be_dropped(frame: FrameType | None) -> bool:
    """Whether code runs there that is called when an object goes, or by the garbage collector."""
    of_the_collector = [getattr(each, "__code__", None) for each in gc.callbacks]
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _CALLBACKS or code.co_name == "__del__" or code in of_the_collector:
            return True
        frame = frame.f_back
    return False


def call_no_more(method: str, trace: TracebackType | None) -> None:
    """Of the classes of the object that a method was called on, as its traceback says: remove it.

    An object of the class may go at any time, also where nothing limits what it does.
    """
    code = trace.tb_frame.f_code if trace is not None else None
    if trace is None or code is None or code.co_name != method or not code.co_argcount:
        return
    called_on = trace.tb_frame.f_locals.get(code.co_varnames[0])
    for each in type(called_on).__mro__:
        if method in vars(each):
            with contextlib.suppress(TypeError, AttributeError):
                delattr(each, method)
