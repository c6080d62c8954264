"""The store that is being judged, as the checks see it: records in, records out, calls kept.

Every call on the user's store goes through `Subject.attempt`. It keeps the call as data for the
report, and turns whatever the store raises into an outcome, so that nothing the store does (not
`SystemExit`, not a test framework's own skip) is taken for a word of the kit or of pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tokenstore_conformance.failures import (
    Call,
    Calls,
    CannotJudge,
    ClauseFailed,
    Fault,
    Raised,
    Said,
    TargetFailed,
    named,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.guard.output import trim_captured
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request
from tokenstore_conformance.sdk.values import (
    Endless,
    Unreadable,
    as_said,
    elements,
    is_text,
    must_end,
)
from tokenstore_conformance.subject.keys import is_recognized, query_for
from tokenstore_conformance.subject.pool import Pool
from tokenstore_conformance.subject.repaired import Repaired
from tokenstore_conformance.subject.repairs import Repairs
from tokenstore_conformance.target.methods import unusable_methods
from tokenstore_conformance.target.storage import NotBuilt, Storage, working_in
from tokenstore_conformance.target.storages import Storages, emptied

PLAIN_SAVES: Final = ("SAVE-1", "SAVE-6", "SAVE-11", "SAVE-14")
"""The clauses that an insert of a plain record keeps."""


GROUND: Final = (
    *(*PLAIN_SAVES, "SAVE-25", "LIST-2", "DATA"),
    *("FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-16", "FIND-17"),
)
"""The clauses that keep what a check saved at its start from being seen."""


@dataclass(frozen=True)
class Outcome:
    """What a call on the store came to: a value, or what it raised."""

    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True)
class Bench:
    """What the checks of one target share."""

    door: Door
    storages: Storages
    examples: int
    """How many sequences SEQ-1 tries."""
    timeout: float
    """Seconds in which a call has to return."""
    explained: Callable[[Iterable[str]], tuple[str, ...]]
    """Which clauses of the families named fail by themselves on this store.

    Where faults are made good: which of them fail all the same."""
    required: frozenset[str] = frozenset()
    """The capabilities that the store must have."""
    repairs: Repairs | None = None
    """The faults of the store that are made good, if any."""
    hangs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The methods that are not called any more, and the clauses in which they hung for good."""


class Subject:
    """A store under judgement, over a storage of its own that was empty at the start."""

    def __init__(self, bench: Bench, storage: Storage, calls: Calls, name: str, pool: Pool) -> None:
        self.bench = bench
        self.door = bench.door
        self.storage = storage
        self.calls = calls
        self.name = name
        self.pool = pool
        """What was saved in this storage, where faults are made good."""
        self.raw = storage.build()
        """The user's own store."""
        self.store = self.raw
        """What is called: the user's store, or one that makes its known faults good."""
        if bench.repairs is not None:
            self.store = Repaired(self.raw, self.door, pool, bench.repairs)
        self.last_raised: Raised | None = None
        """What the last call raised that raised anything."""
        self.avoided: CannotJudge | None = None
        """Why the last call was not made that was not; the SDK may have swallowed it."""
        self._ground: list[Record] = []
        """What was saved as the ground of a check."""
        self.unusable = dict(unusable_methods(self.door, self.raw))
        """The methods that the SDK cannot call, and why."""

    @classmethod
    def on_fresh_storage(cls, bench: Bench, calls: Calls) -> Subject:
        """A store over an empty storage; the calls so far are forgotten.

        Raises `TargetFailed` where the harness or the factory fails, and not the store.
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
        if bench.storages.shared and not emptied(subject.raw, subject.door):
            raise CannotJudge("the storage could not be emptied before the check", "CLEAR-1")
        return subject

    def fresh(self) -> Subject:
        """Another store over another, empty storage; the calls so far are forgotten."""
        return Subject.on_fresh_storage(self.bench, self.calls)

    def reopened(self) -> Subject:
        """Another store over the same storage, as after a restart.

        Raises `NotBuilt` where the store's own code raises, and `TargetFailed` where it is the
        code around it.
        """
        name = f"store{len(self.calls)}"
        self.calls.append(Call("", (), "", name))
        try:
            return Subject(self.bench, self.storage, self.calls, name, self.pool)
        except NotBuilt as failure:
            self.calls[-1] = Call("", (), f"raised {describe(failure.error)}", name)
            if failure.in_store:
                raise
            why = failure.said_of(self.storage.directory)
            raise TargetFailed(
                f"{self.storage.target.spec} cannot be built twice over one storage: {why}"
            ) from failure

    def note(self, statement: str) -> None:
        """Put what the check does beside its calls, as Python, among the calls of the report."""
        self.calls.append(Call("", (), "", self.name, statement))

    def change(self, token: Any, record: Record) -> None:
        """Set these fields of a token that the store was given, or that it answered with."""
        fields = ", ".join(f"{name}={value!r}" for name, value in record.items())
        self.note(f"change({named(token, self.calls) or 'token'}, {fields})")
        self.door.fill(token, record)

    def empty(self, listed: list[Any]) -> None:
        """Remove every token from a list that the store answered with."""
        self.note(f"{named(listed, self.calls)}.clear()")
        listed.clear()

    # -- calls ---------------------------------------------------------------------------------

    def attempt(self, method: str, *arguments: Any) -> Outcome:
        """Call the store; whatever it raises is part of the outcome. Raises `Hung`."""
        self.require(method)
        self.avoid(method)
        if method.startswith("delete"):
            self._ground.clear()
        said = tuple(map(self.said, arguments))
        limits.between_calls()
        limits.step(method)
        try:
            with working_in(self.storage.working_directory):
                value = getattr(self.store, method)(*arguments)
        except limits.Hung as hung:
            self.storage.may_be_reused = False
            self.calls.append(Call(method, said, "does not return", self.name))
            hung.doing = method
            raise
        except BaseException as error:
            if from_the_keyboard(error):
                raise
            raised = f"raised {describe(error)}"
            refused = isinstance(error, self.door.refusal)
            self.calls.append(
                Call(method, said, raised, self.name, refused=refused, given=arguments)
            )
            self.last_raised = Raised.by(method, error)
            return Outcome(error=error)
        trim_captured()
        if method == "get_tokens":
            self._check_end(value)
        id = self._id_set_on(arguments[0]) if method == "save_token" else ""
        self.calls.append(
            Call(
                method,
                said,
                self.said(value),
                self.name,
                made_id=id,
                given=arguments,
                returned=value,
            )
        )
        return Outcome(value)

    def _id_set_on(self, token: Any) -> str:
        """The id of a token that was saved; "" where it has none, or where stores make none."""
        if not self.door.makes_ids:
            return ""
        try:
            return self.door.read(token).id or ""
        except Unreadable:
            return ""

    def _check_end(self, listed: Any) -> None:
        """A listing that claims a length and never ends breaks whatever clause asks for it."""
        try:
            must_end(listed)
        except Endless as endless:
            self.calls.append(Call("get_tokens", (), str(endless), self.name))
            raise _endless(endless) from None

    def answer(self, method: str, *arguments: Any) -> Any:
        """Call the store; an exception breaks the clause."""
        return self.completed(method, self.attempt(method, *arguments))

    def completed(self, method: str, outcome: Outcome) -> Any:
        """The value of a call; an exception breaks the clause."""
        if outcome.error is not None:
            raise ClauseFailed(
                f"{method} not to raise",
                f"the exception {describe(outcome.error)}",
                outcome.error,
                fault=Fault(Raised.by(method, outcome.error)),
            )
        return outcome.value

    def try_request(self, request: Request) -> Outcome:
        """Make a call that the door has made up; whatever the store raises is the outcome."""
        return self.attempt(request.method, *request.arguments)

    def request(self, request: Request) -> Any:
        """Make a call that the door has made up; an exception breaks the clause."""
        return self.answer(request.method, *request.arguments)

    def save(self, token: Record | Any) -> Any:
        """Save a record, or a token of the SDK; returns the token as the store left it."""
        if isinstance(token, Record):
            request = self.door.to_save(token)
            self.request(request)
            return request.token
        self.answer("save_token", token)
        return token

    def keep(self, record: Record) -> None:
        """Save what a program would, of which the store has to keep this record."""
        self.save(self.door.in_full(record))

    def find(self, query: Record) -> Record | None:
        return self.read(self.request(self.door.to_find(query)))

    def find_by_id(self, id: str | None) -> Record | None:
        return self.read(self.request(self.door.to_find_by_id(id)))

    def records(self) -> list[Record]:
        """What get_tokens lists, in the fields by which records are compared.

        None, a tuple and the like pass here: LIST-1 and -2 judge them.
        """
        listed = self.elements(self.answer("get_tokens"))
        return [self.door.comparable(self.read_whole(token)) for token in listed]

    def elements(self, listed: Any) -> list[Any]:
        """What is in an answer of get_tokens, whatever that is."""
        try:
            return elements(listed)
        except Endless as endless:
            raise _endless(endless) from None
        except Unreadable as error:
            raise ClauseFailed("a list of tokens from get_tokens", in_short(listed)) from error

    def ids(self) -> list[str]:
        """The ids of what is listed, [] where the listing cannot be read."""
        return [str(record.id) for record in self._listed()]

    def given(self, *records: Record, verified: bool = True) -> list[Record]:
        """Save records as the ground of a check; returns them with their ids.

        An id is None where the store gives none: a check that needs ids asks for `identified`.
        Raises `CannotJudge` where what was saved is not there, unless that is what the check is
        about: then it is not ``verified``. And where the store is known to take fewer.
        """
        capacity = None if self.bench.repairs is None else self.bench.repairs.capacity
        if capacity is not None and len(self._ground) + len(records) > capacity:
            raise CannotJudge(f"the store holds no more than {capacity} records", "SAVE-14")
        try:
            saved = [self._saved(record) for record in records]
        except (ClauseFailed, limits.Hung) as failure:
            raise CannotJudge(
                f"a plain save failed: {failure.got}", *PLAIN_SAVES, otherwise=_as_failure(failure)
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
        """Tell the calls the ids that the store set on no token, but that it lists."""
        for number, call in enumerate(self.calls):
            if call.method == "save_token" and not call.made_id:
                (token,) = call.arguments
                if isinstance(token, Record) and token.id is None and ids.get(token):
                    self.calls[number] = replace(call, made_id=str(ids[token]))

    def identified(self, *records: Record) -> list[Record]:
        """The same, for a check that needs the ids: raises `CannotJudge` where there are none.

        An id comes from the listing, or from the saved token where the listing shows no such
        record. So only the clause that names the fault is blamed for it.
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
        """What was saved is there: listed, or at least found."""
        for record in ground:
            is_listed = any(is_recognized(record, each) for each in listed)
            if not is_listed and not self._is_found(record):
                raise CannotJudge(f"what was saved is not there: {record.brief()}", *GROUND)

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
        """So many records, or as many as the store is known to take."""
        repairs = self.bench.repairs
        capacity = None if repairs is None else repairs.capacity
        if repairs is None or capacity is None or capacity >= count:
            return count
        repairs.fire("SAVE-14")
        return capacity

    def made_good(self, listed: Iterable[Record]) -> tuple[Record, ...]:
        """What another process listed, with what the store is known to lose."""
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
            limits.step("get_tokens")
            as_it_is = repairs is None or repairs.broken("SAVE-14") is not None
            listed = elements((self.raw if as_it_is else self.store).get_tokens())
            ids = [id for token in listed if (id := self.door.read(token).id) is not None]
        except Exception:  # LIST-2 says so
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

    # -- reading -------------------------------------------------------------------------------

    def read(self, token: Any) -> Record | None:
        """The record of an answer that may be None."""
        return None if token is None else self.read_whole(token)

    def read_whole(self, token: Any) -> Record:
        try:
            return self.door.read(token)
        except Unreadable as error:
            raise ClauseFailed("a complete OAuthToken", str(error)) from error

    def require(self, method: str) -> None:
        """Go no further where the store has no such method, or one the SDK cannot call."""
        if method in self.unusable:
            raise CannotJudge(self.unusable[method], "SHAPE-2")

    def avoid(self, *methods: str) -> None:
        """Go no further where one of them would hang, and the process would have to be killed."""
        for method in methods:
            clauses = self.bench.hangs.get(method)
            if clauses:
                otherwise = ClauseFailed(
                    f"{method} to return",
                    f"no call any more: it had to be killed in {' and '.join(clauses)}",
                )
                why = f"{method} does not return"
                self.avoided = CannotJudge(why, *clauses, otherwise=otherwise)
                raise self.avoided

    def said(self, value: Any) -> Said:
        """An argument or an answer as data that later calls cannot change."""
        if type(value) is list:
            return tuple(map(self._said_alone, value))
        return self._said_alone(value)

    def _said_alone(self, value: Any) -> Record | str:
        try:
            return self.door.named(value) or self.door.written(value)
        except Unreadable:
            return repr(as_said(value)) if is_text(value) else in_short(value)


def _endless(endless: Endless) -> ClauseFailed:
    fault = Fault(Raised.by("get_tokens", endless))
    return ClauseFailed("a list of tokens from get_tokens", str(endless), fault=fault)


def _as_failure(failure: ClauseFailed | limits.Hung) -> ClauseFailed | None:
    return failure if isinstance(failure, ClauseFailed) else None
