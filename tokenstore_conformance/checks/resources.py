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
from tokenstore_conformance.subject import PLAIN_SAVES, Subject
from tokenstore_conformance.subject.caller import Outcome

EARLY: Final = 10

LATE: Final = 100
"""The rounds of 15 calls after which is counted what is open: 150 and 1,500 calls."""

SPARE: Final = 8
"""A pool may open a connection late, and a driver one of its own between the calls. One kind of
call that leaves something open leaves ninety more between the two counts; one that does so now and
then is found by what is open after as many calls again."""

TOO_MANY: Final = 200
"""If so many more are open, the clause fails at once: soon the process could open nothing."""

LOOKS: Final = 25
"""Looks in which what is about to end may end, 20 milliseconds apart or more."""


def piles_up_nothing(store: Subject, make_round: Callable[[Subject, int], int]) -> None:
    """After many rounds of calls no more is open than after a few."""
    done = 0

    def next_round(rounds: int) -> int:
        nonlocal done
        calls = make_round(store, rounds)
        done += calls
        return calls

    with limits.reaching(lambda: min(done, 1500), "1,500 calls"):
        _compare(store, next_round)


def save_as_before(store: Subject, save: Callable[[], Outcome], number: int) -> None:
    """A save at the start of a round, which works if it did in the first one."""
    error = save().error
    if error is None:
        return
    if number == 1:
        raise CannotJudge("a plain save failed", *PLAIN_SAVES)
    expected = f"save_token not to raise after {number - 1} rounds of all kinds of calls"
    got = f"the exception {describe(error)}"
    fault = Fault(Raised.by("save_token", error))
    raise ClauseFailed(expected, got, error, fault=fault, claim=NOT_RAISED)


def _compare(store: Subject, make_round: Callable[[int], int]) -> None:
    counted_after, counted = 0, _what_is_open()
    spare = SPARE
    for rounds in range(1, 2 * LATE + 1):
        calls = make_round(rounds)
        del store.calls[:-calls]
        if rounds % LATE == 0 or _many_more(counted):
            now = _settled(counted)
            more = now.total() - counted.total()
            if more > spare:
                kinds = ", ".join(f"{n} x {kind}" for kind, n in (now - counted).most_common(3))
                raise ClauseFailed(
                    f"as few files, connections and threads open after {calls * rounds} calls as "
                    f"after {counted_after}",
                    f"{more} more: {kinds}",
                    claim=f"rounds.leave_open_at_most({spare})",
                )
            if rounds == LATE:
                if more <= 0:
                    return
                spare = 2 * more - 1  # a few more: as many again would be a leak
        if rounds == EARLY:
            gc.collect()
            counted_after, counted = calls * rounds, _what_is_open()


def _many_more(counted: Counter[str]) -> bool:
    return len(_descriptors()) + threading.active_count() - counted.total() > TOO_MANY


def _settled(counted: Counter[str]) -> Counter[str]:
    """What is open once what can end has ended; at once where it is not more than was counted."""
    now = _what_is_open()
    for look in range(LOOKS):
        if now.total() <= counted.total():
            break
        if look in (0, LOOKS - 1):
            gc.collect()
        limits.returned()  # no call of the store goes on
        time.sleep(0.02)
        now = _what_is_open()
    return now


def _what_is_open() -> Counter[str]:
    """The threads of the process, and its files and connections, by kind."""
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
