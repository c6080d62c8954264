"""The options of pytest that leave tests out: which are set, and where."""

from __future__ import annotations

import contextlib
import os
import shlex
from argparse import Namespace
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Selecting:
    """An option of pytest that leaves tests out, with its value in this run."""

    words: str
    """The option as text, such as "-k 'SHAPE'"."""
    origin: str
    """Where it was set, such as "on the command line" or "in addopts of pytest.ini"."""
    typed: bool
    """Whether the user typed it for this run."""

    def __str__(self) -> str:
        return f"{self.words} {self.origin}"


SELECTING = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "lf": "--last-failed",
    "stepwise": "--stepwise",
    "maxfail": "-x or --maxfail",
}
"""Options of pytest that leave tests out, by their names in its configuration."""


def selecting_options(config: pytest.Config, parser: Any) -> dict[str, Selecting]:
    """Return those options of `SELECTING` that are set, each with the place where it was set."""
    typed = _parsed(parser, config.invocation_params.args)
    environment = _parsed(parser, shlex.split(os.environ.get("PYTEST_ADDOPTS", "")))
    found = {}
    for name, flag in SELECTING.items():
        value = getattr(config.option, name, None)
        if not value:
            continue
        words = flag if value is True or name == "maxfail" else f"{flag} {_quoted(value)}"
        if getattr(typed, name, None):
            found[name] = Selecting(words, "on the command line", True)
        elif getattr(environment, name, None):
            found[name] = Selecting(words, "in PYTEST_ADDOPTS", False)
        else:
            file = config.inipath.name if config.inipath else "the configuration"
            found[name] = Selecting(words, f"in addopts of {file}", False)
    return found


def _parsed(parser: Any, arguments: Any) -> Namespace:
    """Parse these arguments alone. The result is empty if that fails."""
    with contextlib.suppress(Exception, SystemExit):
        parsed: Namespace = parser.parse_known_args([*map(str, arguments)], Namespace())
        return parsed
    return Namespace()


def _quoted(value: Any) -> str:
    return " ".join(map(repr, value)) if isinstance(value, list) else repr(value)
