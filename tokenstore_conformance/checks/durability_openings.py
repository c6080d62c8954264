"""The part of DUR-2 in which one of two processes opens the storage."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks.meetings import Present, answer_to, ended, holds, reading
from tokenstore_conformance.checks.other_stores import (
    PATIENCE,
    Logins,
    all_answering,
    done,
    opening,
    stores_in_processes,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.processes.messages import Done, Stopped
from tokenstore_conformance.processes.moments import chosen
from tokenstore_conformance.processes.parent import started
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import Storage

OPENINGS: Final = 4
"""The maximum number of moments of an opening or a save at which one process is stopped."""


def meet_an_opening(store: Subject) -> None:
    """Stop one process while it opens a storage that no store has used. Meanwhile, another one
    opens it and saves.
    """
    storages = store.bench.storages
    if storages.shared or storages.target.harness:
        return  # the kit only has storages that were opened before
    with all_answering(), limits.patient(PATIENCE):
        with opening(store, _untouched(store)) as (learner,):
            learned: Done = learner.answer()
        for stop in chosen(learned.moments, OPENINGS):
            storage = _untouched(store)
            with opening(store, storage, stop) as (one,):
                stopped = one.answer()
                if isinstance(stopped, Stopped):
                    _opens_and_saves(store, storage, one, stopped)


def open_during_a_save(store: Subject) -> None:
    """Stop one process in a save. Meanwhile, another one opens the storage: it may clean up, but it
    must not remove what is still in use.
    """
    logins = Logins(store.door)
    learner = logins.login("learner")
    present: Present = {learner.user: [learner]}
    with stores_in_processes(store, 1) as (one,), reading(store) as reader:
        moments = done(one.do(learner)).moments
        count = min(OPENINGS, store.room_for(OPENINGS + 1) - 1)
        for number, stop in enumerate(chosen(moments, count)):
            user = logins.login(f"carl{number}")
            stopped = one.do(user, stop_at=stop)
            present[user.user] = [user]
            if isinstance(stopped, Stopped):
                place = stopped.place
                when = f"an insert by one process was stopped at {place}, while another opened"
                with opening(store, store.storage) as (other,):
                    built, early = _answer_of(other, one, usual=one.usual)
                    _must_work(built, when)
                    _must_work(early or ended(one, other), when)
                reader.must_list(present, when)


def save_during_an_opening(store: Subject) -> None:
    """Stop one process while it opens the storage. Meanwhile, another one saves: the opening might
    write back what it read before that.
    """
    logins = Logins(store.door)
    learner = logins.login("learner")
    present: Present = {learner.user: [learner]}
    with stores_in_processes(store, 1) as (other,), reading(store) as reader:
        done(other.do(learner))
        with opening(store, store.storage) as (one,):
            learned: Done = one.answer()
        count = min(OPENINGS, store.room_for(OPENINGS + 1) - 1)
        for number, stop in enumerate(chosen(learned.moments, count)):
            with opening(store, store.storage, stop) as (one,):
                stopped = one.answer()
                if isinstance(stopped, Stopped):
                    user = logins.login(f"dora{number}")
                    when = _saved_while_opening(stopped)
                    other.begin(user)
                    saved, early = _answer_of(other, one, usual=other.usual)
                    _must_work(early or ended(one, other), when)
                    done(answer_to(other, user, early=saved))
                    present[user.user] = [user]
                    reader.must_list(present, when)


def _untouched(store: Subject) -> Storage:
    """Return a storage that no store has used."""
    storage = store.bench.storages.fresh()
    storage.directory.mkdir(parents=True, exist_ok=True)
    return storage


def _opens_and_saves(store: Subject, storage: Storage, one: Process, stopped: Stopped) -> None:
    """Let another process open the storage and save. Then let ``one`` finish, or at once if the
    other process waits for it.
    """
    when = _saved_while_opening(stopped)
    anna = Logins(store.door).login("anna")
    with opening(store, storage) as (other,):
        built, early = _answer_of(other, one)
        _must_work(built, when)
        other.begin(anna)
        saved, early = _answer_of(other, one, early)
        _must_work(saved, when)
        _must_work(early or ended(one, other), when)
    with started(store.door.module, storage, store.bench.timeout, 1) as (process,):
        holds(store.made_good(process.listed()), {anna.user: [anna]}, when)


def _saved_while_opening(stopped: Stopped) -> str:
    return f"an opening by one process was stopped at {stopped.place}, while another saved"


def _answer_of(
    other: Process, one: Process, early: Done | None = None, usual: float = 0.0
) -> tuple[Done, Done | None]:
    """Return the answer of ``other``, and ``early``: the final answer of ``one`` if it finished.

    If ``other`` waits for ``one``, which is stopped, ``one`` finishes first.
    """
    if early is None and not other.wait_for_answer(usual):
        early = ended(one, other)
    answer: Done = other.answer()
    return answer, early


def _must_work(done: Done, when: str) -> None:
    if done.error:
        raise ClauseFailed(f"after {when}: no exception", f"{done.doing} raised {done.error}")
