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

_FINALIZER: Final = "__del__"

_CALLBACKS: Final = (weakref.__file__, _weakrefset.__file__)
"""The files of what is called when an object goes."""


def would_be_dropped(frame: FrameType | None) -> bool:
    """Whether code runs there that is called when an object goes, or by the garbage collector."""
    of_the_collector = [getattr(each, "__code__", None) for each in gc.callbacks]
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _CALLBACKS or code.co_name == _FINALIZER or code in of_the_collector:
            return True
        frame = frame.f_back
    return False


def remove_finalizer(trace: TracebackType | None) -> None:
    """Remove the method `__del__` that a traceback begins in, from the classes of its object.

    Python may call it at any time, also where nothing limits how long it takes.
    """
    if trace is None or trace.tb_frame.f_code.co_name != _FINALIZER:
        return
    arguments = trace.tb_frame.f_code.co_varnames
    finalized = trace.tb_frame.f_locals.get(arguments[0]) if arguments else None
    for each in type(finalized).__mro__:
        if _FINALIZER in vars(each):
            with contextlib.suppress(TypeError, AttributeError):  # a class of C
                delattr(each, _FINALIZER)
