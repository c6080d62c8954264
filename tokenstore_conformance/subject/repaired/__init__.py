"""A store with its known faults corrected, between the kit and the user's store.

It passes calls on, and changes an answer only if it shows a fault that a clause has already found.
It adds no record that the store does not hold: it takes a record that a find misses from the
listing, and finds a record that the listing misses by its key. It fills a field that a save is
known to lose from what the kit saved.
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
    """Has the methods and the attributes of the user's store."""

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
