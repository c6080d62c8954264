"""Make text from a store safe to show: a store can answer anything."""

from __future__ import annotations

from typing import Final

_KEPT: Final = "\n\t"


def visible(text: str) -> str:
    """Return the text with some characters escaped as in Python: those that cannot be seen, or that
    change how the rest is shown. These are control characters, marks that change the direction of
    writing, and halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in _KEPT else _escaped(each) for each in text)


def in_one_line(text: str, longest: int | None = None) -> str:
    """Return the text in one line; if it is too long, its start and how much follows."""
    return cut(" ".join(visible(text).split()), longest)


def cut(text: str, longest: int | None) -> str:
    """Return the text; if it is too long, its start and how many characters follow."""
    if longest is None or len(text) <= longest:
        return text
    return f"{text[:longest]} ... ({len(text) - longest:,} more characters)"


def _escaped(character: str) -> str:
    return repr(character)[1:-1]
