"""The options of a run, read once and checked before anything is judged."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance.contract import CAPABILITIES, GENERATIONS, VERSION, VERSIONS
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.known import Known
from tokenstore_conformance.judging.settings import DEFAULT_EXAMPLES
from tokenstore_conformance.pytest_run.known_file import KnownFileError, read_known
from tokenstore_conformance.report import github
from tokenstore_conformance.report.formats import (
    NoFormat,
    ReportFile,
    is_writable,
    outputs,
    refuse_for_an_audit,
)
from tokenstore_conformance.report.wanted import Wanted
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
    """Seconds within which a call has to return."""
    generation: str | None
    """The generation of the SDK, or None if the user does not name it."""
    wanted: Wanted
    """The reports to write."""
    wipe: bool
    contract: str
    """The version of the contract."""
    known_file: str
    """The file of accepted failures as the user named it, "" for none."""
    known: tuple[Known, ...]
    """The failures that are accepted."""
    today: date
    """The day, in UTC, on which the run began."""

    @classmethod
    def of(cls, config: pytest.Config, directory: Path, targets: Collection[str]) -> Options:
        """Read each option from the command line or, if it is not there, from the ini file.

        A path on the command line is relative to ``directory``. A path in the ini file is relative
        to the directory of that file. Raises `pytest.UsageError`.
        """
        read = _Reader(config, directory)
        known, known_file = read.path("known"), read.text("known") or ""
        nameable = dict.fromkeys([*targets, *config.getini("tokenstore")])
        return cls(
            strict=read.flag("strict"),
            required=read.capabilities("require"),
            examples=read.whole_number("examples", DEFAULT_EXAMPLES),
            timeout=read.seconds("timeout", limits.DEFAULT),
            generation=read.one_of("generation", tuple(GENERATIONS)),
            wanted=Wanted(
                _outputs(config, directory),
                _directory(read.path("scripts")),
                github.is_running(os.environ)
                and read.flag_in_file("github")
                and not config.option.no_tokenstore_github,
            ),
            wipe=read.flag("wipe"),
            contract=read.one_of("contract", VERSIONS) or VERSION,
            known_file=known_file,
            known=_known(known, known_file, nameable) if known else (),
            today=datetime.now(timezone.utc).date(),
        )

    def again(self) -> tuple[str, ...]:
        """Return the options with which another run judges one clause in the same way.

        Options with their default value are left out. So is ``strict``, which only matters if one
        clause may excuse another.
        """
        given = {
            "require": ",".join(sorted(self.required)),
            "examples": "" if self.examples == DEFAULT_EXAMPLES else self.examples,
            "timeout": "" if self.timeout == limits.DEFAULT else self.timeout,
            "generation": self.generation,
            "contract": "" if self.contract == VERSION else self.contract,
        }
        return tuple(f"--tokenstore-{name}={value}" for name, value in given.items() if value)

    def as_data(self) -> dict[str, Any]:
        """Return the options that decide a verdict, for the JSON report."""
        return {
            "strict": self.strict,
            "require": sorted(self.required),
            "examples": self.examples,
            "timeout": self.timeout,
            "generation": self.generation,
            "contract": self.contract,
            "known": self.known_file or None,
            "wipe": self.wipe,
        }


class _Reader:
    """Reads options: the command line first, then the ini file."""

    def __init__(self, config: pytest.Config, directory: Path) -> None:
        self._config = config
        self._directory = directory

    def flag(self, name: str) -> bool:
        return bool(self._typed(name)) or self.flag_in_file(name)

    def flag_in_file(self, name: str) -> bool:
        try:
            return bool(self._config.getini(f"tokenstore_{name}"))
        except (ValueError, pytest.UsageError) as error:  # pytest's version decides which one
            raise pytest.UsageError(f"tokenstore_{name}: {error}; write true or false") from None

    def text(self, name: str) -> str | None:
        typed = self._typed(name)
        value = self._config.getini(f"tokenstore_{name}") if typed is None else typed
        return str(value).strip() or None

    def path(self, name: str) -> Path | None:
        value, inipath = self.text(name), self._config.inipath
        if value is None:
            return None
        in_file = self._typed(name) is None and inipath is not None
        return (inipath.parent if in_file and inipath else self._directory) / value

    def one_of(self, name: str, choices: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in choices:
            raise pytest.UsageError(
                f"{self._name(name)}: {value!r} is not one of {', '.join(choices)}"
                f"{near(value, choices)}"
            )
        return value

    def whole_number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isdecimal() or int(value) < 1:
            raise pytest.UsageError(f"{self._name(name)} must be 1 or more")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        value = self.text(name)
        if value is None:
            return default
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            raise pytest.UsageError(f"{self._name(name)} must be more than 0 seconds")
        return seconds

    def capabilities(self, name: str) -> frozenset[str]:
        named = frozenset((self.text(name) or "").replace(",", " ").split())
        for each in sorted(named - set(CAPABILITIES)):
            raise pytest.UsageError(
                f"{self._name(name)}: unknown capability {each!r}{near(each, CAPABILITIES)}; "
                f"choose from {', '.join(CAPABILITIES)}"
            )
        return named

    def _typed(self, name: str) -> Any:
        return getattr(self._config.option, f"tokenstore_{name}")

    def _name(self, name: str) -> str:
        """Return the name of the option as the user wrote it."""
        return f"tokenstore_{name}" if self._typed(name) is None else f"--tokenstore-{name}"


def contract_of_options(config: pytest.Config) -> tuple[str | None, str]:
    """Return the generation and the version of the contract. Raises `pytest.UsageError`."""
    read = _Reader(config, Path())
    generation = read.one_of("generation", tuple(GENERATIONS))
    return generation, read.one_of("contract", VERSIONS) or VERSION


def _known(file: Path, name: str, targets: Collection[str]) -> tuple[Known, ...]:
    try:
        return read_known(file, name, targets)
    except KnownFileError as error:
        raise pytest.UsageError(f"accepted failures: {error}") from None


def _directory(path: Path | None) -> Path | None:
    if path is not None and not is_writable(path / "it"):
        raise pytest.UsageError(f"--tokenstore-scripts: cannot write {path}")
    return path


def _outputs(config: pytest.Config, directory: Path) -> tuple[ReportFile, ...]:
    """Return the reports that the command line names or, if there are none, those of the ini file.

    The reports of the ini file are relative to the directory of that file.
    """
    typed = config.option.tokenstore_report
    if not typed and config.inipath is not None:
        directory = config.inipath.parent
    return _checked_outputs(typed or config.getini("tokenstore_report"), directory)


def outputs_of_audit(config: pytest.Config, directory: Path) -> tuple[ReportFile, ...]:
    """Return the reports to write for an audit. Raises `pytest.UsageError`.

    The reports that the ini file names are not written, because they hold verdicts.
    """
    return _checked_outputs(config.option.tokenstore_report or (), directory, of_audit=True)


def _checked_outputs(
    named: Iterable[str], directory: Path, *, of_audit: bool = False
) -> tuple[ReportFile, ...]:
    try:
        found = outputs(named, directory)
        if of_audit:
            refuse_for_an_audit(found)
    except NoFormat as error:
        raise pytest.UsageError(f"--tokenstore-report: {error}") from None
    for each in found:
        if not is_writable(each.file):
            raise pytest.UsageError(f"--tokenstore-report: cannot write {each.file}")
    return found
