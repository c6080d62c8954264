"""A run in GitHub Actions: annotations in the code, and the summary of the job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.report import markdown
from tokenstore_conformance.report.findings import OUTDATED, incomplete, message, outdated
from tokenstore_conformance.report.view import ClauseView, StoreView, read
from tokenstore_conformance.report.visible import in_one_line

MOST_ANNOTATIONS: Final = 9
"""GitHub shows ten annotations of a kind in a step; the tenth says how many more there are."""

MOST_BYTES: Final = 1024 * 1024
"""GitHub drops the summary of a step if it is larger than this."""

LEAST_BYTES: Final = 2_000
"""If there is less room than this, no summary is written."""


def is_running(environment: Mapping[str, str]) -> bool:
    """Whether this process runs in a job of GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def workflow_commands(data: dict[str, Any]) -> Iterator[str]:
    """Yield the failures as workflow commands, each a line of output."""
    found: dict[str, list[str]] = {"error": [], "warning": []}
    for store in read(data).stores:
        for clause in store.failures:
            kind = "error" if store.fails_the_run(clause) else "warning"
            found[kind].append(_annotation(kind, store, clause))
        for entry in store.outdated:
            at = f"file={_property(entry.file)},line={entry.line},title={OUTDATED}"
            found["error"].insert(0, f"::error {at}::{_data(outdated(store, entry))}")
        if not store.is_complete:
            text = _data(incomplete(store))
            found["warning"].insert(0, f"::warning title=incomplete::{text}")
    for kind, lines in found.items():
        yield from lines[:MOST_ANNOTATIONS]
        if len(lines) > MOST_ANNOTATIONS:
            more = len(lines) - MOST_ANNOTATIONS
            yield f"::{kind} title=tokenstore-conformance::and {more} more, see the job summary"


def _annotation(kind: str, store: StoreView, clause: ClauseView) -> str:
    properties = {"title": f"{clause.id} {clause.level}"}
    if clause.location is not None:
        line = str(clause.location.line)
        properties = {"file": clause.location.file, "line": line, "endLine": line, **properties}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{_data(f'{message(store, clause)} {clause.why}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(in_one_line(text)).replace(":", "%3A").replace(",", "%2C")


def write_summary(data: dict[str, Any], environment: Mapping[str, str]) -> str:
    """Append the report to the job summary. Return why that was not possible, or ""."""
    named = environment.get("GITHUB_STEP_SUMMARY")
    if not named:
        return ""
    file = Path(named)
    try:
        there = file.stat().st_size if file.exists() else 0
        room = MOST_BYTES - there - 2
        if room < LEAST_BYTES:
            return "the job summary is full: the token stores are left out of it"
        text = markdown.text(data, min(markdown.MOST_BYTES, room))
        with file.open("ab") as summary:
            summary.write((os.linesep if there else "").encode())
            summary.write(text.encode("utf-8", "replace"))
    except OSError as error:
        return f"cannot write the job summary: {error.strerror or error}"
    return ""
