"""Corrects the listing: it is complete, has each record once, and ids that differ."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk.values import Unreadable, elements, must_end
from tokenstore_conformance.subject.keys import TELLING, identifies, is_recognized, query_for
from tokenstore_conformance.subject.repaired.faulty import Faulty


class ListRepairs(Faulty):
    """Corrects get_tokens, and reads the store with it."""

    def _list(self, method: str) -> Any:
        clause = self._repairs.broken("LIST-2")
        failure: BaseException | None = None
        try:
            listed = self._real(method)
            must_end(listed)
        except BaseException as error:
            if is_ours(error):
                raise
            raising = self._raising_so(error, "LIST-1", "LIST-2")
            if raising is None or (raising == "LIST-1" and self._pool.held()):
                raise
            self._repairs.fire(raising)
            listed, failure = [], error
        if not isinstance(listed, list) and self._repairs.broken("LIST-1", "LIST-2"):
            with contextlib.suppress(Unreadable):
                listed = elements(listed)
                self._repairs.fire(self._repairs.broken("LIST-1", "LIST-2"))
        if isinstance(listed, list):
            if self._repairs.broken("LIST-1"):
                listed = self._without_blank_ones(listed)
            for token in listed:
                self._fill_lost(token, "LIST-2", "LIST-3")
            if clause is not None:
                once = self._each_once(listed, clause)
                repeats = len(once) < len(listed)  # then others are missing, not their fields
                if repeats or not self._repairs.loses(clause) - {"id"}:
                    once = self._with_what_is_found(once, clause)
                listed = once
            if failure is not None and not listed and self._pool.held():
                raise failure  # what was saved cannot be found either
            self._tell_ids_apart(listed)
            listed = self._without_deleted_ones(listed)
        return listed

    def _without_blank_ones(self, listed: list[Any]) -> list[Any]:
        """Return the listing without tokens in which nothing is set."""
        kept = [token for token in listed if list(self._readable([token])) != [Record()]]
        if len(kept) < len(listed):
            self._repairs.fire("LIST-1")
        return kept

    def _without_deleted_ones(self, listed: list[Any]) -> list[Any]:
        """Return the listing without tokens that the store was told to delete."""
        kept = [token for token in listed if not self._was_deleted(token)]
        if len(kept) < len(listed):
            self._repairs.fire("DEL-1")
        return kept

    def _each_once(self, listed: list[Any], clause: str) -> list[Any]:
        """Return the listing without repeated records: those that are equal, ids included."""
        if self._door.makes_ids and self._repairs.broken("SAVE-14"):
            return listed  # equal records may be two different ones
        seen: Counter[Record] = Counter()
        kept = []
        for token in listed:
            records = list(self._readable([token]))
            seen.update(records)
            held = (
                1 if self._door.makes_ids else sum(self._pool.count(self._door, r) for r in records)
            )
            if all(seen[each] <= max(1, held) for each in records):
                kept.append(token)
        if len(kept) < len(listed):
            self._repairs.fire(clause)
        return kept

    def _tell_ids_apart(self, listed: list[Any]) -> None:
        """Give records that share an id different ids, numbered in their order."""
        if not self._door.makes_ids or not self._repairs.broken("SAVE-14"):
            return
        seen: Counter[str] = Counter()
        for token in listed:
            for record in self._readable([token]):
                if record.id is not None:
                    seen[record.id] += 1
                    if seen[record.id] > 1:
                        apart = f"{record.id} ({seen[record.id]})"
                        self._put(token, Record(id=apart), "SAVE-14")

    def _with_what_is_found(self, listed: list[Any], clause: str) -> list[Any]:
        """Return a listing with every record that is listed or found, once."""
        found: dict[Record, Any] = {}
        queries = [query_for(self._door, record) for record in self._pool.all()]
        for query in (*queries, *self._pool.ids()):
            if query in found:
                continue
            by_id = query == query.only("id")
            with contextlib.suppress(Exception):
                request = self._door.to_find_by_id(query.id) if by_id else self._door.to_find(query)
                answer = self._call(request)
                if answer is not None:
                    self._fill_lost(answer)
                    self._door.fill(answer, query.only("user"))
                    found[query] = answer
        whole: list[Any] = []
        records: dict[Record, None] = {}  # for quick lookups: mostly an equal record is there
        tokens = [*listed, *found.values()]
        if "id" in self._repairs.loses(clause):
            tokens = [*found.values(), *listed]  # found tokens have an id
        for token in tokens:
            for record in self._readable([token]):
                is_known_or_empty = record in records or not record.only(*TELLING).items()
                if not is_known_or_empty and not any(_is_same(record, each) for each in records):
                    whole.append(token)
                    records[record] = None
        if sorted(map(str, self._readable(listed))) != sorted(map(str, records)):
            self._repairs.fire(clause)
        return whole

    def _tokens(self) -> list[Any]:
        """Return the corrected listing; [] if it cannot be read."""
        with contextlib.suppress(Exception):
            return elements(self._list("get_tokens"))
        return []

    def _as_listed(self) -> list[Record]:
        """Return the listed records, with every field."""
        with contextlib.suppress(Unreadable):
            return list(map(self._door.read, self._tokens()))
        return []

    def _records(self) -> list[Record]:
        return list(self._readable(self._tokens()))

    def _can_list(self) -> bool:
        """Whether get_tokens works. If not, nothing is known about what the store holds."""
        try:
            self._list("get_tokens")
        except Exception:
            return False
        return True

    def _listed(self, query: Record) -> Any:
        """Return the token in the listing that a query identifies; None if there is none."""
        for token in self._tokens():
            with contextlib.suppress(Unreadable):
                if identifies(self._door, query, self._door.read(token)):
                    return token
        return None

    def _listed_by_id(self, query: Record) -> Any:
        """Return the token in the listing that has an id; None if there is none.

        In `zcrmsdk`, where callers choose ids, the listing may have another id or none. So the keys
        that were saved with this id are tried, too.
        """
        saved = () if self._door.makes_ids else self._pool.all()
        keys = (query_for(self._door, each) for each in saved if each.id == query.id)
        return next(filter(None, map(self._listed, (query, *keys))), None)

    def _is_there(self, argument: Any) -> bool:
        """Whether the listing has what an argument of delete_token names."""
        with contextlib.suppress(Unreadable):
            by_id = self._door.makes_ids
            query = Record(id=argument) if by_id else self._door.read(argument)
            return self._listed(query) is not None
        return False


def _is_same(record: Record, other: Record) -> bool:
    """Whether two answers are the same record."""
    if record.id is not None and other.id is not None:
        return record.id == other.id
    return is_recognized(record, other)
