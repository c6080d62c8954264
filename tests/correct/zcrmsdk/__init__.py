"""Correct stores of the five-method generation."""

from tests.correct import stores_in
from tests.correct.zcrmsdk.honest import ACCESSORS

MODULES = ("answers", "storages", "capable")
LEFT_OUT = ("InTurn",) if ACCESSORS else ("InTurn", "RefusesUnknownIds")
"""Classes of these modules that are no store to judge with this distribution."""


def correct_stores() -> list[type]:
    """Every correct store but the honest ones; the modules are imported when they are asked for."""
    return [store for store in stores_in(__name__, MODULES) if store.__name__ not in LEFT_OUT]
