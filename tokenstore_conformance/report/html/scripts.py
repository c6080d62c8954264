"""The scripts of a store in little space: what they share is in the page once.

That is the part that all have in common, and the tokens that many of them save: each of these is a
function there. What some scripts need before that part, also those of other stores, is in the page
once, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from tokenstore_conformance.report.view import ClauseView
from tokenstore_conformance.report.visible import visible

LEAST: Final = 15
"""Fewer lines than these are not worth sharing."""

LEAST_OF_OTHERS: Final = 5
"""The same, of scripts that share little with most: those that have the kit judge a clause."""

_TEXT: Final = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""
_TOKEN: Final = re.compile(rf"\btoken\((?:[^()'\"]|{_TEXT})*\)")
"""A token of a script as Python."""

_LONG: Final = 100
"""A token of so many characters gets a name, if it is there more than once."""


@dataclass(frozen=True)
class Script:
    """A script; where it shares a part, what comes before and after that part."""

    head: str
    tail: str = ""
    shares: int | None = None
    """Which of the shared parts."""
    needs: str = ""
    """What it needs before that part, such as a stand-in for Zoho."""

    def parts(self, prefix: str, needed: Sequence[str]) -> list[str]:
        """The ids of what comes between its head and its tail."""
        before = [f"needed-{needed.index(self.needs)}"] if self.needs in needed else []
        return [*before, *([] if self.shares is None else [f"{prefix}-shared-{self.shares}"])]


@dataclass(frozen=True)
class Scripts:
    """The scripts of a store: the parts that many of them share, and each by its clause."""

    shared: tuple[str, ...]
    by_clause: dict[str, Script]

    @classmethod
    def of(cls, clauses: Iterable[ClauseView]) -> Scripts:
        """Those of the clauses that have one."""
        lines = {
            each.id: _without_the_failure(visible(each.script).splitlines(keepends=True))
            for each in clauses
            if each.script
        }
        shared = _shared(list(lines.values()), LEAST)
        made = {id: _cut_out(shared, each, 0) for id, each in lines.items()}
        others = {id: lines[id] for id, each in made.items() if each.shares is None}
        shared_by_others = _shared(list(others.values()), LEAST_OF_OTHERS)
        made |= {id: _cut_out(shared_by_others, each, 1) for id, each in others.items()}
        tokens = _named(each.tail for each in made.values() if each.shares == 0)
        functions = (f"\n\ndef {name}():\n    return {token}\n" for token, name in tokens.items())
        parts = ("".join([*shared, *functions]), "".join(shared_by_others))
        return cls(parts, _with_names(made, tokens))


def needed_by_many(stores: Iterable[Scripts]) -> list[str]:
    """What more than one script of the page needs, where that is long."""
    needs = Counter(each.needs for store in stores for each in store.by_clause.values())
    return [text for text, count in needs.items() if count > 1 and text.count("\n") >= LEAST]


def _without_the_failure(lines: Sequence[str]) -> list[str]:
    """A script without the comments that say what the page says above it."""
    first, *others = lines
    title = f"{first.partition(': ')[0].rstrip()}\n"
    return [title, *(each for each in others if not each.startswith(("# expected: ", "# got: ")))]


def _named(tails: Iterable[str]) -> dict[str, str]:
    """The tokens that are worth a name, with that name."""
    counts = Counter(token for tail in tails for token in _TOKEN.findall(tail))
    worth = [token for token, count in counts.items() if count > 1 and len(token) >= _LONG]
    return {token: f"login_{number}" for number, token in enumerate(worth, 1)}


def _with_names(made: dict[str, Script], tokens: dict[str, str]) -> dict[str, Script]:
    def name(found: re.Match[str]) -> str:
        known = tokens.get(found[0])
        return f"{known}()" if known else found[0]

    return {
        id: replace(each, tail=_TOKEN.sub(name, each.tail)) if each.shares == 0 else each
        for id, each in made.items()
    }


def _shared(scripts: Sequence[list[str]], least: int) -> list[str]:
    """The longest run of lines that is in all scripts but those that have little of it."""
    shared: list[str] = scripts[0] if len(scripts) > 1 else []
    for lines in scripts[1:]:
        match = SequenceMatcher(None, shared, lines, autojunk=False).find_longest_match()
        if match.size >= least:
            shared = shared[match.a : match.a + match.size]
    return shared


def _cut_out(shared: list[str], lines: list[str], part: int) -> Script:
    size = len(shared)
    for start in range(len(lines) - size + 1) if size else ():
        if lines[start : start + size] == shared:
            head, blank, needs = "".join(lines[:start]).partition("\n\n")
            return Script(head + blank, "".join(lines[start + size :]), part, needs)
    return Script("".join(lines))
