"""The stores that are mutated, and how each is judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.mutants import GENERATIONS

_FOLDER: Final = Path(__file__).resolve().parents[2] / "reference_stores"

_IN_MEMORY: Final = """

def in_memory():
    return SQLiteStore(":memory:")
"""
"""Code at the end of the SQLite store, so that it is also judged in memory."""

_KNOWING_THE_FILE: Final = tuple(
    f"SQLiteStore.{each}" for each in ("__init__", "_session", "_connect", "_disconnect")
)
"""The functions of the SQLite store that depend on whether there is a file."""

_EVERY_CAPABILITY: Final = "threads,durable,processes,crash-safe,outage"


@dataclass(frozen=True)
class Target:
    """A target in the store's file, and the capabilities that are required of it."""

    name: str
    required: str
    functions: tuple[str, ...] = ()
    """The functions whose edits need this target. If there are none, all edits need it."""


@dataclass(frozen=True)
class Store:
    """A reference store."""

    generation: str
    file: str
    targets: tuple[Target, ...]
    """A mutant survives only if it survives with each of these."""
    added: str = ""
    """Code that is added after that of the store."""

    @property
    def name(self) -> str:
        """The name of the store on the command line."""
        return f"{self.generation}/{self.file}"

    @cached_property
    def source(self) -> str:
        """The source that is mutated."""
        return (_FOLDER / self.generation / f"{self.file}.py").read_text("utf-8")


STORES: Final = [
    store
    for generation in GENERATIONS
    for store in (
        Store(generation, "list_store", (Target("ListStore", "threads"),)),
        Store(generation, "memory_store", (Target("InMemoryStore", "threads"),)),
        Store(
            generation,
            "sqlite_store",
            (
                Target("SQLiteStore", _EVERY_CAPABILITY),
                Target("in_memory", "threads", _KNOWING_THE_FILE),
            ),
            _IN_MEMORY,
        ),
    )
]
"""Every store that is mutated, of the generations that are installed."""
