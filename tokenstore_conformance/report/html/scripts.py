"""The scripts of a store in little space: what they share is in the page once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from tokenstore_conformance.report.view import ClauseView
from tokenstore_conformance.report.visible import visible

LEAST: Final = 15
"""Fewer lines than these are not worth sharing."""


@dataclass(frozen=True)
class Script:
    """A script; where it shares a part, what comes before and after that part."""

    head: str
    tail: str = ""
    shares: bool = False


@dataclass(frozen=True)
class Scripts:
    """The scripts of a store: the part that most of them share, and each by its clause."""

    shared: str
    by_clause: dict[str, Script]

    @classmethod
    def of(cls, clauses: Iterable[ClauseView]) -> Scripts:
        """Those of the clauses that have one."""
        lines = {
            each.id: visible(each.script).splitlines(keepends=True)
            for each in clauses
            if each.script
        }
        shared = _shared(list(lines.values()))
        made = {id: _cut_out(shared, each) for id, each in lines.items()}
        return cls("".join(shared), made)


def _shared(scripts: Sequence[list[str]]) -> list[str]:
    """The longest run of lines that is in all scripts but those that have little of it."""
    shared: list[str] = scripts[0] if len(scripts) > 1 else []
    for lines in scripts[1:]:
        match = SequenceMatcher(None, shared, lines, autojunk=False).find_longest_match()
        if match.size >= LEAST:
            shared = shared[match.a : match.a + match.size]
    return shared


def _cut_out(shared: list[str], lines: list[str]) -> Script:
    size = len(shared)
    for start in range(len(lines) - size + 1) if size else ():
        if lines[start : start + size] == shared:
            return Script("".join(lines[:start]), "".join(lines[start + size :]), True)
    return Script("".join(lines))
