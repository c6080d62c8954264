"""The scripts that repeat failures, as files: ``DIR/<store>/SAVE-2.py``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.report.view import read


def write(data: dict[str, Any], directory: Path) -> list[Path]:
    """Write the scripts of a report, make directories for them, and return the files."""
    written = []
    stores = read(data).stores
    for store, name in zip(stores, _names([each.target for each in stores]), strict=True):
        for clause in [*store.failures, *store.with_status(Status.KNOWN)]:
            if clause.script:
                file = directory / name / f"{clause.id}.py"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(clause.script.encode("utf-8", "backslashreplace"))
                written.append(file)
    return written


def _names(targets: list[str]) -> list[str]:
    """Return a directory name for each target. All names differ, even if case is ignored."""
    found: list[str] = []
    for target in targets:
        name = re.sub(r"[^\w.-]+", "-", target, flags=re.ASCII).strip("-.")[-80:] or "store"
        while name.lower() in {each.lower() for each in found}:
            name += "-2"
        found.append(name)
    return found
