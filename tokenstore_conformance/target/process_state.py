"""Whether a store changed what all code in the process needs: `builtins.len` or file 1, say.

Nothing works then, the kit and pytest included, and what fails says nothing about the cause.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from tokenstore_conformance.plural import first_of

if sys.platform != "win32":
    import fcntl
    import resource

_BUILTINS: Final = dict(vars(builtins))
_MAY_BE_WRAPPED: Final = frozenset(
    {"__import__", "breakpoint", "exit", "help", "input", "open", "print", "quit"}
)
"""Names that debuggers, consoles and import hooks replace by something that can be called."""

_PACKAGES: Final = ("tokenstore_conformance", "pytest", "_pytest", "pluggy")
"""Their modules stay in `sys.modules`: a second copy of one has other classes."""

_FEW: Final = 3
"""So many names are shown."""

PutBack = Callable[[], str]
"""Puts back what was changed, and says what that was; "" if nothing was."""


class Changed(Exception):
    """Says what was changed, and what to do."""


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Put back what was changed inside, where that can be done, and raise `Changed` then."""
    with contextlib.ExitStack() as stack:
        kept_things = [_builtins, _modules(), _import_path(), _recursion_limit()]
        if sys.platform != "win32":
            kept_things += [_limits(), stack.enter_context(_open_files())]
        try:
            yield
        finally:
            changes = [put_back() for put_back in kept_things]
            if any(changes):
                raise Changed(f"it {next(filter(None, changes))}")


def _builtins() -> str:
    now = vars(builtins)
    replaced = [
        name
        for name, value in _BUILTINS.items()
        if callable(value)
        and now.get(name) is not value
        and not (name in _MAY_BE_WRAPPED and callable(now.get(name)))
    ]
    for name in replaced:
        now[name] = _BUILTINS[name]
    return _told(
        "replaces",
        [f"builtins.{name}" for name in replaced],
        "which all code in the process uses; give the store a function of its own instead",
    )


def _modules() -> PutBack:
    needed = {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] in _PACKAGES
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


def _recursion_limit() -> PutBack:
    before = sys.getrecursionlimit()

    def put_back() -> str:
        now = sys.getrecursionlimit()
        if now >= before:
            return ""
        sys.setrecursionlimit(before)
        return f"lowers the recursion limit of Python to {now}; leave it as it is"

    return put_back


if sys.platform != "win32":
    _LIMITS: Final = {
        name: getattr(resource, name)
        for name in dir(resource)
        # A program that holds secrets has reason to write no core file. OFILE is NOFILE.
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
        """What the run has open; copies are kept at numbers that a store hardly closes."""
        marker = os.open(os.devnull, os.O_RDONLY)  # whoever closes it closes what others opened
        opened = [number for number in _numbers() if _is_open(number)]
        inherited = {number: os.get_inheritable(number) for number in opened}
        first = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], _HIGH) - 2 * len(opened)
        copies = {}
        for number in opened:
            with contextlib.suppress(OSError):  # the limit is reached
                copies[number] = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, max(first, 0))

        def put_back() -> str:
            closed = [number for number in opened if not _is_open(number)]
            if not {0, 1, 2, marker} & set(closed):
                return ""  # what is collected meanwhile may close its file
            for number in copies.keys() & set(closed):
                with contextlib.suppress(OSError):  # the copy is closed, too
                    os.dup2(copies[number], number, inheritable=inherited[number])
            numbers = [str(number) for number in closed if number != marker]
            return _told("closes file descriptor", numbers, "which it did not open; leave it open")

        try:
            yield put_back
        finally:
            for number in (*copies.values(), marker):
                with contextlib.suppress(OSError):
                    os.close(number)

    _HIGH: Final = 1 << 16
    """The system makes a table as long as the highest number of an open file."""

    def _numbers() -> list[int]:
        """Numbers of the process's files."""
        return [int(name) for name in os.listdir("/dev/fd")]

    def _is_open(number: int) -> bool:
        try:
            os.fstat(number)
        except OSError:
            return False
        return True


def _told(does: str, names: list[str], why: str) -> str:
    return f"{does} {', '.join(first_of(names, _FEW))}, {why}" if names else ""
