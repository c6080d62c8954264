"""TIME-1: a store as time passes. The check moves the clocks (`clock`) instead of waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokenstore_conformance import clock
from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.lookups import LISTING, Lookup, asked, lookups, said
from tokenstore_conformance.checks.other_stores import opened_again, with_its_id
from tokenstore_conformance.checks.samples import CROWD, LATER, person, user_of
from tokenstore_conformance.failures import (
    Call,
    CannotJudge,
    ClauseFailed,
    Fault,
    NotApplicable,
    TargetFailed,
)
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
MORE: Final = 60
"""Seconds added to each span, so that an access token of an hour has expired by then."""

SPANS: Final = (
    ("an hour after it was saved", HOUR_S + MORE),
    ("a day after it was saved", DAY_S + MORE),
    ("a month after it was saved", 31 * DAY_S + MORE),
    ("a year after it was saved", 366 * DAY_S + MORE),
)
"""Each span begins when the one before ends, because a store may count from the last lookup."""

IN_ALL_S: Final = sum(seconds for _, seconds in SPANS)

LONG_AGO_S: Final = 400 * DAY_S
LONG_EXPIRED: Final = (("400 days after its access token expired", 0),)
"""Here no time passes: a store may use the clock of its database, which cannot be moved."""


@check("TIME-1")
def outlives_its_access_token(store: Subject) -> None:
    """A login with a refresh token is still there an hour, a day, a month and a year after it was
    saved, and after its access token has expired: by every key, by id and in the listing.

    A store may clear up when it is asked, at the next save, or when it is opened: each is tried.
    What is lost without any time passing, too, is for other clauses.
    """
    logins = _logins(store.door)
    lost_anyway = {loss.where for loss in _losses(store, logins, SPANS, _at_once)}
    expired = [each.but(expires_in=str(NOW - LONG_AGO_S * 1000)) for each in logins]
    _must_be_kept(store.fresh(), logins, expired)
    old = store.fresh()
    for loss in _losses(old, expired, LONG_EXPIRED, _at_once):
        if loss.where not in lost_anyway:
            raise _failure(old, loss)
    aged = store.fresh()
    try:
        with clock.moving() as moved:
            for loss in _losses(aged, logins, SPANS, lambda span: _pass(aged, moved, span)):
                if loss.where not in lost_anyway:
                    raise _failure(aged, loss)
    except clock.Replaced as why:
        raise TargetFailed(f"{why}; without that, the kit can move the clocks") from why
    except clock.CannotMove as why:
        raise NotApplicable(str(why)) from why


@dataclass(frozen=True)
class _Loss:
    """A record that a store showed at first, and then did not show any more."""

    where: tuple[int, int, int]
    """The numbers of the span, of the step within it, and of the lookup."""
    when: str
    way: Lookup
    record: Record
    now: Answer


def _at_once(seconds: int) -> None:
    """Let no time pass."""


def _must_be_kept(store: Subject, logins: list[Record], expired: list[Record]) -> None:
    """Fail unless logins are found at once although their access tokens have expired."""
    ways = lookups(store.door, logins)
    store.given(*logins)
    usual = {number for number, _, _ in _shown(store, ways)}
    store = store.fresh()
    stored = store.given(*expired, verified=False)
    for number, way in enumerate(ways):
        now = asked(store, way.ask)
        kept = {each.access_token for each in now.records}
        lost = [
            each for each in stored if _finds(store, way, each) and each.access_token not in kept
        ]
        if number in usual and lost:
            failure = _failure(store, _Loss((0, 0, number), LONG_EXPIRED[0][0], way, lost[0], now))
            failure.fault = Fault(only_expired=True)
            raise failure


def _finds(store: Subject, way: Lookup, record: Record) -> bool:
    """Whether a lookup is for this record."""
    full = store.door.in_full(record)
    return all(getattr(full, name) == value for name, value in way.ask.record.items())


def _losses(
    store: Subject,
    logins: list[Record],
    spans: Sequence[tuple[str, int]],
    wait: Callable[[int], None],
) -> Iterator[_Loss]:
    """Yield what the store loses as logins get old."""
    stored = store.given(*logins)
    shown = _shown(store, lookups(store.door, stored))
    if not shown:
        raise CannotJudge("what was saved is not found", "FIND", "BYID", "LIST")
    others = store.room_for(len(stored) + CROWD) - len(stored)
    for number in range(others):  # a store may clear up at every 50th save, or at every 100th
        crowd = user_of(store.door, f"user{number}").but(expires_in=_in_an_hour())
        asked(store, Ask("save", store.door.in_full(crowd)))
    since = f"{spans[0][0]}, when {others} other users have logged in"
    yield from _gone(store, shown, (-1, 0), since)
    again = opened_again(store)
    keeps = again is not None and any(way == LISTING for _, way, _ in _shown(again, [LISTING]))
    for number, (when, seconds) in enumerate(spans):
        wait(seconds)
        yield from _gone(store, shown, (number, 0), when)

        another = user_of(store.door, f"dora{number}").but(expires_in=_in_an_hour())
        asked(store, Ask("save", store.door.in_full(another)))
        yield from _gone(store, shown, (number, 1), f"{when}, when another user has logged in")
        gone = with_its_id(store.door, another, asked(store, LISTING.ask).records)
        asked(store, Ask("delete", store.door.in_full(gone)))
        yield from _gone(store, shown, (number, 2), f"{when}, when another user has logged out")

        again = opened_again(store) if keeps else None
        if again is not None:
            yield from _gone(again, shown, (number, 3), f"{when}, in a store that was opened then")


def _logins(door: Door) -> list[Record]:
    """Return a login for each kind of key. Their access tokens are valid for an hour or two."""
    anna, bert = (user_of(door, name) for name in ("anna", "bert"))
    rita = door.as_kept(person("rita").without("grant_token"))
    return [anna, bert.but(expires_in=LATER), rita.without("user") if door.makes_ids else rita]


def _in_an_hour() -> str:
    """Return the expiry of an access token that is issued now, by the moved clock."""
    return str(int(time.time()) * 1000 + 3_600_457)


def _pass(store: Subject, moved: clock.Clock, seconds: int) -> None:
    """Let time pass."""
    store.calls.append(Call.forwarding(seconds))
    moved.forward(seconds)
    store.storage.advance(seconds)


_Shown = list[tuple[int, Lookup, Answer]]


def _shown(store: Subject, ways: Iterable[Lookup]) -> _Shown:
    """Return the lookups that find any record, each with its number and its answer."""
    answers = [(number, way, asked(store, way.ask)) for number, way in enumerate(ways)]
    return [each for each in answers if each[2].records]


def _gone(store: Subject, shown: _Shown, step: tuple[int, int], when: str) -> Iterator[_Loss]:
    """Yield a loss for each lookup that does not find all that it found before."""
    for number, way, before in shown:
        now = asked(store, way.ask)
        for record in before.records:
            if record not in now.records:
                yield _Loss((*step, number), when, way, record, now)
                break


def _failure(store: Subject, loss: _Loss) -> ClauseFailed:
    if loss.now.error:
        _must_work_for_new_logins(store)
    got = said(loss.now)
    if loss.way == LISTING and not loss.now.error:
        got = contents.lacking(len(loss.now.records))
    return ClauseFailed(f"{loss.when}, {loss.way.words}: {loss.record.brief()}", got)


def _must_work_for_new_logins(store: Subject) -> None:
    """Raise `NotApplicable` if new logins fail too. Then the age of a login is not the cause: some
    server may compare the clocks.
    """
    calls = list(store.calls)
    try:
        fresh = store.fresh()
        login = user_of(store.door, "anna").but(expires_in=_in_an_hour())
        save = Ask("save", store.door.in_full(login))
        error = asked(fresh, save).error or asked(fresh, LISTING.ask).error
    except CannotJudge as cannot:
        error = cannot.reason
    store.calls[:] = calls
    if error:
        raise NotApplicable(
            "with the clocks of Python moved, the store cannot keep a new login either: "
            f"{error}; judge it with a backend whose clock can be moved, by advance() of a harness"
        )
