"""What a store may answer with: any value at all, as text and as plain data.

No clause hangs on the type of a value but the one that names it, and no value can break the kit:
not one that is equal to everything, nor one that raises when it is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any, Final, TypeGuard

from tokenstore_conformance.guard.frames import in_short, showing
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import NAMELESS

LONGEST: Final = 100_000
"""Characters of a text that are read. The kit saves none that is nearly as long."""

MOST: Final = 20_000
"""Tokens that a listing may have. The kit saves far fewer."""

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


class Unreadable(Exception):
    """What a store returned is not a token, or cannot be read as one. The message says why."""


class Endless(Unreadable):
    """A listing has more than `MOST` tokens.

    ``head`` are the first of them, ``count`` is how many there are: 0 where there may be no end.
    """

    def __init__(self, head: list[Any], count: int = 0) -> None:
        endless = f"a listing that does not end: it has more than {MOST:,} tokens"
        super().__init__(f"a listing of {count:,} tokens" if count else endless)
        self.head = head
        self.count = count


def is_text(value: object) -> bool:
    """Whether it is a str, or of a subclass; a mock that only says so is not."""
    return issubclass(type(value), str)


def as_text(value: object) -> str | None:
    """A field as a record has it: "" is None, and what is no text becomes one."""
    if value is None:
        return None
    if _is_plain(value):
        return value or None
    if is_text(value):
        return _plain(value) or None
    if type(value) is float and value.is_integer():
        value = int(value)
    text = showing(value, str) or in_short(value)
    return _plain(_ADDRESS.sub("", text))


def as_said(value: Any) -> Any:
    """A field as a report has it: None, text, or a number; anything else in its own words."""
    if value is None or value is NAMELESS or _is_plain(value):
        return value
    if is_text(value):
        return _plain(value)
    if type(value) is bool or (type(value) is int and abs(value) < 2**63):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    return in_short(value)


def elements(listed: Any) -> list[Any]:
    """What is in an answer of get_tokens; [] for None and False.

    Raises `Unreadable`, and `Endless` where it has more than `MOST`.
    """
    if listed is None or listed is False:
        return []
    if type(listed) is list:
        if len(listed) > MOST:
            raise Endless(listed[:10], len(listed))
        return list(listed)
    if isinstance(listed, str | bytes):  # of which each character would count as a token
        raise Unreadable(f"{in_short(listed)} is not a list of tokens")
    try:
        found = list(islice(listed, MOST + 1))
    except BaseException as error:
        if is_ours(error):
            raise
        raise Unreadable(f"{in_short(listed)} is not a list of tokens") from error
    if len(found) > MOST:
        raise Endless(found[:10])
    return found


def must_end(listed: object) -> None:
    """Raise `Endless` where a listing that has a length never ends, whatever length it claims."""
    if not (isinstance(listed, Sized) and isinstance(listed, Iterable)):
        return
    try:
        elements(listed)
    except Endless:
        raise
    except Unreadable:  # the clauses are about that
        return


def _is_plain(value: object) -> TypeGuard[str]:
    """Whether it is text that can be written anywhere as it is; nearly all fields are."""
    return type(value) is str and value.isascii() and len(value) <= LONGEST


def _plain(text: Any) -> str:
    """Text that can be written anywhere: of type str, not endless, without lone surrogates."""
    exact = str.__str__(text)
    if len(exact) > LONGEST:
        exact = f"{exact[:60]}... ({len(exact):,} characters)"
    return exact.encode("utf-8", "backslashreplace").decode("utf-8")
