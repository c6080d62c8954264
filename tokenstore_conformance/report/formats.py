"""The formats of a report, and which format the name of a file asks for.

Each format has a module with a function ``text(data)``, which makes the text from the data of the
JSON report. The module is in this package for a verdict, and in ``audit`` for an audit. It is
imported when a report of that format is written.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple


class Format(NamedTuple):
    """A format: the module that makes it, and the suffixes of its files."""

    module: str
    suffixes: tuple[str, ...]
    needs_whole_run: bool = False
    """Whether to write no file for an incomplete run."""
    of_audits: bool = True
    """Whether an audit can be written in this format too."""


FORMATS: Final = {
    "json": Format("json_file", (".json",)),
    "md": Format("markdown", (".md",)),
    "html": Format("html", (".html",)),
    "sarif": Format("sarif", (".sarif", ".sarif.json")),
    "gitlab": Format("gitlab", (".gitlab.json",)),
    "badge": Format("badge", (".badge.json",), needs_whole_run=True, of_audits=False),
}
"""The formats, by their names in ``FORMAT:FILE``."""

AUDIT: Final = "tokenstore-conformance-audit/1"
"""The schema of an audit."""


class NotAReport(Exception):
    """The data is not a report of the kit; the message says why."""


class NoFormat(Exception):
    """The name of a file does not ask for a known format; the message lists the formats."""


@dataclass(frozen=True)
class ReportFile:
    """A file to write, and its format."""

    format: str
    file: Path

    @classmethod
    def of(cls, named: str, directory: Path) -> ReportFile:
        """Return what ``FILE`` or ``FORMAT:FILE`` asks for, in a directory; raises `NoFormat`."""
        format, colon, rest = named.partition(":")
        if colon and rest and format in FORMATS:
            return cls(format, directory / rest)
        found = [
            (len(suffix), name)
            for name, each in FORMATS.items()
            for suffix in each.suffixes
            if Path(named).name.lower().endswith(suffix)
        ]
        if not found:
            raise NoFormat(f"{named!r} names no known format; {choices()}")
        return cls(max(found)[1], directory / named)

    def write(self, data: dict[str, Any]) -> bool:
        """Write the report, and make missing directories. Return whether the report was written."""
        format = FORMATS[self.format]
        if format.needs_whole_run and not is_whole(data):
            return False
        text: str = _module(data, format.module).text(data)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # A store can answer anything, even half of a surrogate pair.
        self.file.write_bytes(text.encode("utf-8", "replace"))
        return True


def is_writable(file: Path) -> bool:
    """Whether a file can be written there, perhaps after missing directories are made."""
    there = file
    while not there.exists() and there != there.parent:
        there = there.parent
    return os.access(there, os.W_OK) and there.is_dir() is (there != file)


def outputs(named: Iterable[str], directory: Path) -> tuple[ReportFile, ...]:
    """Return what these names ask for, without duplicates; raises `NoFormat`."""
    return tuple(dict.fromkeys(ReportFile.of(each, directory) for each in named))


def refuse_for_an_audit(made: Iterable[ReportFile]) -> None:
    """Raise `NoFormat` if a file has a format in which an audit cannot be written."""
    for each in made:
        if not FORMATS[each.format].of_audits:
            of_audits = {name: each for name, each in FORMATS.items() if each.of_audits}
            raise NoFormat(f"an audit has no {each.format}; {choices(of_audits)}")


def choices(formats: Mapping[str, Format] = FORMATS) -> str:
    """Return a line that lists the formats."""
    suffixes = ", ".join(each.suffixes[0] for each in formats.values())
    return f"use a file that ends in {suffixes}, or FORMAT:FILE with one of {', '.join(formats)}"


def load(file: Path) -> dict[str, Any]:
    """Return the data of a JSON report on a verdict or an audit; raises `NotAReport`."""
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise NotAReport(f"cannot read {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise NotAReport(f"{file} is not JSON: {error}") from None
    _module(data, "view").read(data, str(file))
    return dict(data)


def is_audit(data: Any) -> bool:
    """Whether this is the data of an audit."""
    return isinstance(data, dict) and data.get("schema") == AUDIT


def _module(data: Any, name: str) -> ModuleType:
    package = "tokenstore_conformance.report"
    return importlib.import_module(
        f"{package}.audit.{name}" if is_audit(data) else f"{package}.{name}"
    )


def is_whole(data: dict[str, Any]) -> bool:
    """Whether every store of a report has a verdict on all its clauses."""
    stores = data["stores"]
    return (
        bool(stores)
        and all(each["verdict"] != "incomplete" for each in stores)
        and all(clause["status"] != "not-run" for each in stores for clause in each["clauses"])
    )
