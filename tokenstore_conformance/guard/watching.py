"""The program of the watchdog's process. It uses no other file of the kit. See `watchdog`.

``python watching.py FOLDER SHARED LINE COMMAND...``: its parent is the run. It ends when the run
ends. It kills the run when the deadline has long passed, or when the process that waits for the run
has been killed. SHARED is the file with the deadline. LINE is the file descriptor of the line to
the waiting process (see `outer_process`), or "".
"""

from __future__ import annotations

import mmap
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
from functools import partial
from time import CLOCK_MONOTONIC, clock_gettime, sleep
from typing import Final

SHARED: Final = "deadline"
STACKS: Final = "stacks"
"""A file that exists only if SIGUSR2 has the stacks written to it."""
STATE: Final = struct.Struct("=dI")
"""The deadline, on the clock of `now`, and the length of the text that follows."""
MOST_TEXT: Final = 200
SIZE: Final = STATE.size + MOST_TEXT
OVER: Final = -1.0
"""The deadline of a run that has ended by itself."""

IN: Final = ": "
"""Separates the clause from what is done in it, in the text after the deadline."""

LOOK: Final = 0.2
"""Seconds between two looks."""
GRACE: Final = 5.0
"""Seconds that the run gets to make progress after the alarm."""
STOOD: Final = 1.0
"""If more seconds than this pass between two looks, the whole machine stood still."""

HANGS: Final = "hangs"
DIED: Final = "died"


now: Final = partial(clock_gettime, CLOCK_MONOTONIC)
"""The clock of the deadlines, in seconds. A store may replace the one in `time`."""


class Deadline:
    """When the run has to make progress. Time in which it cannot run does not count: after Ctrl-Z,
    or while the machine sleeps.
    """

    def __init__(self, moment: float) -> None:
        self.lost = 0.0
        """Seconds since the deadline was set that do not count."""
        self._set_to = 0.0
        self._looked_at = moment

    def has_passed(self, deadline: float, moment: float, is_stopped: bool) -> bool:
        if deadline != self._set_to:
            self._set_to, self.lost = deadline, 0.0
        since, self._looked_at = moment - self._looked_at, moment
        if is_stopped or since > STOOD:
            self.lost += since
        return 0 < deadline < moment - self.lost


def main(folder: str, shared: str, line: str, *last_words: str) -> None:
    os.setpgid(0, 0)  # so that Ctrl-C reaches only the run
    with open(shared, "r+b") as file:
        memory = mmap.mmap(file.fileno(), SIZE)
    run, lines = os.getppid(), [int(line)] if line else []
    warned, since, limit = 0.0, 0.0, Deadline(now())
    while True:
        has_nobody, _, _ = select.select(lines, [], [], LOOK)
        deadline, length = STATE.unpack_from(memory)
        doing = bytes(memory[STATE.size : STATE.size + length]).decode("utf-8", "replace")
        if deadline == OVER:
            return
        if has_nobody:
            kill(run)
            shutil.rmtree(folder, ignore_errors=True)
            return
        if os.getppid() != run:
            tell(last_words, folder, lines, DIED, doing)
            return
        moment = now()
        if not limit.has_passed(deadline, moment, is_stopped(run)):
            warned = 0.0
        elif warned != deadline:
            warned, since = deadline, moment - limit.lost
            os.kill(run, signal.SIGALRM)
        elif moment - limit.lost - since > GRACE:
            if os.path.exists(os.path.join(folder, STACKS)):
                os.kill(run, signal.SIGUSR2)
                sleep(LOOK)
            kill(run)
            tell(last_words, folder, lines, HANGS, doing)
            return


def is_stopped(run: int) -> bool:
    """Whether the run is stopped, for example by Ctrl-Z. False if the system does not show that."""
    try:
        with open(f"/proc/{run}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
    except OSError:
        return False


def kill(run: int) -> None:
    """End the run, if it has not ended meanwhile."""
    if os.getppid() == run:
        os.kill(run, signal.SIGKILL)


def tell(last_words: tuple[str, ...], folder: str, lines: list[int], how: str, doing: str) -> None:
    """Have what is known of an ended run reported, and the rest judged."""
    if last_words:
        line = str(lines[0]) if lines else ""
        told = [*last_words, folder, line, how, doing]
        subprocess.run(told, pass_fds=lines, check=False)
    elif how == HANGS:
        print(
            f"tokenstore: {doing.removeprefix(IN)} does not return and cannot be interrupted",
            file=sys.stderr,
        )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
