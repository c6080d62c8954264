"""Turns any value that a store returns into text and plain data.

No clause depends on the type of a value unless it names that type. No value can break the kit, not
even one that equals everything, or one that raises when it is shown.
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
"""How many characters of a text are read. The kit saves no text nearly as long."""

MOST: Final = 20_000
"""How many tokens a listing may have. The kit saves far fewer."""

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


class Unreadable(Exception):
    """What a store returned is not a token, or cannot be read as one. The message says why."""


class Endless(Unreadable):
    """A listing has more than `MOST` tokens.

    ``head`` has the first tokens. ``count`` is how many there are, or 0 if there may be no end.
    """

    def __init__(self, head: list[Any], count: int = 0) -> None:
        endless = f"a listing that does not end: it has more than {MOST:,} tokens"
        super().__init__(f"a listing of {count:,} tokens" if count else endless)
        self.head = head
        self.count = count


def is_text(value: object) -> bool:
    """Whether it is a str, or of a subclass. A mock that only claims to be one is not."""
    return issubclass(type(value), str)


def as_text(value: object) -> str | None:
    """Return a field as a record has it: None for None and "", and text for anything else."""
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
    """Return a field as a report has it: None, text, or a number. The repr of anything else."""
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
    """Return what is in an answer of get_tokens. [] for None and False.

    Raises `Unreadable`, or `Endless` if it has more than `MOST` elements.
    """
    if listed is None or listed is False:
        return []
    if type(listed) is list:
        if len(listed) > MOST:
            raise Endless(listed[:10], len(listed))
        return list(listed)
    if isinstance(listed, str | bytes):  # each character would count as a token
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
    """Raise `Endless` if a listing with a length never ends, whatever length it claims."""
    if not (isinstance(listed, Sized) and isinstance(listed, Iterable)):
        return
    try:
        elements(listed)
    except Endless:
        raise
    except Unreadable:  # the clauses judge that
        return


def _is_plain(value: object) -> TypeGuard[str]:
    """Whether it is text that can be written anywhere as it is. Nearly all fields are."""
    return type(value) is str and value.isascii() and len(value) <= LONGEST


def _plain(text: Any) -> str:
    """Return text that can be written anywhere: a str, not too long, without lone surrogates."""
    exact = str.__str__(text)
    if len(exact) > LONGEST:
        exact = f"{exact[:60]}... ({len(exact):,} characters)"
    return exact.encode("utf-8", "backslashreplace").decode("utf-8")
