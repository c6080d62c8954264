"""Corrects saves: what an insert gets wrong, and what an update leaves unchanged."""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.sdk.values import Unreadable
from tokenstore_conformance.subject.keys import identifies, key_field
from tokenstore_conformance.subject.repaired.deleting import KEYS, DeleteRepairs

_SAVED_BY: Final = {
    "user": ("SAVE-2",),
    "access_token": ("SAVE-3",),
    "grant_token": ("SAVE-4", "SAVE-23"),
    "refresh_token": ("SAVE-5", "SAVE-24"),
}
"""By the field of the key, the clauses about updating by it."""

_SECRETS: Final = ("access_token", "refresh_token", "grant_token")

_UPDATES: Final = (*(id for ids in _SAVED_BY.values() for id in ids), "SAVE-8", "SAVE-9", "SAVE-12")


class SaveRepairs(DeleteRepairs):
    """Corrects save_token."""

    def _save(self, method: str, *arguments: Any) -> Any:
        token = arguments[-1]
        if not isinstance(token, self._door.token_type):
            return self._nothing(self._real(method, *arguments))
        given = self._given(*arguments)
        older, newer = self._pool.add(self._door, given)
        if older is None or self._repairs.in_a_race:  # another thread may have deleted it
            self._choose_an_id(token, given)
        if older is not None:
            if self._put_in_place(token, given, newer):
                return None
            self._carry_on(token, given, older)
        answer: Any = None
        refused: Exception | None = None
        try:
            answer = self._nothing(self._real(method, *arguments))
        except Exception as error:
            refused = error
        may_update = refused is None or self._raising_so(refused, "SAVE-17", "SAVE-18")
        if not (may_update and self._update_by_id(given, older, newer, token)):
            restored = older is not None and self._restore(given, newer, token, refused)
            if refused is not None and not restored:
                self._pool.take_back(older, newer)
                raise refused
        self._identify(token, newer, is_new=older is None)
        if self._repairs.broken("SAVE-26"):
            self._put(token, Record(user=given.user), "SAVE-26")
        with contextlib.suppress(Unreadable):
            self._pool.know(self._door.read(token).id, newer)
        return answer

    def _choose_an_id(self, token: Any, given: Record) -> None:
        """Give a new token an id, if the ids that the store makes are not text."""
        if given.id is None and "id" in self._repairs.loses("SAVE-10"):
            self._put(token, Record(id=f"kit-{uuid.uuid4().hex}"), "SAVE-10")
        elif given.user and "user" in self._repairs.loses("SAVE-1") and self._pool.knows(given.id):
            self._wipe(token, ["id"], "SAVE-1")  # the store cannot tell that it is another user's

    def _carry_on(self, token: Any, given: Record, older: Record) -> None:
        """Add to an update the fields that it leaves out, if the store would clear them.

        If that would change its key, leave it as it is: the record is restored after the call.
        """
        key = key_field(self._door, given)
        changes_key = older.user is None and key_field(self._door, older.updated_by(given)) != key
        if self._door.makes_ids and self._repairs.broken("SAVE-8") and not changes_key:
            kept = [name for name, _ in older.items() if getattr(given, name) is None]
            self._put(token, older.only(*kept).without("id"), "SAVE-8")

    def _put_in_place(self, token: Any, given: Record, newer: Record) -> bool:
        """Replace the record that has lost the key of the update with the updated one.

        Return whether it was replaced. The store cannot find such a record itself.
        """
        key = key_field(self._door, given)
        if not self._door.makes_ids or key not in self._repairs.loses("SAVE-1"):
            return False
        there = [each for each in self._records() if identifies(self._door, given, each)]
        if len(there) != 1 or there[0].id is None:
            return False
        self._call(self._door.to_delete(there[0]))
        request = self._door.to_save(newer.but(id=there[0].id))
        self._call(request)
        self._repairs.fire("SAVE-1")
        saved = self._door.read(request.token).only("id")
        self._put(token, saved, "SAVE-1")
        self._pool.know(saved.id, newer)
        return True

    def _update_by_id(self, given: Record, older: Record | None, newer: Record, token: Any) -> bool:
        """Replace the record with the token's id, and what was saved for it, with the updated one.

        Return whether they were replaced: only if the store does not update a found token.
        """
        if older is None or not self._door.makes_ids or not self._pool.knows(given.id):
            return False
        by_key = identifies(self._door, given.without("id"), older)
        clause = self._repairs.broken("SAVE-12", "SAVE-17" if by_key else "SAVE-18")
        records = self._records() if clause else []
        there = [
            each for each in records if each.id == given.id or identifies(self._door, given, each)
        ]
        wanted = self._door.comparable(newer).but(id=given.id)
        if clause is None or there == [wanted]:
            return False
        with self._leaving(clause, records, there):
            for each in there:
                self._take_out(each)
            request = self._door.to_save(wanted)
            self._call(request)
            self._repairs.fire(clause)
            self._put(token, self._door.read(request.token).only("id"), clause)
        return True

    @contextlib.contextmanager
    def _leaving(self, clause: str, records: list[Record], there: list[Record]) -> Iterator[None]:
        """Run a repair that replaces the records in ``there`` with one, and leaves the others.

        If anything else is left, the faults of the store's deletions have spoilt the repair.
        """
        with contextlib.suppress(Exception):
            yield
        others = [each.without("id") for each in records if each not in there]
        left = Counter(each.without("id") for each in self._records())
        if left.total() != len(others) + 1 or Counter(others) - left:
            self._repairs.spoilt.add(clause)

    def _restore(self, given: Record, newer: Record, token: Any, refused: Exception | None) -> bool:
        """Replace the records that an update should have changed with the one that it should leave.

        Return whether they were. They are not if nothing was wrong, or the repair is given up.
        """
        if not self._repairs.broken(*_UPDATES) and not self._repairs.loses("SAVE-1"):
            return False
        records = self._records()
        there = [each for each in records if identifies(self._door, given, each)]
        if refused is None:
            clause = self._fault_of_update(there, given, newer)
        else:
            clause = self._taken_for_new(given, refused) if there else None
        if clause is None:
            return False
        if not self._can_remove(given):
            self._repairs.given_up.add(clause)
            return False
        with self._leaving(clause, records, there):
            self._remove(given)
            again = newer.but(id=there[0].id) if self._door.makes_ids else given
            request = self._door.to_save(again)
            self._call(request)
            self._repairs.fire(clause)
            if self._door.makes_ids:
                self._put(token, self._door.read(request.token).only("id"), clause)
        return True

    def _taken_for_new(self, given: Record, refused: Exception) -> str | None:
        """Return the broken clause if an update was taken for an insert, and refused (SAVE-16)."""
        if given.only(*_SECRETS).items() or not is_refusal(self._door, refused):
            return None
        return self._repairs.broken(*_SAVED_BY.get(key_field(self._door, given), ()))

    def _fault_of_update(self, there: list[Record], given: Record, newer: Record) -> str | None:
        if len(there) != 1:
            key = key_field(self._door, given)
            lost = "SAVE-1" if KEYS & self._repairs.loses("SAVE-1") else None
            return (self._repairs.broken(*_SAVED_BY.get(key, ())) or lost) if there else None
        wanted, record = self._door.comparable(newer).without("id"), there[0].without("id")
        wrong = [name for name in FIELDS if getattr(record, name) != getattr(wanted, name)]
        if self._door.makes_ids and any(getattr(record, name) is None for name in wrong):
            return self._repairs.broken("SAVE-8")
        if not self._door.makes_ids:
            return self._repairs.broken(*_SAVED_BY[key_field(self._door, given)]) if wrong else None
        kept = self._repairs.loses("SAVE-9")  # for their sake a store may drop the whole update
        updates_others = "access_token" not in kept and not kept.isdisjoint(wrong)
        is_stale = "access_token" not in wrong or updates_others  # if not, nothing was updated
        return self._repairs.broken("SAVE-9") if wrong and is_stale else None

    def _identify(self, token: Any, newer: Record, *, is_new: bool) -> None:
        """Give a saved token the id that its record has in the listing."""
        clause = self._repairs.broken("SAVE-10") if is_new else None
        clause = clause or self._repairs.broken("SAVE-13", "SAVE-10")
        if not self._door.makes_ids or clause is None:
            return
        for record in self._records():
            if record.id and identifies(self._door, newer, record):
                self._put(token, record.only("id"), clause)
                return
