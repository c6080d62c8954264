"""One check for each clause: a function that takes a fresh, empty store and raises where it errs.

The checks of a family stand together in one module. `check` ties a function to its clause, and
names the clauses that it rests on: where the check fails and one of those fails too, the store is
not blamed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tokenstore_conformance.subject import Subject

MODULES: Final = (
    "shape",
    "save",
    "save_identity",
    "find",
    "find_exactly",
    "by_id",
    "delete",
    "listing",
    "data",
    "isolation",
    "sequences",
)
"""Where the checks are that a run makes."""

IN_PREPARATION: Final = ("program", "logout", "hygiene")
"""Checks that are written and tested, and wait for the rest of their part of the contract."""


@dataclass(frozen=True)
class Check:
    """The check of one clause, and the clauses that it rests on."""

    clause: str
    run: Callable[[Subject], None]
    rests_on: tuple[str, ...]
    touches_nothing: bool
    """Whether it calls no method, so that it may run on a store that cannot list its tokens."""


_checks: dict[str, Check] = {}


def check(
    clause: str, *, rests_on: tuple[str, ...] = (), touches_nothing: bool = False
) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Make a function the check of a clause."""

    def register(function: Callable[[Subject], None]) -> Callable[[Subject], None]:
        assert clause not in _checks, f"{clause} has a check already"
        _checks[clause] = Check(clause, function, rests_on, touches_nothing)
        return function

    return register


def all_checks(modules: Iterable[str] = MODULES) -> dict[str, Check]:
    """Every check of these modules, by the id of its clause."""
    names = [import_module(f"{__name__}.{name}").__name__ for name in modules]
    return {id: check for id, check in _checks.items() if check.run.__module__ in names}
