"""Meetings of two processes: one is stopped in a call while another saves.

DUR-2 and DUR-5 use this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.other_stores import done, named, stores_in_processes
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.history import History, Switch
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.processes.messages import Done
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.processes.process import Gone, Process
from tokenstore_conformance.records import Record, differing, nearest
from tokenstore_conformance.subject import Subject

Present = dict[Any, list[Record]]
"""For each user, the versions of the record that may be stored."""


def early_answer(process: Process, usual: float) -> Any:
    """Return what a process answers while another is stopped; None if it waits for that one."""
    return process.answer() if process.wait_for_answer(usual) else None


def early_end(stopped: Process, other: Process) -> Any:
    """Let a stopped process continue, and return its answer.

    The other one, which may wait for it, is paused meanwhile. Otherwise chance would decide which
    of the two is first. Return None if the stopped one waits for the other: then both continue.
    """
    with other.paused():
        stopped.go_on()
        return early_answer(stopped, stopped.usual)


def ended(stopped: Process, other: Process) -> Any:
    """Like `early_end`, but if the process waits for the other one, both continue to its answer."""
    return early_end(stopped, other) or stopped.answer()


def answer_to(process: Process, *saves: Record, early: Any = None) -> Any:
    """Return the answer of a process to these saves, or the ``early`` one that it gave. If it gave
    up waiting, make the saves once more.
    """
    answer = early or process.answer()
    return process.do(*saves) if isinstance(answer, Done) and answer.gave_up else answer


class Meeting(NamedTuple):
    """A save or a listing of one process that was stopped while another process made saves."""

    place: str
    switch: Switch | None
    """Where it was stopped; None if it is not known what happened meanwhile."""
    mine: Record | None
    """The record of the stopped save; None if a listing was stopped."""
    theirs: tuple[Record, ...]
    has_waited: bool = False
    """Whether the other process waited for this one."""

    def history(self, stored: Sequence[Record], listed: tuple[Record, ...]) -> History | None:
        """Return what happened, as data; None if unknown.

        ``listed`` is what a third process lists at the end.
        """
        if self.switch is None or self.mine is None:
            return None
        end = 2 * len(self.theirs) + 2
        operations = (
            Operation(0, "save", self.mine, 0, end),
            *(
                Operation(1, "save", record, 2 * number, 2 * number + 1)
                for number, record in enumerate(self.theirs, 1)
            ),
            Operation(MAIN_THREAD, "get_tokens", (), end + 1, end + 2, listed),
        )
        switches = (self.switch._replace(moment=1),)
        return History(tuple(stored), operations, switches, listed, "process")


def meet_at(
    one: Process,
    other: Process,
    stop: Moment,
    mine: Record | None,
    theirs: tuple[Record, ...],
    hold: Hold,
) -> Meeting:
    """Stop ``one`` in its call, and let the other process save.

    The other one makes all of its saves. Or it makes only the first, if it waits in that save and
    answers while ``one`` is still held.
    """
    saves = () if mine is None else (mine,)
    stopped = one.do(*saves, listing=mine is None, stop_at=stop)
    if isinstance(stopped, Done):  # the moment did not come this time
        done(stopped)
        done(other.do(*theirs))
        return Meeting("its end", None, mine, theirs)
    # If one is to be held, the other begins with a single save, which waits only once.
    is_to_hold = hold.left > 0
    first = 1 if is_to_hold else len(theirs)
    made: tuple[Record, ...] = ()
    for batch in filter(None, (theirs[:first], theirs[first:])):
        other.begin(*batch)
        made += batch
        answer = early_answer(other, one.usual)
        if answer is not None and not answer.gave_up:
            done(answer)
            continue
        is_early = answer is None and hold.ends_with_an_answer(other)
        done(ended(one, other))
        answer = answer or other.answer()
        switch = stopped.switch if is_early else None
        if answer.gave_up:  # its caller tries again
            hold.left = 0
            answer, switch = other.do(*batch), None
        done(answer)
        if not is_early and made != theirs:
            done(other.do(*theirs[first:]))
            made = theirs
        return Meeting(stopped.place, switch, mine, made, has_waited=True)
    done(ended(one, other))
    return Meeting(stopped.place, stopped.switch, mine, theirs)


@dataclass
class Hold:
    """How long a process may still be held in a save while another one waits for it."""

    left: float
    """Seconds."""

    def ends_with_an_answer(self, other: Process) -> bool:
        """Whether the other process answers before the time is over."""
        begun = monotonic()
        answers = self.left > 0 and other.answers_within(self.left)
        self.left -= monotonic() - begun
        return answers


class Reader:
    """A process that only lists. A new one for each listing would take most of the time.

    It may remember old records. So if it lists anything unexpected, or does not answer, a new
    process lists instead, and another new one for each later listing.
    """

    def __init__(self, store: Subject, process: Process) -> None:
        self._store = store
        self._process: Process | None = process

    def must_list(
        self,
        present: Present,
        when: str,
        history: Callable[[tuple[Record, ...]], History | None] = lambda listed: None,
    ) -> tuple[Record, ...]:
        """Return what is stored. Raises `ClauseFailed` if that is not ``present``.

        ``history`` makes the history for the failure from what a new process lists.
        """
        if self._process is not None:
            try:
                listed = self._store.made_good(self._process.listed())
                holds(listed, present, when)
                return listed
            except (ClauseFailed, Gone):
                self._process = None
        listed = listed_in_a_new_process(self._store)
        holds(listed, present, when, history(listed))
        return listed


@contextmanager
def reading(store: Subject) -> Iterator[Reader]:
    """Yield a reader that has opened the storage before anything changes inside the block."""
    with stores_in_processes(store, 1) as (process,):
        yield Reader(store, process)


def listed_in_a_new_process(store: Subject) -> tuple[Record, ...]:
    """Return what a store in a new process lists."""
    with stores_in_processes(store, 1) as (process,):
        return store.made_good(process.listed())


def _fields(stored: Present, present: Present, users: list[Any], what: str) -> str:
    """Return, in words, the fields in which the first user's record is not as it was saved."""
    if what != "not as saved last":
        return ""
    seen = stored[users[0]][0]
    return f" ({', '.join(differing(seen, nearest(seen, present[users[0]]) or seen))} differ)"


def holds(
    listed: Iterable[Record], present: Present, when: str, history: History | None = None
) -> None:
    """Check that each user has one record, one of those in ``present``, and that ids are unique."""
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
                f"after {when}: {contents.count(len(present))}, each as it was saved last",
                f"{len(users)} {what}: {named(users)}{_fields(stored, present, users, what)}",
                history=history,
            )
    try:
        contents.unique_ids(listed)
    except ClauseFailed as failure:
        failure.history = history
        raise failure.within(f"after {when}: ") from failure
