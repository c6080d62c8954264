"""TIME-2: the expiry of a login, where the program's clock is not in UTC.

A store that keeps local times passes in most zones. It fails where the clock is put back: there two
moments, an hour apart, have the same local time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.cast import NOW, lookups, user_of
from tokenstore_conformance.checks.control import CALL_BY_CALL, raise_unless_alike
from tokenstore_conformance.failures import ClauseFailed, NotApplicable
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

HOUR: Final = 3_600_000
"""Milliseconds."""

DAY: Final = 24 * HOUR

Zone = tuple[str, ...]
"""The names of a time zone: the usual one, and one for systems without the database of zones."""

UTC: Final = ("UTC0",)
INDIA: Final = ("Asia/Kolkata", "IST-5:30")
NEW_YORK: Final = ("America/New_York", "EST5EDT,M3.2.0,M11.1.0")
WINTER: Final = ("Etc/GMT+5", "EST5")
SUMMER: Final = ("Etc/GMT+4", "EDT4")
"""The time of New York in winter and in summer, each as a zone of its own: a program that ran
through a change has the one before it, and the other after it."""

USUAL: Final = (NOW - DAY + 123, NOW + HOUR + 457, NOW + DAY - 321, -1)
"""Expiries such as the SDK stores, in milliseconds since the epoch. They are not on the second."""


@check("TIME-2")
def keeps_the_expiry_in_every_time_zone(store: Subject) -> None:
    """The expiry comes back to the millisecond in every time zone, also around a change to or from
    summer time, and after the program's time zone has changed.
    """
    if not hasattr(time, "tzset"):
        raise NotApplicable("this system cannot change the time zone of a running program")
    _keeps(store, USUAL, INDIA, INDIA)
    _keeps(store, around_the_changes(), NEW_YORK, NEW_YORK)
    _keeps(store, USUAL, WINTER, SUMMER)


@contextmanager
def time_zone(zone: Zone) -> Iterator[str]:
    """The time zone of this process for the length of a block; gives the name that is in force."""
    before = os.environ.get("TZ")
    try:
        for name in zone:
            os.environ["TZ"] = name
            time.tzset()
            if time.timezone != 0:  # a name that the system does not know is UTC
                break
        yield os.environ["TZ"]
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def around_the_changes() -> tuple[int, ...]:
    """Moments around the next two changes of the clock in New York: of each half an hour before and
    after, and the one whose UTC time is no local time, or two local times, on that day.
    """
    moments = []
    with time_zone(NEW_YORK):
        first = NOW // HOUR * HOUR
        for hour in range(first, first + 366 * DAY, HOUR):
            before, after = (time.localtime(each // 1000) for each in (hour - 1000, hour))
            if before.tm_isdst != after.tm_isdst:
                standard = min(before.tm_gmtoff, after.tm_gmtoff) * 1000
                moments += [hour - HOUR // 2 + 7, hour + HOUR // 2 + 7]
                moments += [hour + standard + HOUR // 2 + 7]
    return tuple(moments)


def _keeps(store: Subject, expiries: tuple[int, ...], saved_in: Zone, read_in: Zone) -> None:
    """Each expiry comes back. A store that loses some in UTC as well breaks another clause."""
    try:
        _all_come_back(store, expiries, saved_in, read_in)
    except ClauseFailed as failure:
        raise_unless_alike(
            store, failure, lambda: _all_come_back(store, expiries, UTC, UTC), *CALL_BY_CALL
        )


def _all_come_back(
    store: Subject, expiries: tuple[int, ...], saved_in: Zone, read_in: Zone
) -> None:
    with time_zone(saved_in) as zone:
        store = store.fresh()
        _note(store, zone)
        users = [user_of(store.door, f"user{number}") for number in range(len(expiries))]
        records = [
            user.but(expires_in=f"{expiry}") for user, expiry in zip(users, expiries, strict=True)
        ]
        store.given(*records)
        records = _listed(store, records)
    with time_zone(read_in) as zone:
        if read_in != saved_in:
            _note(store, zone)
        for record in records:
            _comes_back(store, record, zone)
    renewed = records[0].but(access_token="renewed", expires_in=records[-1].expires_in)
    with time_zone(saved_in):
        store.keep(renewed)
    with time_zone(read_in) as zone:
        _comes_back(store, renewed, zone)


def _note(store: Subject, zone: str) -> None:
    store.note(f"import time; os.environ['TZ'] = {zone!r}; time.tzset()")


def _listed(store: Subject, records: list[Record]) -> list[Record]:
    """The records with the ids that the store gave them."""
    ids = {each.user: each.id for each in store.records()}
    return [each.but(id=ids.get(each.user)) for each in records]


def _comes_back(store: Subject, record: Record, zone: str) -> None:
    """By every way to find it, and in the listing."""
    answers = [
        (request.method, store.read(store.request(request)))
        for request in lookups(store.door, record)
    ]
    answers += [("get_tokens", each) for each in store.records() if each.user == record.user]
    for method, answer in answers:
        if answer is not None and answer.expires_in != record.expires_in:
            raise ClauseFailed(
                f"in the time zone {zone}, expires_in={record.expires_in!r} of {record.user!r} "
                f"from {method}",
                f"expires_in={answer.expires_in!r}{_apart(answer.expires_in, record.expires_in)}",
            )


def _apart(got: str | None, expected: str | None) -> str:
    """How far two expiries are apart, in words; "" where one is not a number."""
    try:
        apart = int(got or "") - int(expected or "")
    except ValueError:
        return ""
    size = abs(apart)
    amount = f"{size / HOUR:g} hours" if size % (HOUR // 4) == 0 else f"{size} milliseconds"
    return f", {amount} {'later' if apart > 0 else 'earlier'}"
