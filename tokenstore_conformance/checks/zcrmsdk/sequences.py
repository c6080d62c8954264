"""SEQ-1: any sequence of calls agrees with the model of the five-method contract."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Any, Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.sequences import (
    DISAGREE,
    LOOKS,
    MOSTLY,
    SELDOM,
    SNAPSHOTS,
    UNREAD,
    Numbers,
    Openings,
    beyond_repair,
    failure_of,
    try_sequences,
    unsteady,
)
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    carries,
    handed_on,
    kept,
    login,
    queries,
)
from tokenstore_conformance.checks.zcrmsdk.sequence_logins import (
    NAMES,
    TURNS,
    any_login,
    login_of,
    named,
    renewed,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.oracle.zcrmsdk import Model
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.subject import Subject

SIZES: Final = (0, 0, 3, 12)


class Machine:
    """Makes calls on the store and on the model, and compares the two."""

    def __init__(self, store: Subject, openings: Openings, every: int) -> None:
        """``every`` is the number of calls from one comparison of the two to the next."""
        self.store = store
        self.openings = openings
        self.model = Model()
        self._every = every
        self._since = 0
        """The number of calls since the last comparison."""
        self.snapshots: deque[Snapshot] = deque(maxlen=SNAPSHOTS)

    def fill(self, size: Numbers) -> None:
        for number in range(size.choose(SIZES)):
            self._save(login_of(self.store.door, f"user{number}", "one", turn=1))

    def save(self, number: Numbers) -> None:
        self._save(any_login(self.store.door, number))

    def save_a_stored_login_renewed(self, number: Numbers) -> None:
        stored = self._stored(number)
        if stored is not None:
            turn = number.choose(TURNS)
            self._save(renewed(stored, turn))

    def find(self, number: Numbers) -> None:
        login = any_login(self.store.door, number)
        for query in queries(login).values():
            self._find(query)

    def find_a_stored_login(self, number: Numbers) -> None:
        stored = self._stored(number)
        if stored is None:
            return
        for query in queries(stored).values():
            self._find(query)
            self._find(query.but(user=f"{number.choose(NAMES)}@other.example"), first=stored)
        if self.store.door.by_id:
            carries(self.store.find_by_id(stored.id), stored, TO_USE, "found by its id")

    def delete(self, number: Numbers) -> None:
        stored = self._stored(number)
        if stored is not None:
            self._delete(named(stored, number))

    def find_and_delete_and_find(self, number: Numbers) -> None:
        stored = self._stored(number)
        if stored is None:
            return
        gone = named(stored, number)
        for query in queries(stored).values():
            self._find(query)
            self._delete(gone)
            self._find(query)

    def miss_save_and_find(self, number: Numbers) -> None:
        login = any_login(self.store.door, number)
        for _ in range(2):
            for query in queries(login).values():
                self._find(query)
            self._save(login)

    def delete_what_may_be_unknown(self, number: Numbers) -> None:
        self._delete(named(any_login(self.store.door, number), number))

    def clear(self, number: Numbers) -> None:
        if number.choose(SELDOM):
            gone = self._stored(number)
            self._clear()
            self._agrees()
            for query in queries(gone).values() if gone else ():
                self._find(query)

    def renew_and_delete(self, number: Numbers) -> None:
        """Renew a login and delete a login, with no lookup in between."""
        old, gone = self._stored(number), self._stored(number)
        if old is not None and gone is not None:
            self._save(renewed(old, 0), look=False)
            self._delete(self.model.find(gone) or gone)

    def nothing_or_open_again(self, number: Numbers) -> None:
        """Do nothing, or open the store again, perhaps after a change that no call has read.

        A step shrinks towards doing nothing.
        """
        if self.openings.keeps_tokens and not number.choose(MOSTLY):
            stored, last = self._stored(number), number.choose(UNREAD)
            if stored is not None and last == "a save":
                self._save(renewed(stored, number.choose(TURNS)), look=False)
            elif stored is not None and last == "a deletion":
                self._delete(stored, look=False)
            elif last == "a clear":
                self._clear()
            self.store = self.openings.after(self.store)
            self._agrees()
            self.find_a_stored_login(number)

    def _stored(self, number: Numbers) -> Record | None:
        return number.choose(tuple(reversed(self.model.records))) if self.model.records else None

    def _save(self, login: Record, *, look: bool = True) -> None:
        self.store.save(login)
        self.model.save(login)
        if look:
            self._agrees()

    def _find(self, query: Record, first: Record | None = None) -> None:
        """Find a login. If ``first`` is given, the token has the user_mail of that user."""
        request = self.store.door.to_find(query)
        if first is not None:
            request = handed_on(self.store, request, first)
        found, expected = self.store.read(self.store.request(request)), self.model.find(query)
        if expected is not None:
            carries(found, expected, TO_USE, "the login of that user, client and token")
        elif found is not None:
            raise ClauseFailed("None: no login has this user, client and token", str(found))
        self._agrees()

    def _delete(self, login: Record, *, look: bool = True) -> None:
        known = self.model.find(login) is not None
        outcome = self.store.try_request(self.store.door.to_delete(login))
        refused = is_refusal(self.store.door, outcome.error)
        if outcome.error is not None and (known or not refused):
            raise ClauseFailed(
                "delete_token not to raise", f"the exception {describe(outcome.error)}"
            )
        self.model.delete(login)
        if look:
            self._agrees()

    def _clear(self) -> None:
        self.store.answer("delete_tokens")
        self.model.clear()

    def _agrees(self) -> None:
        self._since += 1
        if self._since >= self._every:
            self._compare()

    def end(self) -> None:
        if self._since:
            self._compare()

    def _compare(self) -> None:
        self._since = 0
        before = len(self.store.calls)
        expected = [kept(self.store, each) for each in self.model.records]
        listed = self.store.records()
        self.snapshots.append(Snapshot.of(before, listed, expected))
        contents.are(listed, *expected)
        self.store.calls.set_aside(before)


RULES: Final[tuple[Any, ...]] = (
    Machine.nothing_or_open_again,
    Machine.save,
    Machine.save_a_stored_login_renewed,
    Machine.delete,
    Machine.find_a_stored_login,
    Machine.find,
    Machine.clear,
    Machine.renew_and_delete,
    Machine.miss_save_and_find,
    Machine.find_and_delete_and_find,
    Machine.delete_what_may_be_unknown,
)
"""The rules that make up a sequence, the simplest first: a failure shrinks towards it."""


@check("SEQ-1", generation="zcrmsdk")
def agrees_with_the_model(store: Subject) -> None:
    """Any sequence of calls gives the same results as the model, a plain implementation of this
    contract. In zohocrmsdk no two records ever share an id or a user.
    """
    openings = Openings(store.fresh(), login(store, "anna"), login(store, "bert"))

    def try_them(*, shrinks: bool) -> None:
        def begin(fresh: Subject) -> Machine:
            openings.begin()
            return Machine(fresh, openings, every=1 if shrinks else LOOKS)

        try_sequences(store, begin, RULES, shrinks=shrinks)

    failure = failure_of(store, partial(try_them, shrinks=False))
    if failure is None:
        return
    explaining = beyond_repair(store, failure)
    if explaining:
        raise CannotJudge(DISAGREE, *explaining, otherwise=failure)
    try:
        try_them(shrinks=True)
    except limits.OutOfTime:
        raise failure from None
    raise unsteady()
