"""A call that never returns is interrupted, wherever it waits. Earlier alarms are restored."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tokenstore_conformance.guard import limits, watching
from tokenstore_conformance.guard.frames import describe, trace

SOON = 0.05
LATER = 30.0


def wait_for_ever() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def test_waiting_is_interrupted():
    """Waiting for a lock that stays locked raises `Hung`, which knows the place."""
    with pytest.raises(limits.Hung) as caught, limits.limited(SOON):
        wait_for_ever()

    assert str(caught.value) == "the store has not returned after 0.05 seconds"
    assert "test_limits.py:" in caught.value.got


def test_what_catches_everything_is_interrupted_again():
    """A store that swallows the first interruption is interrupted again."""
    caught = []

    def swallow_once() -> None:
        try:
            wait_for_ever()
        except limits.Hung as error:
            caught.append(error)
        wait_for_ever()

    with pytest.raises(limits.Hung), limits.limited(SOON):
        swallow_once()

    assert len(caught) == 1


@pytest.mark.parametrize(("saved", "times"), [(0, 1), (29, 1), (30, 2), (130, 5), (1500, 7)])
def test_a_call_about_many_tokens_has_more_time(saved: int, times: int):
    """On a server, they may have to be deleted one by one."""
    with limits.limited(LATER) as limit:
        limits.step("delete_tokens", saved)

        assert (times - 1) * LATER < limit.left <= times * LATER


def test_a_step_gives_more_time():
    """Each call has the whole limit: an alarm that was set for an earlier call is set again."""
    with limits.limited(LATER):
        limits.step()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.raise_signal(signal.SIGALRM)
        left, _ = signal.getitimer(signal.ITIMER_REAL)

    assert left > LATER / 2


def test_an_alarm_that_rings_just_too_early_is_not_lost(monkeypatch: pytest.MonkeyPatch):
    """A timer that is set to less than a microsecond never rings."""
    with limits.limited(LATER) as limit:
        due = limits._now() + limit.left
        monkeypatch.setattr(limits, "_now", lambda: due - 1e-7)
        with pytest.raises(limits.Hung):
            signal.raise_signal(signal.SIGALRM)


def cleaned_up() -> FrameType:
    """Return a frame like that of the cleanup of a `tempfile.TemporaryDirectory`."""
    return sys._getframe()


class Goes:
    """Keeps the frame of its finalizer."""

    found: FrameType

    def __del__(self) -> None:
        Goes.found = sys._getframe()


@pytest.mark.parametrize("late", [0.0, 2 * limits.ENOUGH])
@pytest.mark.parametrize("where", ["a callback of a weak reference", "__del__", "the collector"])
def test_an_alarm_rings_again_where_python_would_drop_it(
    monkeypatch: pytest.MonkeyPatch, where: str, late: float
):
    """A warning about the dropped alarm could fail a test. What never ends is still interrupted."""
    if where == "the collector":
        frame = cleaned_up()
        monkeypatch.setattr(gc, "callbacks", [cleaned_up])
    elif where == "__del__":
        Goes()
        frame = Goes.found
    else:
        called: dict[str, Any] = {"cleaned_up": cleaned_up}
        exec(compile("frame = cleaned_up()", weakref.__file__, "exec"), called)
        frame = called["frame"]

    set_to: list[float] = []
    with limits.limited(LATER) as limit:
        monkeypatch.setattr(limit, "_set_timer", set_to.append)
        due = limits._now() + limit.left + late
        monkeypatch.setattr(limits, "_now", lambda: due)
        monkeypatch.setattr(limit, "_rings_at", due)  # it has rung again and again until now
        with pytest.raises(limits.Hung) if late else contextlib.nullcontext():
            limit.on_alarm(signal.SIGALRM, frame)

    assert set_to == ([] if late else [limits.LEAST])


def test_the_kit_has_more_time_than_a_call():
    """A busy machine may be slow between two calls. The limit of a call is not for that."""
    with limits.limited(SOON) as limit:
        limits.step("save_token")
        limits.returned()
        left = limit.left

    assert left > limits.BETWEEN / 2


def test_patience_is_longer():
    """Inside, a step may take three times as long. Afterwards the limit is the usual one."""
    with limits.limited(LATER) as limit:
        with limits.patient(3):
            patient = limit.left
        usual = limit.left

    assert 2 * LATER < patient <= 3 * LATER
    assert usual <= LATER


def test_a_clause_ends_between_two_calls(monkeypatch: pytest.MonkeyPatch):
    """A clause that makes progress is never interrupted, but makes no more calls after its time."""
    monkeypatch.setattr(limits, "clock", itertools.count(0.0, 2 * SOON).__next__)

    calls = []

    def call() -> None:
        limits.between_calls()
        limits.step()
        calls.append(1)

    with pytest.raises(limits.OutOfTime) as caught, limits.limited(LATER, whole=10 * SOON):
        all(call() is None for _ in range(1000))

    assert 1 < len(calls) < 10
    assert caught.value.reached == f"{len(calls) + 1} calls"


def test_the_innermost_says_how_far_it_got(monkeypatch: pytest.MonkeyPatch):
    """A clause that ends early says how far its innermost loop got."""
    monkeypatch.setattr(limits, "clock", itertools.count(0.0, LATER).__next__)

    with (
        pytest.raises(limits.OutOfTime) as caught,
        limits.limited(SOON),
        limits.reaching(lambda: 3, "9 states"),
        limits.reaching(lambda: 21, "50 sequences"),
    ):
        limits.between_calls()

    assert caught.value.reached == "21 of 50 sequences"


def test_the_time_of_another_clause_is_not_counted(monkeypatch: pytest.MonkeyPatch):
    """The time of a clause does not run while it has another clause judged."""
    now = [0.0]
    monkeypatch.setattr(limits, "clock", lambda: now[0])

    with limits.limited(LATER, whole=SOON):
        with limits.limited(LATER):
            now[0] += 2 * SOON
        limits.between_calls()

        assert signal.getitimer(signal.ITIMER_REAL)[0] > LATER / 2


def test_only_calls_count_as_long(monkeypatch: pytest.MonkeyPatch):
    """A store is not slow because the kit imports a library between two of its calls."""
    now = [0.0]
    monkeypatch.setattr(limits, "clock", lambda: now[0])

    with limits.limited(LATER) as limit:
        limits.step("get_tokens")
        now[0] += SOON
        limits.returned()
        now[0] += 5 * SOON
        limits.library_works()
        now[0] += 5 * SOON
        limits.step("get_tokens")

    assert limit.longest == SOON


def test_an_alarm_of_somebody_else_is_put_back():
    """pytest-timeout uses the same signal. Its alarm continues with the time that it had left."""
    rung = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, LATER)
    try:
        with limits.limited(SOON):
            pass
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)

    assert 0 < left <= LATER
    assert rung == [1]


def test_another_thread_is_not_limited():
    """Signals reach only the main thread. Elsewhere the block runs without a limit."""
    seen = []

    def work() -> None:
        with limits.limited(SOON):
            seen.append(signal.getitimer(signal.ITIMER_REAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [0.0]


def test_a_message_that_does_not_come_is_not_asked_for_again() -> None:
    """The first one takes a whole time limit. Another exception of its class takes no time."""

    class Speechless(Exception):
        def __str__(self) -> str:
            threading.Event().wait()
            return ""

    with pytest.raises(limits.Hung), limits.limited(0.1):
        describe(Speechless())

    assert describe(Speechless()) == "Speechless: (its message cannot be read)"


def test_a_long_message_is_cut() -> None:
    """A traceback shows only the beginning of a message that has millions of characters."""
    try:
        raise ValueError("x" * 1_000_000)
    except ValueError as error:
        shown = trace(error)

    assert len(shown) < 5_000
    assert "ValueError: xxx" in shown


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_process_that_was_stopped_meanwhile_has_the_time_again() -> None:
    """After Ctrl-Z and fg during a call, the alarm that rang meanwhile does not blame the store."""
    goes_on = "while ! grep -q 'State:.T' /proc/$1/status; do :; done; sleep 1; kill -CONT $1"
    stopper = subprocess.Popen(["sh", "-c", goes_on, "sh", str(os.getpid())])
    with stopper, limits.limited(0.3) as limit:
        rings_at = limit._rings_at
        os.kill(os.getpid(), signal.SIGSTOP)
        while limit._rings_at == rings_at:  # until the alarm has rung, in any thread
            pass

    assert limit._rings_at > rings_at + 0.3
    assert not limit.has_rung


def test_a_call_that_computes_in_c_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its alarm is late too, because a signal is handled only after the C code has ended."""
    ran, real = [0.0], time.monotonic
    monkeypatch.setattr(limits, "process_time", lambda: ran[0])
    with limits.limited(LATER) as limit:
        monkeypatch.setattr(limits, "_now", lambda: real() + 2 * LATER)
        ran[0] = 2 * LATER
        with pytest.raises(limits.Hung):
            limit.on_alarm(signal.SIGALRM, sys._getframe())


def test_a_stopped_run_is_not_ended() -> None:
    """Time in which the run was stopped, or in which nothing ran, does not count."""
    limit = watching.Deadline(0.0)

    assert not limit.has_passed(12.0, 11.9, is_stopped=False)
    assert not limit.has_passed(12.0, 12.1, is_stopped=True)
    assert not limit.has_passed(12.0, 60.0, is_stopped=False)
    assert not limit.has_passed(70.0, 60.2, is_stopped=False)


def test_a_run_that_goes_on_is_ended_after_its_deadline() -> None:
    """Time that was lost before the deadline was set does not extend it."""
    limit = watching.Deadline(0.0)
    limit.has_passed(5.0, 4.9, is_stopped=True)

    assert not limit.has_passed(6.0, 5.5, is_stopped=False)
    assert limit.has_passed(6.0, 6.1, is_stopped=False)
    assert not limit.has_passed(0.0, 6.3, is_stopped=False)
