"""The moments of a save at which a process can be stopped or killed, and a choice of some of them.

A moment lies between two outward calls. These two identify it, not its number: a store that writes
record by record makes more calls with each record, so the same number would mean a different moment
in the next save.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

CHANGING: Final = frozenset(
    {
        *("open", "truncate", "ftruncate", "write", "pwrite", "sendfile", "copy_file_range"),
        *("_fcopyfile", "splice", "rename", "replace", "unlink", "remove", "link", "symlink"),
        *("rmdir", "flush", "fsync", "fdatasync", "close", "detach", "__exit__"),
        *("execute", "executemany", "executescript", "commit", "rollback", "send", "sendall"),
    }
)
"""Names of calls that change a file or a database, or begin or end a change."""
BUFFERED: Final = frozenset({"TextIOWrapper.write", "BufferedWriter.write", "BufferedRandom.write"})
"""Names of calls that fill a buffer and do not change the file."""


class Moment(NamedTuple):
    """The moment between two outward calls of one thread."""

    after: str
    """The place of the first call; "" if there is none."""
    before: str
    """The place of the second call: the words of a `Spot`."""
    nth: int
    """How often the second call has come right after the first so far."""


AT_THE_END: Final = Moment("", "its end", 0)
"""No outward call follows. A process that is to be killed here dies when its save has returned."""


class Way:
    """Names the moments of a save, as they come."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._thread = threading.local()

    def moment_before(self, place: str) -> Moment:
        """Return the moment before the call that this thread makes next."""
        pair = getattr(self._thread, "last", ""), place
        self._thread.last = place
        self._counts[pair] += 1
        return Moment(*pair, self._counts[pair])


def chosen(moments: Sequence[Moment], at_most: int) -> list[Moment]:
    """Return at most so many of the moments of a save, in order.

    Every pair of calls is chosen once before any is chosen twice: a hundred writes into a buffer
    count as one moment. Within that rule, the moments after a change are chosen first, then those
    before one.
    """
    tiers: dict[tuple[bool, int], list[int]] = {}
    for number, each in enumerate(moments):
        tiers.setdefault((each.nth > 1, _rank(each)), []).append(number)
    picked: list[int] = []
    for _, tier in sorted(tiers.items()):
        picked += _spread(tier, at_most - len(picked))
    return [moments[number] for number in sorted(picked)]


def _rank(moment: Moment) -> int:
    return 0 if _changes(moment.after) else 1 if _changes(moment.before) else 2


def _changes(place: str) -> bool:
    called = place.rpartition("before ")[2]
    return called not in BUFFERED and called.rpartition(".")[2] in CHANGING


def _spread(numbers: Sequence[int], at_most: int) -> list[int]:
    """Return at most so many of these numbers, spread evenly over all of them."""
    count = len(numbers)
    if count <= at_most:
        return list(numbers)
    if at_most <= 1:
        return list(numbers[: max(at_most, 0)])
    return [numbers[round(each * (count - 1) / (at_most - 1))] for each in range(at_most)]
