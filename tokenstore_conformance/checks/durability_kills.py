"""DUR-3: a store whose process is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.durability import (
    Logins,
    done,
    must_be_durable,
    named,
    stores_in_processes,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, NotApplicable
from tokenstore_conformance.processes.parent import Hanging, Process, spread
from tokenstore_conformance.processes.worker import Work
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

KILLS: Final = 16
"""At most so many moments of a save at which its process is killed."""


@check("DUR-3")
def survives_being_killed(store: Subject) -> None:
    """After a save has returned, killing the process does not undo it. If the process is killed
    during a save, the store opens again with every earlier record.
    """
    must_be_durable(store)

    for first, begun in ((True, "an insert"), (False, "an update")):
        store = store.fresh()
        _kill_again_and_again(store, first_login=first, begun=begun)


def _kill_again_and_again(store: Subject, *, first_login: bool, begun: str) -> None:
    """Each process finds what the killed one left, saves a user, and is killed in its next save."""
    mark = store.storage.directory.with_name(f"{store.storage.directory.name}.mark")
    logins = Logins(store.door)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1) as (process,):
        places = done(process.do(anna, bert)).places
        if not first_login:
            anna = logins.login("anna", 1)
            places = done(process.do(anna)).places
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
            dora = logins.login(f"dora{number}")
            last = (
                logins.login(f"carl{number}") if first_login else logins.login("anna", number + 2)
            )
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
        with stores_in_processes(store, 1) as processes:
            yield processes
    except (NotApplicable, CannotJudge) as why:
        got = _held_lock(store, why) or str(why)
        raise ClauseFailed(f"the store to open after {when}", got) from why
    except ClauseFailed as failure:
        held = _held_lock(store, failure)
        if held:
            raise ClauseFailed(f"the store to work on after {when}", held) from failure
        raise


def _held_lock(store: Subject, failure: Exception) -> str:
    """What keeps the store from returning; "" where it returned.

    No call of it hung before a process was killed.
    """
    cause: BaseException | None = failure
    while cause is not None and not isinstance(cause, Hanging):
        cause = cause.__cause__
    if cause is None:
        return ""
    return (
        "a lock of the killed process was not released within "
        f"{cause.seconds:g} seconds: {cause.done.doing} does not return"
    )


def _survivors(
    store: Subject, process: Process, present: list[Record], unsure: list[list[Record]], when: str
) -> list[Record]:
    """What is stored, which must be one of what may be stored."""
    try:
        listed = [record.but(id=None) for record in store.made_good(process.listed())]
    except ClauseFailed as failure:
        saved = named([record.user for record in (unsure or [present])[0]])
        got = f"{failure.got}; what was saved before is lost: {saved}"
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
    wrong = []
    if lost:
        wrong.append(f"{count} lost: {named([record.user for record in lost])}")
    if other:
        wrong.append(f"not as saved: {other[0]}")
    return "; ".join(wrong) or "records stored twice"
