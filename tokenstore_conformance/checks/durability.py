"""DUR-1 to DUR-3: a store whose program ends, runs several times at once, or is killed.

What a store claims to be able to do is found out first: one whose tokens another store does not
see is not durable, and nothing here applies to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import HOUSEHOLD, user_of
from tokenstore_conformance.failures import (
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
    Raised,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.processes.parent import Gone, Process, raised, spread, started
from tokenstore_conformance.processes.worker import Done, Stopped, Work
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import PLAIN_SAVES, Subject
from tokenstore_conformance.target.storage import NotBuilt

STOPS: Final = 12
"""At most so many moments of a save at which another process comes between."""
KILLS: Final = 16
"""At most so many moments of a save at which its process is killed."""
CROWD: Final = 3
"""So many processes save at once, as they come."""
EACH: Final = 8
"""So many users each."""

LOOKS: Final = 3
"""After each of so many saves another store is asked: one may write after every second."""

PATIENCE: Final = 4
"""How many times as long as a call it may take until a process says what came of its calls."""

Present = dict[Any, list[Record]]
"""Of each user the records that may be stored."""

SAVED: Final = (*PLAIN_SAVES, "SAVE-2", "SAVE-8", "SAVE-9", "LIST-2")


@check("DUR-1")
def is_seen_by_another_store(store: Subject) -> None:
    stored: list[Record] = []
    seen: list[list[Record]] = []
    for record in _household(store):
        stored += store.given(record)
        if len(seen) < LOOKS:
            seen.append(_another(store).records())
    again = _another(store)
    if not again.records():
        raise Lacking(_not_durable(store))
    for number, records in enumerate(seen, 1):
        try:
            expect.are(records, *stored[:number])
        except ClauseFailed as failure:
            where = f"in another store, after save number {number}"
            raise ClauseFailed(f"{where}: {failure.expected}", failure.got) from failure
    expect.holds(again, *stored)
    for record in stored:
        _is_found(again, record)

    with _processes(store, 1) as (process,):
        listed = store.made_good(process.listed())
        if not listed and not _written(store):
            raise Lacking("not durable: a store in another process lists nothing")
        try:
            expect.are(list(listed), *stored)
        except ClauseFailed as failure:
            raise ClauseFailed(f"in a new process, {failure.expected}", failure.got) from failure


def _written(store: Subject) -> list[str]:
    """The names of the files that the store wrote in its directory."""
    return sorted(each.name for each in store.storage.directory.rglob("*") if each.is_file())


def _is_found(again: Subject, record: Record) -> None:
    """Not only listed: by its key, and by its id where the store makes ids."""
    door = again.door
    key = door.key(door.in_full(record))
    if key.items():
        found = again.find(key)
        used = None if found is None else door.used(found)
        expect.complete(
            used, door.used(record), door.used(key), what="in another store, found by its key"
        )
    if door.makes_ids and record.id is not None:
        found = again.find_by_id(record.id)
        expect.complete(found, record, Record(), what="in another store, found by its id")


def _household(store: Subject) -> list[Record]:
    """Records of every kind that a store of this generation knows."""
    if store.door.makes_ids:
        return list(HOUSEHOLD)
    return [user_of(store.door, f"user{each}") for each in range(8)]


def _not_durable(store: Subject) -> str:
    """Why; a store that writes, and whose tokens nobody sees, most likely did not commit them."""
    why = "not durable: another store over the same storage lists nothing"
    written = _written(store)
    return (
        f"{why}, though it wrote {written[0]}: is a commit or a flush missing?" if written else why
    )


def _another(store: Subject) -> Subject:
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"another store over the same storage raises {describe(failure.error)}"
        raise CannotJudge(why, "SHAPE-4") from failure


def _must_be_durable(store: Subject) -> None:
    """Nothing that follows applies to a store whose tokens no other process sees."""
    store.given(user_of(store.door, "anna"))
    if not _another(store).records():
        raise Lacking(_not_durable(store))
    with _processes(store, 1) as (process,):
        if process.listed() == ():
            raise Lacking("not durable: a store in another process lists nothing")


@contextmanager
def _processes(store: Subject, count: int) -> Iterator[list[Process]]:
    """Processes with stores over the storage. They have limits of their own, and say so first."""
    begun = started(
        store.door.module,
        store.storage,
        store.bench.timeout,
        count,
        lambda record: store.pool.add(store.door, record),
    )
    try:
        with limits.patient(PATIENCE), begun as processes:
            yield processes
    except Gone as gone:
        raise ClauseFailed("every process with a store to answer", str(gone)) from gone


# -- DUR-2 -------------------------------------------------------------------------------------


@check("DUR-2")
def loses_nothing_to_processes(store: Subject) -> None:
    _must_be_durable(store)

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        with _processes(store, 2) as (one, other):
            _meet(store, one, other, first_login=first, begun=begun)
    _crowd(store.fresh())


def _meet(store: Subject, one: Process, other: Process, *, first_login: bool, begun: str) -> None:
    """One process is stopped at every moment of a save while another makes saves."""
    cast = Cast(store.door)
    present: Present = {}

    def know(*records: Record) -> None:
        """One of these is what is stored of their user."""
        present[records[0].user] = list(records)

    anna, bert, learner = map(cast.login, ("anna", "bert", "learner"))
    places = _done(one.do(anna, bert, learner)).places
    if not first_login:
        learner = cast.login("learner", 1)
        places = _done(one.do(learner)).places
    for record in (anna, bert, learner):
        know(record)
    others = 4  # anna, bert, learner and the last dora
    stops = min(STOPS, (store.room_for(others + 2 * STOPS) - others) // 2)
    for number, stop in enumerate(spread(places, stops), 1):
        user = f"carl{number}" if first_login else "anna"
        mine, theirs = cast.login(user, 2 * number), cast.login(user, 2 * number + 1)
        dora, bert = cast.login(f"dora{number}"), cast.login("bert", number)
        place = _meet_at(one, other, stop, mine, (dora, bert, theirs))
        know(mine, theirs)
        know(dora)
        know(bert)
        when = f"{begun} by one process was stopped at {place}, while another saved"
        _holds(_listed_anew(store), present, when)


@dataclass(frozen=True)
class Cast:
    """The users of these clauses, as a generation of the SDK has them."""

    door: Door

    def login(self, name: str, nth: int = 0) -> Record:
        """The login of a user, with the nth access token."""
        access = f"{name}.access.{nth}"
        return user_of(self.door, name).but(access_token=access, expires_in=f"{EPOCH + nth}")


EPOCH: Final = 1767225600000


def _meet_at(
    one: Process, other: Process, stop: int, mine: Record, theirs: tuple[Record, ...]
) -> str:
    """Returns where the first was stopped."""
    stopped = one.do(mine, stop_at=stop)
    if isinstance(stopped, Done):  # its way was shorter this time
        _done(stopped)
        _done(other.do(*theirs))
        return "its end"
    other.begin(*theirs)
    waits = not other.has_answered()
    one.go_on()
    if not waits:
        _done(other.answer())
    _done(one.answer())
    if waits:
        _done(other.answer())
    return stopped.place


def _crowd(store: Subject) -> None:
    cast = Cast(store.door)
    many = store.room_for(CROWD * EACH) // CROWD
    users = [[cast.login(f"user{each}-{n}") for n in range(many)] for each in range(CROWD)]
    with _processes(store, CROWD) as processes:
        for process, records in zip(processes, users, strict=True):
            process.begin(*records)
        for process in processes:
            _done(process.answer())
    present = {record.user: [record] for records in users for record in records}
    when = f"{CROWD} processes saved {many} users each at once"
    _holds(_listed_anew(store), present, when)


def _listed_anew(store: Subject) -> tuple[Record, ...]:
    """What a store in a new process lists."""
    with _processes(store, 1) as (process,):
        return store.made_good(process.listed())


def _done(answer: Done | Stopped) -> Done:
    assert isinstance(answer, Done)
    if answer.error:
        fault = Fault(Raised.described("save_token", answer.error))
        raise ClauseFailed(
            "a save in one of several processes not to raise", raised(answer), fault=fault
        )
    return answer


def _holds(listed: Iterable[Record], present: Present, when: str) -> None:
    """Of each user one record, which is one of these; ids are unique."""
    listed = list(listed)
    stored: Present = {user: [] for user in present}
    for record in listed:
        stored.setdefault(record.user, []).append(record.but(id=None))
    lost = [user for user, records in stored.items() if not records]
    twice = [user for user, records in stored.items() if len(records) > 1]
    wrong = [user for user in present if stored[user] and stored[user][0] not in present[user]]
    for users, what in ((lost, "lost"), (twice, "stored twice"), (wrong, "not as saved last")):
        if users:
            raise ClauseFailed(
                f"after {when}: {expect.count(len(present))}, each as it was saved last",
                f"{len(users)} {what}: {_named(users)}",
            )
    try:
        expect.unique_ids(listed)
    except ClauseFailed as failure:
        raise ClauseFailed(f"after {when}: {failure.expected}", failure.got) from failure


def _named(users: list[Any]) -> str:
    more = [f"{len(users) - 5} more"] if len(users) > 5 else []
    return ", ".join([*map(str, users[:5]), *more])


# -- DUR-3 -------------------------------------------------------------------------------------


@check("DUR-3")
def survives_being_killed(store: Subject) -> None:
    _must_be_durable(store)

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        _kill_again_and_again(store, first_login=first, begun=begun)


def _kill_again_and_again(store: Subject, *, first_login: bool, begun: str) -> None:
    """Each process finds what the killed one left, saves a user, and is killed in its next save."""
    mark = store.storage.directory.with_name(f"{store.storage.directory.name}.mark")
    cast = Cast(store.door)
    anna, bert = cast.login("anna"), cast.login("bert")
    with _processes(store, 1) as (process,):
        places = _done(process.do(anna, bert)).places
        if not first_login:
            anna = cast.login("anna", 1)
            places = _done(process.do(anna)).places
    present = [anna, bert]
    unsure: list[list[Record]] = []  # what may be stored instead
    when = "its process was killed after it had returned"
    others = 2  # anna and bert
    kills = min(KILLS, (store.room_for(others + 2 * (KILLS + 1)) - others) // 2 - 1)
    moments = [*spread(places, kills), len(places) + 1]
    for number, moment in enumerate([*moments, 0]):
        with _processes_after(store, when) as (process,):
            present = _survivors(store, process, present, unsure, when)
            if not moment:
                return
            dora = cast.login(f"dora{number}")
            last = cast.login(f"carl{number}") if first_login else cast.login("anna", number + 2)
            mark.write_bytes(b"\0")
            process.kill_in(Work((dora, last), kill_at=moment, mark=mark))
        returned = mark.read_bytes() == b"\1"
        rest = [*(record for record in present if record.user != last.user), dora]
        before = [record for record in present if record.user == last.user]
        unsure = [[*rest, last]] if returned else [[*rest, *before], [*rest, last]]
        at = "after it had returned" if returned else f"at {[*places, 'its end'][moment - 1]}"
        when = f"{begun} was ended by SIGKILL {at}"


@contextmanager
def _processes_after(store: Subject, when: str) -> Iterator[list[Process]]:
    """A process that finds the storage as it was left."""
    try:
        with _processes(store, 1) as processes:
            yield processes
    except NotApplicable as why:
        raise ClauseFailed(f"after {when}: a store that opens", str(why)) from why


def _survivors(
    store: Subject, process: Process, present: list[Record], unsure: list[list[Record]], when: str
) -> list[Record]:
    """What is stored, which is one of what may be stored; the first is told where it is not."""
    try:
        listed = [record.but(id=None) for record in store.made_good(process.listed())]
    except ClauseFailed as failure:
        saved = _named([record.user for record in (unsure or [present])[0]])
        got = f"{failure.got}; lost is what was saved before: {saved}"
        raise ClauseFailed(f"after {when}: {failure.expected}", got) from failure
    possible = unsure or [present]
    for each in possible:
        if sorted(map(repr, each)) == sorted(map(repr, listed)):
            return each
    lost = [record for record in possible[0] if record not in listed]
    other = [record for record in listed if not any(record in each for each in possible)]
    raise ClauseFailed(
        f"after {when}: the {expect.count(len(possible[0]))} whose saves had returned",
        _what_is_wrong(len(lost), lost, other),
    )


def _what_is_wrong(count: int, lost: list[Record], other: list[Record]) -> str:
    told = []
    if lost:
        told.append(f"{count} lost: {_named([record.user for record in lost])}")
    if other:
        told.append(f"not as saved: {other[0]}")
    return "; ".join(told) or "records that are there twice"
