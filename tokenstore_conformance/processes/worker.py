"""The code that runs in a worker. It imports the target and builds a store, as a process of the
user's program would, and makes the calls that it is sent.
"""

from __future__ import annotations

import linecache
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from mmap import mmap
from multiprocessing.connection import Client, Connection
from typing import Any

if sys.platform != "win32":
    import resource

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import Switch
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.messages import Done, Fork, Reap, Setting, Stopped, Work
from tokenstore_conformance.processes.moments import Moment, Way
from tokenstore_conformance.processes.outward import Spot, outward_calls, watch_threads
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.plain_store import RecordStore, StoreRefused, plain
from tokenstore_conformance.target import imported
from tokenstore_conformance.target.storage import is_of_a_store


@dataclass
class Worker:
    """A process with a store. It makes the calls that it is told to make."""

    link: Connection
    door: Door
    raw: Any
    """The user's store."""
    store: RecordStore
    """The user's store with records in and records out."""
    closing: ExitStack = field(default_factory=ExitStack)
    stopping: threading.Lock = field(default_factory=threading.Lock)
    """Held while any thread of the store is stopped in the middle of a call."""

    def serve(self, timeout: float) -> None:
        """Do the work that arrives, until the other end is closed."""
        while True:
            work = self.link.recv()
            if isinstance(work, Fork):
                self._fork(work)
                continue
            if isinstance(work, Reap):
                os.waitpid(work.pid, 0)
                self.link.send(work)
                continue
            with limits.limited(timeout):
                done = self._do(work)
            self.link.send(done)

    def _fork(self, order: Fork) -> None:
        link = Client(order.address, authkey=order.key)
        if os.fork() == 0:
            self.link.close()
            self.link = link
            link.send(os.getpid())
        else:
            link.close()

    def _do(self, work: Work) -> Done:
        moments: list[Moment] = []
        answers: list[Answer] = []
        listed: list[Record] = []
        doing, waits = "save_token", 0
        try:
            calls: list[tuple[str, Callable[[], object]]] = [
                ("save_token", partial(self.store.save, each)) for each in work.saves
            ]
            if work.call is not None:
                request = work.call.request(self.door)
                bound = getattr(self.raw, request.method)
                calls.append((request.method, partial(bound, *request.arguments)))
            if work.listing:
                calls.append(("get_tokens", lambda: listed.extend(self.store.get_tokens())))
            visible = len(calls) - 1 if calls[1:] and work.listing else len(calls)
            for number, (method, call) in enumerate(calls, 1):
                doing, waits = method, _waits()
                if number == visible:
                    self._make_visibly(call, work, moments)
                else:
                    call()
            for ask in work.asks:
                doing = ask.request(self.door).method
                answers.append(self._ask(ask))
        except BaseException as error:  # whatever a store raises
            return Done(
                error=str(error) if isinstance(error, StoreRefused) else describe(error),
                hung=isinstance(error, limits.Hung),
                gave_up=_waits() > waits,
                doing=doing,
                moments=tuple(moments),
            )
        seen = tuple(listed) if work.listing else None
        return Done(seen, tuple(answers), moments=tuple(moments))

    def _ask(self, ask: Ask) -> Answer:
        request = ask.request(self.door)
        limits.step(request.method)
        try:
            value = getattr(self.raw, request.method)(*request.arguments)
        except limits.Hung:
            raise
        except BaseException as error:  # whatever a store raises
            return Answer(error=describe(error))
        return ask.answer(self.door, value)

    def _make_visibly(self, call: Callable[[], object], work: Work, moments: list[Moment]) -> None:
        way = Way()

        def visit(number: int, place: Callable[[], Spot]) -> None:
            spot = place()
            moment = way.moment_before(spot.words)
            if moment == work.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            moments.append(moment)
            if moment == work.stop_at:
                with self.stopping:
                    self.link.send(_stopped(spot))
                    self.link.recv()

        mark = None
        if work.mark is not None:
            with open(work.mark, "r+b") as file:
                mark = mmap(file.fileno(), 1)
        if work.file_size:
            _limit_file_size(work.file_size)
        try:
            with outward_calls(visit):
                call()
        except BaseException as error:
            if work.file_size and not isinstance(error, limits.Hung):
                os.kill(os.getpid(), signal.SIGKILL)  # it may raise; what it leaves must be whole
            raise
        with self.stopping:
            pass  # the call has returned: wait for a thread of the store that is still stopped
        if mark is not None:
            mark[0] = 1  # no system call: a thread of the store could run during one
        if work.kill_at or work.file_size:
            os.kill(os.getpid(), signal.SIGKILL)


def _waits() -> int:
    """Return how often this process has waited for anything: a lock, the disk, a sleep."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _limit_file_size(size: int) -> None:
    """Make the system kill this process at its first write beyond ``size`` bytes of a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it


def _stopped(spot: Spot) -> Stopped:
    source = linecache.getline(spot.file, spot.line).strip()
    where = (spot.file, spot.line, spot.function, source)
    return Stopped(spot.words, Switch(0, spot.words, False, *where))


@contextmanager
def _visibly(link: Connection, setting: Setting, moments: list[Moment]) -> Iterator[None]:
    """Wrap the building of the store. If it is to be visible, note its moments, and wait at the one
    where it is to stop.
    """
    way = Way()

    def visit(number: int, place: Callable[[], Spot]) -> None:
        spot = place()
        moments.append(way.moment_before(spot.words))
        if moments[-1] == setting.stop_at:
            link.send(_stopped(spot))
            link.recv()
            limits.step()

    with outward_calls(visit) if setting.is_visible else nullcontext():
        yield


def serve(link: Connection, door: Door, setting: Setting) -> None:
    """Build the store, report that, and make the calls that arrive."""
    link.send(os.getpid())
    os.environ.clear()
    os.environ.update(setting.environment)
    sys.path[:] = setting.import_path
    os.chdir(setting.directory)
    closing = ExitStack()
    watch_threads()
    is_class, moments = False, list[Moment]()
    try:
        with limits.limited(setting.timeout):
            target = imported(setting.target, *setting.places)
            is_class = target.is_class
            with _visibly(link, setting, moments):
                built = target.build(setting.offered, closing)
                store = built.open() if target.harness else built
    except BaseException as error:  # a module or a constructor may raise anything
        hung, in_store = isinstance(error, limits.Hung), is_class or is_of_a_store(error)
        link.send(
            Done(error=describe(error), hung=hung, doing="building a store", in_store=in_store)
        )
        return
    link.send(Done(moments=tuple(moments)))
    Worker(link, door, store, plain(door, store), closing).serve(setting.timeout)
