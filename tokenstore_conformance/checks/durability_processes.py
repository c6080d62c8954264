"""DUR-2: a store that several processes use at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.durability_openings import meet_an_opening, open_during_a_save
from tokenstore_conformance.checks.meetings import (
    Hold,
    Present,
    answer_to,
    early_answer,
    holds,
    listed_in_a_new_process,
    meet_at,
)
from tokenstore_conformance.checks.other_stores import (
    Logins,
    another,
    deletion_of,
    done,
    must_be_durable,
    must_keep_saves,
    stores_in_processes,
)
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.messages import Done, Stopped
from tokenstore_conformance.processes.moments import Moment, chosen
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

STOPS: Final = 12
"""At most so many moments of a save at which another process comes between."""

READINGS: Final = 4
"""At most so many moments of a listing or a find at which another process saves."""

DELETIONS: Final = 6
"""At most so many moments of a deletion."""

QUEUED: Final = 4
"""At most so many moments of a save at which a process is stopped that has waited for another."""

CROWD: Final = 3
"""Processes that save at once, in whatever order they get to it."""

HELD: Final = 0.2
"""Seconds for which a process is held in its saves, in all, while another one waits for it. In that
time a short busy timeout runs out; sqlite3's own, of five seconds, would cost every check as much.
"""

EACH: Final = 8
"""Users that each of them saves."""

SHARED: Final = 3
"""Users that two processes save, one after the other."""


@check("DUR-2")
def loses_nothing_to_processes(store: Subject) -> None:
    """Concurrent saves from several processes lose nothing and leave no duplicates."""
    must_be_durable(store)
    must_keep_saves(store.fresh())

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        with stores_in_processes(store, 2) as (one, other):
            waited = meet(store, one, other, first_login=first, begun=begun, held=HELD * first)
            if first and waited:
                _meet_in_a_queue(store, one, other, waited[0])
    logins = Logins(store.door)
    _meet_where_nothing_is(store.fresh(), logins.login, STOPS)
    if store.door.makes_ids:
        _meet_where_nothing_is(store.fresh(), logins.nameless, STOPS // 2)
    _meet_a_listing(store.fresh())
    _save_here_and_there(store.fresh())
    _meet_a_deletion(store.fresh())
    _meet_a_find(store.fresh())
    _crowd(store.fresh())
    meet_an_opening(store.fresh())
    open_during_a_save(store.fresh())


def meet(
    store: Subject,
    one: Process,
    other: Process,
    *,
    first_login: bool,
    begun: str,
    most: int = STOPS,
    held: float = 0.0,
) -> list[Moment]:
    """One process is stopped at moments of a save, at every one or at so many; another saves.

    Where the other one waits for it, it goes on at once, or is ``held`` for so many seconds in all.
    Returns the moments at which the other one waited.
    """
    logins = Logins(store.door)
    present: Present = {}
    hold = Hold(held)

    def know(*records: Record) -> None:
        """One of these is what is stored of their user."""
        present[records[0].user] = list(records)

    anna, bert, learner = map(logins.login, ("anna", "bert", "learner"))
    moments = done(one.do(anna, bert, learner)).moments
    if not first_login:
        learner = logins.login("learner", 1)
        moments = done(one.do(learner)).moments
    for record in (anna, bert, learner):
        know(record)
    stored: tuple[Record, ...] = (anna, bert, learner)
    waited: list[Moment] = []
    others = 4  # anna, bert, learner and the last dora
    stops = min(most, (store.room_for(others + 2 * most) - others) // 2)
    for number, stop in enumerate(chosen(moments, stops), 1):
        user = f"carl{number}" if first_login else "anna"
        mine, theirs = logins.login(user, 2 * number), logins.login(user, 2 * number + 1)
        dora, bert = logins.login(f"dora{number}"), logins.login("bert", number)
        met = meet_at(one, other, stop, mine, (dora, bert, theirs), hold)
        if met.has_waited:
            waited.append(stop)
        know(mine, *(each for each in met.theirs if each.user == mine.user))
        for each in met.theirs:
            if each.user != mine.user:
                know(each)
        when = f"{begun} by one process was stopped at {met.place}, while another saved"
        listed = listed_in_a_new_process(store)
        holds(listed, present, when, met.history(stored, listed))
        stored = listed
    return waited


def _meet_in_a_queue(store: Subject, one: Process, other: Process, first_stop: Moment) -> None:
    """A process that has waited for another is stopped in its save, and the other saves again.

    The lock may be worth nothing then: other processes lock the file that has replaced this one.
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
            early = early_answer(one, one.usual) if has_waited else None
            other.go_on()
            stopped, place = other.answer(), stopped.place
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
        holds(listed_in_a_new_process(store), present, when)


def _finish(one: Process, save: Record, other: Process) -> Any:
    """Let a save go on to its end. It may wait for what the other process holds at a stop of its
    own, a shared lock for example: then that goes on, too, and what it says at its end is returned.
    """
    one.go_on()
    answer = early_answer(one, one.usual)
    if answer is not None and not answer.gave_up:
        done(answer)
        return None
    others = other.answer()
    if isinstance(others, Stopped):
        other.go_on()
        others = other.answer()
    done(answer_to(one, save, early=answer))
    return others


def _meet_a_listing(store: Subject) -> None:
    """One process is stopped at moments of a listing, and another saves."""
    logins, hold = Logins(store.door), Hold(HELD)
    with stores_in_processes(store, 2) as (one, other):
        anna, bert = logins.login("anna"), logins.login("bert")
        done(other.do(anna, bert))
        present: Present = {anna.user: [anna], bert.user: [bert]}
        moments = done(one.do(listing=True)).moments
        for number, stop in enumerate(chosen(moments, READINGS), 1):
            dora, bert = logins.login(f"dora{number}"), logins.login("bert", number)
            met = meet_at(one, other, stop, None, (dora, bert), hold)
            for each in met.theirs:
                present[each.user] = [each]
            when = f"a listing by one process was stopped at {met.place}, while another saved"
            holds(listed_in_a_new_process(store), present, when)


def _meet_where_nothing_is(store: Subject, login: Callable[[str, int], Record], most: int) -> None:
    """The same while the first record of all is saved: nothing is there that could be locked."""
    logins = Logins(store.door)
    with stores_in_processes(store, 2) as (one, other):
        done(one.do(login("learner", 0)))
        one.ask([Ask("delete_tokens")])  # the first save of a process may go another way
        moments = done(one.do(login("learner", 0))).moments
        for number, stop in enumerate(chosen(moments, most), 1):
            one.ask([Ask("delete_tokens")])
            mine, theirs = (login(f"carl{number}", nth) for nth in (0, 1))
            dora = logins.login(f"dora{number}")
            met = meet_at(one, other, stop, mine, (dora, theirs), Hold(0.0))
            present: Present = {mine.user: [mine, theirs], dora.user: [dora]}
            when = (
                f"the first insert by one process was stopped at {met.place}, while another saved"
            )
            listed = listed_in_a_new_process(store)
            holds(listed, present, when, met.history((), listed))


def _save_here_and_there(store: Subject) -> None:
    """Another process and then this one save the same users.

    The other one hashes text in another way: an index that is kept must not depend on it.
    """
    logins = Logins(store.door)
    names = [f"user{number}" for number in range(store.room_for(SHARED))]
    with stores_in_processes(store, 1) as (process,):
        done(process.do(*map(logins.login, names)))
    saved = [logins.login(name, 1) for name in names]
    here = another(store)
    for record in saved:
        here.keep(record)
    listed = listed_in_a_new_process(store)
    when = "a process and then another one saved the same users"
    holds(listed, {record.user: [record] for record in saved}, when)


def _meet_a_deletion(store: Subject) -> None:
    """One process is stopped at moments of a deletion, and another saves."""

    def deletion(process: Process, record: Record) -> Ask:
        return deletion_of(process, store.door, record)

    _meet_a_call(store, "a deletion", deletion, DELETIONS)


def _meet_a_find(store: Subject) -> None:
    """One process is stopped at moments of a find, which may write, and another saves."""

    def find(_: Process, record: Record) -> Ask:
        return Ask("find", store.door.key(store.door.in_full(record)))

    _meet_a_call(store, "a find", find, READINGS)


def _meet_a_call(
    store: Subject, what: str, call: Callable[[Process, Record], Ask], most: int
) -> None:
    """``call`` is made for a record that was saved just before."""
    logins = Logins(store.door)
    present: Present = {}
    with stores_in_processes(store, 2) as (one, other):
        learner, anna = logins.login("learner"), logins.login("anna")
        done(one.do(learner, anna))
        learned = one.call(call(other, learner))
        if not isinstance(learned, Done) or learned.error:
            return  # other clauses are about that
        for record in other.listed():
            present[record.user] = [record.but(id=None)]
        keeps = learner.user in present
        for number, stop in enumerate(chosen(learned.moments, most), 1):
            carl, dora = logins.login(f"carl{number}"), logins.login(f"dora{number}")
            done(one.do(carl))
            if keeps:
                present[carl.user] = [carl]
            stopped = one.call(call(other, carl), stop_at=stop)
            if isinstance(stopped, Done):  # its way was shorter this time
                continue
            other.begin(dora)
            early = early_answer(other, one.usual)
            one.go_on()
            one.answer()
            done(answer_to(other, dora, early=early))
            present[dora.user] = [dora]
            when = f"{what} by one process was stopped at {stopped.place}, while another saved"
            holds(listed_in_a_new_process(store), present, when)


def _crowd(store: Subject) -> None:
    logins = Logins(store.door)
    many = store.room_for(CROWD * EACH) // CROWD
    users = [[logins.login(f"user{each}-{n}") for n in range(many)] for each in range(CROWD)]
    with stores_in_processes(store, CROWD) as processes:
        for process, records in zip(processes, users, strict=True):
            process.begin(*records)
        for process, records in zip(processes, users, strict=True):
            done(answer_to(process, *records))
    present = {record.user: [record] for records in users for record in records}
    when = f"{CROWD} processes saved {many} users each at once"
    holds(listed_in_a_new_process(store), present, when)
