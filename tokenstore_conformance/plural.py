"""A number and its noun."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 token", "2 tokens"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
