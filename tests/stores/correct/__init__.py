"""Stores that keep every MUST clause, made in every way that we could think of.

`breaks_should` names the SHOULD clauses that a store does not keep. A judge that fails one of these
stores, but for such a clause under its strict option, is wrong. Each is constructed without
arguments; those with files keep them in the working directory.
"""

from importlib import import_module

MODULES = (
    *("ids", "answers", "saves", "strict", "shapes"),
    *("memory", "files", "databases", "hygiene"),
)


def _stores_of(name: str) -> list[type]:
    """The public classes that a module defines, in the order of the file."""
    module = import_module(f"{__name__}.{name}")
    return [
        thing
        for public, thing in vars(module).items()
        if not public.startswith("_")
        and isinstance(thing, type)
        and thing.__module__ == module.__name__
        and hasattr(thing, "breaks_should")
    ]


CORRECT: list[type] = [store for name in MODULES for store in _stores_of(name)]
