"""How reports write ids, statuses and long texts in lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from tokenstore_conformance.contract import Contract
from tokenstore_conformance.judging.result import Status

LONGEST: Final = 360
"""At most this many characters are shown of a call, and of what was expected and got."""


STATUSES: Final = {
    Status.FAILED: "failed",
    Status.KNOWN: "accepted",
    Status.EXPLAINED: "explained",
    Status.NOT_JUDGED: "not judged",
    Status.NOT_RUN: "not run",
    Status.NOT_APPLICABLE: "not applicable",
    Status.PASSED: "passed",
}
"""The words for each status. Those that need attention come first."""


def in_families(ids: Iterable[str], contract: Contract) -> str:
    """Shorten ids, in the contract's order: SAVE-2..5 for ids in a row, FIND-* for a family."""
    return in_short([clause.id for clause in contract.clauses], ids)


def in_short(every: Sequence[str], ids: Iterable[str]) -> str:
    """Like `in_families`, where ``every`` has the ids of the contract in order."""
    ids = list(ids)
    chosen = [id for id in every if id in ids]
    words = [each for each in ids if each not in chosen]
    for family, members in groupby(chosen, _family):
        here = list(members)
        if len(here) > 1 and len(here) == sum(_family(id) == family for id in every):
            words.append(f"{family}-*")
            continue
        for _, row in groupby(enumerate(here), lambda each: _number(each[1]) - each[0]):
            numbers = [_number(id) for _, id in row]
            if len(numbers) > 2:
                words.append(f"{family}-{numbers[0]}..{numbers[-1]}")
            else:
                words += [f"{family}-{number}" for number in numbers]
    return ", ".join(words)


def _family(id: str) -> str:
    return id.partition("-")[0]


def _number(id: str) -> int:
    return int(id.partition("-")[2])


def cut(text: str, most: int = LONGEST) -> str:
    """Return the text; if it is too long to read, only its start."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def wrapped(label: str, text: str, width: int, indent: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=label,
        subsequent_indent=" " * len(label) if indent is None else indent,
        break_on_hyphens=False,
    ) or [label.rstrip()]
