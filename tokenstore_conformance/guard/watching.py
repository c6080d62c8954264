"""What the watchdog's own process runs, from this file alone: see `watchdog`.

``python watching.py FOLDER SHARED LINE COMMAND...``: its parent is the run. It ends with the run,
and kills it when its deadline has long passed, or when the process that waits for it has been
killed. SHARED is the file that says by when the run has to move. LINE is the number of the line to
that process (see `outer_process`), or "".
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
from time import CLOCK_MONOTONIC, clock_gettime, sleep
from typing import Final

SHARED: Final = "deadline"
STACKS: Final = "stacks"
"""A file, there only if SIGUSR2 has the stacks written to it."""
STATE: Final = struct.Struct("=dI")
"""The deadline, by the clock of `now`, and the length of the text behind it."""
MOST_TEXT: Final = 200
SIZE: Final = STATE.size + MOST_TEXT
OVER: Final = -1.0
"""A deadline that says that the run has ended by itself."""

IN: Final = ": "
"""Parts the clause from what is done in it, in that text."""

LOOK: Final = 0.2
"""Seconds between two looks."""
GRACE: Final = 5.0
"""Seconds in which the run has to move after the alarm."""

HANGS: Final = "hangs"
DIED: Final = "died"


def now() -> float:
    """Seconds, by the clock that the run keeps its deadlines by."""
    return clock_gettime(CLOCK_MONOTONIC)  # a store may replace that of `time`


def main(folder: str, shared: str, line: str, *last_words: str) -> None:
    os.setpgid(0, 0)  # Ctrl-C is for the run
    with open(shared, "r+b") as file:
        memory = mmap.mmap(file.fileno(), SIZE)
    run, lines = os.getppid(), [int(line)] if line else []
    warned, since = 0.0, 0.0
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
        if not 0 < deadline < now():
            warned = 0.0
        elif warned != deadline:
            warned, since = deadline, now()
            os.kill(run, signal.SIGALRM)
        elif now() - since > GRACE:
            if os.path.exists(os.path.join(folder, STACKS)):
                os.kill(run, signal.SIGUSR2)
                sleep(LOOK)
            kill(run)
            tell(last_words, folder, lines, HANGS, doing)
            return


def kill(run: int) -> None:
    """End the run, if it has not ended meanwhile."""
    if os.getppid() == run:
        os.kill(run, signal.SIGKILL)


def tell(last_words: tuple[str, ...], folder: str, lines: list[int], how: str, doing: str) -> None:
    """Have what is known written, when the run has ended; then the rest is judged, too."""
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
