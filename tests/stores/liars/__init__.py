"""Stores that are wrong in exactly one way, each an honest one with one step replaced.

A liar's docstring names the lie, `clause` the clause of the contract that it breaks. Some lies
cannot be kept within a family: a store that loses a field when it inserts is not complete when it
is searched either. `spills` names the other families that may see such a lie; SEQ and SDK are never
named, since they run whole programs and may see any. Apart from these, a clause of another family
that fails is a fault of the judge.
"""

from importlib import import_module

MODULES = (
    "shape",
    *("save_fields", "save_match", "save_again", "save_ids", "save_refusal"),
    *("find_match", "find_nothing", "find_answer", "find_alike"),
    *("by_id", "delete", "listing", "clear", "data", "isolation", "sequence"),
    *("program", "hygiene"),
)


def _liars_of(name: str) -> list[type]:
    """The public classes that a module defines, in the order of the file."""
    module = import_module(f"{__name__}.{name}")
    return [
        thing
        for public, thing in vars(module).items()
        if not public.startswith("_")
        and isinstance(thing, type)
        and thing.__module__ == module.__name__
    ]


LIARS: list[type] = [liar for name in MODULES for liar in _liars_of(name)]
