"""RES: whether files, connections or threads that a store opens pile up."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from tokenstore_conformance.checks.another_thread import in_another_thread
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.failures import (
    NOT_RAISED,
    CannotJudge,
    ClauseFailed,
    Fault,
    NotApplicable,
    Raised,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.plural import counted
from tokenstore_conformance.subject import PLAIN_SAVES, Subject
from tokenstore_conformance.subject.caller import Outcome

EARLY: Final = 10

LATE: Final = 100
"""The kit counts what is open after `EARLY` and `LATE` rounds of 15 calls: 150 and 1,500 calls."""

SPARE: Final = 8
"""How many more may be open at the second count: a pool may open a connection late, and a driver
may open one of its own between the calls. A kind of call that always leaves something open leaves
ninety more between the two counts. If one does so only now and then, the count after as many calls
again shows it."""

TOO_MANY: Final = 200
"""If more than so many more are open, the kit compares at once: soon nothing could be opened."""

THREADS: Final = 40
"""How many short-lived threads call the store, one after another.

A pool may open a connection for each of them until it is full. So if more than half as many are
open then, the kit counts once more after as many threads again.
"""

LOOKS: Final = 25
"""How many times to look whether what can end has ended, at least 20 milliseconds apart."""


def piles_up_nothing(store: Subject, make_round: Callable[[Subject, int], int]) -> None:
    """Check that no more is open after many rounds of calls than after a few, and after calls from
    many threads than from half of them.
    """
    done = 0

    def next_round(rounds: int) -> int:
        nonlocal done
        calls = make_round(store, rounds)
        done += calls
        return calls

    with limits.reaching(lambda: min(done, 1500), "1,500 calls"):
        _compare(store, next_round)
    _compare_over_threads(store.fresh())  # an error in a round may have left the other one locked


def save_as_before(store: Subject, save: Callable[[], Outcome], number: int) -> None:
    """Make the save that starts a round. It must work if it worked in the first round."""
    error = save().error
    if error is None:
        return
    if number == 1:
        raise CannotJudge("a plain save failed", *PLAIN_SAVES)
    rounds = counted(number - 1, "round")
    expected = f"save_token not to raise after {rounds} of all kinds of calls"
    got = f"the exception {describe(error)}"
    fault = Fault(Raised.by("save_token", error))
    raise ClauseFailed(expected, got, error, fault=fault, claim=NOT_RAISED)


def _compare(store: Subject, make_round: Callable[[int], int]) -> None:
    counted_after, then = 0, _what_is_open()
    spare = SPARE
    for rounds in range(1, 2 * LATE + 1):
        calls = make_round(rounds)
        del store.calls[:-calls]
        if rounds % LATE == 0 or _many_more(then):
            now = _settled(then)
            more = now.total() - then.total()
            if more > spare:
                raise ClauseFailed(
                    f"as few files, connections and threads open after {calls * rounds} calls as "
                    f"after {counted_after}",
                    _said(now, then),
                    claim=f"rounds.leave_open_at_most({spare})",
                )
            if rounds == LATE:
                if more <= 0:
                    return
                spare = 2 * more - 1  # a few more are allowed; as many again are a leak
        if rounds == EARLY:
            gc.collect()
            counted_after, then = calls * rounds, _what_is_open()


def _compare_over_threads(store: Subject) -> None:
    """Call the store in many threads, if it works in another thread at all: THR-1 is about that."""
    store.given(user_of(store.door, "anna"), verified=False)
    _save_and_find(store)  # opens what all threads share
    try:
        in_another_thread(lambda: _save_and_find(store))
    except ClauseFailed:
        store.storage.may_be_reused = False  # the call may still be running
        return
    for before in (0, THREADS):
        gc.collect()
        then = _what_is_open()
        _call_in_threads(store, before)
        now = _settled(then)
        more = now.total() - then.total()
        if more <= THREADS // 2:
            return
    raise ClauseFailed(
        f"as few files, connections and threads open after two calls from each of {2 * THREADS} "
        f"threads, one after another, as from {THREADS} of them",
        _said(now, then),
    )


def _call_in_threads(store: Subject, before: int) -> None:
    """Call the store in `THREADS` threads, one after another, after ``before`` others."""
    done = 1
    with limits.reaching(lambda: done, f"{THREADS} threads"):
        for done in range(1, THREADS + 1):
            when = f"after calls from {before + done} other threads, one after another, "
            in_another_thread(lambda: _save_and_find(store), when)
            del store.calls[:-2]


def _save_and_find(store: Subject) -> None:
    record = user_of(store.door, "anna")
    store.keep(record)
    store.try_request(store.door.to_find(store.door.key(store.door.in_full(record))))


def _said(now: Counter[str], then: Counter[str]) -> str:
    kinds = ", ".join(f"{n} x {kind}" for kind, n in (now - then).most_common(3))
    return f"{now.total() - then.total()} more: {kinds}"


def _many_more(then: Counter[str]) -> bool:
    return len(_descriptors()) + threading.active_count() - then.total() > TOO_MANY


def _settled(then: Counter[str]) -> Counter[str]:
    """Wait for what can end, if more is open than ``then``. Return what is open at last."""
    now = _what_is_open()
    for look in range(LOOKS):
        if now.total() <= then.total():
            break
        if look in (0, LOOKS - 1):
            gc.collect()
        limits.returned()  # no call on the store is running
        time.sleep(0.02)
        now = _what_is_open()
    return now


def _what_is_open() -> Counter[str]:
    """Count the threads, files and connections of the process, by kind."""
    threads = (re.sub(r"[-\d]+", " ", each.name).split() for each in threading.enumerate())
    kinds = Counter(" ".join(["thread", *name]) for name in threads)
    kinds.update(map(_kind_of, _descriptors()))
    return kinds


def _descriptors() -> list[str]:
    for directory in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            return [os.path.join(directory, name) for name in os.listdir(directory)]
    raise NotApplicable("this system does not show which files a process has open")


def _kind_of(descriptor: str) -> str:
    try:
        target = os.readlink(descriptor)
    except OSError:  # closed by now, or a system that does not show it
        return "file"
    return f"file {os.path.basename(target)}" if os.path.isabs(target) else target.partition(":")[0]
