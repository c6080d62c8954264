"""The calls that are measured, with their arguments, on a store and on a floor."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.benchmarks.rows import ACCESS, ID, USER, Row, query, row, token
from tokenstore_conformance.records import zoho_token

FIND_BY_USER: Final = "find by user"
FIND_BY_ACCESS: Final = "find by access token"
FIND_BY_ID: Final = "find by id"
LIST: Final = "list all"
SAVE_NEW: Final = "save a new token"
DELETE: Final = "delete"
SAVE_KNOWN: Final = "save a known token"

CALLS: Final = (
    *(FIND_BY_USER, FIND_BY_ACCESS, FIND_BY_ID, LIST),
    *(SAVE_NEW, DELETE, SAVE_KNOWN),  # the last one changes what others look for
)

ROUNDS: Final = (3, 300)
"""The fewest and the most rounds. In between, there are as many as the time allows."""

_GOLDEN: Final = (5**0.5 - 1) / 2
"""The step from one used row to the next. It spreads even a few used rows evenly."""


@dataclass(frozen=True)
class Measured:
    """A method to measure, and what runs before and after each call but is not measured."""

    method: Callable[..., object]
    before: Callable[[], tuple[Any, ...]]
    """Returns the arguments of the next call."""
    after: Callable[..., object] = lambda *arguments: None

    def rounds(self, seconds: float) -> int:
        """Return how many rounds fit in this time, judging by one round."""
        began = time.perf_counter()
        arguments = self.before()
        self.method(*arguments)
        self.after(*arguments)
        least, most = ROUNDS
        return max(least, min(most, int(seconds / (time.perf_counter() - began))))


def on_store(store: Any, call: str, records: int) -> Measured:
    """Return a call of a token store that holds this many records."""
    used, unused = _numbers(records)

    def known() -> Row:
        return row(next(used))

    def saved() -> tuple[str]:
        new = token(row(next(unused)), "id")
        store.save_token(new)
        return (new.get_id(),)

    return {
        FIND_BY_USER: Measured(store.find_token, lambda: (query(known(), "user"),)),
        FIND_BY_ACCESS: Measured(store.find_token, lambda: (query(known(), "access_token"),)),
        FIND_BY_ID: Measured(store.find_token_by_id, lambda: (known()[ID],)),
        LIST: Measured(store.get_tokens, lambda: ()),
        SAVE_NEW: Measured(
            store.save_token,
            lambda: (token(row(next(unused)), "id"),),
            lambda new: store.delete_token(new.get_id()),
        ),
        DELETE: Measured(store.delete_token, saved),
        SAVE_KNOWN: Measured(store.save_token, lambda: (token(_renewed(known())),)),
    }[call]


def on_floor(floor: Any, call: str, records: int) -> Measured:
    """Return the same call on a floor."""
    used, unused = _numbers(records)

    def known(field: str, place: int) -> Callable[[], tuple[str, str]]:
        return lambda: (field, row(next(used))[place])

    def saved() -> tuple[str]:
        new = row(next(unused))
        floor.save(new)
        return (new[ID],)

    return {
        FIND_BY_USER: Measured(floor.find, known("user_name", USER)),
        FIND_BY_ACCESS: Measured(floor.find, known("access_token", ACCESS)),
        FIND_BY_ID: Measured(floor.find, known("id", ID)),
        LIST: Measured(floor.rows, lambda: ()),
        SAVE_NEW: Measured(
            floor.save, lambda: (row(next(unused)),), lambda new: floor.delete(new[ID])
        ),
        DELETE: Measured(floor.delete, saved),
        SAVE_KNOWN: Measured(floor.save, lambda: (_renewed(row(next(used))),)),
    }[call]


def _numbers(records: int) -> tuple[Iterator[int], Iterator[int]]:
    """Return the numbers of rows that the store holds, and of rows that it does not hold."""
    used = (int(each * _GOLDEN % 1 * records) for each in itertools.count(1))
    return used, itertools.count(records)


def _renewed(known: Row) -> Row:
    """Return the row with another access token, as after a refresh."""
    return (*known[:ACCESS], zoho_token(f"renewed{next(_renewals)}"), *known[ACCESS + 1 :])


_renewals = itertools.count()
