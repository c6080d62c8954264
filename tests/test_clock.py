"""Python's clocks are moved, wherever a store got its clock from, and restored afterwards."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable
from datetime import date, datetime, timezone
from time import monotonic, perf_counter
from time import time as seconds_since_1970
from typing import Any

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge
from tokenstore_conformance import clock
from tokenstore_conformance.guard import limits

DAY = 24 * 3600


class Stamp(datetime):
    """A program's own subclass of datetime."""


class Cache:
    """Keeps references to its clocks, as caches do."""

    def __init__(self, timer=time.monotonic, now=datetime.now, today=Stamp.utcnow):
        self.timer = timer
        self.now = now
        self.today = today


KEPT = Cache()

COUNTED: dict[str, Callable[[], float]] = {
    "time": lambda: time.time(),
    "time, imported": seconds_since_1970,
    "time_ns": lambda: time.time_ns() / 10**9,
    "monotonic": lambda: time.monotonic(),
    "monotonic, imported": monotonic,
    "monotonic, kept": KEPT.timer,
    "monotonic_ns": lambda: time.monotonic_ns() / 10**9,
    "perf_counter": perf_counter,
    "perf_counter_ns": lambda: time.perf_counter_ns() / 10**9,
    "clock_gettime": lambda: time.clock_gettime(time.CLOCK_REALTIME),
    "clock_gettime_ns": lambda: time.clock_gettime_ns(time.CLOCK_REALTIME) / 10**9,
    "localtime": lambda: time.mktime(time.localtime()),
    "gmtime": lambda: time.mktime(time.gmtime()),
    "ctime": lambda: time.mktime(time.strptime(time.ctime())),
    "asctime": lambda: time.mktime(time.strptime(time.asctime())),
    "strftime": lambda: time.mktime(time.strptime(time.strftime("%c"), "%c")),
    "now": lambda: datetime.now(timezone.utc).timestamp(),
    "now, by name": lambda: datetime.now(tz=timezone.utc).timestamp(),
    "now, local": lambda: datetime.now().timestamp(),
    "now, kept": lambda: KEPT.now().timestamp(),
    "now, kept, of a zone": lambda: KEPT.now(timezone.utc).timestamp(),
    "now, kept, of a zone by name": lambda: KEPT.now(tz=timezone.utc).timestamp(),
    "utcnow, kept": lambda: KEPT.today().replace(tzinfo=timezone.utc).timestamp(),
    "today": lambda: datetime.today().timestamp(),
    "date": lambda: time.mktime(date.today().timetuple()),
}
"""Functions that tell the time, in seconds."""


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("tell", COUNTED.values(), ids=COUNTED)
def test_every_clock_is_moved(tell: Callable[[], float]) -> None:
    """Each clock is days ahead inside, and correct afterwards."""
    before = tell()

    with clock.moving() as moved:
        at_first = tell()
        moved.forward(3 * DAY)
        moved.forward(DAY)
        later = tell()
    afterwards = tell()

    ahead = [round((at - before) / DAY) for at in (at_first, later, afterwards)]
    assert ahead == [0, 4, 0]


def test_the_clocks_do_not_depend_on_how_far_they_were_moved_before() -> None:
    """A verdict does not depend on how many stores the process has judged before."""
    ahead = []
    for _ in range(2):
        before = time.time()
        with clock.moving(3 * DAY) as moved:
            ahead.append(round((time.time() - before) / DAY))
            moved.forward(DAY)

    assert ahead == [3, 3]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_a_class_of_ones_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subclass returns the moved time as its own type."""
    with clock.moving() as moved:
        moved.forward(DAY)

        told: list[Any] = [Stamp.now(), Stamp.utcnow(), KEPT.today()]

    assert [type(each) for each in told] == [Stamp, Stamp, Stamp]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: datetime.now("Europe/Paris"), id="a zone"),  # type: ignore[arg-type]
        pytest.param(lambda: time.localtime("now"), id="seconds"),  # type: ignore[arg-type]
    ],
)
def test_what_a_clock_refuses_is_still_refused(call: Callable[[], object]) -> None:
    """A wrong call raises the same error as without the kit."""
    with clock.moving(), pytest.raises(TypeError):
        call()


def test_a_moment_that_is_given_is_not_moved() -> None:
    """Functions that accept another moment still use that moment."""
    with clock.moving() as moved:
        moved.forward(DAY)

        assert time.gmtime(0).tm_year == 1970
        assert time.strftime("%Y", time.gmtime(0)) == "1970"


@pytest.mark.skipif(not limits.HAS_ALARMS, reason="no time limits without alarms")
def test_time_limits_are_not_moved() -> None:
    """The clock moves by a month, but most of the limit of ten seconds is left."""
    with limits.limited(10.0), clock.moving() as moved:
        moved.forward(31 * DAY)
        limits.step()

        assert signal.getitimer(signal.ITIMER_REAL)[0] > 1


def test_a_clock_that_is_replaced_cannot_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tool has replaced the clock, and the message says so."""
    monkeypatch.setattr(time, "time", lambda: 0.0)

    with (
        pytest.raises(
            clock.Replaced, match=r"something has replaced .* by tests\.test_clock\.test_a"
        ),
        clock.moving(),
    ):
        pass


def test_what_fails_inside_leaves_no_clock_wrong() -> None:
    """Clocks are restored after an exception too, even if the garbage collector runs."""
    before = time.time()

    with pytest.raises(LookupError):
        _fail_a_day_later()

    gc.collect()
    assert time.time() - before < DAY
    assert time.monotonic.__self__ is time


def _fail_a_day_later() -> None:
    with clock.moving() as moved:
        moved.forward(DAY)
        gc.collect()
        raise LookupError


SNOWFLAKES = f"""
import time

{GOOD}
    last = 0

    def save_token(self, token):
        now = time.time_ns()
        if now < MyStore.last:
            raise RuntimeError("the clock went back")
        MyStore.last = now
        return super().save_token(token)
"""


def test_no_module_sees_the_clock_go_back(pytester: pytest.Pytester, judge: Judge) -> None:
    """The clauses that move the clocks come last, and the second begins where the first ended."""
    pytester.makepyfile(mypkg=SNOWFLAKES)

    result = judge("--tokenstore=mypkg:MyStore", "-k", "TIME or THR-1[ or SDK-1[")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)
