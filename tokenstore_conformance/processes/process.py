"""A worker as the process of the test run sees it: sends it work, and receives its answers.

A worker can be stopped, or killed by SIGKILL, before any call that leaves the process.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, Final

from tokenstore_conformance.failures import ClauseFailed, Fault, Raised
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.processor_time import is_asleep, seconds_of_process
from tokenstore_conformance.plural import in_seconds
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.messages import Done, Fork, Reap, Stopped, Work
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.processes.seed import Seed
from tokenstore_conformance.records import Record

BLOCKED_AFTER: Final = 0.01
"""Seconds after which a process that sleeps counts as waiting for another process."""
SLOW_AFTER: Final = 0.25
"""Like BLOCKED_AFTER, on systems that do not show whether a process sleeps."""
LOOKS: Final = 20
"""How often to look for a message before it counts as missing."""
RUNS_ON_AFTER: Final = 2.0
"""Seconds of running, not sleeping, after which a process counts as waiting: it keeps trying."""


class Gone(Exception):
    """The process died, or does not answer."""


class Hanging(Gone):
    """A call in the process has not returned in time."""

    def __init__(self, done: Done, seconds: float) -> None:
        super().__init__(
            f"a process in which {done.doing} has not returned within {in_seconds(seconds)}"
        )
        self.done = done
        """What the process reported."""
        self.seconds = seconds


class Process:
    """Another process, with a store of its own over a storage. `started` creates processes."""

    def __init__(
        self,
        seed: Seed,
        maker: Seed | Process,
        link: Connection,
        pid: int,
        timeout: float,
        note: Callable[[Record], object],
    ) -> None:
        self.pid = pid
        self._seed = seed
        self._maker = maker
        self._link = link
        self._timeout = timeout
        self._note = note
        self._has_ended = False
        self.usual = 0.0
        """The most seconds that saves took in this process while no other process made any."""

    def do(
        self, *saves: Record, listing: bool = False, stop_at: Moment | None = None
    ) -> Done | Stopped:
        """Make saves, then a listing if asked for. Returns early if the last save is stopped."""
        begun = monotonic()
        self.begin(*saves, listing=listing, stop_at=stop_at)
        answer: Done | Stopped = self.answer()
        self.usual = max(self.usual, monotonic() - begun)
        return answer

    def call(self, ask: Ask, *, stop_at: Moment | None = None) -> Done | Stopped:
        """Delete or find a record. Returns early if that call is stopped."""
        self._work(Work(call=ask, stop_at=stop_at))
        answer: Done | Stopped = self.answer()
        return answer

    def begin(self, *saves: Record, listing: bool = False, stop_at: Moment | None = None) -> None:
        """Begin what `do` does, without waiting for the answer."""
        self._work(Work(saves, listing=listing, stop_at=stop_at))

    def listed(self) -> tuple[Record, ...]:
        """Return what its store lists. Raises `ClauseFailed` if the listing fails."""
        done = self.do(listing=True)
        assert isinstance(done, Done)
        if done.listed is None:
            raise ClauseFailed("get_tokens to list the tokens in a new process", raised(done))
        return done.listed

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        """Make these calls, one after another, and return their answers."""
        for each in asks:
            if each.what == "save":
                self._note(each.record)
        self._work(Work(asks=tuple(asks)))
        done = self.answer()
        if done.error:
            raise ClauseFailed(f"{done.doing} to return in another process", raised(done))
        return list(done.answers)

    def go_on(self) -> None:
        """Let a stopped call continue."""
        self._send("go on")

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the process inside the block, and let it continue after it."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def answer(self) -> Any:
        """Return its next message. Raises `Gone`."""
        limits.step()
        try:
            if not self._speaks_within(3 * self._timeout):
                raise Gone(f"a process that does not answer within {in_seconds(3 * self._timeout)}")
            message = self._link.recv()
        except (EOFError, ConnectionError) as error:
            raise Gone("a process that died") from error
        if isinstance(message, Done) and message.hung:
            raise Hanging(message, self._timeout)
        return message

    def _speaks_within(self, seconds: float) -> bool:
        """Whether a message comes in time.

        If the process of the test run is halted meanwhile, that uses up one look, not all of them.
        """
        return any(self._link.poll(seconds / LOOKS) for _ in range(LOOKS))

    def wait_for_answer(self, usual: float = 0.0) -> bool:
        """Wait until it has an answer, or seems to wait itself. Return whether it has an answer.

        ``usual`` is how many seconds its work takes if nothing is in its way.
        """
        begun, ran = monotonic(), seconds_of_process(self.pid)
        asleep = 0
        while not self._link.poll(0.002):
            waited, sleeps = monotonic() - begun, is_asleep(self.pid)
            asleep = asleep + 1 if sleeps else 0
            if asleep > 2 and waited > max(BLOCKED_AFTER, 2 * usual):
                return False
            if sleeps is None and waited > SLOW_AFTER:
                return False
            if seconds_of_process(self.pid) - ran > RUNS_ON_AFTER:
                return False
        return True

    def answers_within(self, seconds: float) -> bool:
        """Whether it answers within so many seconds, or a quarter of its limit if that is less."""
        return self._link.poll(min(seconds, self._timeout / 4))

    def kill_in(self, work: Work) -> None:
        """Send work in which it dies, in a call or on its return. Returns when it has ended."""
        self._work(work)
        try:
            while True:
                done = self.answer()
                if isinstance(done, Done) and done.error:
                    fault = Fault(Raised.described("save_token", done.error))
                    raise ClauseFailed("save_token not to raise", raised(done), fault=fault)
        except Hanging:
            raise
        except Gone:
            self.end()

    def end(self) -> None:
        """Kill the process, if it is still there, and wait until it has ended."""
        if self._has_ended:
            return
        self._has_ended = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._link.close()
        self._maker.reap(self.pid)

    @contextlib.contextmanager
    def forked(self) -> Iterator[Process]:
        """Fork a child with the same store. It is killed at the end of the block. Raises `Gone`."""
        self._send(Fork(*self._seed.address))
        link = self._seed.accepted()
        if not link.poll(3 * self._timeout):
            raise Gone("a process that does not fork")
        child = Process(self._seed, self, link, link.recv(), self._timeout, self._note)
        try:
            yield child
        finally:
            child.end()

    def reap(self, pid: int) -> None:
        """Wait until a child has ended, but do not wait for a process that does not answer."""
        with contextlib.suppress(Gone, EOFError, ConnectionError):
            self._send(Reap(pid))
            while self._link.poll(SLOW_AFTER) and not isinstance(self._link.recv(), Reap):
                pass

    def _work(self, work: Work) -> None:
        for record in work.saves:
            self._note(record)
        self._send(work)

    def _send(self, message: object) -> None:
        try:
            self._link.send(message)
        except (BrokenPipeError, ConnectionError) as error:
            raise Gone("a process that died") from error


def raised(done: Done) -> str:
    """Return in words which call raised, and what."""
    return f"{done.doing} raised {done.error}"
