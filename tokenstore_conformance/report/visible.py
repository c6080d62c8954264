"""Text from a store made safe to show: a store may answer anything."""

from __future__ import annotations

from typing import Final

_KEPT: Final = "\n\t"


def visible(text: str) -> str:
    """The text with what cannot be seen, or would change how the rest reads, written as in Python:
    control characters, marks that turn the direction of writing, halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in _KEPT else _escaped(each) for each in text)


def in_one_line(text: str, longest: int | None = None) -> str:
    """The text in one line, and of a long one its head and how much there is of it."""
    return cut(" ".join(visible(text).split()), longest)


def cut(text: str, longest: int | None) -> str:
    """The head of a text that is too long, and how many characters follow."""
    if longest is None or len(text) <= longest:
        return text
    return f"{text[:longest]} ... ({len(text) - longest:,} more characters)"


def _escaped(character: str) -> str:
    return repr(character)[1:-1]
