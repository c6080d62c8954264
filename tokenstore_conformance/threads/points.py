"""The points in a store's code at which the kit can switch threads."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Final

from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.threads.schedules import Place

_STORES: Final = frozenset(
    {"STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF", "DELETE_ATTR", "DELETE_SUBSCR"}
)


class Points:
    """The points in a store's own code."""

    def __init__(self, own_code: OwnCode) -> None:
        self._own_code = own_code
        self._methods = frozenset(
            (code.co_filename, code.co_name)
            for each in own_code.classes
            for thing in vars(each).values()
            for code in _codes_of(thing)
        )
        self._within: dict[int, dict[int, Place] | None] = {}  # by id: code is slow to hash
        self._lines: dict[int, dict[int, Place]] = {}
        self._seen: list[CodeType] = []  # kept alive, so that no other code gets their ids

    def within_lines(self, code: CodeType) -> dict[int, Place] | None:
        """Return where to switch within lines, by instruction offset; None for other code.

        There is a point before each write to what other threads may see, and before each call
        except the first in its line. So `self.rows = self.rows + [row]` has a point between the
        read and the write.
        """
        try:
            return self._within[id(code)]
        except KeyError:
            self._seen.append(code)
            found = _calls_and_stores(code) if self._own_code.includes(code.co_filename) else None
            return self._within.setdefault(id(code), found)

    def lines(self, code: CodeType) -> dict[int, Place]:
        """Return the line starts that frames of this code have reached, by offset; see `line`."""
        return self._lines.setdefault(id(code), {})

    def line(self, frame: FrameType) -> Place:
        """Return where a frame is: at the start of a line, or of a round of a loop within one."""
        code, offset = frame.f_code, frame.f_lasti
        place = Place(code.co_filename, code.co_name, frame.f_lineno, offset, within=False)
        return self.lines(code).setdefault(offset, place)

    def in_method(self, place: Place) -> bool:
        """Whether a point is a statement in a method of the store itself.

        Points in code that the method calls, or in a loop within an expression, are not.
        """
        return (place.file, place.function) in self._methods and place.function[0] != "<"


def _codes_of(thing: object) -> Iterator[CodeType]:
    """Yield the code of a function, of the function that it wraps, and of functions within."""
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
