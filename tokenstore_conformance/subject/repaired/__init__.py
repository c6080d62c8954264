"""A store with its known faults made good: it stands between the kit and the user's store.

It passes every call on, and changes an answer only where that shows a fault that a clause has named
already. It adds nothing that the store does not hold: a record that a find misses is taken from the
listing, a record that the listing misses is found by its key, and a field that a save is known to
lose is filled from what the kit saved.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.pool import Pool
from tokenstore_conformance.subject.repaired.finding import FindRepairs
from tokenstore_conformance.subject.repaired.saving import SaveRepairs
from tokenstore_conformance.subject.repairs import Repairs


class Repaired(FindRepairs, SaveRepairs):
    """Has the methods of the user's store, and its attributes."""

    def __init__(self, store: Any, door: Door, pool: Pool, repairs: Repairs) -> None:
        super().__init__(store, door, pool, repairs)
        for method in door.methods:
            if callable(getattr(store, method, None)):
                setattr(self, method, partial(self._ways[method], self, method))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    _ways: Final[dict[str, Callable[..., Any]]] = {
        "save_token": SaveRepairs._save,
        "find_token": FindRepairs._find,
        "get_token": FindRepairs._find,
        "find_token_by_id": FindRepairs._find_by_id,
        "get_token_by_id": FindRepairs._find_by_id,
        "delete_token": SaveRepairs._delete,
        "get_tokens": SaveRepairs._list,
        "delete_tokens": SaveRepairs._clear,
    }
