"""What runs in the other processes: a seed, which forks, and workers, which use a store.

`main` is the seed. It imports the SDK once, and no
target, so that nothing of the user's (a connection made at import) is carried across a fork. Each
worker imports the target and builds a store, as a process of the user's program would.
"""

from __future__ import annotations

import linecache
import os
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from mmap import mmap
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import Switch
from tokenstore_conformance.processes.outward import Spot, outward_calls, watch_threads
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, open_door
from tokenstore_conformance.subject.plain_store import RecordStore, Refused, plain
from tokenstore_conformance.target import resolve


@dataclass(frozen=True)
class Setting:
    """Where a worker stands: the target, and the storage over which it builds its store."""

    target: str
    places: tuple[Path, ...]
    offered: dict[str, Any]
    directory: Path
    timeout: float
    environment: dict[str, str]
    import_path: list[str]


@dataclass(frozen=True)
class Work:
    """Saves to make one after another, and then a listing if asked for."""

    saves: tuple[Record, ...] = ()
    listing: bool = False
    stop_at: int = 0
    """Before which outward call of the last save to say so, and wait; 0 for none."""
    kill_at: int = 0
    """Before which outward call of the last save to die by SIGKILL, or else on its return."""
    mark: Path | None = None
    """A file of one byte; it becomes 1 when the last save has returned."""


@dataclass(frozen=True)
class Stopped:
    """The worker waits before an outward call, until it is sent anything."""

    place: str
    switch: Switch
    """The same with the text of the line; its caller is 0."""


@dataclass(frozen=True)
class Done:
    """What came of some work."""

    listed: tuple[Record, ...] | None = None
    error: str = ""
    """What the store raised, in one line; "" where it raised nothing."""
    doing: str = ""
    """The call that raised."""
    refused: bool = False
    places: tuple[str, ...] = ()
    """The outward calls of the last save."""


@dataclass
class Worker:
    """A process with a store. It makes what calls it is told to make."""

    link: Connection
    store: RecordStore
    closing: ExitStack = field(default_factory=ExitStack)
    stopping: threading.Lock = field(default_factory=threading.Lock)
    """Held while a thread waits in the middle of a save, whichever thread of the store it is."""

    def serve(self, timeout: float) -> None:
        """Until the other end is closed."""
        while True:
            work = self.link.recv()
            with limits.limited(timeout):
                done = self._do(work)
            self.link.send(done)

    def _do(self, work: Work) -> Done:
        places: list[str] = []
        doing = "save"
        try:
            for record in work.saves[:-1]:
                self.store.save(record)
            for record in work.saves[-1:]:
                self._save_visibly(record, work, places)
            doing = "get_tokens"
            listed = tuple(self.store.get_tokens()) if work.listing else None
        except BaseException as error:  # whatever a store raises
            text = str(error) if isinstance(error, Refused) else describe(error)
            return Done(None, text, doing, isinstance(error, Refused), tuple(places))
        return Done(listed, places=tuple(places))

    def _save_visibly(self, record: Record, work: Work, places: list[str]) -> None:
        def visit(number: int, place: Any) -> None:
            if number == work.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            if not work.kill_at:
                places.append(str(place()))
            if number == work.stop_at:
                with self.stopping:
                    self.link.send(_stopped(place()))
                    self.link.recv()

        mark = None
        if work.mark is not None:
            with open(work.mark, "r+b") as file:
                mark = mmap(file.fileno(), 1)
        with outward_calls(visit):
            self.store.save(record)
        with self.stopping:
            pass  # the save has returned, and a thread of the store is still to go on
        if mark is not None:
            mark[0] = 1  # no system call, in which a thread of the store could go on
        if work.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def _stopped(spot: Spot) -> Stopped:
    source = linecache.getline(spot.file, spot.line).strip()
    where = (spot.file, spot.line, spot.function, source)
    return Stopped(spot.words, Switch(0, spot.words, False, *where))


def serve(link: Connection, door: Door, setting: Setting) -> None:
    """Build the store, say so, and make calls on it."""
    link.send(os.getpid())
    os.environ.clear()
    os.environ.update(setting.environment)
    sys.path[:] = setting.import_path
    os.chdir(setting.directory)
    closing = ExitStack()
    watch_threads()
    try:
        with limits.limited(setting.timeout):
            target = resolve(setting.target, *setting.places)
            built = target.build(setting.offered, closing)
            store = plain(door, built.open() if target.harness else built)
    except BaseException as error:  # whatever a module or a constructor raises
        link.send(Done(error=describe(error), doing="build"))
        return
    link.send(Done())
    Worker(link, store, closing).serve(setting.timeout)


def main() -> None:
    """Fork a worker for each `Setting` that comes; end when the other end is closed."""
    with suppress(EOFError, KeyboardInterrupt):
        _sow(sys.argv[1], sys.stdin.buffer.read())


def _sow(address: str, key: bytes) -> None:
    control = Client(address, authkey=key)
    door = open_door(control.recv())
    while True:
        order = control.recv()
        if isinstance(order, int):
            os.waitpid(order, 0)
            control.send(order)
            continue
        link = Client(address, authkey=key)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                control.close()
                serve(link, door, order)
                status = 0
            except EOFError:  # no more work
                status = 0
            finally:
                os._exit(status)  # without the store's own farewell, and the seed's
        link.close()
