"""Shows that the surroundings break a store: the same calls work without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.subject import Subject

ANYWHERE: Final = (
    *("SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO", "SDK"),
    "SEQ",
)
"""The families of clauses that a store may break in any surroundings."""


def raise_unless_alike(
    store: Subject, failure: ClauseFailed, control: Callable[[], None], *likely: str
) -> NoReturn:
    """Raise the failure, or `CannotJudge` if the control fails as well.

    `CannotJudge` blames the ``likely`` clauses that the store breaks. If it breaks none of them,
    it blames `ANYWHERE`.
    """
    calls = list(store.calls)
    try:
        control()
    except ClauseFailed as alike:
        reason = f"this also fails without that: expected {alike.expected}; got {alike.got}"
        to_blame = store.bench.failing(likely) or ANYWHERE
        raise CannotJudge(reason, *to_blame, otherwise=failure) from failure
    finally:
        store.calls[:] = calls
    raise failure
