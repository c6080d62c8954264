"""The ids that a store makes, as a script carries them over: the next store may make others."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from tokenstore_conformance.failures import Call, Said
from tokenstore_conformance.records import Record, is_blank

DISTINCT: Final = 6
"""An id of so many characters is known again as a part of another text."""


class Carried(str):
    """An id that the store made: Python that a script has in place of the text."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str) -> Carried:
        made = super().__new__(cls, f"\0{code}")  # equal to no text
        made.code = code
        return made

    def __repr__(self) -> str:
        return self.code


class Ids:
    """The ids that the store made, and the variables of a script for them."""

    def __init__(self) -> None:
        self._known: dict[str, Carried] = {}

    def learn(self, id: str, carried: Carried) -> None:
        """The store gave this id to a record; one that another record has tells nothing apart."""
        self._known.setdefault(id, carried)

    def known(self, id: str) -> list[Carried]:
        """All ids that the store has made, where it made this one before; else none."""
        return list(dict.fromkeys(self._known.values())) if id in self._known else []

    def carried(self, call: Call) -> Call:
        """The call with variables in place of ids."""
        arguments = tuple(map(self._in_argument, call.arguments))
        return replace(call, arguments=arguments, answer=self._in_answer(call.answer))

    def is_known(self, id: object) -> bool:
        """Whether it is one that a caller chose, or that the store told."""
        return not isinstance(id, Carried) or any(each is id for each in self._known.values())

    def _in_argument(self, said: Said) -> Said:
        if isinstance(said, Record):
            return said.but(id=self.of(said.id))
        text = text_of(said) if isinstance(said, str) else None
        return said if text is None else repr(self.of(text))

    def _in_answer(self, said: Said) -> Said:
        if isinstance(said, tuple):
            return tuple(self.read(each) for each in said)
        return self.read(said)

    def read(self, said: Record | str) -> Record | str:
        """A token as it is compared: "" and None are one, and so are 1 and "1"."""
        if isinstance(said, str):
            return said
        plain = {name: _plain(value) for name, value in said.items()}
        return Record(**plain).but(id=self.of(plain.get("id")))  # type: ignore[arg-type]

    def of(self, id: str | None) -> str | None:
        """The variable in place of an id that the store made; any other id as it is."""
        if not isinstance(id, str) or id in self._known:
            return self._known[id] if id is not None and id in self._known else id
        for known, carried in self._known.items():
            if len(known) >= DISTINCT:
                code = _derived(id, known, carried.code)
                if code:
                    return Carried(code)
        return id


def _plain(value: object) -> object:
    if is_blank(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value)


def _derived(text: str, known: str, code: str) -> str:
    """Python that makes a text of an id, such as "id3.upper()"; "" where it has no part in it."""
    for method in ("upper", "lower", "swapcase"):
        if text == getattr(known, method)():
            return f"{code}.{method}()"
    for part, slice in ((known, ""), (known[:-1], "[:-1]"), (known[1:], "[1:]")):
        before, found, after = text.partition(part)
        if found:
            pieces = (before and repr(before), f"{code}{slice}", after and repr(after))
            return " + ".join(filter(None, pieces))
    return ""


def text_of(said: str) -> str | None:
    """The text of an argument that is one."""
    try:
        value = ast.literal_eval(said)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None
