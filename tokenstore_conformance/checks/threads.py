"""THR-1 to THR-3: a store that several threads use at the same time.

`interleaving` makes the threads interleave inside the store's code. `races` has the calls that they
make, and `criteria` tells whether something went wrong.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.another_thread import in_another_thread
from tokenstore_conformance.checks.idle_calls import AFTER, idle_calls, unless_damaged
from tokenstore_conformance.checks.samples import finding_requests, user_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import (
    CannotJudge,
    ClauseFailed,
    Fault,
    Raised,
    TargetFailed,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.plain_store import RecordStore, plain
from tokenstore_conformance.target.storage import working_in
from tokenstore_conformance.threads.criteria import in_some_order, nothing_lost
from tokenstore_conformance.threads.explorer import Unprepared, Untraced, explore
from tokenstore_conformance.threads.interleaving import STUCK_AFTER
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.races import (
    DIFFERENT_USERS,
    FIRST_CALLS,
    MIXED,
    ONE_USER,
    adapted,
    is_possible,
)
from tokenstore_conformance.threads.trials import Counterexample, Criterion, Race

CALLS: Final = ("THR-1", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "TIME", "SEQ")
"""The clauses that may be to blame if the calls of a race fail even without threads."""

METHODS: Final = {
    "save": "save_token",
    "find": "find_token",
    "find_by_id": "find_token_by_id",
    "delete": "delete_token",
    "clear": "delete_tokens",
}
"""By the name of a call in a race, the method that it calls, if that has another name."""

RENEWED: Final = "anna.new"
"""The access token that an update saves."""

PATIENCE: Final = 3
"""How many times as long as usual the calls of a race may take: they wait for one another."""


@check("THR-1")
def works_from_another_thread(store: Subject) -> None:
    """The store works in a thread other than the one that made it, also after a call that
    raised or changed nothing.
    """
    anna, bert, carl = (user_of(store.door, name) for name in ("anna", "bert", "carl"))
    store.fresh().given(anna, bert)

    _both_use_it(store.fresh(), anna, bert, carl)
    if not store.door.makes_ids:  # Anna logs in by grant token, and Bert by refresh token
        _both_use_it(store.fresh(), bert, anna, carl)

    store = store.fresh()
    store.given(bert)
    for _ in idle_calls(store, bert):  # after each, nothing may stay locked
        try:
            in_another_thread(lambda: _find_and_save(store, bert), f"{AFTER}, ")
        except ClauseFailed as failure:
            raise unless_damaged(store, bert, failure) from failure


def _both_use_it(store: Subject, anna: Record, bert: Record, carl: Record) -> None:
    """Use the store in this thread, call every method in another one, then use it here again."""
    (stored,) = store.identified(anna)
    for request in finding_requests(store.door, stored):
        store.try_request(request)  # a thread may remember what it found

    in_another_thread(lambda: _use(store, stored, bert))

    for request in finding_requests(store.door, stored):
        answer = store.try_request(request).value
        found = store.read_whole(answer) if isinstance(answer, store.door.token_type) else None
        # The store may have given its id to another record: SAVE-15 is about that.
        if found is not None and found.access_token in (stored.access_token, RENEWED):
            expected = f"None from {request.method}: another thread deleted {stored.brief()}"
            raise ClauseFailed(expected, str(found))
    store.keep(carl)  # the thread that made the store can still use it
    contents.holds(store, bert, carl)


def _find_and_save(store: Subject, record: Record) -> None:
    found = store.find(store.door.key(store.door.in_full(record)))
    if found is None:
        raise ClauseFailed(record.brief(), "None")
    store.keep(record)


def _use(store: Subject, anna: Record, bert: Record) -> None:
    """Call every method, as a program does over time."""
    key = store.door.key(store.door.in_full(anna))
    contents.holds(store, anna)
    found = store.find(key)
    used = store.door.used(found) if found else None
    expect.complete(used, store.door.used(anna), store.door.used(key), what="the record")
    if store.door.makes_ids:
        expect.complete(store.find_by_id(anna.id), anna, Record(), what="the record of that id")
    store.keep(bert)
    if store.has_shared_ids():
        raise CannotJudge("the store gives records the same id", "SAVE-14", "SAVE-10")
    anna = anna.but(access_token=RENEWED)
    store.keep(anna)
    contents.holds(store, anna, bert)
    store.request(store.door.to_delete(store.door.in_full(anna)))
    contents.holds(store, bert)
    store.answer("delete_tokens")
    contents.holds(store)
    store.keep(bert)


@check("THR-2")
def loses_nothing_to_threads(store: Subject) -> None:
    """Concurrent saves of different users lose nothing. Concurrent saves of one user leave one
    record. In zohocrmsdk no two records have the same id.
    """
    for races in (DIFFERENT_USERS, FIRST_CALLS, ONE_USER):
        _race(store, races, nothing_lost, "every save of each thread to be kept")


@check("THR-3")
def answers_in_some_order(store: Subject) -> None:
    """Concurrent calls give results that they could give one after the other, in some order."""
    store.identified(*(user_of(store.door, name) for name in ("anna", "bert")))
    _race(
        store,
        MIXED,
        in_some_order,
        "answers that the calls could give one after another, in some order",
    )


def _race(store: Subject, races: Sequence[Race], criterion: Criterion, expected: str) -> None:
    store.avoid(*METHODS.values())
    for method in store.unusable:
        store.require(method)
    above = store.storage.directory.parent

    def make_store() -> RecordStore:
        os.chdir(above)  # fresh() may remove the directory of the last store
        fresh = store.fresh()
        os.chdir(fresh.storage.directory)
        return plain(fresh.door, fresh.store)

    with working_in(above), limits.patient(PATIENCE):
        try:
            points = Points(OwnCode(type(store.raw)))
            patient = max(STUCK_AFTER, store.bench.timeout)
            door = store.door
            kept = [adapted(race, door) for race in races if is_possible(race, door)]
            found = explore(kept, criterion, make_store, points, patient).counterexample
        except Unprepared as error:
            why = f"the race could not be prepared: {error}"
            raise CannotJudge(why, *CALLS) from error
        except Untraced as error:
            why = "a call changed sys.settrace, by which the kit stops the store's threads"
            raise TargetFailed(why) from error
    if found is None:
        return
    failure = ClauseFailed(
        expected,
        str(found),
        history=found.history,
        stacks=found.anomaly.stacks,
        trace=next((each.trace for each in _raising(found)), ""),
        fault=Fault(
            next(map(_raised_by, _raising(found)), None),
            shows=Shown.A_HANG if found.anomaly.kind == "stuck" else Shown.THE_USUAL,
        ),
    )
    if found.without_threads:
        why = f"{found.race}, in one thread: {found.anomaly.sentence}"
        raise CannotJudge(why, *CALLS, otherwise=failure)
    repairs = store.bench.repairs
    torn = repairs.torn if repairs is not None else set()
    if torn:
        why = "the faults of these clauses cannot be made good while threads call at once"
        raise CannotJudge(why, *sorted(torn), otherwise=failure)
    raise failure


def _raising(found: Counterexample) -> list[Operation]:
    """Return the calls of the race that raised, if that is the anomaly."""
    if found.anomaly.kind != "raised":
        return []
    return [each for each in found.anomaly.history if each.error is not None]


def _raised_by(operation: Operation) -> Raised:
    method = METHODS.get(operation.call, operation.call)
    return Raised.described(method, str(operation.error))
