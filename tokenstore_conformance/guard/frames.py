"""Tells whose code a file is (the kit's, a library's, the user's), and describes exceptions.

All code that distinguishes the kit's own code from a store's uses `KIT`.
"""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tokenstore_conformance.guard.interrupts import is_ours

KIT: Final = str(Path(__file__).resolve().parent.parent) + os.sep
"""The folder of the kit's own code. `reference_stores` is outside it, like a user's store."""

LIBRARY: Final = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
"""The folders of the standard library."""

_SITES: Final = tuple(sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib"))
_PACKAGES: Final = ("site-packages", "dist-packages")

MOST_READ: Final = 200_000
"""At most this many characters are read of a text that a store makes."""
MOST_SAID: Final = 4_000
"""At most this many characters of an exception's message are shown in a traceback."""

_endless: set[type] = set()
"""Types with a value whose `str` or `repr` did not return in time. Neither is called again."""


def is_kit(filename: str) -> bool:
    """Whether a file is the kit's own."""
    return filename.startswith(KIT)


def is_installed(filename: str) -> bool:
    """Whether a file belongs to an installed package."""
    return any(f"{os.sep}{name}{os.sep}" in filename for name in _PACKAGES)


def is_standard(filename: str) -> bool:
    """Whether a file belongs to the standard library."""
    return filename.startswith(LIBRARY) and not is_installed(filename)


def is_written(filename: str) -> bool:
    """Whether a file is one that somebody wrote, unlike ``<string>`` or ``<frozen os>``."""
    return not filename.startswith("<")


def describe(error: BaseException) -> str:
    """Return an exception as one line of at most 300 characters."""
    text = showing(error, str)
    text = "(its message cannot be read)" if text is None else " ".join(text.split())
    name = type(error).__name__
    line = f"{name}: {text}" if text else name
    return line if len(line) <= 300 else line[:297] + "..."


def in_short(value: object) -> str:
    """Return the repr of whatever a store returns, as one line of at most 300 characters."""
    text = showing(value, repr)
    text = f"<{type(value).__name__}>" if text is None else " ".join(text.split())
    return text if len(text) <= 300 else text[:297] + "..."


def showing(value: object, how: Callable[[object], str]) -> str | None:
    """Return the `str` or `repr` of a value, as text that can be written anywhere.

    Return None if that fails: what a store returns or raises need not have a text.
    """
    if type(value) in _endless:
        return None
    try:
        text = str.__str__(how(value))[:MOST_READ]
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    except BaseException as error:
        if is_ours(error):
            _endless.add(type(value))
            raise
        return None


def place(error: BaseException) -> str:
    """Return the last line of the user's code on the way to an exception: " (store.py:12)", or "".

    If that line called a library, name it too: " (store.py:12, in psycopg)".
    """
    frames = traceback.extract_tb(traceback_of(error))
    own = [number for number, frame in enumerate(frames) if is_users(frame.filename)]
    if not own:
        return ""
    last = frames[own[-1]]
    after = [each.filename for each in frames[own[-1] :] if not is_kit(each.filename)]
    called = next(filter(None, map(package_of, after)), "")
    return f" ({_short(last.filename)}:{last.lineno}{f', in {called}' if called else ''})"


def package_of(filename: str) -> str:
    """Return the installed package that a file belongs to. "" for other files."""
    for folder in _PACKAGES:
        _, found, inside = filename.partition(f"{os.sep}{folder}{os.sep}")
        if found:
            return inside.split(os.sep)[0].removesuffix(".py")
    return ""


def trace(error: BaseException | None) -> str:
    """Return the traceback of an exception, from what the kit called last. "" if that is empty."""
    if error is None:
        return ""
    below = _below_the_kit(traceback.extract_tb(traceback_of(error)))
    return "".join([*traceback.format_list(below), _last_line(error)]).rstrip() if below else ""


def _below_the_kit(frames: Sequence[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Return the frames of what the kit called last.

    Before these frames, a library may stand between parts of the kit. After them, there may be
    frames of the kit, if it interrupted the call.
    """
    of_kit = [is_kit(frame.filename) for frame in frames]
    end = max((number for number, ours in enumerate(of_kit, 1) if not ours), default=0)
    start = max((number for number, ours in enumerate(of_kit[:end], 1) if ours), default=0)
    return list(frames[start:end])


def _last_line(error: BaseException) -> str:
    """Return the last line of Python's traceback, shortened."""
    kind, text = type(error), showing(error, str)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    said = "<exception str() failed>" if text is None else text[:MOST_SAID]
    return f"{module}{kind.__qualname__}: {said}" if said else f"{module}{kind.__qualname__}"


def let_go(error: BaseException) -> None:
    """Clear what an exception keeps alive: the variables of the calls that it came through.

    A program drops an exception. The kit keeps it for a while. That would keep a file open, or a
    cursor and its lock, that the store no longer uses.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        traceback.clear_frames(traceback_of(each))
        waiting += [own(each, "__cause__"), own(each, "__context__")]


def traceback_of(error: BaseException) -> TracebackType | None:
    """Return the traceback of an exception, even if its class has another `__traceback__`."""
    found: TracebackType | None = own(error, "__traceback__")
    return found


def own(error: BaseException, name: str) -> Any:
    """Return an attribute that Python sets on every exception, even if the class hides it."""
    return vars(BaseException)[name].__get__(error)


def chained(
    error: object, behind: Callable[[BaseException], object] | None = None
) -> Iterator[BaseException]:
    """Yield an exception and those behind it, each once: a store can chain them in a circle.

    ``behind`` returns the exception behind another. By default, that is the cause.
    """
    seen: set[int] = set()  # by identity: an exception may say that it equals any other
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = own(error, "__cause__") if behind is None else behind(error)


def attribute(thing: object, name: str) -> Any:
    """Return an attribute of whatever a store returns or raises. None if it cannot be read."""
    try:
        return getattr(thing, name, None)
    except BaseException as error:
        if is_ours(error):
            raise
        return None


def formatted(stack: Iterable[traceback.FrameSummary]) -> str:
    """Return a stack as text, without the frames of the kit and of `threading`."""
    hidden = (KIT, os.path.join(LIBRARY[0], "threading.py"))
    shown = [frame for frame in stack if not frame.filename.startswith(hidden)]
    return "".join(traceback.format_list(shown)).rstrip()


def is_users(filename: str) -> bool:
    """Whether a file is the user's own: neither a library's nor the kit's."""
    return is_written(filename) and not filename.startswith((KIT, *LIBRARY, *_SITES))


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
