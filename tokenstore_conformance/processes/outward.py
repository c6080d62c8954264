"""Outward calls: the moments of a call at which something outside its process may change.

Outward calls in the store's own threads count as well, if `watch_threads` was called before the
threads began.

Between two of a store's calls into C (for a file, a database, a socket), nothing changes that
another process could see, or that would outlive this one. So stopping or killing a process before
each of these calls tries every moment that differs, as far as Python can tell them apart.
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
"""Modules whose functions compute, and touch nothing outside the process."""
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
"""Called before each outward call, with its number, from 1, and a function that gives its place."""


_visit: Visit | None = None
_numbers: Iterator[int] = itertools.count(1)


@contextmanager
def outward_calls(visit: Visit) -> Iterator[None]:
    """Call ``visit`` just before each outward call of this thread, inside the block."""
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
    """Let an earlier profiler continue. That of cProfile is an object, not a function."""
    if profiler is None or callable(profiler):
        sys.setprofile(profiler)
    else:
        sys.setprofile(None)
        profiler.enable()


def watch_threads() -> None:
    """Count the outward calls of new threads too, from now on."""
    threading.setprofile(_on_event)


def _on_event(frame: FrameType, event: str, called: Any) -> None:
    visit = _visit
    if visit is not None and event == "c_call" and is_outward(called):
        visit(next(_numbers), lambda: place_of(frame, called))


def is_outward(called: Any) -> bool:
    """Whether a C function may reach a file, a database or another host."""
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
    """Return the line of the program that makes a call into C, and what it calls.

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
