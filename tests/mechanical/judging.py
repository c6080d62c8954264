"""Judge mutants as a user judges a store: each in its own process, by its own run of pytest.

The processes are forked from this one, which has imported the kit and the SDKs: that saves more
than a second for each. A run ends at the first clause that fails.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import pytest

import tokenstore_conformance
from tests.mechanical.mutants import Mutant
from tests.mechanical.stores import Target

LIMIT: Final = 300
"""Seconds in which the kit has to judge a mutant with one target."""

SURVIVED, FAILED, REFUSED = (
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.USAGE_ERROR,
)


@dataclass(frozen=True)
class Verdict:
    """What the kit says about a mutant: that it survived, or which clause it fails first."""

    mutant: Mutant
    survived: bool
    words: str
    seconds: float
    is_error: bool = False
    """Whether the kit said neither. Then `words` is the end of its output."""


def judged(mutants: Iterable[Mutant], jobs: int) -> Iterator[Verdict]:
    """Yield the verdict on each mutant when it is ready. ``jobs`` are judged at a time."""
    import_the_kit()
    waiting = deque(mutants)
    running: list[_Run] = []
    with _directory() as directory:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_Run(waiting.popleft(), directory))
            wait([each.process.sentinel for each in running], timeout=1)
            for each in [run for run in running if run.has_ended()]:
                running.remove(each)
                verdict = each.verdict()
                if verdict is None:
                    running.append(each)
                else:
                    yield verdict


def import_the_kit() -> None:
    """Import what each process would otherwise import itself."""
    for module in pkgutil.walk_packages(
        tokenstore_conformance.__path__, f"{tokenstore_conformance.__name__}."
    ):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


class _Run:
    """A mutant that is being judged, with one target after another."""

    def __init__(self, mutant: Mutant, directory: Path) -> None:
        self._mutant = mutant
        self._directory = directory
        self._began = time.monotonic()
        self._targets = deque(mutant.targets)
        self._start()

    def _start(self) -> None:
        self._place = Path(tempfile.mkdtemp(dir=self._directory))
        (self._place / "store.py").write_text(
            self._mutant.source + self._mutant.store.added, "utf-8"
        )
        self._deadline = time.monotonic() + LIMIT
        arguments = self._place, self._targets.popleft()
        self.process: BaseProcess = get_context("fork").Process(target=_judge, args=arguments)
        self.process.start()

    def has_ended(self) -> bool:
        """Whether the run with this target has ended. One that takes too long is killed."""
        if self.process.is_alive() and time.monotonic() > self._deadline:
            assert self.process.pid is not None
            os.killpg(self.process.pid, signal.SIGKILL)
        return not self.process.is_alive()

    def verdict(self) -> Verdict | None:
        """Return the verdict, or None if the mutant is now judged with the next target."""
        self.process.join()
        status = self.process.exitcode
        output = (self._place / "output").read_text("utf-8", "replace")
        shutil.rmtree(self._place, ignore_errors=True)
        if status == SURVIVED and self._targets:
            self._start()
            return None
        seconds = time.monotonic() - self._began
        if status == SURVIVED:
            return Verdict(self._mutant, True, "", seconds)
        words = _decisive(output) if status in (FAILED, REFUSED) else ""
        return Verdict(self._mutant, False, words or output[-2000:], seconds, not words)


def _judge(place: Path, target: Target) -> None:
    """Judge the store in the file `store.py` in ``place``. Runs in a separate process."""
    os.setsid()  # so that what it starts can be killed with it
    os.chdir(place)
    output = os.open("output", os.O_CREAT | os.O_WRONLY)
    for number in (1, 2):
        os.dup2(output, number)
    arguments = [
        f"--tokenstore=store.py:{target.name}",
        "--tokenstore-strict",
        f"--tokenstore-require={target.required}",
        "--exitfirst",
        "--no-tokenstore-github",
        f"--basetemp={place / 'tmp'}",
        "-p",
        "no:cacheprovider",
    ]
    status = pytest.main(arguments)
    sys.stdout.flush()
    os._exit(status)


def _decisive(output: str) -> str:
    """Return the clause that failed, or why the store was refused. "" if neither is there."""
    failed = re.search(r"^FAILED \S+::(\S+)\[.*", output, re.M)
    if failed:
        return failed[1]
    refused = re.search(r"^ERROR: (.*)", output, re.M)
    return f"refused: {refused[1]}" if refused else ""


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    """Yield an empty directory, in memory if the system can: most of the time goes to fsync."""
    shared = Path("/dev/shm")
    place = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mechanical-", dir=place) as name:
        yield Path(name)
