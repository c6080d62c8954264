"""Make the calls of a sequence on a store and on the model, and compare the two.

With few users, few tokens and one client, the keys collide. A store that begins with some records
reaches states that need many records.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.samples import CREDENTIALS, EXPIRY, person
from tokenstore_conformance.checks.sequences import (
    MOSTLY,
    SELDOM,
    SNAPSHOTS,
    UNREAD,
    Numbers,
    Openings,
)
from tokenstore_conformance.checks.texts import hostile
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.checks.zohocrmsdk.sequence_values import (
    CHANGES,
    IDS,
    NAMES,
    QUERIES,
    SIZES,
    TOKENS,
    UNKNOWN_IDS,
)
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.oracle.zohocrmsdk import Model, Refused, accepts, key_of
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome

WRITES: Final = ("SHAPE", "SAVE", "DEL", "CLEAR", "LIST", "DATA", "ISO")
"""A broken write shows in every later answer, and every comparison uses get_tokens."""

BLAMED: Final = {
    "find_token": (*WRITES, "FIND"),
    "find_token_by_id": (*WRITES, "BYID"),
    "open": (*WRITES, "DUR"),
}
"""The families of clauses that may explain a disagreement at a call. For other calls: `WRITES`."""


class Machine:
    """A store and the model: makes the calls on both, and compares the two.

    Each rule takes one number, and makes its choices by it.
    """

    def __init__(
        self,
        store: Subject,
        openings: Openings,
        failing_families: frozenset[str],
        met: set[str],
        every: int,
    ) -> None:
        """``every`` is the number of calls from one comparison of the two to the next."""
        self.store = store
        self.openings = openings
        self.model = Model()
        self.failing_families = failing_families
        """The families with clauses that fail in their own checks."""
        self.met = met
        """Those of them that explained a disagreement in a sequence, or changed a token in it."""
        self.snapshots: deque[Snapshot] = deque(maxlen=SNAPSHOTS)
        self._every = every
        self._since = 0
        """The number of calls since the last comparison."""
        self._touched: dict[Record, None] = {}
        """The records that those calls were about."""
        self.lost = False
        """Whether the store and the model disagree for a reason that another clause explains."""

    def fill(self, size: Numbers) -> None:
        for position in range(size.choose(SIZES)):
            self._save(person(f"user{position}"))

    def save(self, number: Numbers) -> None:
        self._save(number.choose(TOKENS).but(id=number.choose(IDS)))

    def save_a_stored_token_changed(self, number: Numbers) -> None:
        stored = self._choose_stored(number)
        if stored is not None:
            self._save(self._changed(stored, number))

    def save_a_found_token_changed(self, number: Numbers) -> None:
        stored = self._choose_stored(number)
        key = key_of(stored) if stored is not None else None
        if stored is None or key is None or len(self.model.matches(key)) > 1:
            return
        names = (key.field,) if key.field in ("user", "access_token") else (*CREDENTIALS, key.field)
        found = self._find(stored.only(*names))
        if found is not None:
            self._save(self._changed(found, number))

    def save_and_delete_unread(self, number: Numbers) -> None:
        stored = self._choose_stored(number)
        if stored is not None:
            self._save(self._changed(stored, number), look=False)
            self._delete(stored.id)

    def find(self, number: Numbers) -> None:
        self._find(number.choose(QUERIES))

    def delete(self, number: Numbers) -> None:
        stored = self._choose_stored(number)
        if stored is not None:
            self._delete(stored.id)

    def ask_for_and_delete_an_unknown_id(self, number: Numbers) -> None:
        stored = self._choose_stored(number) if number.choose((True, False)) else None
        id = number.choose(UNKNOWN_IDS if stored is None else hostile(str(stored.id)))
        self._find_by_id(id)
        if id not in self.model.records:
            self._delete(id)

    def clear(self, number: Numbers) -> None:
        if not self.lost and number.choose(SELDOM):
            self._clear()

    def nothing_or_open_again(self, number: Numbers) -> None:
        """Do nothing, or open the store again, perhaps after a change that no call has read.

        A step shrinks towards doing nothing.
        """
        if self.lost or not self.openings.keeps_tokens or number.choose(MOSTLY):
            return
        stored = self._choose_stored(number)
        last = number.choose(UNREAD)
        if stored is not None and last == "a save":
            self._save(self._changed(stored, number), look=False)
        elif stored is not None and last == "a deletion":
            self._delete(stored.id, look=False)
        elif last == "a clear":
            self._clear(look=False)
        self.store = self.openings.after(self.store)
        stored = self._choose_stored(number)
        self._agrees("open", None, [stored] if stored is not None else [])

    # -- a call, and the answer of the model -------------------------------------------------

    def _choose_stored(self, number: Numbers) -> Record | None:
        """Return one of the stored records, or None. The number 0 chooses the newest."""
        records = list(self.model.records.values())
        return number.choose(records[::-1]) if records else None

    def _changed(self, stored: Record, number: Numbers) -> Record:
        changed, name = stored.updated_by(number.choose(CHANGES)), number.choose(NAMES)
        return changed.but(user=name) if stored.user is None and name else changed

    def _save(self, token: Record, *, look: bool = True) -> None:
        if "TIME" in self.failing_families and token.has_expired:
            self.met.add("TIME")
            token = token.but(expires_in=EXPIRY)
        if self.lost or not self.model.save_is_settled(token):
            return
        count = len(self.model.records) + 1
        if self.model.updated_by_save(token) is None and self.store.room_for(count) < count:
            return
        made = self.store.door.build(token)
        outcome = self.store.attempt("save_token", made)
        older = self.model.updated_by_save(token)
        touched = [older] if older is not None else []
        try:
            id = self.store.read_whole(made).id if older is None else older.id
            touched.append(self.model.save(token, id or "(none was set)"))
        except Refused:
            refused = is_refusal(self.store.door, outcome.error)
            wrong = None if refused else ("SDKException: there is no token in it", outcome)
        else:
            wrong = self._raised(outcome)
        if look or wrong:
            self._agrees("save_token", wrong, touched)

    def _find(self, query: Record) -> Record | None:
        if self.lost or not self.model.find_is_settled(query):
            return None
        found, wrong = self._ask(query)
        self._agrees("find_token", wrong)
        return None if wrong else found

    def _ask(self, query: Record) -> tuple[Record | None, tuple[str, Outcome] | None]:
        """Return the record that is found, and what the model expects if it disagrees."""
        answers = self.model.find(query)
        made = self.store.door.build(query)
        before = self.store.door.written(made)
        outcome = self.store.attempt("find_token", made)
        found = self._read(outcome)
        fits = any(found and accepts(each, found, query) for each in answers.records)
        if outcome.value is None and outcome.error is None and answers.none:
            fits = self.store.door.written(made) == before  # a miss leaves the query unchanged
        if answers.refusal and is_refusal(self.store.door, outcome.error):
            fits = True
        options = [*map(str, answers.records), *["None"] * answers.none]
        return found, None if fits else (" or ".join(options), outcome)

    def _find_by_id(self, id: str) -> None:
        if not self.lost:
            self._agrees("find_token_by_id", self._ask_by_id(id))

    def _ask_by_id(self, id: str) -> tuple[str, Outcome] | None:
        outcome = self.store.attempt("find_token_by_id", id)
        expected = self.model.find_by_id(id)
        fits = outcome.error is None and self._read(outcome) == expected
        return None if fits else (str(expected), outcome)

    def _delete(self, id: str | None, *, look: bool = True) -> None:
        if self.lost:
            return
        gone = [self.model.records[id]] if id in self.model.records else []
        outcome = self.store.attempt("delete_token", id)
        known = self.model.delete(id)
        may_raise = not known and is_refusal(self.store.door, outcome.error)
        wrong = None if may_raise else self._raised(outcome)
        if look or wrong:
            self._agrees("delete_token", wrong, gone)

    def _clear(self, *, look: bool = True) -> None:
        gone = list(self.model.records.values())
        wrong = self._raised(self.store.attempt("delete_tokens"))
        self.model.clear()
        if look or wrong:
            self._agrees("delete_tokens", wrong, gone[:1])

    def _read(self, outcome: Outcome) -> Record | None:
        try:
            return self.store.read(outcome.value)
        except ClauseFailed:
            return None

    def _raised(self, outcome: Outcome) -> tuple[str, Outcome] | None:
        return None if outcome.error is None else ("no exception", outcome)

    # -- agreement ---------------------------------------------------------------------------

    def _agrees(
        self,
        method: str,
        wrong: tuple[str, Outcome] | None,
        touched: Iterable[Record] = (),
    ) -> None:
        """Check that the answer fits the model, and that the store holds what the model holds.

        The machine ignores a wrong answer that another clause explains. If the store holds
        something else for such a reason, the sequence is lost and makes no more calls.
        """
        if wrong is not None and not self._is_explained(method):
            raise self._disagreement(wrong)
        self._touched |= dict.fromkeys(touched)
        self._since += 1
        if self._since >= self._every:
            self._compare(method)

    def end(self) -> None:
        if self._since and not self.lost:
            self._compare("")

    def _compare(self, method: str) -> None:
        """Compare the two. ``method`` is the method that was called last."""
        touched, self._touched, self._since = self._touched, {}, 0
        before = len(self.store.calls)
        try:
            self._holds_what_the_model_holds()
        except ClauseFailed:
            if not self._is_explained(method):
                raise
            self.lost = True
            return
        self.store.calls.set_aside(before)
        self._read_back(method, touched)

    def _read_back(self, method: str, touched: Iterable[Record]) -> None:
        """Look up records as they were and as they are now, and compare with the model."""
        lookups: dict[Record | str, None] = {}
        for record in touched:
            queries = filter(self.model.find_is_settled, keys_of(record).values())
            lookups.update(dict.fromkeys((str(record.id), *queries)))
        for query in lookups:
            before = len(self.store.calls)
            if isinstance(query, str):
                asked, wrong = "find_token_by_id", self._ask_by_id(query)
            else:
                asked, wrong = "find_token", self._ask(query)[1]
            if wrong is None:
                self.store.calls.set_aside(before)
            elif not self._is_explained(asked) and not self._is_explained(method):
                raise self._disagreement(wrong)

    def _disagreement(self, wrong: tuple[str, Outcome]) -> ClauseFailed:
        expected, outcome = wrong
        raised = outcome.error and f"the exception {describe(outcome.error)}"
        got = raised or str(self.store.calls[-1].answer)
        fault = Fault(self.store.last_raised if raised else None)
        return ClauseFailed(expected, got, outcome.error, fault=fault)

    def _is_explained(self, method: str) -> bool:
        families = self.failing_families.intersection(BLAMED.get(method, WRITES))
        self.met.update(families)
        return bool(families)

    def _holds_what_the_model_holds(self) -> None:
        calls = len(self.store.calls)
        listed = self.store.records()
        self.snapshots.append(Snapshot.of(calls, listed, self.model.records.values()))
        held = {record.id: record for record in listed}
        if held != self.model.records or len(listed) != len(held):
            contents.are(listed, *self.model.records.values())


RULES: Final = (
    Machine.nothing_or_open_again,
    Machine.save,
    Machine.save_a_stored_token_changed,
    Machine.delete,
    Machine.find,
    Machine.save_a_found_token_changed,
    Machine.clear,
    Machine.ask_for_and_delete_an_unknown_id,
    Machine.save_and_delete_unread,
)
"""The rules that make up a sequence, the simplest first: a failure shrinks towards it."""
