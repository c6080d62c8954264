"""Stores that are wrong in exactly one way, each an honest one with one step replaced.

A liar's docstring names the lie, `clause` the clause of the contract that it breaks. One with
`needs_ids` lies about get_token_by_id alone, which the distributions of 3.x do not have.
"""

from importlib import import_module

from tests.zcrmsdk.stores.honest import ACCESSORS

MODULES = (
    "shape",
    *("save_fields", "save_match", "save_again", "save_token"),
    *("find_match", "find_nothing", "find_answer", "find_alike", "find_change"),
    *("by_id", "delete", "listing", "clear"),
    *("data", "rare_data", "expiry", "isolation", "sequence"),
    *("threads", "files", "outages", "program", "removal", "hygiene"),
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
        and (ACCESSORS or not getattr(thing, "needs_ids", False))
    ]


LIARS: list[type] = [liar for name in MODULES for liar in _liars_of(name)]
