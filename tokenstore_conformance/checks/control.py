"""Proof that it is the surroundings that break a store: the same calls, without them, work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.subject import Subject

CALL_BY_CALL: Final = ("SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "SDK")
"""What keeps a store from passing in any surroundings."""


def raise_unless_alike(
    store: Subject, failure: ClauseFailed, control: Callable[[], None], *clauses: str
) -> NoReturn:
    """Raise the failure, or `CannotJudge` if the control fails as well: then one of the ``clauses``
    is to blame, if the store breaks one of them.
    """
    calls = list(store.calls)
    try:
        control()
    except ClauseFailed as alike:
        raise CannotJudge(
            f"the store fails in usual surroundings too: expected {alike.expected}; "
            f"got {alike.got}",
            *clauses,
            otherwise=failure,
        ) from failure
    finally:
        store.calls[:] = calls
    raise failure
