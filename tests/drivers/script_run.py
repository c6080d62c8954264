"""Run the script of a failure in a separate process that has already imported everything."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests.drivers.in_process import Judged
from tests.mutants import family_of
from tokenstore_conformance import rejudge
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.report.scripts.reproduction import reproduction
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target, resolve

ROOT = Path(__file__).parent.parent.parent

_PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Options against plugins that must not be loaded again in a process that has used them."""


class Ended(NamedTuple):
    """How a script ended, and what it printed, on both streams."""

    status: int
    printed: str


def target_of(store: type) -> Target:
    """Return the target that names a class as a user would."""
    return resolve(f"{store.__module__}:{store.__name__}", ROOT)


def correct_of(mutant: type) -> type:
    """Return the correct store that a mutant is made from. For THR, that is one with a lock.

    If that store does not keep the clause either, or the mutant is made from none, return the
    smallest correct store. For DUR, return the smallest one in a file.
    """
    correct = f"tests.correct.{mutant.__module__.split('.')[2]}"
    capable = import_module(f"{correct}.capable")
    if family_of(mutant) == "THR":
        return capable.Locked  # type: ignore[no-any-return]
    for each in mutant.__mro__:
        broken = (*getattr(each, "breaks_should", ()), *getattr(each, "lacks", ()))
        if each.__module__.startswith(correct) and mutant.clause not in broken:  # type: ignore[attr-defined]
            return each
    if family_of(mutant) == "DUR":
        return capable.InFile  # type: ignore[no-any-return]
    return import_module(f"{correct}.honest").Honest  # type: ignore[no-any-return]


def script_of(judged: Judged, result: Result, generation: str, store: type) -> str:
    """Return the script of a failure, for this store instead of the one that failed."""
    clause = judged.clauses[result.clause]
    options = (f"--tokenstore-generation={generation}",)
    return reproduction(result, clause, target_of(store), open_door(generation), ROOT, options)


def run_alone(source: str) -> Ended:
    """Run a script as a user does."""
    command = [sys.executable, "-"]
    done = subprocess.run(
        command, input=source, capture_output=True, text=True, cwd=ROOT, check=False
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def run_script(source: str) -> Ended:
    """Run a script from the project's root directory, in a process that has imported everything."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                sys.stdout = sys.stderr = os.fdopen(1, "w", closefd=False)
                os._exit(_status(source))
            os._exit(99)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return Ended(status, output.read().decode(errors="replace"))


def _pytest_alone(command: list[str], **_: object) -> None:
    """Run pytest in another process that has already imported everything."""
    child = os.fork()
    if child == 0:
        known = "-Wignore:Module already imported:pytest.PytestAssertRewriteWarning"
        os.environ.pop("PYTEST_ADDOPTS", None)
        with contextlib.suppress(BaseException):
            pytest.main([known, *_PLUGINS, *command[3:]])
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def _status(source: str) -> int:
    """Run a program, and return the exit status that Python gives it."""
    import atexit

    atexit._clear()
    rejudge.subprocess = SimpleNamespace(run=_pytest_alone)
    os.chdir(ROOT)
    status = 0
    try:
        exec(compile(source, "reproduce.py", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status
