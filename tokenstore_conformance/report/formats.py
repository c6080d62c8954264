"""The formats of a report, and which of them the name of a file asks for.

A format is a module of this package with a function ``text(data)``, which makes its text from the
data of the JSON report. It is imported when a report of that format is written.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple


class Format(NamedTuple):
    """A format: the module that makes it, and the suffixes of its files."""

    module: str
    suffixes: tuple[str, ...]
    needs_whole_run: bool = False
    """Whether no file is written for an incomplete run."""


FORMATS: Final = {
    "json": Format("json_file", (".json",)),
    "md": Format("markdown", (".md",)),
    "html": Format("html", (".html",)),
    "sarif": Format("sarif", (".sarif", ".sarif.json")),
    "gitlab": Format("gitlab", (".gitlab.json",)),
    "badge": Format("badge", (".badge.json",), needs_whole_run=True),
}
"""The formats by the name that ``FORMAT:FILE`` gives them."""


class NoFormat(Exception):
    """A name asks for no known format; the message lists the formats."""


@dataclass(frozen=True)
class Output:
    """A file to write, and its format."""

    format: str
    file: Path

    @classmethod
    def of(cls, named: str, directory: Path) -> Output:
        """What ``FILE`` or ``FORMAT:FILE`` asks for, seen from a directory; raises `NoFormat`."""
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
        """Write the report; directories that are missing are made. Returns whether it was."""
        format = FORMATS[self.format]
        if format.needs_whole_run and not is_whole(data):
            return False
        module = importlib.import_module(f"tokenstore_conformance.report.{format.module}")
        text: str = module.text(data)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # A store answers anything, also half of a surrogate pair.
        self.file.write_bytes(text.encode("utf-8", "replace"))
        return True


def is_writable(file: Path) -> bool:
    """Whether a file can be written there; directories that are missing are made."""
    there = file
    while not there.exists() and there != there.parent:
        there = there.parent
    return os.access(there, os.W_OK) and there.is_dir() is (there != file)


def outputs(named: Iterable[str], directory: Path) -> tuple[Output, ...]:
    """What these names ask for, each once; raises `NoFormat`."""
    return tuple(dict.fromkeys(Output.of(each, directory) for each in named))


def choices() -> str:
    """The formats in a line."""
    suffixes = ", ".join(each.suffixes[0] for each in FORMATS.values())
    return f"use a file that ends in {suffixes}, or FORMAT:FILE with one of {', '.join(FORMATS)}"


def is_whole(data: dict[str, Any]) -> bool:
    """Whether every store of a report has a verdict on all its clauses."""
    stores = data["stores"]
    return (
        bool(stores)
        and all(each["verdict"] != "incomplete" for each in stores)
        and all(clause["status"] != "not-run" for each in stores for clause in each["clauses"])
    )
