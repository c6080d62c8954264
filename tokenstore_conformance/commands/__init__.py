"""The commands of ``python -m tokenstore_conformance``, one module for each."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Protocol


class Command(Protocol):
    """The interface of a module that implements a command."""

    HELP: str
    """One sentence for ``--help``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments of the command."""

    def run(self, options: Namespace) -> int:
        """Run the command and return the exit status. Raises `CommandError` or `OSError`."""


class CommandError(Exception):
    """A command cannot be done. The message says why and what to do, in one line."""
