"""TIME-2: the expiry of a login, if the program's time zone is not UTC.

A store that keeps local times passes on most days. It fails when the clock is put back: two times
that are an hour apart are then the same local time. A store that adds today's offset from UTC fails
when that offset changes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Final

from tokenstore_conformance import clock
from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.lifetime import IN_ALL_S
from tokenstore_conformance.checks.samples import finding_requests, user_of
from tokenstore_conformance.failures import Call, ClauseFailed, NotApplicable
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.subject import Subject

HOUR_MS: Final = 3_600_000
"""Milliseconds."""

DAY_MS: Final = 24 * HOUR_MS

Zone = tuple[str, ...]
"""The names of a time zone: the usual one, and one for systems without a time zone database."""

UTC: Final = ("UTC0",)
INDIA: Final = ("Asia/Kolkata", "IST-5:30")
NEW_YORK: Final = ("America/New_York", "EST5EDT,M3.2.0,M11.1.0")

USUAL: Final = (NOW - DAY_MS + 123, NOW + HOUR_MS + 457, NOW + DAY_MS - 321, -1)
"""Expiries like those of the SDK, in milliseconds since the epoch. None is a whole second."""

ABOUT_EXPIRIES: Final = (
    *("SAVE-1", "SAVE-9", "SAVE-23", "SAVE-24", "FIND-7", "FIND-16", "FIND-17", "BYID-1"),
    *("LIST-2", "LIST-3", "DATA-3", "DATA-4", "SDK-3"),
)
"""The clauses that may be to blame if a store loses an expiry in every time zone."""


@check("TIME-2")
def keeps_the_expiry_in_every_time_zone(store: Subject) -> None:
    """The expiry comes back to the millisecond in every time zone, also around a change to or from
    summer time, and after such a change.
    """
    if not hasattr(time, "tzset"):
        raise NotApplicable("this system cannot change the time zone of a running program")
    with ExitStack() as stack:
        moved = None
        with suppress(clock.CannotMove):
            # Begin where TIME-1 ended: a store may remember the last time it saw.
            moved = stack.enter_context(clock.moving(IN_ALL_S))
        _keeps(store, USUAL, INDIA)
        with time_zone(NEW_YORK):
            now = NOW + (moved.ahead if moved else 0) * 1000
            changes = _changes_of_the_clock(now)
        if not changes:
            raise NotApplicable(f"on this system, the clock of {NEW_YORK[0]} never changes")
        _keeps(store, tuple(each for change in changes for each in _around(change)), NEW_YORK)
        if moved is not None:  # the kit can move the clocks of CPython only
            _keeps(store, USUAL, NEW_YORK, moved, (changes[0] - now + DAY_MS) // 1000)


@contextmanager
def time_zone(zone: Zone) -> Iterator[str]:
    """Set the time zone of this process inside the block. Yield the name that is in force."""
    before = os.environ.get("TZ")
    try:
        for name in zone:
            os.environ["TZ"] = name
            time.tzset()
            if time.timezone != 0:  # the system treats an unknown name as UTC
                break
        yield os.environ["TZ"]
    finally:
        if before is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = before
        time.tzset()


def _changes_of_the_clock(now: int) -> list[int]:
    """Return when the clock is put forward and back in the year after ``now``. All times are in
    milliseconds since the epoch.
    """
    first = now // HOUR_MS * HOUR_MS
    return [
        hour
        for hour in range(first, first + 366 * DAY_MS, HOUR_MS)
        if time.localtime(hour // 1000).tm_isdst != time.localtime(hour // 1000 - 1).tm_isdst
    ]


def _around(change: int) -> Iterator[int]:
    """Yield the times half an hour before and after a change in New York, and a third time. Read as
    a local time of that day, its time in UTC does not exist, or exists twice.
    """
    winter_time = -5 * HOUR_MS
    for half_an_hour in (-HOUR_MS // 2, HOUR_MS // 2, winter_time + HOUR_MS // 2):
        yield change + half_an_hour + 7


def _keeps(
    store: Subject,
    expiries: tuple[int, ...],
    zone: Zone,
    moved: clock.Clock | None = None,
    wait: int = 0,
) -> None:
    """Check that each expiry comes back, at once or, with moved clocks, ``wait`` seconds later. A
    store that loses one in UTC as well breaks another clause.
    """
    try:
        _all_come_back(store, expiries, zone, moved, wait)
    except ClauseFailed as failure:
        control = partial(_all_come_back, store, expiries, UTC, moved, wait)
        raise_unless_alike(store, failure, control, *ABOUT_EXPIRIES)


def _all_come_back(
    store: Subject, expiries: tuple[int, ...], zone: Zone, moved: clock.Clock | None, wait: int
) -> None:
    with time_zone(zone) as name:
        store = store.fresh()
        if moved is not None and moved.ahead:
            store.calls.append(Call.forwarding(moved.ahead))
        store.note(f"import time; os.environ['TZ'] = {name!r}; time.tzset()")
        users = (user_of(store.door, f"user{number}") for number in range(len(expiries)))
        records = [
            user.but(expires_in=f"{expiry}") for user, expiry in zip(users, expiries, strict=True)
        ]
        records = _listed(store, store.given(*records))
        where = f"in the time zone {name}"
        if moved is not None:
            moved.forward(wait)
            store.calls.append(Call.forwarding(wait))
            where += ", after a change of the clock"
        _come_back(store, records, where)


def _listed(store: Subject, records: list[Record]) -> list[Record]:
    """Return the records with the ids under which the store lists them."""
    ids = {each.user: each.id for each in store.records()}
    return [each.but(id=ids.get(each.user)) for each in records]


def _come_back(store: Subject, records: list[Record], where: str) -> None:
    """Check the expiry of each record, and that of the first again after an update."""
    for record in records:
        _comes_back(store, record, where)
    renewed = records[0].but(access_token="renewed", expires_in=records[1].expires_in)
    store.keep(renewed)
    _comes_back(store, renewed, where)


def _comes_back(store: Subject, record: Record, where: str) -> None:
    """Check the expiry by every way to find the record, and in the listing."""
    answers = [
        (request.method, store.read(store.request(request)))
        for request in finding_requests(store.door, record)
    ]
    answers += [("get_tokens", each) for each in store.records() if each.user == record.user]
    for method, answer in answers:
        if answer is not None and answer.expires_in != record.expires_in:
            raise ClauseFailed(
                f"{where}, expires_in={record.expires_in!r} of {record.user!r} from {method}",
                f"expires_in={answer.expires_in!r}{_apart(answer.expires_in, record.expires_in)}",
            )


def _apart(got: str | None, expected: str | None) -> str:
    """Return in words how far two expiries are apart; "" if one is not a number."""
    try:
        apart = int(got or "") - int(expected or "")
    except ValueError:
        return ""
    minutes, rest = divmod(abs(apart), 60_000)
    amount = f"{abs(apart)} milliseconds" if rest else f"{minutes} minutes"
    return f", {amount} {'later' if apart > 0 else 'earlier'}"
