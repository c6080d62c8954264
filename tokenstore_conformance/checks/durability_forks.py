"""DUR-5: a store that was made before a fork.

Failures come from what the two processes share without knowing it: the state of a counter or of a
random number generator, a lock on a file that was opened before the fork, a connection. So a
failure counts only if it does not also occur in two processes that were started separately.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.durability_processes import meet
from tokenstore_conformance.checks.meetings import Present, holds, reading
from tokenstore_conformance.checks.other_stores import (
    Logins,
    done,
    must_be_durable,
    stores_in_processes,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

ROUNDS: Final = 4
"""The maximum number of new users that the parent and the child each save."""

STOPS: Final = 6
"""The maximum number of moments of a save at which the parent is stopped and the child saves."""

Scenario = Callable[[Subject, Process, Process], None]
"""What a parent and its child do with a store that holds anna and bert."""


@check("DUR-5")
def works_on_both_sides_of_a_fork(store: Subject) -> None:
    """A store that was made before its process forks works in parent and child at once: it loses
    nothing, leaves no duplicates, and each sees what the other saved.
    """
    must_be_durable(store)
    scenarios: tuple[Scenario, ...] = (_take_turns, _save_at_once)
    for scenario in scenarios:
        try:
            _in_two_processes(store, scenario, forks=True)
        except ClauseFailed as failure:
            forked = failure.within("in a process that has forked and in its child, ")
            raise_unless_alike(
                store,
                forked,
                partial(_in_two_processes, store, scenario, forks=False),
                *("DUR-1", "DUR-2", "DUR-4"),
            )


def _in_two_processes(store: Subject, scenario: Scenario, *, forks: bool) -> None:
    """Run a scenario. If ``forks``, the second process is forked once the first used its store."""
    store = store.fresh()
    logins = Logins(store.door)
    with stores_in_processes(store, 1 if forks else 2) as processes:
        one = processes[0]
        done(one.do(logins.login("anna"), logins.login("bert")))
        one.listed()
        second: AbstractContextManager[Process] = nullcontext(processes[-1])
        with one.forked() if forks else second as other:
            scenario(store, one, other)


def _take_turns(store: Subject, parent: Process, child: Process) -> None:
    logins = Logins(store.door)
    present: Present = {}

    def save(process: Process, record: Record) -> None:
        done(process.do(record))
        present[record.user] = [record]

    for name in ("anna", "bert"):
        present[logins.login(name).user] = [logins.login(name)]
    for number in range((store.room_for(2 + 2 * ROUNDS) - 2) // 2):
        save(parent, logins.login(f"carl{number}"))
        save(child, logins.login(f"dora{number}"))
    save(child, logins.login("anna", 1))
    save(parent, logins.login("bert", 1))
    for process, name in ((parent, "the parent"), (child, "the child")):
        listed = store.made_good(process.listed())
        holds(listed, present, f"both saved in turn, in the listing of {name}")
        for (record,) in present.values():
            _must_be_found(store, process, name, record)


def _must_be_found(store: Subject, process: Process, name: str, record: Record) -> None:
    key = store.door.key(store.door.in_full(record))
    (answer,) = process.ask([Ask("find", key)])
    access = answer.records[0].access_token if answer.records else None
    if access != record.access_token:
        raise ClauseFailed(
            f"access_token={record.access_token!r} of {record.user!r}, found by {name}",
            f"the exception {answer.error}" if answer.error else repr(access),
        )


def _save_at_once(store: Subject, parent: Process, child: Process) -> None:
    with reading(store) as reader:
        meet(store, parent, child, reader, first_login=True, begun="an insert", most=STOPS)
