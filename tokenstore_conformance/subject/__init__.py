"""The store that is being judged, as the checks see it.

A `Subject` calls the store (`Caller`), opens other stores over the same or another storage, and
saves the records that a check starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import Call, Calls, CannotJudge, ClauseFailed, TargetFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import elements
from tokenstore_conformance.subject.caller import Caller, Outcome
from tokenstore_conformance.subject.keys import is_recognized, query_for
from tokenstore_conformance.subject.pool import Pool
from tokenstore_conformance.subject.repaired import Repaired
from tokenstore_conformance.subject.repairs import Repairs
from tokenstore_conformance.target.storage import NotBuilt, Storage, working_in
from tokenstore_conformance.target.storages import Storages, delete_everything

PLAIN_SAVES: Final = ("SAVE-1", "SAVE-6", "SAVE-11", "SAVE-14")
"""The clauses that may be to blame if a plain record cannot be inserted."""

GROUND: Final = (
    *(*PLAIN_SAVES, "SAVE-7", "SAVE-25", "LIST-2", "DATA"),
    *("FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-16", "FIND-17"),
)
"""The clauses that may be to blame if what a check saved at its start is not there."""


@dataclass(frozen=True)
class Bench:
    """What the checks of one target share."""

    door: Door
    storages: Storages
    examples: int
    """How many sequences SEQ-1 tries."""
    timeout: float
    """Seconds within which a call must return."""
    failing: Callable[[Iterable[str]], tuple[str, ...]]
    """Returns those of the clauses and families that fail on this store.

    If faults are corrected, it returns those that still fail."""
    required: frozenset[str] = frozenset()
    """The capabilities that the store must have."""
    repairs: Repairs | None = None
    """The faults of the store that are corrected, if any."""
    ending: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The methods that are no longer called, with the clauses in which they ended the process."""


class Subject(Caller):
    """A store that is being judged, over a storage of its own that was empty at the start."""

    def __init__(self, bench: Bench, storage: Storage, calls: Calls, name: str, pool: Pool) -> None:
        super().__init__(bench.door, storage, calls, name)
        self.bench = bench
        self.pool = pool
        """What was saved in this storage, for runs in which faults are corrected."""
        if bench.repairs is not None:
            self.store = Repaired(self.raw, self.door, pool, bench.repairs)
        self.avoided: CannotJudge | None = None
        """What `avoid` raised last. It is kept because the SDK may swallow it."""
        self._ground: list[Record] = []
        """The saved records that the check starts from."""

    @classmethod
    def on_fresh_storage(cls, bench: Bench, calls: Calls) -> Subject:
        """Return a store over an empty storage, and forget the calls so far.

        Raises `TargetFailed` if the harness or the factory fails, and not the store.
        """
        calls.clear()
        try:
            storage = bench.storages.fresh()
            subject = cls(bench, storage, calls, "store", Pool())
        except NotBuilt as failure:
            if not failure.in_store:
                why = f"{storage.target.spec}: {failure.said_of(storage.directory)}"
                raise TargetFailed(why) from failure
            raise CannotJudge(
                f"no store could be built: {describe(failure.error)}", "SHAPE-4"
            ) from failure
        if "get_tokens" in subject.unusable:  # it may hold somebody's tokens
            storage.may_be_cleaned = False
        if bench.storages.shared and not delete_everything(subject.raw, subject.door):
            raise CannotJudge("the storage could not be emptied before the check", "CLEAR-1")
        return subject

    def fresh(self) -> Subject:
        """Return another store over another, empty storage, and forget the calls so far."""
        return Subject.on_fresh_storage(self.bench, self.calls)

    def reopened(self) -> Subject:
        """Return another store over the same storage, as after a restart.

        Raises `NotBuilt` if the store's own code raises, and `TargetFailed` if the code around it
        does.
        """
        name = f"store{len(self.calls)}"
        self.calls.append(Call.opening(name))
        try:
            return Subject(self.bench, self.storage, self.calls, name, self.pool)
        except NotBuilt as failure:
            self.calls[-1] = Call.opening(name, f"raised {describe(failure.error)}")
            if failure.in_store:
                raise
            why = failure.said_of(self.storage.directory)
            raise TargetFailed(
                f"{self.storage.target.spec} cannot be built twice over one storage: {why}"
            ) from failure

    def attempt(self, method: str, *arguments: Any) -> Outcome:
        self.avoid(method)
        if method.startswith("delete"):
            self._ground.clear()
        return super().attempt(method, *arguments)

    def avoid(self, *methods: str) -> None:
        """Raise `CannotJudge` if one of the methods would end the process again, or hang again."""
        for method in methods:
            clauses = self.bench.ending.get(method)
            if clauses:
                otherwise = ClauseFailed(
                    f"{method} to return",
                    f"no more calls of it, since it did not return in {' and '.join(clauses)}",
                )
                why = f"{method} does not return"
                self.avoided = CannotJudge(why, *clauses, otherwise=otherwise)
                raise self.avoided

    def ids(self) -> list[str]:
        """Return the ids of the listed records; [] if the listing cannot be read."""
        return [str(record.id) for record in self._listed()]

    def given(self, *records: Record, verified: bool = True) -> list[Record]:
        """Save the records that a check starts from, and return them with their ids.

        An id is None if the store gives none: a check that needs ids calls `identified`. Raises
        `CannotJudge` if a save fails, if the store is known to take fewer records, or if a saved
        record is not there. A check that tests the latter itself passes ``verified=False``.
        """
        capacity = None if self.bench.repairs is None else self.bench.repairs.capacity
        if capacity is not None and len(self._ground) + len(records) > capacity:
            raise CannotJudge(f"the store holds no more than {capacity} records", "SAVE-14")
        try:
            saved = [self._saved(record) for record in records]
        except (ClauseFailed, limits.Hung) as failure:
            why = failure if isinstance(failure, limits.Hung) else failure.got
            raise CannotJudge(
                f"a plain save failed: {why}", *PLAIN_SAVES, otherwise=_as_failure(failure)
            ) from failure
        self._ground += [record.without("id") for record in saved]
        listed = self._listed()
        if verified:
            self._must_hold(self._ground, listed)
        if not self.door.makes_ids:
            return saved
        ids = {each.but(id=None): each.id for each in listed}
        self._note_ids(ids)
        return [each.but(id=ids.get(each.but(id=None)) or each.id) for each in saved]

    def _note_ids(self, ids: Mapping[Record, str | None]) -> None:
        """Add to the calls the ids that the store lists, but did not set on the saved tokens."""
        for number, call in enumerate(self.calls):
            if call.method == "save_token" and not call.made_id:
                (token,) = call.arguments
                if isinstance(token, Record) and token.id is None and ids.get(token):
                    self.calls[number] = replace(call, made_id=str(ids[token]))

    def identified(self, *records: Record) -> list[Record]:
        """Save records like `given`. Raises `CannotJudge` if ids are missing or shared.

        An id comes from the listing, or from the saved token if the listing has no such record. So
        only the clause that is about the fault is blamed for it.
        """
        given = self.given(*records)
        if not self.door.makes_ids:
            return given
        if any(each.id is None for each in given):
            raise CannotJudge("the store gives records no id", "SAVE-10")
        if self.has_shared_ids():
            raise CannotJudge("the store gives records the same id", "SAVE-14", "SAVE-10")
        return given

    def _must_hold(self, ground: list[Record], listed: list[Record]) -> None:
        """Raise `CannotJudge` if a saved record is neither listed nor found."""
        whole = {each.but(id=None) for each in listed}
        for record in ground:
            is_listed = record in whole or any(is_recognized(record, each) for each in listed)
            if not is_listed and not self._is_found(record):
                why = f"what was saved is not there: {record.brief()}"
                claim = f"includes(say({self.name}.get_tokens), {record})"
                ground_clauses = (*GROUND, "TIME-1") if record.has_expired else GROUND
                raise CannotJudge(why, *ground_clauses, shows=Shown.GONE, claim=claim)

    def _is_found(self, record: Record) -> bool:
        before = len(self.calls)
        try:
            found = self.find(query_for(self.door, record))
            return found is not None and is_recognized(record, found)
        except ClauseFailed:
            return False
        finally:
            self.calls.set_aside(before)

    def room_for(self, count: int) -> int:
        """Return ``count``, or how many records the store is known to take if that is less."""
        repairs = self.bench.repairs
        capacity = None if repairs is None else repairs.capacity
        if repairs is None or capacity is None or capacity >= count:
            return count
        repairs.fire("SAVE-14")
        return capacity

    def made_good(self, listed: Iterable[Record]) -> tuple[Record, ...]:
        """Return what another process listed, with known faults corrected.

        Lost fields are filled in, and deleted records are left out.
        """
        repairs = self.bench.repairs
        if repairs is None:
            return tuple(listed)
        whole = [self.pool.made_good(self.door, record, repairs) for record in listed]
        there = [record for record in whole if not self.pool.is_deleted(record)]
        if len(there) < len(whole):
            repairs.fire("DEL-1")
        return tuple(there)

    def has_shared_ids(self) -> bool:
        """Whether the store lists an id twice."""
        try:
            repairs = self.bench.repairs
            limits.step("get_tokens", self.storage.saves)
            as_it_is = repairs is None or repairs.broken("SAVE-14") is not None
            with working_in(self.storage.working_directory):
                listed = elements((self.raw if as_it_is else self.store).get_tokens())
            ids = [id for token in listed if (id := self.door.read(token).id) is not None]
        except Exception:  # LIST-2 reports that
            return False
        return len(set(ids)) < len(ids)

    def _saved(self, record: Record) -> Record:
        token = self.save(self.door.in_full(record))
        id = self.read_whole(token).id
        return self.door.comparable(record).but(id=id if self.door.makes_ids else None)

    def _listed(self) -> list[Record]:
        before = len(self.calls)
        try:
            return self.records()
        except ClauseFailed:
            return []
        finally:
            self.calls.set_aside(before)


def _as_failure(failure: ClauseFailed | limits.Hung) -> ClauseFailed | None:
    return failure if isinstance(failure, ClauseFailed) else None
