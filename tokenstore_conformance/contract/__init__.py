"""The contract as data: every clause once. Tests, messages, reports and docs read it from here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import Final

VERSION: Final = "1.0"
"""The version of the contract; a clause says in which it came."""


class Level(str, Enum):
    """What a broken clause means for the run."""

    MUST = "MUST"
    """Fails the run."""
    SHOULD = "SHOULD"
    """Is reported; fails the run under --tokenstore-strict."""

    def __str__(self) -> str:
        return self.value


CAPABILITIES: Final = ("threads", "durable", "processes", "crash-safe", "outage")
"""What a store may be able to do beyond the contract of one thread and one process."""

SOURCES: Final = {
    "A": "the article on custom token persistence (Kaizen #192)",
    "S": "the SDK's own calls into a store",
    "B": "behaviour that all of the SDK's own stores share",
    "H": "hygiene that any store of secrets owes its users",
}


GENERATIONS: Final = {
    "zohocrmsdk": "zohocrmsdk (SDK lines 5 to 8)",
    "zcrmsdk": "zcrmsdk (3.x, and the lines 2.0 and 2.1)",
}
"""The generations of the SDK, by the module that they install; each has a contract of its own."""


@dataclass(frozen=True)
class Clause:
    """One thing that a store has to do.

    ``sentence`` says what, ``why`` what happens to users otherwise, ``sources`` are keys of
    `SOURCES`, ``capability`` is named where the clause binds only a store that claims it.
    """

    id: str
    level: Level
    sentence: str
    why: str
    sources: str
    capability: str | None = None
    since: str = VERSION

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]

    @property
    def standing(self) -> str:
        """The level as the documentation words it."""
        return f"capability {self.capability}" if self.capability else str(self.level)

    def level_if(self, required: Collection[str]) -> Level:
        """The level where these capabilities are required of the store."""
        return Level.MUST if self.capability in required else self.level


@dataclass(frozen=True)
class Contract:
    """What a store of one generation of the SDK has to do."""

    generation: str
    clauses: tuple[Clause, ...]
    open_points: tuple[str, ...]
    text: str
    """The match rule, in words."""

    @property
    def title(self) -> str:
        return GENERATIONS[self.generation]


def contract_of(generation: str) -> Contract:
    """The contract for the SDK that installs this module."""
    data = import_module(f"{__name__}.{generation}")
    return Contract(generation, data.CLAUSES, data.OPEN_POINTS, data.__doc__ or "")
