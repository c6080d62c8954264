"""How the stores of a run are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokenstore_conformance.contract import VERSION
from tokenstore_conformance.guard import limits

DEFAULT_EXAMPLES: Final = 50


@dataclass(frozen=True)
class Settings:
    """What a run asks of a store."""

    examples: int = DEFAULT_EXAMPLES
    """How many sequences SEQ-1 tries."""
    timeout: float = limits.DEFAULT
    """Seconds within which a call on the store must return."""
    required: frozenset[str] = frozenset()
    """The capabilities that the store must have."""
    strict: bool = False
    """Whether a broken SHOULD fails the run."""
    version: str = VERSION
    """The version of the contract."""
