"""The class of a clause, and the constants that clauses use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from typing import Final

from tokenstore_conformance.contract.harm import EFFECTS, Harm
from tokenstore_conformance.contract.sources import Source

VERSION: Final = "1.0"
"""The version of the contract. A clause names the first version that it is part of."""

VERSIONS: Final = (VERSION,)
"""Every version that a store can be judged by, the oldest first."""

GENERATIONS: Final = {
    "zohocrmsdk": "zohocrmsdk (SDK lines 5 to 8)",
    "zcrmsdk": "zcrmsdk (3.x, and the lines 2.0 and 2.1)",
}
"""The generations of the SDK, by the module that they install."""

ZOHOCRMSDK: Final = ("zohocrmsdk",)
ZCRMSDK: Final = ("zcrmsdk",)
BOTH: Final = (*ZOHOCRMSDK, *ZCRMSDK)

CAPABILITIES: Final = ("threads", "durable", "processes", "crash-safe", "outage")
"""What a store may be able to do beyond the contract for one thread and one process."""


class Level(str, Enum):
    """What a broken clause means for the run."""

    MUST = "MUST"
    """Fails the run."""
    SHOULD = "SHOULD"
    """Is reported. Fails the run only under --tokenstore-strict."""

    def __str__(self) -> str:
        return self.value


MUST: Final = Level.MUST
SHOULD: Final = Level.SHOULD


@dataclass(frozen=True)
class Clause:
    """One thing that a store has to do.

    ``generations`` are the keys of `GENERATIONS` that it binds. ``sentence`` says what the store
    does, ``why`` says what happens to users otherwise, and ``fix`` says what usually helps a store
    that breaks it. ``effect`` completes "The store ..." for such a store, and is a key of
    `EFFECTS`. ``capability`` is set if the clause binds only a store that claims that capability.
    """

    id: str
    level: Level
    generations: tuple[str, ...]
    sentence: str
    _: KW_ONLY
    why: str
    fix: str
    effect: str
    sources: tuple[Source, ...]
    capability: str | None = None
    since: str = VERSION

    @property
    def harm(self) -> Harm:
        """How much it hurts when a store breaks the clause."""
        return EFFECTS[self.effect]

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]

    @property
    def standing(self) -> str:
        """The level in the words of the documentation."""
        return f"capability {self.capability}" if self.capability else str(self.level)

    def level_if(self, required: Collection[str]) -> Level:
        """Return the level if these capabilities are required of the store."""
        return Level.MUST if self.capability in required else self.level
