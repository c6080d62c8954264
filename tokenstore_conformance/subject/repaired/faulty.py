"""The user's store, with methods to read and complete its answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request
from tokenstore_conformance.sdk.values import Unreadable, as_said, as_text
from tokenstore_conformance.subject.keys import identifies, is_recognized
from tokenstore_conformance.subject.pool import Pool
from tokenstore_conformance.subject.repairs import Repairs

NOTHING: Final = Record()


class Faulty:
    """A store whose faults are known."""

    def __init__(self, store: Any, door: Door, pool: Pool, repairs: Repairs) -> None:
        self._store = store
        self._door = door
        self._pool = pool
        self._repairs = repairs

    def _real(self, method: str, *arguments: Any) -> Any:
        limits.step(method)
        return getattr(self._store, method)(*arguments)

    def _call(self, request: Request) -> Any:
        return self._real(request.method, *request.arguments)

    def _take_out(self, record: Record) -> None:
        """Delete a record, but not by the id None: that might delete every record without an id."""
        if self._door.makes_ids and record.id is None:
            return
        with contextlib.suppress(Exception):
            self._call(self._door.to_delete(self._door.in_full(record)))

    def _given(self, *arguments: Any) -> Record:
        """Return what a call passes, as a record. In `zcrmsdk` the user is a separate argument."""
        record = self._door.read(arguments[-1])
        if len(arguments) > 1 and isinstance(arguments[0], self._door.user_type):
            record = record.but(user=self._door.email_of(arguments[0]))
        return record

    def _read(self, answer: Any) -> Record | None:
        """Return the record of an answer; None if it cannot be read as a token."""
        with contextlib.suppress(Unreadable):
            return self._door.read(answer)
        return None

    def _readable(self, tokens: Iterable[Any]) -> Iterator[Record]:
        for token in tokens:
            with contextlib.suppress(Unreadable):
                yield self._door.comparable(self._door.read(token))

    def _nothing(self, answer: Any) -> Any:
        """Return the answer of a save or a deletion, or None if the store breaks SHAPE-3."""
        if answer is not None and self._repairs.broken("SHAPE-3"):
            self._repairs.fire("SHAPE-3")
            return None
        return answer

    def _was_deleted(self, token: Any) -> bool:
        """Whether the store was told to delete this token."""
        return any(map(self._pool.is_deleted, self._readable([token])))

    def _raising_so(self, error: BaseException, *clauses: str) -> str | None:
        """Return the first of the clauses that the store is known to break by raising this."""
        for each in clauses:
            fault = self._repairs.faults.get(each)
            if fault and fault.raised and fault.raised.error == type(error).__name__:
                return each
        return None

    def _put(self, token: Any, record: Record, clause: str) -> None:
        """Set fields of a token; the repair fires if that changes any."""
        known = self._door.fields(token)
        changed = [name for name, value in record.items() if as_said(known.get(name)) != value]
        if changed:
            self._door.fill(token, record.only(*changed))
            self._repairs.fire(clause)

    def _wipe(self, token: Any, names: Iterable[str], clause: str) -> None:
        """Clear fields of a token; the repair fires if one of them had a value."""
        known = self._door.fields(token)
        invented = [name for name in names if as_text(known.get(name)) is not None]
        if invented:
            self._door.wipe(token, invented)
            self._repairs.fire(clause)

    def _complete(self, token: Any, whole: Any, clause: str, *, sure: bool = False) -> None:
        """Fill the fields of a token that are None from another token of the same record."""
        with contextlib.suppress(Unreadable):
            known = self._door.read(token)
            other = None if whole is None else self._door.read(whole)
            if other is None:
                return
            if sure or is_recognized(known, other) or identifies(self._door, known, other):
                missing = [name for name, _ in other.items() if getattr(known, name) is None]
                self._put(token, other.only(*missing), clause)

    def _fill_lost(self, token: Any, *clauses: str, beside: Record = NOTHING) -> None:
        """Fill in the fields that the store is known to lose or change, from what the kit saved.

        ``beside`` is the query of a find: the found token may have kept other fields of it.
        """
        for clause in ("SAVE-1", "DATA-3", "DATA-4", *clauses):
            lost = self._repairs.loses(clause) - {"id"}
            if not lost or not isinstance(token, self._door.token_type):
                continue
            with contextlib.suppress(Unreadable):
                read = self._door.read(token)
                given = {name for name, _ in beside.items()}
                saved = self._pool.like(self._door, read, lost)
                saved = saved or self._pool.like(self._door, read, lost | given)
                if saved is not None:
                    self._put(token, saved.only(*lost), clause)
                    self._wipe(
                        token, [name for name in lost if getattr(saved, name) is None], clause
                    )
