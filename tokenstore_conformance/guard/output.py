"""Keeps what a store prints and logs, for the failure that it belongs to."""

from __future__ import annotations

import io
import logging
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, Final

MOST: Final = 4_000
"""At most this many characters are kept: the last ones."""
MOST_CAPTURED: Final = 1_000_000
"""At most this many bytes are left for pytest to read when a clause is over."""


class StaysOpen(io.TextIOBase):
    """A text stream that stays open when a store closes it."""

    was_closed = False

    def close(self) -> None:
        """Note the call, and stay open."""
        self.was_closed = True


class OpenText(StaysOpen, io.StringIO):
    """A stream that keeps all that is written to it."""


class Output(StaysOpen):
    """A stream that keeps the end of what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-MOST:]
        return len(text)


@contextmanager
def printing_to(stream: Any) -> Iterator[None]:
    """Redirect all that Python prints inside to this stream, even what bypasses pytest."""
    originals = dict.fromkeys(("__stdout__", "__stderr__"), stream)
    before = {name: getattr(sys, name) for name in originals}
    with redirect_stdout(stream), redirect_stderr(stream):
        vars(sys).update(originals)
        try:
            yield
        finally:
            vars(sys).update(before)


_captured: tuple[int, ...] = ()
"""The files in which pytest keeps output that bypasses Python's streams: their descriptors."""


def trim_captured() -> None:
    """Empty the files of `_captured` once they are large: a store may print without end."""
    for descriptor in _captured:
        with suppress(OSError):
            if os.fstat(descriptor).st_size > MOST_CAPTURED:
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)


def _is_captured(descriptor: int) -> bool:
    """Whether this is a file without a name. The user never redirects output to such a file."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 0


@contextmanager
def kept() -> Iterator[Output]:
    """Keep what is printed and logged inside. It reaches neither a terminal nor pytest."""
    global _captured
    output = Output()
    _captured = tuple(filter(_is_captured, (1, 2)))
    handler = logging.StreamHandler(output)
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [handler]
    try:
        with printing_to(output):
            yield output
    finally:
        root.handlers = before
        trim_captured()
        _captured = ()
