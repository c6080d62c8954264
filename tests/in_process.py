"""Judges a class in this process, without pytest around it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenstore_conformance.judging.judge import DEFAULT_EXAMPLES, Judge, Result
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target


def judge_of(
    store: type,
    directory: Path,
    *,
    clauses: Iterable[str] | None = None,
    examples: int = DEFAULT_EXAMPLES,
) -> Judge:
    """A judge of the stores of a class, that has files below a directory."""
    target = Target(store.__name__, store.__module__, store.__name__, store, ())
    return Judge(open_door(), target, directory, selected=clauses, examples=examples)


def results(judge: Judge, families: Iterable[str]) -> dict[str, Result]:
    """The results of all clauses of some families, by clause."""
    wanted = set(families)
    return {
        clause.id: judge.judge(clause.id)
        for clause in judge.clauses.values()
        if clause.family in wanted
    }


def outcomes(judge: Judge, families: Iterable[str], outcome: str) -> set[str]:
    """The clauses of some families that came out so."""
    return {id for id, result in results(judge, families).items() if result.outcome == outcome}
