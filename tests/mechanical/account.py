"""The account of the mutants that survive: which may, and why. It is `survivors.toml`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.mechanical.judging import Verdict
from tests.mechanical.mutants import Mutant
from tests.mutants import GENERATIONS
from tokenstore_conformance.sdk import distributions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE: Final = Path(__file__).with_name("survivors.toml")

REASONS: Final = ("equivalent", "not in the contract", "hole")
"""What an entry may call a survivor.

It behaves as the store does; or the contract leaves open what it does otherwise; or the kit should
have noticed, and does not.
"""


@dataclass(frozen=True)
class Entry:
    """Why a mutant may survive."""

    id: str
    reason: str
    why: str


class AccountError(Exception):
    """What is wrong in the file."""


def read(data: Mapping[str, Any] | None = None) -> dict[str, Entry]:
    """The entries by the ids of mutants, for the distributions that are installed.

    Raises `AccountError`. ``data`` is read in the place of the file.
    """
    if data is None:
        data = tomllib.loads(FILE.read_text("utf-8"))
    installed = {distributions(each)[0].name for each in GENERATIONS}
    entries: dict[str, Entry] = {}
    for each in data["survivors"]:
        missing = {"verdict", "why", "ids"} - each.keys()
        if missing or not each["why"] or each["verdict"] not in REASONS:
            raise AccountError(f"an entry needs ids, a reason of {REASONS}, and why: {each}")
        if each.get("only_with", "") not in {"", *installed}:
            continue
        for id in each["ids"]:
            if id in entries:
                raise AccountError(f"listed twice: {id}")
            entries[id] = Entry(id, each["verdict"], each["why"])
    return entries


def objections(
    verdicts: Iterable[Verdict], entries: Mapping[str, Entry], mutants: Collection[Mutant]
) -> Iterator[str]:
    """What does not add up, a line for each.

    ``mutants`` are all that there are, judged or not.
    """
    for verdict in verdicts:
        id = verdict.mutant.id
        if verdict.is_error:
            yield f"no verdict: {id}: {verdict.words}"
        elif verdict.survived and id not in entries:
            yield f"survived, and not in the list: {id}"
    for id in entries.keys() - {each.id for each in mutants}:
        yield f"in the list, and no mutant: {id}"


def outdated(verdicts: Iterable[Verdict], entries: Mapping[str, Entry]) -> Iterator[str]:
    """Entries that can go, a line for each: the kit kills the mutant. The run passes."""
    for verdict in verdicts:
        id = verdict.mutant.id
        if not verdict.survived and not verdict.is_error and id in entries:
            yield f"in the list, and did not survive: {id}: {verdict.words}"


def summary(verdicts: Collection[Verdict], entries: Mapping[str, Entry]) -> str:
    """How many there are of each kind, in one line."""
    survived = [each.mutant.id for each in verdicts if each.survived]
    counts = Counter(entries[id].reason if id in entries else "not in the list" for id in survived)
    parts = [f"{len(verdicts) - len(survived)} of {len(verdicts)} mutants killed"]
    parts += [f"{count} {reason}" for reason, count in sorted(counts.items())]
    return ", ".join(parts)
