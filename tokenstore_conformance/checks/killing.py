"""Kills processes, one after another, and checks what each of them finds. DUR-3 uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.other_stores import (
    PATIENCE,
    all_answering,
    deletion_of,
    done,
    named,
    opening,
    stores_in_processes,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault, NotApplicable
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import chained
from tokenstore_conformance.plural import in_seconds
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.messages import Work
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.processes.process import Hanging, Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import sizes

KILLED: Final = "its process was killed after it had returned"

OLDEST: Final = 2
NEWEST: Final = 3
"""How many of the records each process looks up: all would be most of the calls of DUR-3. The last
process looks up all."""

Kinds = Sequence[Callable[[Door, Record], Ask]]
"""Ways to look up a listed record."""

KINDS: Final[Kinds] = (
    lambda door, record: Ask("find", door.key(door.in_full(record))),
    lambda door, record: Ask("find_by_id", record),
    lambda door, record: Ask("find", Record(access_token=record.access_token)),
)


def kinds_that_work(store: Subject) -> Kinds:
    """Return the ways in which a new process finds records before any process is killed.

    Other clauses are about the ways that do not work.
    """
    works = []
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        listed = process.listed()
        for kind in KINDS if store.door.makes_ids else KINDS[:1]:
            try:
                _must_be_found(store.door, process, listed, [kind], "")
            except ClauseFailed:
                continue
            works.append(kind)
    return works


def _must_be_found(
    door: Door, process: Process, listed: Iterable[Record], kinds: Kinds, when: str
) -> None:
    """Fail unless what is listed is also found: an index may have been left half written."""
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


def answer_of_an_opening(store: Subject, stop: Moment | None = None) -> Any:
    """Let a process build its store, or stop in that. Return what it says. Then it is killed."""
    one = opening(store, store.storage, stop)
    with all_answering(), limits.patient(PATIENCE), one as (process,):
        return process.answer()


@dataclass
class Series:
    """Processes over one storage. Each finds what the one before left, and is killed."""

    store: Subject
    present: list[Record]
    kinds: Kinds = ()
    """The ways in which each record must be found."""
    unsure: list[list[Record]] = field(default_factory=list)
    """The possible contents of the storage. If this is empty, it must hold ``present``."""
    when: str = KILLED
    killed: Record | None = None
    """The last save of the last process that was killed in a save or after it."""

    @contextmanager
    def next_process(self, *, saves: bool = True) -> Iterator[Process]:
        """Yield a process that has found what must be there. If it ``saves``, it has also saved
        the user of the killed save again.
        """
        with _processes_after(self.store, self.when) as (process,):
            self.present = _survivors(self.store, process, self.present, self.unsure, self.when)
            some = [*self.present[:OLDEST], *self.present[-NEWEST:]]
            self._must_find(process, some, self.when)
            if saves and self.killed is not None:
                self._save_again(process, self.killed)
            yield process

    def must_hold(self) -> None:
        """Start a last process, and fail unless it finds what must be there."""
        with self.next_process() as process:
            self._must_find(process, self.present, "its process was killed several times")

    def _must_find(self, process: Process, records: Sequence[Record], when: str) -> None:
        if self.kinds:
            users = [each.user for each in records]
            listed = [each for each in process.listed() if each.user in users]
            _must_be_found(self.store.door, process, listed, self.kinds, when)

    def _save_again(self, process: Process, killed: Record) -> None:
        """Save a new login of the user whose login was being saved."""
        again = killed.but(access_token=f"{killed.access_token}.again")
        when = f"{self.when}, and the same user was saved again"
        _must_save(process, when, again)
        self.present = [*(each for each in self.present if each.user != again.user), again]
        _survivors(self.store, process, self.present, [], when)

    def kill(self, work: Work, begun: str, at: str) -> bool:
        """Run a process that makes these saves, and dies in the last of them or after it.

        Return whether that save left a file that was not there before it.
        """
        directory = self.store.storage.directory
        mark = directory.with_name(f"{directory.name}.mark")
        *others, last = work.saves
        with self.next_process(saves=bool(others)) as process:
            _must_save(process, self.when, *others)
            mark.write_bytes(b"\0")
            files = {*sizes(directory)}
            process.kill_in(replace(work, saves=(last,), mark=mark))
        returned = mark.read_bytes() == b"\1"
        rest = [*(record for record in self.present if record.user != last.user), *others]
        before = [record for record in self.present if record.user == last.user]
        self.unsure = [[*rest, last]] if returned else [[*rest, *before], [*rest, last]]
        self.when = f"{begun} {'after it had returned' if returned else at}"
        self.killed = last
        return not files.issuperset(sizes(directory))

    def kill_opening(self, moment: Moment) -> None:
        """Run a process that dies while it opens what the last one left."""
        answer_of_an_opening(self.store, moment)
        self.when = f"{self.when}, and the next opening at {moment.before}"

    def kill_deletion(self, gone: Record, other: Record, moment: Moment) -> None:
        """Run a process that saves both and dies while it deletes ``gone``. It may be gone then."""
        with self.next_process() as process:
            done(process.do(gone, other))
            deletion = deletion_of(process, self.store.door, gone)
            process.kill_in(Work(call=deletion, kill_at=moment))
        rest = [*self.present, other]
        self.unsure = [rest, [*rest, gone]]
        self.when = f"a deletion was ended by SIGKILL at {moment.before}"

    def kill_clearing(self, records: Sequence[Record], moment: Moment) -> None:
        """Run a process that saves these, and dies in delete_tokens. Any may be left then."""
        with self.next_process() as process:
            _must_save(process, self.when, *records)
            process.kill_in(Work(call=Ask("delete_tokens"), kill_at=moment))
        counts = range(len(records) + 1)
        self.unsure = [list(left) for n in counts for left in combinations(records, n)]
        self.when = f"delete_tokens was ended by SIGKILL at {moment.before}"


def _must_save(process: Process, when: str, *records: Record) -> None:
    try:
        done(process.do(*records))
    except ClauseFailed as failure:
        raise failure.within(f"after {when}: ") from failure


@contextmanager
def _processes_after(store: Subject, when: str) -> Iterator[list[Process]]:
    """Yield one process that opens the storage as the killed process left it."""
    try:
        with stores_in_processes(store, 1, instead_of=[store]) as processes:
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
    """Return in words which call does not return because of a lock; "" if no call hung.

    No call hung before a process was killed, so the killed process must have left the lock.
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
    """Return what is stored. Fail unless it is something that may be stored."""
    possible = unsure or [present]
    try:
        listed = [record.but(id=None) for record in store.made_good(process.listed())]
    except ClauseFailed as failure:
        saved = named([record.user for record in possible[0]])
        but = f"; what was saved before is lost: {saved}" if saved else ""
        raise failure.within(f"after {when}: ", but=but) from failure
    for each in possible:
        if sorted(map(repr, each)) == sorted(map(repr, listed)):
            return each
    lost = [record for record in possible[0] if record not in listed]
    other = [record for record in listed if not any(record in each for each in possible)]
    wanted = "nothing but records that were saved"
    if possible[0]:
        wanted = f"the {contents.count(len(possible[0]))} whose saves had returned"
    raise ClauseFailed(f"after {when}: {wanted}", _what_is_wrong(len(lost), lost, other))


def _what_is_wrong(count: int, lost: list[Record], other: list[Record]) -> str:
    wrong = []
    if lost:
        wrong.append(f"{count} lost: {named([record.user for record in lost])}")
    if other:
        wrong.append(f"not as saved: {other[0]}")
    return "; ".join(wrong) or "records stored twice"
