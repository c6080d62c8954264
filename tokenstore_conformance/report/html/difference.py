"""What was expected, next to what was got, with the difference marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, NamedTuple

ALIKE: Final = 0.5
"""Texts less alike than this are not two versions of one thing, so nothing is marked."""
MOST_PARTS: Final = 1_200
"""Texts with more parts than this are not compared."""


class Part(NamedTuple):
    """A part of a text, and whether only this text has it."""

    text: str
    differs: bool


def marked(expected: str, got: str) -> tuple[list[Part], list[Part]]:
    """Return both texts in parts."""
    one, other = _words(expected), _words(got)
    whole = [Part(expected, False)], [Part(got, False)]
    if not one or not other or max(len(one), len(other)) > MOST_PARTS:
        return whole
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if not _are_alike(one, other):
        return whole
    left, right = [], []
    for kind, a, b, c, d in matcher.get_opcodes():
        differs = kind != "equal"
        left.append(Part("".join(one[a:b]), differs))
        right.append(Part("".join(other[c:d]), differs))
    return [each for each in left if each.text], [each for each in right if each.text]


def _are_alike(one: list[str], other: list[str]) -> bool:
    left, right = ([each for each in side if each.strip()] for side in (one, other))
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= ALIKE


def _words(text: str) -> list[str]:
    return re.findall(r"'[^']*'|\w+|\s+|.", text)
