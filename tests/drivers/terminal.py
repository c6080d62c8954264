"""Run pytest in a terminal, and find out what its output leaves on the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Final

FOREIGN: Final = ("PYTEST_", "COV_", "GITHUB_", "CI", "BUILD_NUMBER", "COLUMNS", "LINES")

CONTROL: Final = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;]*[A-Za-z]|.", re.S)
"""A part of what a terminal is sent: a command to it, or a character."""


def run_in_terminal(directory: Path, *arguments: str, columns: int = 80) -> tuple[int, str]:
    """Run pytest in a terminal. Return its exit status and all that it wrote."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    shows, written = pty.openpty()
    fcntl.ioctl(written, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=directory,
        env={**clean, "TERM": "xterm"},
        stdin=written,
        stdout=written,
        stderr=written,
    )
    os.close(written)
    read = b""
    with contextlib.suppress(OSError):  # raised once the last process has closed the terminal
        while chunk := os.read(shows, 65536):
            read += chunk
    os.close(shows)
    return process.wait(), read.decode()


def screen(text: str) -> list[str]:
    """Return the lines on the screen of a terminal that was sent this text, without colours."""
    lines, row, column = [""], 0, 0
    for part in CONTROL.findall(text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif part.endswith("A") and len(part) > 1:
            row -= 1
        elif part.endswith("C") and len(part) > 1:
            column += int(part[2:-1])
        elif part == "\x1b[K":
            lines[row] = lines[row][:column]
        elif not part.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]
