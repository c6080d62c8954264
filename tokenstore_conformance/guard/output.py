"""What a store prints and logs, kept for the failure that it belongs to."""

from __future__ import annotations

import io
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Final

MOST: Final = 4_000
"""Characters that are kept, the last ones."""
MOST_CAPTURED: Final = 1_000_000
"""Bytes that pytest may have to read when a clause is over."""


class Output(io.TextIOBase):
    """A text stream that keeps the end of what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-MOST:]
        return len(text)


_captured: tuple[int, ...] = ()
"""Files in which pytest keeps what is written to stdout and stderr past Python."""


def trim_captured() -> None:
    """Empty these files once they are large: a store may print without end."""
    for descriptor in _captured:
        with suppress(OSError):
            if os.fstat(descriptor).st_size > MOST_CAPTURED:
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)


def _is_captured(descriptor: int) -> bool:
    """Whether it is a file without a name: never one that the user directs output to."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 0


@contextmanager
def kept() -> Iterator[Output]:
    """Inside, what is printed and logged goes here, and neither to a terminal nor to pytest."""
    global _captured
    output = Output()
    _captured = tuple(filter(_is_captured, (1, 2)))
    handler = logging.StreamHandler(output)
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [handler]
    try:
        with redirect_stdout(output), redirect_stderr(output):
            yield output
    finally:
        root.handlers = before
        trim_captured()
        _captured = ()
