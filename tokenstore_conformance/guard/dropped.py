"""Where an exception is lost: in what Python calls by itself, it warns of what is raised there.

A warning fails a test of pytest's, and what should have been interrupted goes on.
"""

from __future__ import annotations

import _weakrefset
import gc
import weakref
from types import FrameType
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
