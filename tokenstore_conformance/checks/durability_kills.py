"""DUR-3: a store whose process is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.other_stores import (
    Logins,
    deletion_of,
    done,
    must_be_durable,
    must_keep_saves,
    named,
    stores_in_processes,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault, NotApplicable
from tokenstore_conformance.guard.frames import chained
from tokenstore_conformance.plural import in_seconds
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.messages import Done, Work
from tokenstore_conformance.processes.moments import AT_THE_END, Moment, chosen
from tokenstore_conformance.processes.process import Hanging, Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import sizes

KILLS: Final = 18
"""At most so many moments of a save at which its process is killed."""

DELETIONS: Final = 12
"""At most so many moments of a deletion at which its process is killed."""

CUTS: Final = 15
"""Lengths of a file that are tried: a write beyond them kills its process."""

BEYOND: Final = (1, 60, 400, 5000, 13000)
"""Bytes beyond the longest file, as far as it may grow."""

KILLED: Final = "its process was killed after it had returned"


@check("DUR-3")
def survives_being_killed(store: Subject) -> None:
    """After a save has returned, killing the process does not undo it. If the process is killed
    during a save, the store opens again with every earlier record, and the same user can be saved
    again. If it is killed during a deletion, every other record is there.
    """
    must_be_durable(store)
    must_keep_saves(store.fresh())

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        _kill_again_and_again(store, first_login=first, begun=begun)
    _cut_again_and_again(store.fresh())
    _kill_in_deletions(store.fresh())


def _kill_again_and_again(store: Subject, *, first_login: bool, begun: str) -> None:
    """Each process finds what the killed one left, saves a user, and is killed in its next save."""
    logins = Logins(store.door)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1) as (process,):
        ways = [done(process.do(each)).moments for each in (anna, bert)]
        if not first_login:
            anna, bert = logins.login("anna", 1), logins.login("bert", 1)
            ways = [done(process.do(each)).moments for each in (anna, bert)]
    kinds = _kinds_that_work(store)
    if store.door.makes_ids:
        del ways[1:]  # in zcrmsdk Anna logs in by grant token, and Bert by refresh token
    series = Series(store, [anna, bert], kinds)
    others = 2  # anna and bert
    kills = min(KILLS, (store.room_for(others + 2 * (KILLS + 1)) - others) // 2 - 1)
    for number, (way, moment) in enumerate([*_in_turn(ways, kills), (0, AT_THE_END)]):
        user = f"carl{2 * number + 1 - way}" if first_login else ("anna", "bert")[way]
        last = logins.login(user, number + 2)
        # After some kills, the first save of the next process is killed as well.
        before = () if number % 4 == 1 else (logins.login(f"dora{number}"),)
        at = f"at {moment.before}"
        series.kill(Work((*before, last), kill_at=moment), f"{begun} was ended by SIGKILL", at)
    with series.next_process():
        pass


def _in_turn(ways: list[tuple[Moment, ...]], most: int) -> Iterator[tuple[int, Moment]]:
    """The number of a way and one of its moments, at most so many in all."""
    for moments in zip_longest(*(chosen(way, most // len(ways)) for way in ways)):
        yield from ((way, moment) for way, moment in enumerate(moments) if moment is not None)


def _cut_again_and_again(store: Subject) -> None:
    """The same, each killed by the system when it writes beyond so many bytes of a file.

    So it dies in the middle of what C does within one call, as in a commit.
    """
    logins = Logins(store.door)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1) as (process,):
        done(process.do(anna, bert))
    kinds = _kinds_that_work(store)
    series = Series(store, [anna, bert], kinds)
    cuts = min(CUTS, (store.room_for(2 + 2 * CUTS) - 2) // 2)
    for number in range(cuts):
        longest = _longest_file(store)
        shares = CUTS - len(BEYOND)
        size = (
            longest * (2 * number + 1) // (2 * shares) + 1
            if number < shares
            else longest + BEYOND[number - shares]
        )
        dora, is_insert = logins.login(f"dora{number}"), number % 2 == 0
        user = f"carl{number}" if is_insert else ("anna", "bert")[number // 2 % 2]
        last = logins.login(user, number + 1)
        begun = f"{'an insert' if is_insert else 'an update'} was ended"
        at = f"at its first write beyond {size:,} bytes of a file"
        series.kill(Work((dora, last), file_size=size), begun, at)
    with series.next_process():
        pass


def _kill_in_deletions(store: Subject) -> None:
    """Each process finds what the killed one left, and is killed when it deletes a user of its own.

    That user was saved before another one: a store that keeps a record in parts must not give one
    the parts of the other.
    """
    logins = Logins(store.door)
    anna, bert, learner = map(logins.login, ("anna", "bert", "learner"))
    with stores_in_processes(store, 1) as (process,):
        done(process.do(anna, bert, learner))
        learned = process.call(deletion_of(process, store.door, learner))
        if not isinstance(learned, Done) or learned.error or len(process.listed()) != 2:
            return  # other clauses are about that
    series = Series(store, [anna, bert], _kinds_that_work(store))
    kills = min(DELETIONS, (store.room_for(3 + 2 * DELETIONS) - 3) // 2)
    for number, moment in enumerate(chosen(learned.moments, kills)):
        carl, dora = logins.login(f"carl{number}"), logins.login(f"dora{number}")
        series.kill_deletion(carl, dora, moment)
    with series.next_process():
        pass


def _longest_file(store: Subject) -> int:
    return max(sizes(store.storage.directory).values(), default=0)


Kinds = Sequence[Callable[[Door, Record], Ask]]
"""Ways to look a listed record up."""

KINDS: Final[Kinds] = (
    lambda door, record: Ask("find", door.key(door.in_full(record))),
    lambda door, record: Ask("find_by_id", record),
    lambda door, record: Ask("find", Record(access_token=record.access_token)),
)


def _kinds_that_work(store: Subject) -> Kinds:
    """The ways in which a new process finds records before one was killed: others say why not."""
    works = []
    with stores_in_processes(store, 1) as (process,):
        listed = process.listed()
        for kind in KINDS if store.door.makes_ids else KINDS[:1]:
            try:
                _must_find(store.door, process, listed, [kind], "")
            except ClauseFailed:
                continue
            works.append(kind)
    return works


def _must_find(
    door: Door, process: Process, listed: Iterable[Record], kinds: Kinds, when: str
) -> None:
    """What is listed is found, too: an index may have been left half written."""
    asks = [(record, kind(door, record)) for record in listed for kind in kinds]
    answers = process.ask([ask for _, ask in asks])
    for (record, ask), answer in zip(asks, answers, strict=True):
        found = [each.access_token for each in answer.records]
        if found != [record.access_token]:
            got = answer.records[0].brief() if answer.records else "None"
            raised = f"the exception {answer.error}" if answer.error else ""
            method = ask.request(door).method
            wanted = f"after {when}: {method} to find the listed {record.brief()}"
            raise ClauseFailed(wanted, raised or got)


@dataclass
class Series:
    """Processes over one storage: each finds what the one before left, and is killed."""

    store: Subject
    present: list[Record]
    kinds: Kinds = ()
    """The ways in which each record must be found."""
    unsure: list[list[Record]] = field(default_factory=list)
    """What may be stored instead."""
    when: str = KILLED
    killed: Record | None = None
    """What was saved when the last process was killed."""

    @contextmanager
    def next_process(self, *, saves: bool = True) -> Iterator[Process]:
        """One that has found what must be there. The killed user is saved again if it ``saves``."""
        with _processes_after(self.store, self.when) as (process,):
            self.present = _survivors(self.store, process, self.present, self.unsure, self.when)
            if self.kinds:
                _must_find(self.store.door, process, process.listed(), self.kinds, self.when)
            if saves and self.killed is not None:
                self._save_again(process, self.killed)
            yield process

    def _save_again(self, process: Process, killed: Record) -> None:
        """The user logs in again whose login was being saved."""
        again = killed.but(access_token=f"{killed.access_token}.again")
        when = f"{self.when}, and the same user was saved again"
        try:
            done(process.do(again))
        except ClauseFailed as failure:
            raise failure.within(f"after {when}: ") from failure
        self.present = [*(each for each in self.present if each.user != again.user), again]
        _survivors(self.store, process, self.present, [], when)

    def kill(self, work: Work, begun: str, at: str) -> None:
        """One that makes these saves, and dies in the last of them or after it."""
        directory = self.store.storage.directory
        mark = directory.with_name(f"{directory.name}.mark")
        *others, last = work.saves
        with self.next_process(saves=bool(others)) as process:
            mark.write_bytes(b"\0")
            process.kill_in(replace(work, mark=mark))
        returned = mark.read_bytes() == b"\1"
        rest = [*(record for record in self.present if record.user != last.user), *others]
        before = [record for record in self.present if record.user == last.user]
        self.unsure = [[*rest, last]] if returned else [[*rest, *before], [*rest, last]]
        self.when = f"{begun} {'after it had returned' if returned else at}"
        self.killed = last

    def kill_deletion(self, gone: Record, other: Record, moment: Moment) -> None:
        """One that saves both and dies when it deletes the first, which may be gone then."""
        with self.next_process() as process:
            done(process.do(gone, other))
            deletion = deletion_of(process, self.store.door, gone)
            process.kill_in(Work(call=deletion, kill_at=moment))
        rest = [*self.present, other]
        self.unsure = [rest, [*rest, gone]]
        self.when = f"a deletion was ended by SIGKILL at {moment.before}"


@contextmanager
def _processes_after(store: Subject, when: str) -> Iterator[list[Process]]:
    """A process that finds the storage as it was left."""
    try:
        with stores_in_processes(store, 1) as processes:
            yield processes
    except (NotApplicable, CannotJudge) as why:
        held = _held_lock(store, why)
        fault = Fault(shows=Shown.A_HANG) if held else None
        raise ClauseFailed(
            f"the store to open after {when}", held or str(why), fault=fault
        ) from why
    except ClauseFailed as failure:
        held = _held_lock(store, failure)
        if held:
            wanted, fault = f"a store that keeps working after {when}", Fault(shows=Shown.A_HANG)
            raise ClauseFailed(wanted, held, fault=fault) from failure
        raise


def _held_lock(store: Subject, failure: Exception) -> str:
    """What keeps the store from returning; "" where it returned.

    No call of it hung before a process was killed.
    """
    cause = next((each for each in chained(failure) if isinstance(each, Hanging)), None)
    if cause is None:
        return ""
    return (
        "a lock of the killed process was not released within "
        f"{in_seconds(cause.seconds)}: {cause.done.doing} does not return"
    )


def _survivors(
    store: Subject, process: Process, present: list[Record], unsure: list[list[Record]], when: str
) -> list[Record]:
    """What is stored, which must be one of what may be stored."""
    try:
        listed = [record.but(id=None) for record in store.made_good(process.listed())]
    except ClauseFailed as failure:
        saved = named([record.user for record in (unsure or [present])[0]])
        but = f"; what was saved before is lost: {saved}"
        raise failure.within(f"after {when}: ", but=but) from failure
    possible = unsure or [present]
    for each in possible:
        if sorted(map(repr, each)) == sorted(map(repr, listed)):
            return each
    lost = [record for record in possible[0] if record not in listed]
    other = [record for record in listed if not any(record in each for each in possible)]
    raise ClauseFailed(
        f"after {when}: the {contents.count(len(possible[0]))} whose saves had returned",
        _what_is_wrong(len(lost), lost, other),
    )


def _what_is_wrong(count: int, lost: list[Record], other: list[Record]) -> str:
    wrong = []
    if lost:
        wrong.append(f"{count} lost: {named([record.user for record in lost])}")
    if other:
        wrong.append(f"not as saved: {other[0]}")
    return "; ".join(wrong) or "records stored twice"
