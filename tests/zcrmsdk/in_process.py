"""Judges a class of the older generation in this process, without pytest around it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenstore_conformance.judging.judge import DEFAULT_EXAMPLES, Judge
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target

FAMILIES = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO")
"""What is checked call by call."""

PROGRAM = ("SDK", "SEC", "RES")
"""What a program has of a store beside right answers."""

CAPABILITIES = ("THR", "DUR", "ERR")
"""What is asked of a store that is able to do it."""


def judge_of(
    store: type,
    directory: Path,
    *,
    clauses: Iterable[str] | None = None,
    examples: int = DEFAULT_EXAMPLES,
) -> Judge:
    """A judge of the stores of a class, that has files below a directory."""
    target = Target(store.__name__, store.__module__, store.__name__, store, ())
    return Judge(open_door("zcrmsdk"), target, directory, selected=clauses, examples=examples)


def outcomes(judge: Judge, families: Iterable[str], outcome: str) -> set[str]:
    """The clauses of some families that came out so."""
    wanted = [each.id for each in judge.clauses.values() if each.family in set(families)]
    return {id for id in wanted if judge.judge(id).outcome == outcome}


def family_of(store: type) -> str:
    """The family of the clause that a liar breaks."""
    clause: str = store.clause  # type: ignore[attr-defined]
    return clause.partition("-")[0]
