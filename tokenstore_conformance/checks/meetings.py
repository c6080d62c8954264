"""Two processes meet: one is stopped in a call, and another saves. DUR-2 and DUR-5 use it."""

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
"""For each user, the records that may be stored."""


def early_answer(process: Process, usual: float) -> Any:
    """What it says while another process is stopped; None where it waits for that one."""
    return process.answer() if process.wait_for_answer(usual) else None


def early_end(stopped: Process, other: Process) -> Any:
    """Let a stopped process go on, and return what it says at its end.

    The other one, which may wait for it, takes no step meanwhile, or chance would decide which of
    the two is first. None where the stopped one waits for the other in turn: now both go on.
    """
    with other.paused():
        stopped.go_on()
        return early_answer(stopped, stopped.usual)


def ended(stopped: Process, other: Process) -> Any:
    """The same; where it waits for the other one, both go on to their end."""
    return early_end(stopped, other) or stopped.answer()


def answer_to(process: Process, *saves: Record, early: Any = None) -> Any:
    """What it says of saves in the end, or said ``early``. If it gave up waiting, they are made
    once more.
    """
    answer = early or process.answer()
    return process.do(*saves) if isinstance(answer, Done) and answer.gave_up else answer


class Meeting(NamedTuple):
    """A save of one process, or its listing, stopped while another process made saves."""

    place: str
    switch: Switch | None
    """Where it was stopped; None where what happened meanwhile is not known."""
    mine: Record | None
    """None where a listing was stopped."""
    theirs: tuple[Record, ...]
    has_waited: bool = False
    """Whether the other process waited for this one."""

    def history(self, stored: Sequence[Record], listed: tuple[Record, ...]) -> History | None:
        """What happened, as data; ``listed`` by a third process at the end."""
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
    """One stops, and the other saves: all of theirs, or what it began with where it gives up."""
    saves = () if mine is None else (mine,)
    stopped = one.do(*saves, listing=mine is None, stop_at=stop)
    if isinstance(stopped, Done):  # its way was shorter this time
        done(stopped)
        done(other.do(*theirs))
        return Meeting("its end", None, mine, theirs)
    # Where it is to be held, the other one begins with a single save, which waits but once
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
    """How long a process may still be held in a save for which another one waits."""

    left: float
    """Seconds."""

    def ends_with_an_answer(self, other: Process) -> bool:
        """Whether the other one says something before the time is over."""
        begun = monotonic()
        answers = self.left > 0 and other.answers_within(self.left)
        self.left -= monotonic() - begun
        return answers


class Reader:
    """A process that only lists: a new one for each listing would take most of the time.

    What it remembers may be old. Where it lists anything but what is expected, or does not answer,
    a new process has the last word, then and from then on.
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
        """What is stored, which must be ``present``; the history of a failure tells of it."""
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
    """A reader of the storage, which has opened it before anything is changed inside."""
    with stores_in_processes(store, 1) as (process,):
        yield Reader(store, process)


def listed_in_a_new_process(store: Subject) -> tuple[Record, ...]:
    """What a store in a new process lists."""
    with stores_in_processes(store, 1) as (process,):
        return store.made_good(process.listed())


def _fields(stored: Present, present: Present, users: list[Any], what: str) -> str:
    """The fields in which the first of the users is not as it was saved."""
    if what != "not as saved last":
        return ""
    seen = stored[users[0]][0]
    return f" ({', '.join(differing(seen, nearest(seen, present[users[0]]) or seen))} differ)"


def holds(
    listed: Iterable[Record], present: Present, when: str, history: History | None = None
) -> None:
    """One record for each user, which is one of these; ids are unique."""
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
