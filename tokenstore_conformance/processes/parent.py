"""Other processes with stores over the same storage, as the workers of a web server are.

They are real processes, forked from a seed that knows the SDK and no target (see `worker`). Their
calls can be stopped at, or killed by SIGKILL before, any call that leaves the process.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection, Listener
from time import monotonic
from typing import Any, Final

from tokenstore_conformance.failures import ClauseFailed, Fault, NotApplicable, Raised, TargetFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.worker import (
    LIBRARIES,
    Done,
    Fork,
    Reap,
    Setting,
    Stopped,
    Work,
)
from tokenstore_conformance.records import Record
from tokenstore_conformance.target import FIXTURE
from tokenstore_conformance.target.storage import Storage

_SEED: Final = "from tokenstore_conformance.processes.worker import main; main()"
"""What the process runs that all others are forked from."""

BLOCKED_AFTER: Final = 0.01
"""Seconds after which a process that sleeps counts as waiting for another."""
SLOW_AFTER: Final = 0.25
"""The same where the system does not show who sleeps, and for one that runs on and on."""


class Gone(Exception):
    """The process died, or does not answer."""


class Hanging(Gone):
    """A call in the process has not returned in time."""

    def __init__(self, done: Done, seconds: float) -> None:
        super().__init__(
            f"a process in which {done.doing} has not returned within {seconds:g} seconds"
        )
        self.done = done
        """What the process said."""
        self.seconds = seconds


class NotBuiltThere(NotApplicable):
    """In another process, no store can be built over a storage."""

    def __init__(self, storage: Storage, built: Done) -> None:
        super().__init__(_not_built(storage, built.error))
        self.built = built
        """What the process said."""


class Process:
    """Another process, with a store of its own over a storage. `started` makes it."""

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

    def do(self, *saves: Record, listing: bool = False, stop_at: int = 0) -> Done | Stopped:
        """Make saves, and a listing; returns early where the last save is stopped."""
        self.begin(*saves, listing=listing, stop_at=stop_at)
        answer: Done | Stopped = self.answer()
        return answer

    def begin(self, *saves: Record, listing: bool = False, stop_at: int = 0) -> None:
        """The same without waiting for it."""
        self._work(Work(saves, listing=listing, stop_at=stop_at))

    def listed(self) -> tuple[Record, ...]:
        """What its store lists; a listing that fails breaks the clause."""
        done = self.do(listing=True)
        assert isinstance(done, Done)
        if done.listed is None:
            raise ClauseFailed("get_tokens to list the tokens in a new process", raised(done))
        return done.listed

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        """Make these calls, one after another."""
        for each in asks:
            if each.what == "save":
                self._note(each.record)
        self._work(Work(asks=tuple(asks)))
        done = self.answer()
        if done.error:
            raise ClauseFailed(f"{done.doing} to return in another process", raised(done))
        return list(done.answers)

    def go_on(self) -> None:
        """Let a stopped save go on."""
        self._send("go on")

    def answer(self) -> Any:
        """What it says next; raises `Gone`."""
        limits.step()
        try:
            if not self._link.poll(3 * self._timeout):
                raise Gone(f"a process that does not answer within {3 * self._timeout:g} seconds")
            message = self._link.recv()
        except (EOFError, ConnectionError) as error:
            raise Gone("a process that died") from error
        if isinstance(message, Done) and message.hung:
            raise Hanging(message, self._timeout)
        return message

    def has_answered(self) -> bool:
        """Whether it has something to say; waits until it has, or until it seems to wait itself."""
        begun = monotonic()
        asleep = 0
        while not self._link.poll(0.002):
            waited = monotonic() - begun
            asleep = asleep + 1 if _sleeps(self.pid) else 0
            if (asleep > 2 and waited > BLOCKED_AFTER) or waited > 8 * SLOW_AFTER:
                return False
            if _sleeps(self.pid) is None and waited > SLOW_AFTER:
                return False
        return True

    def kill_in(self, work: Work) -> None:
        """Have it die in a save, or on its return; returns when it has ended."""
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
        """Kill it, if it is still there, and wait until it has ended."""
        if self._has_ended:
            return
        self._has_ended = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._link.close()
        self._maker.reap(self.pid)

    @contextlib.contextmanager
    def forked(self) -> Iterator[Process]:
        """A child of this process, with the same store; killed at the end. Raises `Gone`."""
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
        """Returns when a child has ended; at once where this process does not answer."""
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
    """What came instead of an answer."""
    return f"{done.doing} raised {done.error}"


class Seed:
    """The process that all others are forked from."""

    def __init__(self, module: str, libraries: Sequence[str] = ()) -> None:
        key = secrets.token_bytes(16)
        self._listener = Listener(authkey=key)
        self.address = (self._listener.address, key)
        """Where a new process reports, and the key that it needs."""
        self._control, theirs = Pipe()
        with theirs, tempfile.TemporaryFile() as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _SEED, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                cwd=tempfile.gettempdir(),  # the working directory may be a storage's, and go
                pass_fds=[theirs.fileno()],
            )
            theirs.close()
            try:
                self._control.send((module, libraries, *self.address))
                self._control.recv()
            except (EOFError, OSError) as error:
                self.close()
                errors.seek(0)
                raise TargetFailed(_no_seed(errors.read().decode(errors="replace"))) from error

    def birth(self, setting: Setting, note: Callable[[Record], object]) -> Process:
        """A new process; its store is built."""
        self._control.send(setting)
        link = self.accepted()
        return Process(self, self, link, link.recv(), setting.timeout, note)

    def accepted(self) -> Connection:
        """The link to a new process."""
        return self._listener.accept()

    def reap(self, pid: int) -> None:
        """Returns when the process has let go of all that it held."""
        self._control.send(pid)
        self._control.recv()

    def close(self) -> None:
        self._control.close()
        self._listener.close()
        self._process.kill()
        self._process.wait()


def _no_seed(errors: str) -> str:
    why = next(reversed(errors.splitlines()), "it said nothing")
    return f"Python cannot start another process with the kit in it: {why}"


@cache
def _seed(process: int, module: str, packages: frozenset[str]) -> Seed:
    """The one of this process; a forked process needs one of its own.

    It has what this process has of these ``packages``.
    """
    seed = Seed(module, [each for each in list(sys.modules) if _is_in(each, packages)])
    atexit.register(seed.close)
    return seed


@contextlib.contextmanager
def started(
    module: str,
    storage: Storage,
    timeout: float,
    count: int,
    note: Callable[[Record], object] = lambda record: None,
) -> Iterator[list[Process]]:
    """Other processes, each with a store over this storage; killed at the end, if not before.

    ``module`` is the SDK's; ``note`` is called with each record that one of them is to save. Raises
    `NotBuiltThere` where the store cannot be built in one, `NotApplicable` where none is tried.
    """
    if not hasattr(os, "fork"):
        raise NotApplicable("this system cannot fork a process")
    if storage.target.spec == FIXTURE:
        raise NotApplicable(
            "the stores of a fixture cannot be built in another process; name a factory or a "
            "harness instead"
        )
    storage.may_be_reused = False  # a killed process may leave a lock behind
    packages = frozenset(each for each in LIBRARIES if each in sys.modules)
    processes: list[Process] = []
    try:
        for _ in range(count):
            seed = _seed(os.getpid(), module, packages)
            process = seed.birth(_setting(storage, timeout), note)
            processes.append(process)
        for process in processes:
            try:
                built = process.answer()
            except Hanging as hanging:
                raise NotBuiltThere(storage, hanging.done) from hanging
            if built.error:
                raise NotBuiltThere(storage, built)
        yield processes
    finally:
        for process in processes:
            process.end()


def _is_in(module: str, packages: Iterable[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _not_built(storage: Storage, error: str) -> str:
    if storage.target.harness is None:
        return f"in another process, no store can be built: {error}"
    return (
        f"in another process, open() fails: {error}. That process makes a harness of its own and "
        "does not call set_up(), so open() may use tmp_path, namespace and environment variables "
        "only"
    )


def _setting(storage: Storage, timeout: float) -> Setting:
    target = storage.target
    return Setting(
        f"{target.file or target.module}:{target.name}",
        target.places,
        storage.offered,
        storage.directory,
        timeout,
        dict(os.environ),
        list(sys.path),
    )


def _sleeps(pid: int) -> bool | None:
    """Whether a process waits for something; None where the system does not show."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] == b"S"
    except OSError:
        return None


def spread(places: Sequence[str], at_most: int) -> list[int]:
    """Numbers of outward calls, from 1, at most so many, evenly over all of them."""
    count = len(places)
    if count <= at_most:
        return list(range(1, count + 1))
    return sorted({1 + round(each * (count - 1) / (at_most - 1)) for each in range(at_most)})
