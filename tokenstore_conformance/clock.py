"""Moves Python's clocks, to see what a store does after an hour or a month without the wait.

Wherever a store got its clock from, it has a reference to a C function: `time.monotonic` as the
default of an argument, `datetime.now` as the timer of a cache. So the kit does not replace names.
It changes the function itself: what it calls (`PyCFunctionObject.m_ml`) and on what (`m_self`).
Each lookup of `datetime.now` makes a new object. So that method is replaced in its class, and
objects that somebody keeps get another C function. Everything is undone at the end, whatever
happens.

The clocks of other processes, of servers and of C libraries, such as SQLite's, are not moved. Of
the clocks of `time.clock_gettime`, only the date is moved: time limits use the others. Only CPython
has these structures.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import gc
import sys
import time
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType
from typing import Any, Final

_VARARGS, _NOARGS, _ONE = 0x1, 0x4, 0x8
_CALLS: Final = {
    _NOARGS: "PyObject_CallNoArgs",
    _VARARGS: "PyObject_CallObject",
    _ONE: "PyObject_CallOneArg",
}
"""By the flags of a method, the C function that passes on the method's arguments to the Python
function that it finds as ``m_self``."""
_CONVENTION: Final = _VARARGS | _NOARGS | _ONE
"""The flags that say how a method is called."""


class CannotMove(Exception):
    """The clocks of this process cannot be moved; the message says why."""


class Replaced(CannotMove):
    """The store, or other code in the process, has put its own function in place of a clock."""


class _Method(ctypes.Structure):
    """The C structure PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class Clock:
    """How far the clocks are ahead. `moving` creates it."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        """In seconds."""

    def forward(self, seconds: int) -> None:
        """Move the clocks forward."""
        self.ahead += seconds


@contextlib.contextmanager
def moving(ahead: int = 0) -> Iterator[Clock]:
    """Make the clocks of this process movable inside the block. At the end they are right again.

    They begin ``ahead`` seconds ahead. Raises `CannotMove`. Blocks cannot be nested.
    """
    if sys.implementation.name != "cpython":
        raise CannotMove("the kit can move the clocks of CPython alone")
    clock = Clock(ahead)
    with contextlib.ExitStack() as stack:
        for function, moved in _moved_functions(clock).items():
            stack.enter_context(_rerouted(function, moved))
        stack.enter_context(_in_class(datetime.datetime, _OF_DATETIME))
        stack.enter_context(_kept_methods())
        yield clock


def _moved_functions(clock: Clock) -> dict[Any, Callable[..., Any]]:
    """Return the functions of `time` that tell the time, each with one for the moved time."""
    in_seconds: tuple[Any, ...] = (time.time, time.monotonic, time.perf_counter)
    in_nanoseconds: tuple[Any, ...] = (time.time_ns, time.monotonic_ns, time.perf_counter_ns)
    of_seconds: tuple[Any, ...] = (time.localtime, time.gmtime, time.ctime)
    localtime, strftime, asctime = map(_copy, (time.localtime, time.strftime, time.asctime))
    return {
        **{each: _later(_copy(each), clock, 1) for each in in_seconds},
        **{each: _later(_copy(each), clock, 1_000_000_000) for each in in_nanoseconds},
        **{each: _of_now(_copy(each)) for each in of_seconds},
        **_moved_dates(clock),
        time.strftime: lambda form, when=None: strftime(
            form, localtime(time.time()) if when is None else when
        ),
        time.asctime: lambda when=None: asctime(localtime(time.time()) if when is None else when),
    }


def _moved_dates(clock: Clock) -> dict[Any, Callable[[int], Any]]:
    """Like `_moved_functions`, for those that take a clock to read, if the system has them."""
    if sys.platform == "win32":
        return {}
    return {
        time.clock_gettime: _later_date(_copy(time.clock_gettime), clock, 1),
        time.clock_gettime_ns: _later_date(_copy(time.clock_gettime_ns), clock, 1_000_000_000),
    }


def _later_date(real: Callable[[int], Any], clock: Clock, unit: int) -> Callable[[int], Any]:
    return lambda id: real(id) + (clock.ahead * unit if id == time.CLOCK_REALTIME else 0)


def _later(real: Callable[[], Any], clock: Clock, unit: int) -> Callable[[], Any]:
    return lambda: real() + clock.ahead * unit


def _of_now(real: Callable[[float], Any]) -> Callable[..., Any]:
    """Return a function of seconds since the epoch. If none are given, it uses the time now."""
    return lambda seconds=None: real(time.time() if seconds is None else seconds)


def _now(cls: type[datetime.datetime], tz: datetime.tzinfo | None = None) -> datetime.datetime:
    return cls.fromtimestamp(time.time(), tz)


def _utcnow(cls: type[datetime.datetime]) -> datetime.datetime:
    return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)


_OF_DATETIME: Final = {"now": classmethod(_now), "utcnow": classmethod(_utcnow)}
"""The methods that replace those of `datetime`. `today` needs none: it asks `time.time`."""


_NOW: Final = ctypes.PYFUNCTYPE(
    ctypes.py_object, ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_void_p
)
_UTCNOW: Final = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_void_p)


def _kept_now(cls: Any, arguments: int, count: int, names: int | None) -> datetime.datetime:
    """`datetime.now` as C calls it. The time zone is the only argument, by position or by name."""
    is_given = count or names
    tz: Any = ctypes.py_object.from_address(arguments).value if is_given else None
    return _despite_interrupts(lambda: _now(cls, tz))


def _kept_utcnow(cls: Any, _: int | None) -> datetime.datetime:
    return _despite_interrupts(lambda: _utcnow(cls))


def _despite_interrupts(tell: Callable[[], datetime.datetime]) -> datetime.datetime:
    """Return what ``tell`` returns, even if a time limit interrupts it.

    C could not pass on the exception from here. The time limit raises it again a moment later.
    """
    with contextlib.suppress(BaseException):
        return tell()
    return tell()


_KEPT: Final[tuple[tuple[Any, Any], ...]] = (
    (datetime.datetime.now, _NOW(_kept_now)),
    (datetime.datetime.utcnow, _UTCNOW(_kept_utcnow)),
)


@contextlib.contextmanager
def _kept_methods() -> Iterator[None]:
    """Let methods that somebody keeps (``now = datetime.now``) tell the moved time inside."""
    methods = [_Method.from_address(_parts(kept)[0]) for kept, _ in _KEPT]
    before = [method.function for method in methods]
    for method, (_, moved) in zip(methods, _KEPT, strict=True):
        method.function = ctypes.cast(moved, ctypes.c_void_p).value
    try:
        yield
    finally:
        for method, function in zip(methods, before, strict=True):
            method.function = function


@contextlib.contextmanager
def _rerouted(function: Any, to: Callable[..., Any]) -> Iterator[None]:
    """Let a C function call another function inside the block."""
    parts = _parts(function)
    before = list(parts)
    method = _Method.from_address(before[0])
    call = getattr(ctypes.pythonapi, _CALLS[method.flags & _CONVENTION])
    changed = _Method(
        method.name,
        ctypes.cast(call, ctypes.c_void_p).value,
        method.flags & _CONVENTION,
        method.doc,
    )
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(to))  # the garbage collector counts `m_self`
    parts[:] = [ctypes.addressof(changed), id(to)]  # both at once, as other threads see it
    try:
        yield
    finally:
        parts[:] = before
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(to))


@contextlib.contextmanager
def _in_class(cls: type, methods: dict[str, Any]) -> Iterator[None]:
    """Give a C class these methods inside the block."""
    (namespace,) = gc.get_referents(cls.__dict__)
    before = {name: namespace[name] for name in methods}
    namespace.update(methods)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
    try:
        yield
    finally:
        namespace.update(before)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def _parts(function: Any) -> Any:
    """Return the two pointers in a C function that say what it calls and on what."""
    if not isinstance(function, BuiltinFunctionType):
        name = getattr(function, "__qualname__", type(function).__qualname__)
        raise Replaced(f"something has replaced a clock of Python by {function.__module__}.{name}")
    parts = (ctypes.c_void_p * 2).from_address(id(function) + object.__basicsize__)
    if parts[1] != id(function.__self__):
        raise CannotMove(f"{function!r} is not built as CPython builds functions")
    return parts


def _copy(function: Any) -> Any:
    """Return a copy of a C function, which stays as it is when the original is changed."""
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype = ctypes.py_object
    new.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.py_object)
    return new(_parts(function)[0], function.__self__, None)
