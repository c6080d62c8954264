"""The contract as data: every clause once, for both generations of the SDK.

Checks, messages, reports and docs read it from here. ``clauses`` holds the clauses by family,
``rules`` the match rules that they refer to, ``open_points`` what the contract leaves open, and
``page`` writes docs/contract.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenstore_conformance.contract.clause import (
    CAPABILITIES,
    GENERATIONS,
    VERSION,
    VERSIONS,
    Clause,
    Level,
)
from tokenstore_conformance.contract.clauses import CLAUSES, FAMILIES, RETIRED
from tokenstore_conformance.contract.harm import (
    CANNOT_START,
    EFFECTS,
    ENDS_IT,
    FIXES,
    FORKS,
    GRADES,
    HANGS,
    INSTEAD,
    RAISES,
    WHYS,
    Harm,
    Shown,
    effect_shown,
)
from tokenstore_conformance.contract.open_points import OPEN_POINTS, OpenPoint
from tokenstore_conformance.contract.rules import COMPLETE, KEYS, MATCH_RULES
from tokenstore_conformance.contract.sources import ARTICLE, READ_IN, SOURCES, Source

__all__ = [
    "ARTICLE",
    "CANNOT_START",
    "CAPABILITIES",
    "CLAUSES",
    "COMPLETE",
    "EFFECTS",
    "ENDS_IT",
    "FAMILIES",
    "FIXES",
    "FORKS",
    "GENERATIONS",
    "GRADES",
    "HANGS",
    "INSTEAD",
    "KEYS",
    "MATCH_RULES",
    "OPEN_POINTS",
    "RAISES",
    "READ_IN",
    "RETIRED",
    "SOURCES",
    "VERSION",
    "VERSIONS",
    "WHYS",
    "Clause",
    "Contract",
    "Harm",
    "Level",
    "OpenPoint",
    "Shown",
    "Source",
    "contract_of",
    "effect_shown",
]


@dataclass(frozen=True)
class Contract:
    """The part of the contract that binds a store of one generation of the SDK."""

    generation: str
    clauses: tuple[Clause, ...]
    version: str

    @property
    def title(self) -> str:
        return GENERATIONS[self.generation]


def contract_of(generation: str, version: str = VERSION) -> Contract:
    """Return this version of the contract, for stores of this generation of the SDK.

    Raises `KeyError` if ``generation`` is unknown.
    """
    if generation not in GENERATIONS:
        raise KeyError(generation)
    in_force = VERSIONS[: VERSIONS.index(version) + 1]
    return Contract(
        generation,
        tuple(
            clause
            for clause in CLAUSES
            if generation in clause.generations and clause.since in in_force
        ),
        version,
    )
