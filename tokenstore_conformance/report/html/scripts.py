"""The scripts of a page, in little space: the page has only once what several scripts share.

They share the part that all scripts of a store have, most of it with the scripts of other stores
too; what some scripts need before that part; and the tokens that many scripts save. Each of these
tokens becomes a function.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from tokenstore_conformance.report.view import ClauseView
from tokenstore_conformance.report.visible import visible

LEAST: Final = 15
"""Fewer lines than this are not worth sharing."""

LEAST_OF_OTHERS: Final = 5
"""Like `LEAST`, for scripts that share little with most: those that let the kit judge a clause."""

_TEXT: Final = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""
_TOKEN: Final = re.compile(rf"\btoken\((?:[^()'\"]|{_TEXT})*\)")
"""Matches a token in a script, as Python."""

_LONG: Final = 100
"""A token with at least this many characters gets a name if it occurs more than once."""


@dataclass(frozen=True)
class Script:
    """A script without the parts that it shares."""

    head: str
    tail: str = ""
    parts: tuple[str, ...] = ()
    """The ids of the shared parts, which come between its head and its tail."""


@dataclass(frozen=True)
class Scripts:
    """The scripts of a page."""

    by_store: list[dict[str, Script]]
    """The scripts of each store, by clause."""
    parts: dict[str, str]
    """The parts that scripts share, by their ids in the page."""

    @classmethod
    def of(cls, stores: Iterable[Iterable[ClauseView]]) -> Scripts:
        """Return the scripts of the clauses that have one, for each store."""
        cut = [_cut(clauses) for clauses in stores]
        every = [each for store in cut for each in store.values()]
        tokens = _named(each.tail for each in every if each.is_usual)
        functions = "".join(
            f"\n\ndef {name}():\n    return {token}\n" for token, name in tokens.items()
        )
        common = "".join(_shared(_distinct(each.shared for each in every if each.is_usual), LEAST))
        counts = Counter(each.needs for each in every)
        needed = {text for text, count in counts.items() if count > 1 and text.count("\n") >= LEAST}
        ids: dict[str, str] = {}

        def made(each: _Cut) -> Script:
            is_apart = each.needs in needed
            shared = "".join(each.shared)
            after = (*_around(common, shared), functions) if each.is_usual else (shared,)
            texts = (each.needs if is_apart else "", *after)
            parts = tuple(ids.setdefault(text, f"part-{len(ids) + 1}") for text in texts if text)
            tail = _with_names(each.tail, tokens) if each.is_usual else each.tail
            return Script(each.head + ("" if is_apart else each.needs), tail, parts)

        by_store = [{id: made(each) for id, each in store.items()} for store in cut]
        return cls(by_store, {id: text for text, id in ids.items()})


@dataclass(frozen=True)
class _Cut:
    """A script in pieces."""

    head: str
    needs: str = ""
    """What it needs before the lines that it shares, such as a stand-in for Zoho."""
    shared: tuple[str, ...] = ()
    """The lines that it shares with other scripts of its store."""
    tail: str = ""
    is_usual: bool = False
    """Whether it shares these lines with most scripts."""


def _cut(clauses: Iterable[ClauseView]) -> dict[str, _Cut]:
    """Return the scripts of a store in pieces, by clause."""
    lines = {
        each.id: _without_the_failure(visible(each.script).splitlines(keepends=True))
        for each in clauses
        if each.script
    }
    shared = _shared(list(lines.values()), LEAST)
    cut = {id: _cut_out(shared, each, is_usual=True) for id, each in lines.items()}
    others = {id: lines[id] for id, each in cut.items() if not each.shared}
    shared_by_others = _shared(list(others.values()), LEAST_OF_OTHERS)
    return cut | {id: _cut_out(shared_by_others, each) for id, each in others.items()}


def _cut_out(shared: list[str], lines: list[str], *, is_usual: bool = False) -> _Cut:
    size = len(shared)
    for start in range(len(lines) - size + 1) if size else ():
        if lines[start : start + size] == shared:
            head, blank, needs = "".join(lines[:start]).partition("\n\n")
            tail = "".join(lines[start + size :])
            return _Cut(head + blank, needs, tuple(shared), tail, is_usual)
    return _Cut("".join(lines))


def _without_the_failure(lines: Sequence[str]) -> list[str]:
    """Return a script without the comments that repeat what the page says above it."""
    first, *others = lines
    title = f"{first.partition(': ')[0].rstrip()}\n"
    return [title, *(each for each in others if not each.startswith(("# expected: ", "# got: ")))]


def _named(tails: Iterable[str]) -> dict[str, str]:
    """Return the tokens that are worth a name, with that name."""
    counts = Counter(token for tail in tails for token in _TOKEN.findall(tail))
    worth = [token for token, count in counts.items() if count > 1 and len(token) >= _LONG]
    return {token: f"login_{number}" for number, token in enumerate(worth, 1)}


def _with_names(text: str, tokens: Mapping[str, str]) -> str:
    return _TOKEN.sub(
        lambda found: f"{tokens[found[0]]}()" if found[0] in tokens else found[0], text
    )


def _around(common: str, text: str) -> tuple[str, str, str]:
    """Split the text at ``common``, as `str.partition` does, but allow an empty ``common``."""
    return text.partition(common) if common in text and common else (text, "", "")


def _distinct(texts: Iterable[tuple[str, ...]]) -> list[list[str]]:
    return list(map(list, dict.fromkeys(texts)))


def _shared(scripts: Sequence[list[str]], least: int) -> list[str]:
    """Return the longest run of lines that all scripts share, but for those that share too few."""
    shared: list[str] = scripts[0] if len(scripts) > 1 else []
    for lines in scripts[1:]:
        match = SequenceMatcher(None, shared, lines, autojunk=False).find_longest_match()
        if match.size >= least:
            shared = shared[match.a : match.a + match.size]
    return shared
