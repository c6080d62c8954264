"""The moments of a call at which the world outside its process may change: its outward calls.

Calls that the store makes in threads of its own count as well, if `watch_threads` was called before
they began.

Between two calls into C of a store (of a file, a database, a socket) nothing changes that another
process could see, or that would outlive this one. So to stop, or to kill, a process before each of
these calls is to try every moment that differs, as far as Python can tell them apart.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, Final, NamedTuple

from tokenstore_conformance.guard.frames import is_kit, is_standard, is_users, package_of

INWARD_MODULES: Final = frozenset(
    {
        *("builtins", "time", "re", "_sre", "math", "itertools", "_functools", "functools"),
        *("_collections", "collections", "_operator", "_json", "_struct", "_abc", "_thread"),
        *("threading", "_hashlib", "_random", "random", "_string", "_weakref", "_warnings"),
        *("_contextvars", "_datetime", "datetime", "decimal", "_decimal", "_uuid", "_imp", "sys"),
        *("binascii", "zlib", "unicodedata", "_bisect", "_codecs", "_signal", "signal", "gc"),
        *("_heapq", "_typing", "_locale", "_stat", "_types", "_blake2", "_sha2", "_md5"),
        *("_queue", "queue"),
    }
)
"""What computes, and touches nothing outside."""
OUTWARD_BUILTINS: Final = frozenset({"open", "print", "exec", "__import__"})
INWARD_CALLS: Final = frozenset({"urandom", "fspath", "getpid", "getcwd", "fsencode", "fsdecode"})
INWARD_FILES: Final = frozenset({"StringIO", "BytesIO"})


class Spot(NamedTuple):
    """A place in the program, in words and as its file, line and function."""

    words: str
    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return self.words


Visit = Callable[[int, Callable[[], Spot]], None]
"""Is told the number of the outward call that comes, from 1, and gives its place if asked."""


_visit: Visit | None = None
_numbers: Iterator[int] = itertools.count(1)


@contextmanager
def outward_calls(visit: Visit) -> Iterator[None]:
    """Be told of each outward call of this thread, just before it is made."""
    global _visit, _numbers
    _visit, _numbers = visit, itertools.count(1)
    profiler = sys.getprofile()
    sys.setprofile(_on_event)
    try:
        yield
    finally:
        _put_back(profiler)
        _visit = None


def _put_back(profiler: Any) -> None:
    """Let another profiler go on. That of cProfile is an object, and no function."""
    if profiler is None or callable(profiler):
        sys.setprofile(profiler)
    else:
        sys.setprofile(None)
        profiler.enable()


def watch_threads() -> None:
    """From now on, count the calls of new threads too."""
    threading.setprofile(_on_event)


def _on_event(frame: FrameType, event: str, called: Any) -> None:
    visit = _visit
    if visit is not None and event == "c_call" and is_outward(called):
        visit(next(_numbers), lambda: place_of(frame, called))


def is_outward(called: Any) -> bool:
    """Whether a function of C may reach a file, a database or another host."""
    name = getattr(called, "__name__", "")
    owner = getattr(called, "__self__", None)
    if owner is None or isinstance(owner, ModuleType):
        module = getattr(called, "__module__", None) or getattr(owner, "__name__", "")
        if module == "builtins":
            return name in OUTWARD_BUILTINS
        return module not in INWARD_MODULES and name not in INWARD_CALLS
    kind = owner if isinstance(owner, type) else type(owner)
    return kind.__module__ not in INWARD_MODULES and kind.__name__ not in INWARD_FILES


def place_of(frame: FrameType, called: Any) -> Spot:
    """The line of the program from which a call into C is made, and what it calls.

    The program's own line comes first, then the library that it called.
    """
    outwards: list[FrameType] = []
    each: FrameType | None = frame
    while each is not None and not is_kit(each.f_code.co_filename):
        outwards.append(each)
        each = each.f_back
    own = next((each for each in outwards if is_users(each.f_code.co_filename)), None)
    library = next(filter(None, (package_of(each.f_code.co_filename) for each in outwards)), "")
    not_python = (each for each in outwards if not is_standard(each.f_code.co_filename))
    shown = own or next(not_python, frame)
    code = shown.f_code
    name = getattr(called, "__qualname__", None) or getattr(called, "__name__", "a call")
    inside = f", in {library}" if own and library else ""
    file, line = code.co_filename, shown.f_lineno or 1
    words = f"{os.path.basename(file)}:{line} in {code.co_name}{inside}, before {name}"
    return Spot(words, file, line, code.co_name)
