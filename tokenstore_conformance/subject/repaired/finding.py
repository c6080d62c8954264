"""Corrects finds: the answer to a miss, a key that is not found, and fields left out."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.subject.keys import identifies, is_recognized, key_field
from tokenstore_conformance.subject.repaired.faulty import NOTHING
from tokenstore_conformance.subject.repaired.listing import ListRepairs

_FOUND_BY: Final = {
    "user": ("FIND-1",),
    "access_token": ("FIND-2",),
    "grant_token": ("FIND-3", "FIND-16"),
    "refresh_token": ("FIND-4", "FIND-17"),
    "id": ("FIND-10",),
}
"""By the field of the key, the clauses about finding by it."""


class FindRepairs(ListRepairs):
    """Corrects finds by a key and by an id."""

    def _find(self, method: str, *arguments: Any) -> Any:
        token = arguments[-1]
        if not isinstance(token, self._door.token_type):
            return self._real(method, *arguments)
        clause = self._repairs.broken("FIND-8", "FIND-19")
        if clause is not None:
            return self._find_no_stranger(clause, method, *arguments)
        query, asked = self._given(*arguments), self._door.read(token)
        before = self._as_listed() if self._repairs.broken("FIND-11") else None
        found = self._answer(("FIND-6",), query, method, *arguments)
        if before is not None:
            self._put_back(before)
        if found is None:
            if self._repairs.broken("FIND-12"):
                self._ask_again(token, asked, "FIND-12")
            return self._found_in_the_listing(query, token)
        if self._was_deleted(found):
            self._ask_again(token, asked, "DEL-1")
            self._repairs.fire("DEL-1")
            return None
        self._fill_lost(found, beside=query)
        clause = self._repairs.broken("FIND-7", "FIND-18")
        if clause is not None:
            listed = self._listed(query)
            if listed is not None and not isinstance(found, self._door.token_type):
                self._repairs.fire(clause)
                return listed
            self._complete(found, listed, clause)
            self._wipe_made_up(found, listed, asked, clause)
        if self._door.makes_ids and self._repairs.broken("SAVE-14"):
            self._tell_apart(found, query)
        if found is not token and self._repairs.broken("FIND-9"):
            self._complete(token, found, "FIND-9")
        return found

    def _wipe_made_up(self, found: Any, listed: Any, asked: Record, clause: str) -> None:
        """Clear the fields that the store is known to make up, if the record has no value there."""
        shown, stored = self._read(found), self._read(listed)
        if shown is not None and stored is not None and is_recognized(shown, stored):
            known = {name for record in (asked, stored) for name, _ in record.items()}
            self._wipe(found, self._repairs.loses(clause) - known, clause)

    def _tell_apart(self, found: Any, query: Record) -> None:
        """Give a found token the id that its record has in the listing."""
        shown, listed = self._read(found), self._read(self._listed(query))
        if shown is not None and listed is not None and is_recognized(shown, listed):
            self._put(found, listed.only("id"), "SAVE-14")

    def _find_no_stranger(self, clause: str, method: str, *arguments: Any) -> Any:
        """Return what a query finds in the listing, since the store may answer it with anything."""
        token = arguments[-1]
        query = self._given(*arguments)
        listed = self._listed(query)
        asked = self._door.build(self._door.written(token))
        found = self._answer(("FIND-6",), query, method, *arguments[:-1], asked)
        if listed is None:
            if found is not None:
                self._repairs.fire(clause)
            return None
        if found is None:  # this hands no token to anybody: other clauses are about misses
            return self._found_in_the_listing(query, token)
        shown = self._read(found)
        is_right = shown is not None and identifies(self._door, query, shown)
        same = is_right and is_recognized(self._door.read(listed), shown or NOTHING)
        self._complete(token, listed, clause, sure=True)
        if not same:
            self._repairs.fire(clause)
        return token

    def _find_by_id(self, method: str, *arguments: Any) -> Any:
        query = Record(id=arguments[0])
        is_broken = self._repairs.broken("BYID-1") is not None
        before = self._as_listed() if self._repairs.broken("FIND-11") else None
        try:
            found = self._answer(("BYID-2", "BYID-4"), query, method, *arguments)
        except Exception:
            if not is_broken or self._listed_by_id(query) is None:
                raise
            found = None
        if before is not None:
            self._put_back(before)
        if self._pool.is_deleted(query):
            self._repairs.fire("DEL-1" if found is not None else None)
            return None
        if found is not None:
            self._fill_lost(found)
        listed = self._listed_by_id(query) if is_broken else None
        if listed is None:
            return found
        if not isinstance(found, self._door.token_type):
            self._repairs.fire("BYID-1")
            return listed
        self._complete(found, listed, "BYID-1", sure=True)
        return found

    def _answer(self, misses: tuple[str, ...], query: Record, method: str, *arguments: Any) -> Any:
        """Return the answer of the store; None for a miss with a known fault.

        Such a miss raises the known exception, or answers with no more than the query.
        """
        clause = self._repairs.broken(*misses)
        try:
            answer = self._real(method, *arguments)
            if answer is None or clause is None or not self._has_nothing(answer, query):
                return answer
            self._repairs.fire(clause)
            return None
        except BaseException as error:
            if clause is None or is_ours(error):
                raise
            raised = self._repairs.faults[clause].raised
            if raised is None or raised.error != type(error).__name__:
                raise
            if not self._repairs.in_a_race and self._may_be_there(query):
                raise
            self._repairs.fire(clause)
            return None

    def _may_be_there(self, query: Record) -> bool:
        """Whether a find that raised may have missed a record that is there.

        In a race the listing cannot tell: another thread may have saved in between.
        """
        if not self._can_list():
            return True
        is_lost = key_field(self._door, query) in self._repairs.loses("SAVE-1")
        return not is_lost and self._listed(query) is not None

    def _has_nothing(self, answer: Any, query: Record) -> bool:
        """Whether an answer to a miss has no more than the query, like False or a blank token."""
        if self._pool.holds(self._door, query):
            return False
        if isinstance(answer, self._door.token_type):
            asked = set(query.items())
            if any(not asked.issuperset(each.items()) for each in self._readable([answer])):
                return False
        return self._can_list() and self._listed(query) is None

    def _ask_again(self, token: Any, asked: Record, clause: str) -> None:
        """Restore a query to what it was before the store changed it."""
        self._put(token, asked, clause)
        self._wipe(token, [name for name in FIELDS if getattr(asked, name) is None], clause)

    def _found_in_the_listing(self, query: Record, token: Any) -> Any:
        """Return the token, filled from the listing, if the store cannot find by this key."""
        key = key_field(self._door, query)
        clause = self._repairs.broken(*_FOUND_BY[key])
        if clause is None and {key, "user", "client_id"} & self._repairs.loses("SAVE-1"):
            clause = "SAVE-1"
        listed = None if clause is None else self._listed(query)
        if clause is None or listed is None:
            return None
        self._complete(token, listed, clause, sure=True)
        return token

    def _put_back(self, before: list[Record]) -> None:
        """Delete what a find added, and save what it changed or removed, as it was before."""
        now = self._as_listed()
        gone = [each for each in before if each not in now]
        added = [each for each in now if each not in before]
        for record in (*added, *gone):
            self._take_out(record)
        for record in gone:
            with contextlib.suppress(Exception):
                self._call(self._door.to_save(self._door.in_full(record)))
        if gone or added:
            self._repairs.fire("FIND-11")
