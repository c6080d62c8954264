"""The options of pytest that leave tests out: which are in force, and who set them."""

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
    """As in "-k 'SHAPE'"."""
    origin: str
    """As in "on the command line", or "in addopts of pytest.ini"."""
    typed: bool
    """Whether it was typed for this run."""

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
    """Those of `SELECTING` that are in force, each with where it comes from."""
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
    """What these arguments alone say."""
    with contextlib.suppress(Exception, SystemExit):
        parsed: Namespace = parser.parse_known_args([*map(str, arguments)], Namespace())
        return parsed
    return Namespace()


def _quoted(value: Any) -> str:
    return " ".join(map(repr, value)) if isinstance(value, list) else repr(value)
