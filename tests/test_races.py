"""Races on small stores: every wrong one is found and shown; no right one is blamed."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Sequence
from functools import partial

import pytest

from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.report.intervals import as_lines
from tokenstore_conformance.subject.plain_store import StoreRefused
from tokenstore_conformance.threads import races
from tokenstore_conformance.threads.criteria import in_some_order, nothing_lost
from tokenstore_conformance.threads.explorer import Unprepared, Untraced, explore
from tokenstore_conformance.threads.lookups import CLIENT, QUERIES
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.trials import Criterion, Exploration, Race


class Unlocked:
    """Right in one thread: it reads the list, changes a copy, and writes it back."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def save(self, record: Record) -> str | None:
        records = list(self.records)
        for index, older in enumerate(records):
            if older.user == record.user:
                records[index] = older.updated_by(record)
                self.records = records
                return older.id
        inserted = record.but(id=uuid.uuid4().hex)
        self.records = [*records, inserted]
        return inserted.id

    def find(self, query: Record) -> Record | None:
        return next((each for each in self.records if each.user == query.user), None)

    def find_by_id(self, id: str) -> Record | None:
        return next((each for each in self.records if each.id == id), None)

    def delete(self, id: str) -> None:
        self.records = [each for each in self.records if each.id != id]

    def get_tokens(self) -> list[Record]:
        return list(self.records)

    def clear(self) -> None:
        self.records = []


class Locked(Unlocked):
    """Right: one lock covers each call."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()

    def save(self, record: Record) -> str | None:
        with self.lock:
            return super().save(record)

    def find(self, query: Record) -> Record | None:
        with self.lock:
            return super().find(query)

    def find_by_id(self, id: str) -> Record | None:
        with self.lock:
            return super().find_by_id(id)

    def delete(self, id: str) -> None:
        with self.lock:
            super().delete(id)

    def get_tokens(self) -> list[Record]:
        with self.lock:
            return super().get_tokens()

    def clear(self) -> None:
        with self.lock:
            super().clear()


class LooksFirst(Locked):
    """Looks for the user under the lock, releases it, and inserts under the lock."""

    def save(self, record: Record) -> str | None:
        with self.lock:
            older = super().find(record)
        if older is not None:
            return super().save(record)
        inserted = record.but(id=uuid.uuid4().hex)
        with self.lock:
            self.records = [*self.records, inserted]
        return inserted.id


class CountsFirst(Locked):
    """Counts up the id, in one line, before it takes the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.issued = 0

    def save(self, record: Record) -> str | None:
        self.issued += 1
        id = str(self.issued)
        with self.lock:
            older = super().find(record)
            if older is not None:
                return super().save(record)
            self.records = [*self.records, record.but(id=id)]
        return id


class ReadsFirst(Locked):
    """Reads the list before it takes the lock, and writes the list under the lock."""

    def save(self, record: Record) -> str | None:
        records = self.records
        with self.lock:
            older = super().find(record)
            if older is not None:
                return super().save(record)
            inserted = record.but(id=uuid.uuid4().hex)
            self.records = [*records, inserted]
        return inserted.id


class DeletesUnlocked(Locked):
    """Locks every call except delete."""

    def delete(self, id: str) -> None:
        Unlocked.delete(self, id)


class LocksWritesOnly(Locked):
    """Changes a record field by field, under a lock that find does not take."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, object]] = {}

    def save(self, record: Record) -> str | None:
        with self.lock:
            for id, fields in self.fields.items():
                if fields["user"] == record.user:
                    for name, value in record.items():
                        fields[name] = value
                    return id
            id = uuid.uuid4().hex
            self.fields[id] = {name: getattr(record, name) for name in FIELDS} | {"id": id}
            return id

    def find(self, query: Record) -> Record | None:
        return next((each for each in self.get_tokens() if each.user == query.user), None)

    def find_by_id(self, id: str) -> Record | None:
        return next((each for each in self.get_tokens() if each.id == id), None)

    def get_tokens(self) -> list[Record]:
        return [Record(**fields) for fields in list(self.fields.values())]

    def delete(self, id: str) -> None:
        with self.lock:
            self.fields.pop(id, None)

    def clear(self) -> None:
        with self.lock:
            self.fields.clear()


class IndexesLate(Locked):
    """Finds records by an index of each field. It changes that of one field without the lock."""

    late: str

    def __init__(self) -> None:
        super().__init__()
        self.index: dict[tuple[str, object], str] = {}

    def save(self, record: Record) -> str | None:
        with self.lock:
            older = Unlocked.find(self, record)
            id = super().save(record)
            changes = [self.change(field, older, record, str(id)) for field in QUERIES]
            for change in changes:
                if change.args[0] != self.late:
                    change()
        for change in changes:
            if change.args[0] == self.late:
                change()
        return id

    def change(self, field: str, older: Record | None, newer: Record, id: str) -> partial[None]:
        return partial(
            self.enter, field, older and getattr(older, field), getattr(newer, field), id
        )

    def enter(self, field: str, older: object, newer: object, id: str) -> None:
        if newer is not None:
            self.index.pop((field, older), None)
            self.index[field, newer] = id

    def find(self, query: Record) -> Record | None:
        with self.lock:
            field, value = next(each for each in query.items() if each[0] not in CLIENT)
            return self.find_by_id(self.index.get((field, value), ""))

    def clear(self) -> None:
        with self.lock:
            super().clear()
            self.index.clear()


class Forgetful(Locked):
    """Wrong in one thread too: a second save of a user is lost."""

    def save(self, record: Record) -> str | None:
        with self.lock:
            older = super().find(record)
            return older.id if older else super().save(record)


class RaisesAtOnce(Locked):
    """Raises instead of waiting for the lock."""

    def save(self, record: Record) -> str | None:
        if not self.lock.acquire(blocking=False):
            raise TimeoutError("busy")
        try:
            return super().save(record)
        finally:
            self.lock.release()


class RefusesAtOnce(RaisesAtOnce):
    """Like RaisesAtOnce, but raises what the contract provides for."""

    def save(self, record: Record) -> str | None:
        try:
            return super().save(record)
        except TimeoutError:
            raise StoreRefused("SDKException: busy") from None


DIFFERENT_USERS = (races.DIFFERENT_USERS, nothing_lost)
ONE_USER = (races.ONE_USER, nothing_lost)
MIXED = (races.MIXED, in_some_order)

ALL = {"different users": DIFFERENT_USERS, "one user": ONE_USER, "mixed histories": MIXED}


def explored(store: type[Unlocked], group: tuple[Sequence[Race], Criterion] = MIXED) -> Exploration:
    """Explore a group of races on a store."""
    return explore(*group, store, Points(OwnCode(store)))


CAUGHT = {
    "unlocked, different users": (Unlocked, DIFFERENT_USERS, "lost"),
    "unlocked, mixed histories": (Unlocked, MIXED, "not linearizable"),
    "looks first, one user": (LooksFirst, ONE_USER, "duplicates"),
    "reads first, different users": (ReadsFirst, DIFFERENT_USERS, "lost"),
    "counts first, different users": (CountsFirst, DIFFERENT_USERS, "ids"),
    "deletes unlocked, mixed histories": (
        DeletesUnlocked,
        MIXED,
        "not linearizable",
    ),
    "locks writes only, mixed histories": (
        LocksWritesOnly,
        MIXED,
        "not linearizable",
    ),
    "raises at once, different users": (RaisesAtOnce, DIFFERENT_USERS, "raised"),
}


@pytest.mark.parametrize(("store", "group", "kind"), CAUGHT.values(), ids=CAUGHT.keys())
def test_a_store_that_is_wrong_in_threads_is_caught(store, group, kind):
    """The races about a fault find it, and name its kind."""
    counterexample = explored(store, group).counterexample

    assert counterexample is not None
    assert (counterexample.anomaly.kind, counterexample.without_threads) == (kind, False)


@pytest.mark.parametrize("field", [each for each in QUERIES if each not in ("id", "user")])
def test_an_index_that_is_changed_too_late_is_caught(field: str):
    """Whatever the field of the index: after each trial, other fields take their turn."""

    class Late(IndexesLate):
        late = field

    counterexample = explored(Late, ONE_USER).counterexample

    assert counterexample is not None
    assert counterexample.anomaly.kind == "lookup"
    lookup, _, _ = counterexample.anomaly.sentence.partition(" finds ")
    assert f"{field}=" in lookup


@pytest.mark.parametrize("group", ALL.values(), ids=ALL.keys())
def test_a_store_with_a_lock_is_not_blamed(group):
    """Every interleaving of a right store passes."""
    exploration = explored(Locked, group)

    assert exploration.counterexample is None
    assert exploration.trials > 20
    assert not exploration.raised


def test_a_store_that_is_wrong_without_threads_is_told_from_the_others():
    """The counterexample says that threads are not to blame."""
    counterexample = explored(Forgetful, ONE_USER).counterexample

    assert counterexample is not None
    assert counterexample.without_threads


def test_a_store_that_cannot_be_filled_is_not_raced():
    """If even one thread cannot save, threads are not judged."""

    class Empty(Unlocked):
        def get_tokens(self) -> list[Record]:
            return []

    with pytest.raises(Unprepared, match="2 saved, but listed"):
        explored(Empty)


def test_a_store_that_switches_tracing_off_is_not_taken_for_a_right_one():
    """Its threads cannot be stopped, so nothing is known about them."""

    class Untraceable(Locked):
        def save(self, new: Record) -> None:
            sys.settrace(None)
            super().save(new)

    with pytest.raises(Untraced):
        explored(Untraceable, DIFFERENT_USERS)


def test_what_the_contract_does_not_provide_for_is_a_fault():
    """A raw error in one call is reported, even if the other calls fit in some order."""
    counterexample = explored(RaisesAtOnce).counterexample

    assert counterexample is not None
    assert counterexample.anomaly.sentence == "save raised TimeoutError: busy"


def test_a_refusal_is_no_fault():
    """A call that the store refused may have taken effect or not. Refusals are counted."""
    exploration = explored(RefusesAtOnce)

    assert exploration.counterexample is None
    assert exploration.raised["save raised SDKException: busy"] > 0


def test_a_finding_is_found_again():
    """Chance plays no part: the same stop shows the same fault."""
    first, second = (
        str(explored(DeletesUnlocked).counterexample).splitlines()[:2] for _ in range(2)
    )

    assert first == second


def test_a_finding_shows_what_happened():
    """It shows the sentence, where the thread was stopped, and the calls with their intervals."""
    counterexample = explored(Unlocked, DIFFERENT_USERS).counterexample
    lines = as_lines(counterexample.history)

    assert (
        str(counterexample)
        == "two users log in for the first time: the record of 'dora@dora.example:14751' is lost"
    )
    assert lines[0].startswith("thread 1 is stopped before test_races.py:")
    assert lines[0].endswith(" in save")
    assert lines[1] == "at first []"
    assert lines[2].startswith(
        "thread 1 [=====]        save(token(user='carl@carl.example:73457')) -> "
    )
    assert lines[3].startswith(
        "thread 2   [=]          save(token(user='dora@dora.example:14751')) -> "
    )
    assert lines[4].startswith("after            [=]    get_tokens() -> [token(id=")
