"""Writes the contract as a page. Each clause has a heading to link to, such as #save-2.

python -m tokenstore_conformance.contract.page > docs/contract.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tokenstore_conformance.contract import (
    ARTICLE,
    COMPLETE,
    FAMILIES,
    GENERATIONS,
    KEYS,
    MATCH_RULES,
    OPEN_POINTS,
    READ_IN,
    RETIRED,
    SOURCES,
    VERSION,
    Clause,
    Harm,
    Source,
)

_HEAD: Final = """\
# The token store contract {version}

What a `TokenStore` for the Zoho CRM Python SDK has to do. There is one contract for both
generations of the SDK, and each clause says which of them it binds:

{generations}

This page is generated from the contract's data by `make docs`. `pytest --tokenstore-clauses` prints
the same clauses; with `--tokenstore-generation=zohocrmsdk` or `--tokenstore-generation=zcrmsdk` it
prints those of one generation.

{contents}

## Levels

- **MUST**: a store that breaks it fails the run.
- **SHOULD**: a store that breaks it gets a warning, and fails the run under `--tokenstore-strict`.
- **capability**: a SHOULD, where it applies. Under `--tokenstore-require` it is a MUST for the
  capability that is named.

An id keeps its meaning. It may be retired, and is then never used again.{retired}

## Harm

What a store does to its users if it breaks a clause, the most serious first:

{harms}

## Which record a token means

### In `zohocrmsdk`

{match_zohocrmsdk}

### In `zcrmsdk`

{match_zcrmsdk}

## What "complete" means

- In `zohocrmsdk`,
  {complete_zohocrmsdk}
- In `zcrmsdk`,
  {complete_zcrmsdk}

## What keys look like

{keys}

## Sources

{sources}

[article]: {article}

The functions are named as in {read_in}.
"""

_OPEN: Final = """\
## Where every answer is accepted

The sources disagree here, or say nothing. The kit accepts any of the answers, or does not test
the point.
"""


def as_markdown() -> str:
    """Return the whole contract as Markdown, with a line break at the end."""
    points = (f"- {bound(each.generations)}: {each.text}" for each in OPEN_POINTS)
    return "\n".join([_head(), *_families(), _OPEN, *points, ""])


def bound(generations: Iterable[str]) -> str:
    """Return the generations that something is about, in words."""
    return " and ".join(f"`{each}`" for each in generations)


def _head() -> str:
    return _HEAD.format(
        version=VERSION,
        generations="\n".join(f"- `{name}`: {title}" for name, title in _titles()),
        contents="\n".join(_contents()),
        retired="".join(f"\n\n- {id}: {reason}" for id, reason in RETIRED.items()),
        **{f"match_{name}": rule for name, rule in MATCH_RULES.items()},
        **{f"complete_{name}": _indented(words) for name, words in COMPLETE.items()},
        keys=KEYS,
        harms="\n".join(f"{number}. It {each.words}." for number, each in enumerate(Harm, 1)),
        article=ARTICLE[1],
        sources="\n".join(f"- **{key}**: {words}" for key, words in SOURCES.items()),
        read_in=", ".join(f"{name} {version}" for name, version in READ_IN.values()),
    )


def _titles() -> Iterator[tuple[str, str]]:
    """Yield each generation and its SDK lines, which its title has in brackets."""
    for name, title in GENERATIONS.items():
        yield name, title.partition("(")[2].removesuffix(")")


def _contents() -> Iterator[str]:
    """Yield a table of the families, each with links to its clauses."""
    yield "| family | clauses |"
    yield "|---|---|"
    for family, (words, clauses) in FAMILIES.items():
        links = " ".join(f"[{_number(each)}](#{each.id.lower()})" for each in clauses)
        yield f"| {family}: {words} | {links} |"


def _number(clause: Clause) -> str:
    return clause.id.partition("-")[2]


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _families() -> Iterator[str]:
    for family, (words, clauses) in FAMILIES.items():
        yield f"## {family}: {words}\n"
        yield from map(_clause, clauses)


def _clause(clause: Clause) -> str:
    return (
        f"### {clause.id}\n\n"
        f"**{clause.standing}**, for {bound(clause.generations)}: {clause.sentence}\n\n"
        f"*Why*: {clause.why}\n\n"
        f"*To fix it*: {clause.fix}\n\n"
        f"*A store that breaks it* {clause.effect} (harm {list(Harm).index(clause.harm) + 1}).\n\n"
        f"*Source*: {'; '.join(map(_source, clause.sources))}. *Since*: {clause.since}.\n"
    )


def _source(source: Source) -> str:
    if source.letter == "A":
        return f"A, [{ARTICLE[0]}][article]"
    if source.function is None:
        return source.letter
    where = f", in {source.only}" if source.only else ""
    return f"{source.letter}, `{source.function}` (`{source.file}`){where}"


if __name__ == "__main__":
    print(as_markdown(), end="")
