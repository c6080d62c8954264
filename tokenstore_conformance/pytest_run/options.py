"""The options of a run, read once and checked before anything is judged."""

from __future__ import annotations

import contextlib
import os
import shlex
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.contract import CAPABILITIES
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.judge import DEFAULT_EXAMPLES
from tokenstore_conformance.report import github
from tokenstore_conformance.report.formats import NoFormat, Output, outputs
from tokenstore_conformance.target.importing import near


@dataclass(frozen=True)
class Options:
    """How stores are judged."""

    strict: bool
    required: frozenset[str]
    """The capabilities that every store must have."""
    examples: int
    """How many sequences SEQ-1 tries."""
    timeout: float
    """Seconds in which a call has to return."""
    generation: str | None
    """The generation of the SDK, where the user names it."""
    outputs: tuple[Output, ...]
    """The reports to write."""
    github: bool
    """Whether to write annotations and a job summary for GitHub Actions."""
    wipe: bool

    @classmethod
    def of(cls, config: pytest.Config, directory: Path) -> Options:
        """Read the options; raises `pytest.UsageError`. Paths are seen from ``directory``."""
        option = config.option
        examples = DEFAULT_EXAMPLES
        if option.tokenstore_examples is not None:
            examples = option.tokenstore_examples
        if examples < 1:
            raise pytest.UsageError("--tokenstore-examples must be 1 or more")
        timeout = limits.DEFAULT if option.tokenstore_timeout is None else option.tokenstore_timeout
        if not timeout > 0:
            raise pytest.UsageError("--tokenstore-timeout must be more than 0 seconds")
        return cls(
            option.tokenstore_strict,
            _capabilities(option.tokenstore_require),
            examples,
            timeout,
            option.tokenstore_generation,
            _outputs(config, directory),
            github.is_running(os.environ) and not option.no_tokenstore_github,
            option.tokenstore_wipe,
        )


def _outputs(config: pytest.Config, directory: Path) -> tuple[Output, ...]:
    """The reports: those of the command line, else those of the ini file, seen from where it is."""
    typed = config.option.tokenstore_report
    if not typed and config.inipath is not None:
        directory = config.inipath.parent
    try:
        found = outputs(typed or config.getini("tokenstore_report"), directory)
    except NoFormat as error:
        raise pytest.UsageError(f"--tokenstore-report: {error}") from None
    for each in found:
        if not each.is_writable:
            raise pytest.UsageError(f"--tokenstore-report: cannot write {each.file}")
    return found


def _capabilities(required: str) -> frozenset[str]:
    named = frozenset(filter(None, required.replace(" ", "").split(",")))
    for each in sorted(named - set(CAPABILITIES)):
        raise pytest.UsageError(
            f"--tokenstore-require: unknown capability {each!r}{near(each, CAPABILITIES)}; "
            f"choose from {', '.join(CAPABILITIES)}"
        )
    return named


@dataclass(frozen=True)
class Selecting:
    """An option of pytest that leaves tests out, as it stands in this run."""

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
