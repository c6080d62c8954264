"""Reads the file of accepted failures. An error names the line that is wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.contract import CLAUSES, RETIRED
from tokenstore_conformance.judging.known import Known
from tokenstore_conformance.target.importing import near

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KEYS: Final = ("id", "reason", "target", "expires", "issue", "got")
_IDS: Final = tuple(clause.id for clause in CLAUSES)
_ENTRY: Final = re.compile(r"\s*\[\[\s*[\"']?known[\"']?\s*\]\]")


class KnownFileError(Exception):
    """The file is wrong. The message is one line that names the file and the line in it."""


def read_known(file: Path, name: str, targets: Collection[str]) -> tuple[Known, ...]:
    """Return the entries of a file. Raises `KnownFileError`.

    ``name`` is the file as the user named it. ``targets`` are the stores that entries may name.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise KnownFileError(f"cannot read {name}: {why}") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        why = f"this is not TOML: {_without_line(str(error))}"
        raise KnownFileError(f"{name}{_line_in(str(error))}: {why}") from None
    return _Reader(name, text, targets).entries(data)


class _Reader:
    """Checks the entries of a file."""

    def __init__(self, name: str, text: str, targets: Collection[str]) -> None:
        self._name = name
        self._lines = text.splitlines()
        self._starts = list(_starts(self._lines))
        self._targets = targets

    def entries(self, data: Mapping[str, Any]) -> tuple[Known, ...]:
        for key in data:
            if key != "known":
                raise self._error(self._line_of(key, 0), f"unknown key {key!r}; write [[known]]")
        listed = data.get("known", [])
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise self._error(self._line_of("known", 0), "'known' is not a list; write [[known]]")
        entries: list[Known] = []
        for number, each in enumerate(listed):
            entry = self._entry(each, number)
            self._refuse_second(entry, entries)
            entries.append(entry)
        return tuple(entries)

    def _entry(self, data: Mapping[str, Any], number: int) -> Known:
        start = self._start(number)

        def wrong(key: str, why: str) -> KnownFileError:
            return self._error(self._line_of(key, start), why)

        for key, value in data.items():
            if key not in KEYS:
                why = near(key, KEYS) or f"; write {', '.join(KEYS)}"
                raise wrong(key, f"unknown key {key!r}{why}")
            if key == "expires":
                if not isinstance(value, date) or isinstance(value, datetime):
                    raise wrong(key, "'expires' is not a date; write it as in expires = 2026-12-31")
            elif not isinstance(value, str):
                raise wrong(key, f"{key!r} is not a text; write it in quotes")
            elif not any(each.isprintable() and not each.isspace() for each in value):
                raise wrong(key, f"{key!r} is blank{_ADVICE.get(key, '; leave it out')}")
        for key in ("id", "reason"):
            if key not in data:
                raise self._error(start + 1, f"{key!r} is missing{_ADVICE[key]}")
        if data["id"] not in _IDS:
            gone = RETIRED.get(data["id"])
            why = f"; it was retired: {gone}" if gone else near(data["id"], _IDS)
            raise wrong("id", f"unknown id {data['id']!r}{why}")
        if data.get("target", None) not in (None, *self._targets):
            known = ", ".join(self._targets)
            why = near(data["target"], self._targets) or f"; this run judges {known}"
            raise wrong("target", f"unknown target {data['target']!r}{why}")
        return Known(**data, file=self._name, line=start + 1)

    def _refuse_second(self, entry: Known, before: list[Known]) -> None:
        for each in before:
            same_target = None in (each.target, entry.target) or each.target == entry.target
            if each.id == entry.id and same_target:
                why = f"{entry.id} is accepted twice; the other entry is in line {each.line}"
                raise self._error(entry.line, why)

    def _error(self, line: int, why: str) -> KnownFileError:
        return KnownFileError(f"{self._name}:{line}: {why}")

    def _start(self, number: int) -> int:
        """Return the index of the line on which an entry begins."""
        if number < len(self._starts):
            return self._starts[number]
        return self._line_of("known", 0) - 1  # written as known = [{...}]

    def _line_of(self, key: str, start: int) -> int:
        """Return the line, from 1, of a key in the entry that begins at this index."""
        quoted = rf"\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]"
        for index, line in enumerate(self._lines[start:], start):
            if re.match(rf"\s*{quoted}", line) or re.match(rf"\s*\[+\s*known\s*\.\s*{key}", line):
                return index + 1
        return start + 1


_ADVICE: Final = {
    "id": "; write the id of the clause",
    "reason": "; say why you accept this failure",
}


def _starts(lines: list[str]) -> Iterator[int]:
    """Yield the indices of the lines on which entries begin, but not of lines inside strings."""
    count = 0
    for index, line in enumerate(lines):
        if not _ENTRY.match(line):
            continue
        try:
            entries = tomllib.loads("\n".join(lines[: index + 1])).get("known", [])
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(entries, list) and len(entries) == count + 1:
            count += 1
            yield index


def _line_in(message: str) -> str:
    found = re.search(r"at line (\d+)", message)
    return f":{found[1]}" if found else ""


def _without_line(message: str) -> str:
    return re.sub(r"\s*\(at .*\)$", "", message)
