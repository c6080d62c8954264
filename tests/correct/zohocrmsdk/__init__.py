"""Correct stores of the six-method generation."""

from tests.correct import stores_in

MODULES = (
    *("ids", "answers", "saves", "strict", "shapes"),
    *("memory", "files", "databases", "hygiene", "capable"),
)
BASES = ("InTurn",)
"""Classes of these modules that are no store to judge."""


def correct_stores() -> list[type]:
    """Every correct store but the honest ones; the modules are imported when they are asked for."""
    return [store for store in stores_in(__name__, MODULES) if store.__name__ not in BASES]
