"""The contract as a page, docs/contract.md, with a heading for each clause to link to.

    python -m tokenstore_conformance.contract.markdown > docs/contract.md
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from tokenstore_conformance.contract import SOURCES, VERSION, Clause, zohocrmsdk

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

_HEAD: Final = """\
# The token store contract {version}

For `zohocrmsdk`, SDK lines 5 to 8: the six methods of `TokenStore`. This page is generated from the
contract's data by `make docs`; `pytest --tokenstore-clauses` prints the same clauses.

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


def as_markdown() -> str:
    """The whole contract as Markdown, with a line break at the end."""
    return "\n".join([_head(), *_families(zohocrmsdk.CLAUSES), _OPEN, *_open_points(), ""])


def _head() -> str:
    _, rule = inspect.cleandoc(zohocrmsdk.__doc__).split("\n\n", 1)
    sources = "\n".join(f"- **{key}**: {words}" for key, words in SOURCES.items())
    return _HEAD.format(version=VERSION, rule=rule, sources=sources)


def _families(clauses: Iterable[Clause]) -> Iterator[str]:
    for family, members in groupby(clauses, key=lambda clause: clause.family):
        yield f"## {family}: {FAMILIES[family]}\n"
        yield from map(_clause, members)


def _clause(clause: Clause) -> str:
    sources = ", ".join(clause.sources.split())
    return (
        f"### {clause.id}\n\n"
        f"**{clause.standing}**: {clause.sentence}\n\n"
        f"*Why*: {clause.why}\n\n"
        f"*Source*: {sources}. *Since*: {clause.since}.\n"
    )


def _open_points() -> Iterator[str]:
    return (f"- {point}" for point in zohocrmsdk.OPEN_POINTS)


if __name__ == "__main__":
    print(as_markdown(), end="")
