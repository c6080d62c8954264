"""DUR-2: several processes use the store at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.durability_openings import (
    meet_an_opening,
    open_during_a_save,
    save_during_an_opening,
)
from tokenstore_conformance.checks.durability_queue import meet_in_a_queue
from tokenstore_conformance.checks.meetings import (
    Hold,
    Present,
    Reader,
    answer_to,
    early_answer,
    ended,
    holds,
    listed_in_a_new_process,
    meet_at,
    reading,
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
from tokenstore_conformance.processes.messages import Done
from tokenstore_conformance.processes.moments import Moment, chosen
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

STOPS: Final = 12
"""The maximum number of moments of a save at which another process saves too."""

READINGS: Final = 4
"""The maximum number of moments of a listing or a find at which another process saves."""

DELETIONS: Final = 6
"""The maximum number of moments of a deletion at which another process saves."""

CROWD: Final = 3
"""The number of processes that save at once, in any order."""

HELD: Final = 0.2
"""Seconds, in total, for which a process is held in its saves while another one waits for it.

A short busy timeout runs out in that time. That of sqlite3 is five seconds by default: to wait for
it would make every run that much longer.
"""

EACH: Final = 8
"""The number of users that each of these processes saves."""

SHARED: Final = 3
"""The number of users that two processes save, one after the other."""


@check("DUR-2")
def loses_nothing_to_processes(store: Subject) -> None:
    """Concurrent saves from several processes lose nothing and leave no duplicates."""
    must_be_durable(store)
    must_keep_saves(store.fresh())

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        with stores_in_processes(store, 2) as (one, other), reading(store) as reader:
            waited = meet(
                store, one, other, reader, first_login=first, begun=begun, held=HELD * first
            )
            if first and waited:
                meet_in_a_queue(store, one, other, reader, waited[0])
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
    save_during_an_opening(store.fresh())


def meet(
    store: Subject,
    one: Process,
    other: Process,
    reader: Reader,
    *,
    first_login: bool,
    begun: str,
    most: int = STOPS,
    held: float = 0.0,
) -> list[Moment]:
    """Stop one process at moments of a save, ``most`` of them, and let another one save.

    If the other one waits for it, it continues at once, or after up to ``held`` seconds in total.
    Return the moments at which the other one waited.
    """
    logins = Logins(store.door)
    present: Present = {}
    hold = Hold(held)

    def know(*records: Record) -> None:
        """Note that any one of these may be what is stored for their user."""
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
        stored = reader.must_list(present, when, partial(met.history, stored))
    return waited


def _meet_a_listing(store: Subject) -> None:
    """Stop one process at moments of a listing, and let another one save."""
    logins, hold = Logins(store.door), Hold(HELD)
    with stores_in_processes(store, 2) as (one, other), reading(store) as reader:
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
            reader.must_list(present, when)


def _meet_where_nothing_is(store: Subject, login: Callable[[str, int], Record], most: int) -> None:
    """Like `meet`, while the first record of all is saved: there is nothing to lock yet."""
    logins = Logins(store.door)
    with stores_in_processes(store, 2) as (one, other), reading(store) as reader:
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
            reader.must_list(present, when, partial(met.history, ()))


def _save_here_and_there(store: Subject) -> None:
    """Let another process and then this one save the same users.

    The other one has another hash seed: an index in the storage must not depend on it.
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
    """Stop one process at moments of a deletion, and let another one save."""

    def deletion(process: Process, record: Record) -> Ask:
        return deletion_of(process, store.door, record)

    _meet_a_call(store, "a deletion", deletion, DELETIONS)


def _meet_a_find(store: Subject) -> None:
    """Stop one process at moments of a find, which may write, and let another one save."""

    def find(_: Process, record: Record) -> Ask:
        return Ask("find", store.door.key(store.door.in_full(record)))

    _meet_a_call(store, "a find", find, READINGS)


def _meet_a_call(
    store: Subject, what: str, call: Callable[[Process, Record], Ask], most: int
) -> None:
    """Stop one process in this call, and let another one save. The record was saved just before."""
    logins = Logins(store.door)
    present: Present = {}
    with stores_in_processes(store, 2) as (one, other), reading(store) as reader:
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
            ended(one, other)
            done(answer_to(other, dora, early=early))
            present[dora.user] = [dora]
            when = f"{what} by one process was stopped at {stopped.place}, while another saved"
            reader.must_list(present, when)


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
