"""Texts: a number with its noun, a time, and the first of many words."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 token", "2 tokens"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def in_seconds(number: float) -> str:
    """Return a time as text: "1 second", "0.5 seconds"."""
    return f"{number:g} second{'' if number == 1 else 's'}"


def first_of(words: Sequence[object], most: int) -> list[str]:
    """Return the first ``most`` of some words, and how many follow: "4 more"."""
    more = [f"{len(words) - most} more"] if len(words) > most else []
    return [*map(str, words[:most]), *more]
