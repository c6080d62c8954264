"""A listing that never ends, whatever length it claims, is noticed before it fills the memory."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any, Final

MOST: Final = 20_000
"""Tokens that a listing may have. The kit saves far fewer."""


class Endless(Exception):
    """A listing has more than `MOST` tokens; ``head`` are the first of them."""

    def __init__(self, head: list[Any]) -> None:
        super().__init__(f"a listing that does not end: it has more than {MOST:,} tokens")
        self.head = head


def bounded(listed: Iterable[Any] | None) -> list[Any]:
    """The tokens of a listing, none for None; raises `Endless`, and what the listing raises."""
    if type(listed) is list:
        return listed
    tokens = list(islice(listed or (), MOST + 1))
    if len(tokens) > MOST:
        raise Endless(tokens[:10])
    return tokens


def must_end(listed: object) -> None:
    """Raise `Endless` where a listing that has a length never ends."""
    if not (isinstance(listed, Sized) and isinstance(listed, Iterable)):
        return
    try:
        bounded(listed)
    except Endless:
        raise
    except Exception:  # the clauses are about what else it raises
        return
