"""Finds what a store changed for all code in the process: `builtins.len` or file 1, for example.

After such a change nothing works, not even the kit and pytest, and no error shows the cause.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, Final

from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.plural import first_of

if sys.platform != "win32":
    import fcntl
    import resource

_MODULES: Final[dict[str, ModuleType]] = {
    "builtins": builtins,
    "os.path": os.path,
    **{
        module.__name__: module
        for module in (
            *(gc, io, json, os, pickle, shutil, signal, subprocess, sys, tempfile, threading),
            *(time, traceback, warnings, weakref),
        )
    },
}
"""Modules that pytest and the kit call between two calls on a store."""

_CALLED: Final = {
    name: {each: value for each, value in vars(module).items() if callable(value)}
    for name, module in _MODULES.items()
}

_MAY_BE_WRAPPED: Final = frozenset(
    {"__import__", "breakpoint", "exit", "help", "input", "open", "print", "quit"}
)
"""Builtins that debuggers, consoles and import hooks replace by another callable."""

_PACKAGES: Final = ("tokenstore_conformance", "pytest", "_pytest", "pluggy")
"""Their modules must stay in `sys.modules`: a second copy of a module has other classes."""

_FEW: Final = 3
"""How many names a message shows."""

PutBack = Callable[[], str]
"""Restores what was changed, and returns what that was, in words. "" if nothing was changed."""


class Changed(Exception):
    """Something was changed for the whole process. The message says what, and what to do."""

    def __init__(self, what: str, *, is_lasting: bool) -> None:
        super().__init__(what)
        self.is_lasting = is_lasting
        """Whether it could not be restored, so that nothing can be judged in this process."""


@contextlib.contextmanager
def kept(classes: Iterable[type] = ()) -> Iterator[None]:
    """Raise `Changed` if something was changed inside, and restore it if possible.

    ``classes`` are the SDK's classes, which other stores of the run use as well.
    """
    with contextlib.ExitStack() as stack:
        kept_things = [_functions, _modules(), _import_path(), _recursion_limit(), _streams()]
        kept_things.append(_methods(classes))
        if sys.platform != "win32":
            kept_things += [_limits(), stack.enter_context(_open_files())]
        ended_by: BaseException | None = None
        try:
            yield
        except BaseException as error:
            ended_by = error
            raise
        finally:
            changes = [put_back() for put_back in kept_things]
            if any(changes) and not (ended_by and from_the_keyboard(ended_by)):
                is_lasting = any(put_back() for put_back in kept_things)
                raise Changed(f"it {next(filter(None, changes))}", is_lasting=is_lasting)


def _functions() -> str:
    replaced = [
        (module, name)
        for module, values in _CALLED.items()
        for name, value in values.items()
        if vars(_MODULES[module]).get(name) is not value and _is_broken(module, name)
    ]
    for module, name in replaced:
        setattr(_MODULES[module], name, _CALLED[module][name])
    return _told(
        "replaces",
        [f"{module}.{name}" for module, name in replaced],
        "which all code in the process uses; give the store a function of its own instead",
    )


def _is_broken(module: str, name: str) -> bool:
    """Whether a function was replaced in a way that breaks other code.

    Tools replace functions by other functions: any in most modules, only some in `builtins`.
    """
    can_be_called = callable(vars(_MODULES[module]).get(name))
    return not can_be_called or (module == "builtins" and name not in _MAY_BE_WRAPPED)


def _modules() -> PutBack:
    needed = {
        name: module
        for name, module in sys.modules.items()
        if name.startswith(_PACKAGES) and name.partition(".")[0] in _PACKAGES
    }

    def put_back() -> str:
        lost = [name for name, module in needed.items() if sys.modules.get(name) is not module]
        sys.modules.update(needed)
        named = [f"sys.modules[{name!r}]" for name in lost]
        return _told("removes", named, "which this test run needs; leave it there")

    return put_back


def _import_path() -> PutBack:
    lists: dict[str, list[Any]] = {"sys.path": sys.path, "sys.meta_path": sys.meta_path}
    before = {name: list(entries) for name, entries in lists.items()}

    def put_back() -> str:
        emptied = [name for name, entries in lists.items() if not entries]
        for name in emptied:
            lists[name][:] = before[name]
        return _told("empties", emptied, "without which nothing can be imported; leave it as it is")

    return put_back


def _methods(classes: Iterable[type]) -> PutBack:
    before = {each: dict(vars(each)) for each in classes}

    def put_back() -> str:
        replaced = []
        for kind, members in before.items():
            for name in [*members, *(each for each in vars(kind) if each not in members)]:
                own, now = members.get(name), vars(kind).get(name)
                if own is now or not (callable(own) or callable(now)):
                    continue
                replaced.append(f"{kind.__name__}.{name}")
                setattr(kind, name, own) if name in members else delattr(kind, name)
        return _told("replaces", replaced, "which all stores use; derive your own class instead")

    return put_back


def _recursion_limit() -> PutBack:
    before = sys.getrecursionlimit()

    def put_back() -> str:
        now = sys.getrecursionlimit()
        if now >= before:
            return ""
        sys.setrecursionlimit(before)
        return f"lowers the recursion limit of Python to {now}; leave it as it is"

    return put_back


def _streams() -> PutBack:
    streams: dict[str, Any] = {"sys.stdout": sys.stdout, "sys.stderr": sys.stderr}

    def put_back() -> str:
        closed = [name for name, each in streams.items() if each is not None and each.closed]
        noted = [name for name, each in streams.items() if getattr(each, "was_closed", False)]
        for name in noted:
            streams[name].was_closed = False
        return _told("closes", closed or noted, "which other code prints to; do not close that")

    return put_back


if sys.platform != "win32":
    _LIMITS: Final = {
        name: getattr(resource, name)
        for name in dir(resource)
        # A program with secrets may forbid core files for good reason. OFILE is another name of
        # NOFILE.
        if name.startswith("RLIMIT_") and name not in {"RLIMIT_CORE", "RLIMIT_OFILE"}
    }

    def _limits() -> PutBack:
        before = {name: resource.getrlimit(number) for name, number in _LIMITS.items()}

        def put_back() -> str:
            lowered = [
                name
                for name, limits in before.items()
                if _as_number(resource.getrlimit(_LIMITS[name])[0]) < _as_number(limits[0])
            ]
            for name in lowered:
                with contextlib.suppress(OSError, ValueError):  # only root can raise a hard limit
                    resource.setrlimit(_LIMITS[name], before[name])
            return _told("lowers", lowered, "which limits the whole process; leave it as it is")

        return put_back

    def _as_number(limit: int) -> float:
        return float("inf") if limit == resource.RLIM_INFINITY else limit

    @contextlib.contextmanager
    def _open_files() -> Iterator[PutBack]:
        """Keep copies of the run's open files, at high numbers that a store is unlikely to close.

        Only files that were open before any store was built are copied: a copy of a pipe that is
        opened later would keep its reader from seeing the end.
        """
        if not _FILES:
            _FILES.update({number: _file_at(number) for number in _numbers()})
        marker = os.open(os.devnull, os.O_RDONLY)  # a store that closes it closes others' files
        now = {number: _file_at(number) for number in _FILES}
        # Numbers 0 to 2 are other files while pytest captures output.
        opened = [each for each in now if now[each] and (each < 3 or now[each] == _FILES[each])]
        inherited = {number: os.get_inheritable(number) for number in opened}
        first = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], _HIGH) - 2 * len(opened)
        copies = {}
        for number in opened:
            with contextlib.suppress(OSError):  # the limit of open files is reached
                copies[number] = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, max(first, 0))

        def put_back() -> str:
            closed = [number for number in (*opened, marker) if not _file_at(number)]
            if not {0, 1, 2, marker} & set(closed):
                return ""  # an object may close its own file when it is collected
            for number in copies.keys() & set(closed):
                with contextlib.suppress(OSError):  # the copy is closed, too
                    os.dup2(copies[number], number, inheritable=inherited[number])
            numbers = [str(number) for number in closed if number != marker]
            does = f"closes the file descriptor{'' if len(numbers) == 1 else 's'}"
            return _told(does, numbers, "which it did not open; close only your own")

        try:
            yield put_back
        finally:
            for number in (*copies.values(), marker):
                with contextlib.suppress(OSError):
                    os.close(number)

    _FILES: Final[dict[int, tuple[int, int] | None]] = {}
    """Which file was open at each number when `kept` ran for the first time."""

    _HIGH: Final = 1 << 16
    """Copies stay below this: the system makes a table as long as the highest number in use."""

    def _numbers() -> list[int]:
        """Return the numbers of the process's open files."""
        return [int(name) for name in os.listdir("/dev/fd")]

    def _file_at(number: int) -> tuple[int, int] | None:
        """Return which file is open at a number, by device and inode. None if none is."""
        try:
            found = os.fstat(number)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _told(does: str, names: list[str], why: str) -> str:
    return f"{does} {', '.join(first_of(names, _FEW))}, {why}" if names else ""
