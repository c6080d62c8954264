"""Variables in place of the ids that a store made: in a script, it may make other ids."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from tokenstore_conformance.failures import Call, Said
from tokenstore_conformance.records import Record, is_blank

DISTINCT: Final = 6
"""An id with at least this many characters is recognized as a part of another text."""


class Carried(str):
    """An id that the store made, as the Python that a script has in place of the text."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str) -> Carried:
        made = super().__new__(cls, f"\0{code}")  # so that it equals no other text
        made.code = code
        return made

    def __repr__(self) -> str:
        return self.code


class Ids:
    """The ids that the store made, and the variables of a script for them."""

    def __init__(self) -> None:
        self._known: dict[str, Carried] = {}

    def learn(self, id: str, carried: Carried) -> None:
        """Learn an id that the store gave to a record, unless it gave it to another one before."""
        self._known.setdefault(id, carried)

    def known(self, id: str) -> list[Carried]:
        """Return all ids that the store has made, if this is one of them; else none."""
        return list(dict.fromkeys(self._known.values())) if id in self._known else []

    def carried(self, call: Call) -> Call:
        """Return the call with variables in place of ids."""
        arguments = tuple(map(self._in_argument, call.arguments))
        return replace(call, arguments=arguments, answer=self._in_answer(call.answer))

    def is_known(self, id: object) -> bool:
        """Whether a caller chose this id, or the store made it known."""
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
        """Return a token in the form that is compared: "" becomes None, and 1 becomes "1"."""
        if isinstance(said, str):
            return said
        plain = {name: _plain(value) for name, value in said.items()}
        return Record(**plain).but(id=self.of(plain.get("id")))  # type: ignore[arg-type]

    def of(self, id: str | None) -> str | None:
        """Return the variable in place of an id that the store made; any other id as it is."""
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
    """Return Python that makes a text from an id, such as "id3.upper()"; "" if none does."""
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
    """Return the text that an argument stands for; None if it stands for no text."""
    try:
        value = ast.literal_eval(said)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None
