"""The first lines of a verdict: the word, and what the store does to its users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tokenstore_conformance.contract import GRADES, Clause
from tokenstore_conformance.judging.result import Result, Status, effect_of
from tokenstore_conformance.judging.verdict import LeftOut, Verdict
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report.wording import in_families, wrapped

MOST_EFFECTS: Final = 6
"""At most this many effects are named in the headline."""

Line = tuple[str, str]
"""A line, and the name of its style; "" for none."""


def most_serious_first(results: Iterable[tuple[Clause, Result]]) -> list[tuple[Clause, Result]]:
    """Sort results by the harm that they do to users, the worst first; equals keep their order."""
    return sorted(results, key=lambda each: GRADES[effect_of(*each)])


def effects(verdict: Verdict) -> dict[str, list[str]]:
    """Return what the store does to its users, the worst first, and the clauses that show it."""
    found: dict[str, list[str]] = {}
    for clause, result in most_serious_first(verdict.with_status(Status.FAILED)):
        found.setdefault(effect_of(clause, result), []).append(clause.id)
    return found


def headline(verdict: Verdict, width: int) -> Iterator[Line]:
    contract = f"contract {verdict.contract.version}"
    sdk = f"{contract}, {verdict.sdk}" if verdict.sdk else contract
    warnings = len(verdict.with_status(Status.FAILED))
    if not verdict.with_status(Status.PASSED, Status.FAILED, Status.KNOWN, Status.EXPLAINED):
        yield f"NO VERDICT: no clause was judged ({sdk})", "red"
    elif verdict.word == "not-conformant":
        yield f"NOT CONFORMANT ({sdk})", "red"
    elif verdict.word == "incomplete":
        red = verdict.is_cut_by_settings or verdict.fatal
        why = "not every clause could be judged" if verdict.fatal else _ALL
        yield f"INCOMPLETE: {why} ({sdk})", "red" if red else "yellow"
    elif verdict.word == "known-deviations":
        count = counted(len(verdict.with_status(Status.KNOWN)), "accepted failure")
        yield f"KNOWN DEVIATIONS: {count} ({sdk})", "yellow"
    elif warnings:
        broken = counted(warnings, "SHOULD clause")
        yield f"CONFORMANT, but {broken} failed ({sdk})", "yellow"
    else:
        yield f"CONFORMANT ({sdk})", "green"
    for line in _effects(verdict, width):
        yield line, "red" if verdict.fatal else "yellow"
    if verdict.missing:
        yield f"{verdict.ran} of {len(verdict.contract.clauses)} clauses ran", "yellow"
    if verdict.ended_a_process:
        yield "this run fails: the process that judged it died, or had to be killed", "red"
    for entry in verdict.outdated:
        said = f"this run fails: {entry.known.place}: {entry.why}"
        yield from ((line, "red") for line in wrapped("", said, width, "  "))
    for left_out in verdict.left_out:
        style = "yellow" if left_out.typed else "red"
        for line in wrapped("", _said_of(left_out, verdict), width, "  "):
            yield line, style


_ALL: Final = "no verdict without all clauses"


def _effects(verdict: Verdict, width: int) -> list[str]:
    shown = [
        f"{effect}: {in_families(ids, verdict.contract)}"
        for effect, ids in effects(verdict).items()
    ]
    if not shown:
        return []
    more = [f"and {len(shown) - MOST_EFFECTS} more"] if len(shown) > MOST_EFFECTS else []
    return wrapped("", f"This store {'; '.join([*shown[:MOST_EFFECTS], *more])}", width, "  ")


def _said_of(left_out: LeftOut, verdict: Verdict) -> str:
    count = len(left_out.clauses)
    named = in_families(left_out.clauses, verdict.contract) if count <= 3 else ""
    clauses = named or counted(count, "clause")
    if left_out.typed:
        return f"left out: {clauses} ({left_out.by})"
    return f"this run fails: {clauses} did not run, because of {left_out.by}"
