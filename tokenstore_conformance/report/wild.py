"""What the stores that ship today do to their users: a page made from verdicts.

python -m tokenstore_conformance.report.wild verdict.json... > docs/stores-in-the-wild.md

The verdicts are reports of --tokenstore-report, or excerpts of them made with ``--excerpt``. An
excerpt has only the clauses that a store does not pass, without calls and scripts, and is small
enough to commit.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.contract import CLAUSES, GRADES, Clause, Harm
from tokenstore_conformance.target.bundled.database import START

_HEAD: Final = """\
# The stores that ship today

What the token stores of the SDK, and the sample in its documentation, do to the users of a program.
Each sentence is followed by the clauses of [the contract](contract.md) that the store breaks; a
clause says what a store has to do, and why. A clause that is marked SHOULD is only a warning.

This page is written by `make wild`, from the verdicts of the kit {kit} (contract {contract}).
"""


@dataclass(frozen=True)
class Published:
    """What is known about a store that ships: its name, what it is, and what judging it takes."""

    name: str
    words: str
    takes: tuple[str, ...] = ()
    """Shell commands to run before the one that judges the store."""
    where: str = ""


PUBLISHED: Final = {
    "sdk-file": Published("FileStore", "The SDK's own store, which keeps tokens in a text file."),
    "sdk-db": Published(
        "DBStore",
        "The SDK's own store for MySQL and MariaDB, with the table that the SDK documents.",
        (START,),
    ),
    "tests/stores/article_sample.py:ArticleSample": Published(
        "The SQLite sample",
        "A store written after the SQLite sample in the article on custom token persistence, "
        "with the same faults ([`article_sample.py`](../tests/stores/article_sample.py)).",
        where=", in a checkout of the kit",
    ),
}
"""The stores that ship, by target."""

_BY_ID: Final = {clause.id: clause for clause in CLAUSES}
_BROKEN: Final = ("failed", "known")
_KEPT: Final = ("id", "level", "outcome", "status", "effect", "causes")


class Unusable(Exception):
    """A file cannot be used as a report; the message says why."""


@dataclass(frozen=True)
class StoreExcerpt:
    """What a report says about one store."""

    target: str
    generation: str
    sdk: Mapping[str, str] | None
    clauses: Sequence[Mapping[str, Any]]

    @property
    def published(self) -> Published:
        return PUBLISHED.get(self.target) or Published(f"`{self.target}`", "")

    @property
    def title(self) -> str:
        """The store and the SDK, as in "DBStore in zohocrmsdk8_0 7.0.0"."""
        sdk = self.generation
        if self.sdk is not None:
            sdk = f"{self.sdk['distribution']} {self.sdk['version']}"
        return f"{self.published.name} in {sdk}"

    @property
    def _needs_driver(self) -> bool:
        """Whether judging it takes the MySQL driver: all of zcrmsdk imports that."""
        return self.target == "sdk-db" or self.generation == "zcrmsdk"

    @property
    def broken(self) -> dict[str, str]:
        """The clauses that the store breaks, each with its level."""
        return {each["id"]: each["level"] for each in self.clauses if each["outcome"] in _BROKEN}

    @property
    def effects(self) -> dict[str, str]:
        """The clauses that the store breaks, each with what that does to users."""
        return {each["id"]: each["effect"] for each in self.clauses if each["outcome"] in _BROKEN}

    def with_status(self, status: str) -> list[Mapping[str, Any]]:
        return [each for each in self.clauses if each["status"] == status]

    @property
    def lines(self) -> Iterator[str]:
        """The shell commands that judge the store."""
        if self.sdk is not None:
            driver = " mysql-connector-python" if self._needs_driver else ""
            yield f"pip install {self.sdk['distribution']}=={self.sdk['version']}{driver}"
        yield from self.published.takes
        generation = "" if ":" in self.target else f" --tokenstore-generation={self.generation}"
        yield f"pytest --tokenstore={self.target}{generation}"


def as_markdown(reports: Sequence[Mapping[str, Any]]) -> str:
    """Return the page, with a line break at the end."""
    named = ("target", "generation", "sdk", "clauses")
    verdicts = [StoreExcerpt(*(store[name] for name in named)) for store in _stores(reports)]
    head = _HEAD.format(kit=reports[0]["kit"], contract=reports[0]["contract"])
    return "\n".join([head, *_summary(verdicts), "", *map(_section, verdicts)])


def excerpt(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the reports as one report, with only what the page is made from."""
    first = reports[0]
    return {
        **{name: first[name] for name in ("schema", "kit", "contract")},
        "stores": [
            {
                **{name: store[name] for name in ("target", "sdk", "generation")},
                "clauses": [
                    {name: each[name] for name in _KEPT}
                    for each in store["clauses"]
                    if each["outcome"] != "passed"
                ],
            }
            for store in _stores(reports)
        ],
    }


def _stores(reports: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for report in reports:
        yield from report["stores"]


def _summary(verdicts: Iterable[StoreExcerpt]) -> Iterator[str]:
    yield "| store | MUST broken | SHOULD broken | worst effect: it |"
    yield "|---|---|---|---|"
    for each in verdicts:
        levels = list(each.broken.values())
        anchor = re.sub(r"[^\w -]", "", each.title.lower()).replace(" ", "-")
        harms = [GRADES[effect] for effect in each.effects.values()]
        worst = min(harms).words if harms else "keeps the contract"
        counts = f"{levels.count('MUST')} | {levels.count('SHOULD')}"
        yield f"| [{each.title}](#{anchor}) | {counts} | {worst} |"


def _section(verdict: StoreExcerpt) -> str:
    parts = [
        f"## {verdict.title}",
        verdict.published.words,
        "\n".join(_effects(verdict)) or "It breaks no clause.",
        "\n".join(_aside(verdict)),
        f"To see it yourself{verdict.published.where}:",
        "\n".join(["```sh", *verdict.lines, "```"]),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _effects(verdict: StoreExcerpt) -> Iterator[str]:
    """Yield what the broken clauses do to users, by grade of harm, the worst first."""
    for harm in Harm:
        clauses = {
            effect: [_BY_ID[id] for id, shown in verdict.effects.items() if shown == effect]
            for effect, grade in GRADES.items()
            if grade is harm
        }
        if any(clauses.values()):
            yield f"- **It {harm.words}.**"
        for effect, those in clauses.items():
            if those:
                links = ", ".join(_link(each, verdict.broken) for each in those)
                yield f"  - It {effect}: {links}."


def _link(clause: Clause, broken: Mapping[str, str]) -> str:
    level = "" if broken[clause.id] == "MUST" else " (SHOULD)"
    return f"[{clause.id}](contract.md#{clause.id.lower()}){level}"


def _aside(verdict: StoreExcerpt) -> Iterator[str]:
    """Yield the clauses that fail only because of others, and those that could not be judged."""
    for causes, those in _by_causes(verdict.with_status("explained")):
        yield f"- Only because of {_words(causes)}, it also breaks {_words(those)}."
    for causes, those in _by_causes(verdict.with_status("not-judged")):
        are = "are" if causes[1:] else "is"
        until = f"Until {_words(causes)} {are} fixed"
        yield f"- {until}, it is unknown whether it keeps {_words(those)}."


def _words(ids: Sequence[str]) -> str:
    *first, last = ids
    return f"{', '.join(first)} and {last}" if first else last


def _by_causes(
    clauses: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Group clauses by the other clauses that cause their results."""
    found: dict[tuple[str, ...], list[str]] = {}
    for each in clauses:
        found.setdefault(tuple(each["causes"]), []).append(each["id"])
    yield from found.items()


def _read(file: Path) -> Any:
    try:
        report = json.loads(file.read_text("utf-8"))
        if report["schema"] != "tokenstore-conformance/1":
            raise Unusable(f"{file} is a report of another schema, {report['schema']}")
        clauses = [each for store in report["stores"] for each in store["clauses"]]
        unknown = {each["id"] for each in clauses} - _BY_ID.keys()
        left_out = [each["id"] for each in clauses if each["status"] == "not-run"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{file} is not a report of --tokenstore-report: {error!r}") from error
    if unknown:
        raise Unusable(f"{file} has a verdict on {min(unknown)}, which is not in the contract")
    if left_out:
        raise Unusable(f"{file} is not the report of a whole run: {left_out[0]} did not run")
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page, or the excerpt."""
    parser = argparse.ArgumentParser(
        prog="python -m tokenstore_conformance.report.wild",
        description="Write a page on what stores do to their users, from reports in JSON.",
    )
    parser.add_argument("reports", nargs="+", type=Path, metavar="verdict.json")
    parser.add_argument("--excerpt", action="store_true", help="print the data of the page instead")
    options = parser.parse_args(arguments)
    try:
        reports = list(map(_read, options.reports))
    except Unusable as error:
        parser.error(str(error))
    if options.excerpt:
        print(json.dumps(excerpt(reports), indent=1))
    else:
        print(as_markdown(reports), end="")


if __name__ == "__main__":
    main()
