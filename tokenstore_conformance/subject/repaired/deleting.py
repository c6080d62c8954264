"""Corrects deletions."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk.values import Unreadable, elements
from tokenstore_conformance.subject.keys import TELLING, identifies
from tokenstore_conformance.subject.repaired.listing import ListRepairs

KEYS: Final = frozenset({"client_id", *TELLING})
"""The fields by which records are found and deleted."""


class DeleteRepairs(ListRepairs):
    """Corrects delete_token and delete_tokens."""

    def _delete(self, method: str, *arguments: Any) -> Any:
        if self._repairs.broken("DEL-1"):
            self._pool.delete(self._named(arguments[0]))  # hides what is left of them
        try:
            self._nothing(self._real(method, *arguments))
        except BaseException as error:
            if is_ours(error) or not self._repairs.broken("DEL-2"):
                raise
            if not self._can_list() or self._is_there(arguments[0]):
                raise  # the record is there
            self._repairs.fire("DEL-2")
        if not self._door.makes_ids and KEYS & self._repairs.loses("SAVE-1"):
            with contextlib.suppress(Unreadable):
                if self._remove(self._door.read(arguments[0])):
                    self._repairs.fire("SAVE-1")
        with contextlib.suppress(Unreadable):
            by_id = self._door.makes_ids
            query = Record(id=arguments[0]) if by_id else self._door.read(arguments[0])
            self._pool.forget(self._door, query)
        return None

    def _named(self, argument: Any) -> list[Record]:
        """Return what an argument of delete_token names: its id, or the records it identifies."""
        with contextlib.suppress(Unreadable):
            if self._door.makes_ids:
                return [Record(id=argument)]
            query = self._door.read(argument)
            return [each for each in self._records() if identifies(self._door, query, each)]
        return []

    def _clear(self, method: str) -> Any:
        clause = self._repairs.broken("CLEAR-1", "CLEAR-2")
        in_its_place = clause is not None and self._can_list()
        if in_its_place:
            # Not after the real call: what that leaves behind may only show at a later call.
            for record in self._records():
                self._take_out(record)
            self._repairs.fire(clause)
        if not in_its_place or self._records():
            self._nothing(self._real(method))
        self._pool.forget(self._door)

    def _remove(self, query: Record) -> int:
        """Delete the records that a query identifies, as the store shows them. Return how many."""
        named, _ = self._told_apart(query)
        for shown in named:
            self._call(self._door.to_delete(shown))
        return len(named)

    def _can_remove(self, query: Record) -> bool:
        """Whether `_remove` leaves the other records. It does not if ids are shared or missing."""
        named, others = ({each.id for each in shown} for shown in self._told_apart(query))
        return not self._door.makes_ids or (None not in named and not named & others)

    def _told_apart(self, query: Record) -> tuple[list[Record], list[Record]]:
        """Return the records that a query identifies, and the others, as the store shows them."""
        named: list[Record] = []
        others: list[Record] = []
        listed = []
        with contextlib.suppress(Exception):
            listed = elements(self._real("get_tokens"))
        for token in listed:
            with contextlib.suppress(Unreadable):
                shown = self._door.read(token)
                self._fill_lost(token, "LIST-2", "LIST-3")
                is_named = identifies(self._door, query, self._door.read(token))
                (named if is_named else others).append(shown)
        return named, others
