"""The commands of ``python -m tokenstore_conformance``, one module for each."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Protocol


class Command(Protocol):
    """What a module is that implements a command."""

    HELP: str
    """One sentence for ``--help``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments of the command."""

    def run(self, options: Namespace) -> int:
        """Do it; returns the exit status. Raises `CommandError` or `OSError`."""


class CommandError(Exception):
    """Why a command cannot be done, in one line that says what to do."""
