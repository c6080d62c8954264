"""Ends a run from outside if nothing inside it can: another process watches its deadline.

A store may disarm timers, ignore signals, or wait in C so that no Python code runs. So the limits
of `limits` are also written to memory that a second process reads (`watching`). When a deadline has
passed, that process first sends the alarm once more, in case the store disarmed the timer. If the
run still makes no progress, it kills the run, and has what is known reported and the rest judged.

Only the process that started the watchdog sets its deadline; a forked child does not.
"""

from __future__ import annotations

import contextlib
import faulthandler
import mmap
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, TextIO

from tokenstore_conformance.guard import outer_process, watching

MEMORY: Final = Path("/dev/shm")
"""Where Linux keeps files in memory."""
ROOM: Final = 32 * 1024 * 1024
"""Bytes that have to be free in `MEMORY`."""

LATE: Final = 2.0
"""The watchdog sends the alarm itself this many seconds after the limit."""


_outputs: tuple[int | None, int | None] = (None, None)
"""Where stdout and stderr went before pytest captured them."""

_current: Watchdog | None = None


def keep_outputs() -> None:
    """Remember where stdout and stderr go before pytest captures them. The last words go there."""
    global _outputs
    if _outputs == (None, None):
        _outputs = _copy_of(sys.stdout), _copy_of(sys.stderr)


def _copy_of(stream: TextIO) -> int | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.dup(stream.fileno())
    return None


def current() -> Watchdog | None:
    """The watchdog of this run, if there is one."""
    return _current


@contextlib.contextmanager
def guarded(
    last_words: Sequence[str], environment: Mapping[str, str], shared: Path | None = None
) -> Iterator[Watchdog | None]:
    """Run a watchdog inside, which ends the run if no alarm can. See `Watchdog` for the arguments.

    Yields the watchdog, or None if there is none.
    """
    global _current
    if not hasattr(signal, "setitimer") or _current is not None:
        yield None
        return
    _current = Watchdog(last_words, environment, shared)
    try:
        yield _current
    finally:
        ended, _current = _current, None
        ended.stop()


class Watchdog:
    """The second process. ``folder`` is for what it needs to know when the run has ended."""

    def __init__(
        self, last_words: Sequence[str], environment: Mapping[str, str], shared: Path | None
    ) -> None:
        """``last_words`` is a command that reports what is known; see `final_report`. ``shared`` is
        the file for the deadline, given if another process wants to read it; see `left_in`.
        """
        memory = _memory()
        self.folder = Path(tempfile.mkdtemp(prefix="tokenstore-", dir=memory))
        self.is_in_memory = memory is not None
        shared = shared or self.folder / watching.SHARED
        shared.write_bytes(bytes(watching.SIZE))
        with shared.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), watching.SIZE)
        self._pid = os.getpid()
        self._stacks = _stacks_on_a_signal(self.folder / watching.STACKS)
        stdout, stderr = (subprocess.DEVNULL if each is None else each for each in _outputs)
        lines = [each.fileno() for each in (outer_process.line(),) if each]
        where = [str(self.folder), str(shared), "".join(map(str, lines))]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", watching.__file__, *where, *last_words],
            pass_fds=lines,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=dict(environment),
        )
        outer_process.close_line()

    def expect(self, until: float, doing: str) -> None:
        """Expect the run to make progress by ``until``, on the clock of `watching.now`."""
        if os.getpid() != self._pid:
            return
        text = doing.encode("utf-8", "replace")[: watching.MOST_TEXT]
        watching.STATE.pack_into(self._memory, 0, until + LATE, len(text))
        self._memory[watching.STATE.size : watching.STATE.size + len(text)] = text

    def rest(self) -> None:
        """Expect nothing of the run."""
        if os.getpid() == self._pid:
            watching.STATE.pack_into(self._memory, 0, 0.0, 0)

    def stop(self) -> None:
        """Stop the watchdog, because the run ends by itself."""
        watching.STATE.pack_into(self._memory, 0, watching.OVER, 0)
        with contextlib.suppress(PermissionError):  # a store changed the user of this process
            self._process.terminate()
        self._process.wait()
        if self._stacks is not None:
            faulthandler.unregister(signal.SIGUSR2)
            self._stacks.close()
        self._memory.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def left_in(shared: Path) -> tuple[str, str, bool] | None:
    """Return where a run was when it died: the clause, what it was doing, and whether it hung.

    ``shared`` is the file of its watchdog. None if nothing was expected of the run.
    """
    try:
        data = shared.read_bytes()
    except OSError:
        return None
    deadline, length = watching.STATE.unpack_from(data)
    if deadline <= 0:
        return None
    text = data[watching.STATE.size :][:length].decode("utf-8", "replace")
    clause, _, doing = text.partition(watching.IN)
    return (clause, doing or "the store", deadline < watching.now()) if clause else None


def _memory() -> Path | None:
    """Return a directory in memory, for files that may be lost with it. None if there is none."""
    with contextlib.suppress(OSError):
        if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
            return MEMORY
    return None


def _stacks_on_a_signal(path: Path) -> IO[str] | None:
    """Have the stacks of all threads written when the watchdog asks, and return the file.

    C code writes them, so that it works at any time. None, and no file, if other code uses the
    signal.
    """
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL:
            file = path.open("w")
            faulthandler.register(signal.SIGUSR2, file=file, all_threads=True)
            return file
    return None
