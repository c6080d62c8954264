"""Other processes with stores over the same storage, like the workers of a web server.

They are real processes, forked from a seed (see `seed`).
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from tokenstore_conformance.failures import NotApplicable
from tokenstore_conformance.processes.messages import Done, Setting
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.processes.process import Hanging, Process
from tokenstore_conformance.processes.seed import LIBRARIES, Seed
from tokenstore_conformance.records import Record
from tokenstore_conformance.target import FIXTURE
from tokenstore_conformance.target.storage import Storage


class NotBuiltThere(NotApplicable):
    """Another process cannot build a store over a storage."""

    def __init__(self, storage: Storage, built: Done) -> None:
        super().__init__(_not_built(storage, built.error))
        self.built = built
        """What the process reported."""


@cache
def _seed(process: int, module: str, packages: frozenset[str]) -> Seed:
    """Return the seed of this process. It is started only once, but a forked process needs its own.

    The seed imports the modules of these ``packages`` that this process has imported.
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
    is_visible: bool = False,
    stop_at: Moment | None = None,
) -> Iterator[list[Process]]:
    """Start processes, each with a store over this storage. Those left at the end are killed.

    If the building of their stores ``is_visible``, they still build them when the block begins, and
    stop at the moment ``stop_at``, if given. Their first answer says that they stopped, or how the
    building ended.

    ``module`` is the SDK's. ``note`` is called with each record that a process is to save. Raises
    `NotBuiltThere` if a process cannot build its store, and `NotApplicable` if no process is tried.
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
            link = seed.fork(_setting(storage, timeout, is_visible, stop_at))
            processes.append(Process(seed, seed, link, link.recv(), timeout, note))
        if is_visible:
            yield processes
            return
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


def _setting(storage: Storage, timeout: float, is_visible: bool, stop_at: Moment | None) -> Setting:
    target = storage.target
    return Setting(
        f"{target.file or target.module}:{target.name}",
        target.places,
        storage.offered,
        storage.directory,
        timeout,
        dict(os.environ),
        list(sys.path),
        is_visible,
        stop_at,
    )
