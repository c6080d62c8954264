"""Read `survivors.toml`, which says which mutants may survive, and why."""

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
"""The reasons that an entry may give for a survivor.

It behaves like the store; or the contract leaves the difference open; or the kit should notice the
difference, but does not.
"""


@dataclass(frozen=True)
class Entry:
    """Why a mutant may survive."""

    id: str
    reason: str
    why: str


class AccountError(Exception):
    """Says what is wrong in the file."""


def read(data: Mapping[str, Any] | None = None) -> dict[str, Entry]:
    """Return the entries by the ids of mutants, for the installed distributions.

    Raises `AccountError`. If ``data`` is given, it is read instead of the file.
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
    """Yield one line for each disagreement between the verdicts and the entries.

    ``mutants`` are all mutants, judged or not.
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
    """Yield one line for each entry that can go: the kit kills its mutant. The run still passes."""
    for verdict in verdicts:
        id = verdict.mutant.id
        if not verdict.survived and not verdict.is_error and id in entries:
            yield f"in the list, and did not survive: {id}: {verdict.words}"


def summary(verdicts: Collection[Verdict], entries: Mapping[str, Entry]) -> str:
    """Return in one line how many mutants there are of each kind."""
    survived = [each.mutant.id for each in verdicts if each.survived]
    counts = Counter(entries[id].reason if id in entries else "not in the list" for id in survived)
    parts = [f"{len(verdicts) - len(survived)} of {len(verdicts)} mutants killed"]
    parts += [f"{count} {reason}" for reason, count in sorted(counts.items())]
    return ", ".join(parts)
