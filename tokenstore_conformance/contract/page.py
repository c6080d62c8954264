"""The contracts as pages in docs, with a heading for each clause to link to.

python -m tokenstore_conformance.contract.page zohocrmsdk > docs/contract.md
python -m tokenstore_conformance.contract.page zcrmsdk > docs/contract-zcrmsdk.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from tokenstore_conformance.contract import SOURCES, VERSION, Clause, Contract, contract_of

FAMILIES: Final = {
    "SHAPE": "the shape of a store",
    "SAVE": "save_token",
    "FIND": "find_token",
    "BYID": "find_token_by_id",
    "DEL": "delete_token",
    "LIST": "get_tokens",
    "CLEAR": "delete_tokens",
    "DATA": "what a field can hold",
    "ISO": "the store's own copy",
    "SEQ": "sequences of calls",
    "THR": "threads",
    "DUR": "durability",
    "ERR": "outages of the backend",
    "SDK": "the real SDK over the store",
    "SEC": "secrets",
    "RES": "resources",
}
"""What each family of clauses is about."""

OLDER: Final = {"FIND": "get_token", "BYID": "get_token_by_id"}
"""The methods that have another name in the older generation."""

TITLES: Final = {
    "zohocrmsdk": "For `zohocrmsdk`, SDK lines 5 to 8: the six methods of `TokenStore`.",
    "zcrmsdk": "For `zcrmsdk` 3.x, and the lines 2.0 and 2.1: the five methods of `TokenStore`, "
    "and a sixth in 2.x.",
}

_HEAD: Final = """\
# The token store contract {version}

{title}
This page is generated from the contract's data by `make docs`;
`pytest --tokenstore-clauses --tokenstore-generation={generation}` prints the same clauses.

## The match rule

{rule}

## Levels

- **MUST**: a store that breaks it fails the run.
- **SHOULD**: a store that breaks it is warned about, and fails the run under `--tokenstore-strict`.
- **capability**: binds a store that claims the capability named beside it; for others it is a
  SHOULD, where it applies at all.

## Sources

{sources}
"""

_OPEN: Final = """\
## Where every answer is accepted

The sources disagree here, or say nothing. The suite takes any of the answers, or does not ask.
"""


def as_markdown(generation: str = "zohocrmsdk") -> str:
    """The whole contract as Markdown, with a line break at the end."""
    contract = contract_of(generation)
    points = (f"- {point}" for point in contract.open_points)
    return "\n".join([_head(contract), *_families(contract), _OPEN, *points, ""])


def _head(contract: Contract) -> str:
    _, rule = inspect.cleandoc(contract.text).split("\n\n", 1)
    sources = "\n".join(f"- **{key}**: {words}" for key, words in SOURCES.items())
    return _HEAD.format(
        version=VERSION,
        rule=rule,
        sources=sources,
        title=TITLES[contract.generation],
        generation=contract.generation,
    )


def _families(contract: Contract) -> Iterator[str]:
    renamed = OLDER if contract.generation == "zcrmsdk" else {}
    for family, members in groupby(contract.clauses, key=lambda clause: clause.family):
        yield f"## {family}: {renamed.get(family, FAMILIES[family])}\n"
        yield from map(_clause, members)


def _clause(clause: Clause) -> str:
    sources = ", ".join(clause.sources.split())
    return (
        f"### {clause.id}\n\n"
        f"**{clause.standing}**: {clause.sentence}\n\n"
        f"*Why*: {clause.why}\n\n"
        f"*Source*: {sources}. *Since*: {clause.since}.\n"
    )


if __name__ == "__main__":
    print(as_markdown(*sys.argv[1:]), end="")
