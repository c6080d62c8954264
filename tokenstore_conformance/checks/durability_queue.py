"""The part of DUR-2 about a process that waited for another one in its save."""

from __future__ import annotations

from typing import Any, Final

from tokenstore_conformance.checks.meetings import (
    Present,
    Reader,
    answer_to,
    early_answer,
    early_end,
    ended,
    listed_in_a_new_process,
)
from tokenstore_conformance.checks.other_stores import Logins, done
from tokenstore_conformance.processes.messages import Stopped
from tokenstore_conformance.processes.moments import Moment, chosen
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

QUEUED: Final = 4
"""The maximum number of moments of a save at which a process that has waited is stopped."""


def meet_in_a_queue(
    store: Subject, one: Process, other: Process, reader: Reader, first_stop: Moment
) -> None:
    """Let a process wait for another one in its save, stop it later in that save, and let the other
    one save again.

    Its lock may protect nothing then: other processes lock the file that replaced the locked one.
    """
    logins = Logins(store.door)
    learned = done(one.do(logins.login("queue")))
    stored = listed_in_a_new_process(store)
    present: Present = {record.user: [record.but(id=None)] for record in stored}
    stops = min(QUEUED, (store.room_for(len(stored) + 3 * QUEUED) - len(stored)) // 3)
    for number, stop in enumerate(chosen(learned.moments, stops)):
        first, second, third = (logins.login(f"queue{number}-{nth}") for nth in range(3))
        stopped = one.do(first, stop_at=first_stop)
        other.begin(second, stop_at=stop)
        has_waited, early = False, None
        if isinstance(stopped, Stopped):
            has_waited = not other.wait_for_answer(one.usual)
            early = _finish(one, first, other)
        stopped = answer_to(other, second, early=early)
        one.begin(third)
        early, place = None, "its end"
        if isinstance(stopped, Stopped):
            early = early_answer(one, one.usual)
            stopped, place = ended(other, one), stopped.place
        done(stopped)
        done(answer_to(one, third, early=early))
        for record in (first, second, third):
            present[record.user] = [record]
        when = "two processes saved three users at once"
        if has_waited:
            when = (
                f"an insert by one process had waited for another, and was stopped at {place}, "
                "while the other saved again"
            )
        reader.must_list(present, when)


def _finish(one: Process, save: Record, other: Process) -> Any:
    """Let a stopped save finish. It may wait for something that the other process holds while that
    one is stopped, such as a shared lock. Then the other process finishes too, and its final answer
    is returned; otherwise None.
    """
    answer = early_end(one, other)
    if answer is not None and not answer.gave_up:
        done(answer)
        return None
    others = other.answer()
    if isinstance(others, Stopped):
        others = ended(other, one)
    done(answer_to(one, save, early=answer))
    return others
