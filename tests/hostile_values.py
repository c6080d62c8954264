"""Values that a store may answer with, and that no program expects."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any
from unittest.mock import MagicMock, Mock


class Colour(enum.Enum):
    RED = "red"


class TextColour(str, enum.Enum):
    RED = "red"


class EqualToAll:
    """Is equal to everything that it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 1


class Raising:
    """Raises on every operation, its repr included."""

    def _raise(self, *arguments: object) -> Any:
        raise RuntimeError("do not ask")

    __repr__ = __str__ = __eq__ = __ne__ = __hash__ = __bool__ = __len__ = _raise
    __iter__ = __format__ = __int__ = __lt__ = _raise


class Exiting:
    """Ends the program when it is shown, or compared."""

    def _exit(self, *arguments: object) -> Any:
        raise SystemExit("shown")

    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __iter__ = _exit


class RaisingText(str):
    """A string by its type only: every operation on it raises."""

    def _raise(self, *arguments: object) -> Any:
        raise RuntimeError("do not ask")

    __repr__ = __str__ = __eq__ = __ne__ = __hash__ = __len__ = __iter__ = _raise
    __format__ = __add__ = _raise


class TextEqualToAll(str):
    """A text that is equal to every other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 1


class NoClass:
    """Raises when its class is asked for."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("do not ask")

    @__class__.setter
    def __class__(self, value: object) -> None:
        raise RuntimeError("do not change")


class ListOfAnyLength(list[str]):
    """A list that claims to be longer than any list can be."""

    def __len__(self) -> int:
        return 10**30


class ListThatFails(list[str]):
    """A list that raises when it is iterated."""

    def __iter__(self) -> Any:
        raise OSError("the connection is lost")


VALUES: dict[str, Any] = {
    "none": None,
    "empty text": "",
    "int": 7,
    "negative int": -1,
    "huge int": 10**5000,
    "bool": True,
    "float": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "decimal": Decimal("1.50"),
    "bytes": b"bytes",
    "bytearray": bytearray(b"bytes"),
    "list": ["a"],
    "empty list": [],
    "tuple": ("a", 1),
    "dict": {"a": 1},
    "set": {"a"},
    "generator": (each for each in "a"),
    "datetime": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    "enum": Colour.RED,
    "text enum": TextColour.RED,
    "object": object(),
    "class": int,
    "function": len,
    "exception": ValueError("a value"),
    "mock": Mock(),
    "magic mock": MagicMock(),
    "equal to all": EqualToAll(),
    "raising": Raising(),
    "exiting": Exiting(),
    "raising text": RaisingText("text"),
    "text equal to all": TextEqualToAll("text"),
    "huge text": "x" * 3_000_000,
    "lone surrogate": "a\udc80b",
    "line breaks": "a\n\r\x00\x1b[31m",
    "no class": NoClass(),
    "list of any length": ListOfAnyLength(),
    "list that fails": ListThatFails(["a"]),
}
"""The values by name. A store that has lost a field answers with None or ""."""
