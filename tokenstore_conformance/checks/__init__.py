"""One check for each clause: a function that takes a fresh, empty store and raises where it errs.

The checks of a family stand together in one module. `check` ties a function to its clause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tokenstore_conformance.subject import Subject

SIX: Final = "zohocrmsdk"
FIVE: Final = "zcrmsdk"
"""The generations, by the SDK's module: of six methods, and of five."""

MODULES: Final = (
    *("shape", "threads", "durability", "outages", "hygiene"),
    *("zohocrmsdk.save", "zohocrmsdk.save_identity", "zohocrmsdk.find", "zohocrmsdk.find_exactly"),
    *("zohocrmsdk.by_id", "zohocrmsdk.delete", "zohocrmsdk.listing", "zohocrmsdk.data"),
    *("zohocrmsdk.isolation", "zohocrmsdk.sequences", "zohocrmsdk.real_sdk"),
    *("zohocrmsdk.real_sdk_logout", "zcrmsdk"),
)
"""Where the checks are."""


@dataclass(frozen=True)
class Check:
    """The check of one clause."""

    clause: str
    run: Callable[[Subject], None]
    touches_nothing: bool
    """Whether it calls no method, so that it may run on a store that cannot list its tokens."""


_checks: dict[str, dict[str, Check]] = {SIX: {}, FIVE: {}}


def check(
    clause: str,
    *,
    touches_nothing: bool = False,
    generation: str = SIX,
) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Make a function the check of a clause."""

    def register(function: Callable[[Subject], None]) -> Callable[[Subject], None]:
        checks = _checks[generation]
        assert clause not in checks, f"{clause} has a check already"
        checks[clause] = Check(clause, function, touches_nothing)
        return function

    return register


def all_checks(generation: str = SIX) -> dict[str, Check]:
    """Every check of a generation's contract, by the id of its clause."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
    return dict(_checks[generation])
