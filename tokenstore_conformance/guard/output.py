"""What a store prints and logs, kept for the failure that it belongs to."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Final

MOST: Final = 4_000
"""Characters that are kept, the last ones."""


class Output(io.TextIOBase):
    """A text stream that keeps the end of what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-MOST:]
        return len(text)


@contextmanager
def kept() -> Iterator[Output]:
    """Inside, what is printed and logged goes here, and neither to a terminal nor to pytest."""
    output = Output()
    handler = logging.StreamHandler(output)
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [handler]
    try:
        with redirect_stdout(output), redirect_stderr(output):
            yield output
    finally:
        root.handlers = before
