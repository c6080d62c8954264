"""Stores that keep every MUST clause, made in every way that we could think of.

`breaks_should` names the SHOULD clauses that a store does not keep. A judge that fails one of these
stores, except for such a clause under its strict option, is wrong. Each is constructed without
arguments; those with files keep them in the working directory. `honest.py` has the smallest of
them, from which the mutants are made.
"""

from collections.abc import Iterable
from importlib import import_module


def stores_in(package: str, modules: Iterable[str]) -> list[type]:
    """The public classes that modules of a package define, in the order of the files."""
    return [
        thing
        for module in (import_module(f"{package}.{name}") for name in modules)
        for public, thing in vars(module).items()
        if not public.startswith("_")
        and isinstance(thing, type)
        and thing.__module__ == module.__name__
    ]
