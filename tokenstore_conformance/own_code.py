"""Which code is the store's own, and where in it threads may be made to switch."""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Final

from tokenstore_conformance.strategies import Place

_KIT: Final = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY: Final = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
_PACKAGES: Final = ("site-packages", "dist-packages")
_STORES: Final = frozenset(
    {"STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF", "DELETE_ATTR", "DELETE_SUBSCR"}
)


class OwnCode:
    """The code of a store: what its author wrote.

    That is the files of the store's class and its bases, wherever they are; for those that are
    installed packages, also what lies in the same folder or below; and every other Python file that
    is neither the standard library's, nor an installed package's, nor the kit's (a store may be a
    thin class over code in other modules of the project).
    """

    def __init__(self, store_class: type) -> None:
        self._files = frozenset(filter(None, map(_file_of, store_class.__mro__)))
        self._folders = tuple(
            os.path.dirname(file) + os.sep for file in self._files if _is_installed(file)
        )
        self._methods = frozenset(
            (code.co_filename, code.co_name)
            for each in store_class.__mro__
            if _file_of(each)
            for thing in vars(each).values()
            for code in _codes_of(thing)
        )
        self._within: dict[int, dict[int, Place] | None] = {}  # by id: a code is slow to hash
        self._lines: dict[tuple[int, int], Place] = {}
        self._seen: list[CodeType] = []  # kept, so that an id stays theirs

    def within_lines(self, code: CodeType) -> dict[int, Place] | None:
        """Where to switch within lines, by the offset of the instruction; None for other code.

        That is before each store to what other threads may see, and each call but the line's first:
        so `self.rows = self.rows + [row]` has a point between its reading and its writing.
        """
        try:
            return self._within[id(code)]
        except KeyError:
            self._seen.append(code)
            found = _calls_and_stores(code) if self.includes(code.co_filename) else None
            return self._within.setdefault(id(code), found)

    def line(self, frame: FrameType) -> Place:
        """Where a frame is, at the start of a line or of a round of a loop within one."""
        code, offset = frame.f_code, frame.f_lasti
        try:
            return self._lines[id(code), offset]
        except KeyError:
            place = Place(code.co_filename, code.co_name, frame.f_lineno, offset, within=False)
            return self._lines.setdefault((id(code), offset), place)

    def in_method(self, place: Place) -> bool:
        """Whether a point is a statement of a method of the store itself.

        And not of what the method calls, nor a round within an expression.
        """
        return (place.file, place.function) in self._methods and place.function[0] != "<"

    def includes(self, filename: str) -> bool:
        """Whether the code of this file is the store's own."""
        if filename in self._files or (self._folders and filename.startswith(self._folders)):
            return True
        written = not filename.startswith("<")  # as in <string>, <frozen os>
        return written and not _is_library(filename) and not filename.startswith(_KIT)


def _file_of(cls: type) -> str | None:
    """The file a class was written in; None for the standard library's and for C."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return None if file is None or file.startswith(_KIT) or _is_standard(file) else file


def _codes_of(thing: object) -> Iterator[CodeType]:
    """The code of a function, of what it wraps, and of the functions within it."""
    while thing is not None:
        for part in ("fget", "__func__"):
            thing = getattr(thing, part, None) or thing
        yield from _with_inner(getattr(thing, "__code__", None))
        thing = getattr(thing, "__wrapped__", None)


def _with_inner(code: object) -> Iterator[CodeType]:
    if isinstance(code, CodeType):
        yield code
        for each in code.co_consts:
            yield from _with_inner(each)


def _is_library(filename: str) -> bool:
    return _is_standard(filename) or _is_installed(filename)


def _is_standard(filename: str) -> bool:
    return filename.startswith(_LIBRARY) and not _is_installed(filename)


def _is_installed(filename: str) -> bool:
    return any(f"{os.sep}{name}{os.sep}" in filename for name in _PACKAGES)


def _calls_and_stores(code: CodeType) -> dict[int, Place]:
    starts = dict(dis.findlinestarts(code))
    line, called = code.co_firstlineno, False
    points = {}
    for instruction in dis.get_instructions(code):
        if instruction.offset in starts:
            line, called = starts[instruction.offset] or line, False
        calls = instruction.opname.startswith("CALL") and "INTRINSIC" not in instruction.opname
        if (calls and called) or instruction.opname in _STORES:
            points[instruction.offset] = Place(
                code.co_filename, code.co_name, line, instruction.offset, within=True
            )
        called = called or calls
    return points
