"""Where a failure belongs, as reports name it: a path in the user's repository."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from tokenstore_conformance.guard.frames import is_installed, is_kit, is_standard, is_written
from tokenstore_conformance.judging.result import Result


def in_repository(result: Result, directory: Path) -> Result:
    """The result with its paths as seen from the repository that holds ``directory``, with "/".

    A file outside it has no location; of a place where threads stopped the file's name is left.
    """
    root = repository(directory)
    location, history = result.location, result.history
    if location is not None:
        path = _within(root, location.file)
        location = location._replace(file=path) if path else None
    if history is not None:
        switches = (
            each._replace(file=_within(root, each.file) or os.path.basename(each.file))
            for each in history.switches
        )
        history = replace(history, switches=tuple(switches))
    return replace(result, location=location, history=history)


def repository(directory: Path) -> Path:
    """The repository that holds a directory; the directory itself where there is none."""
    here = directory.resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _within(root: Path, file: str) -> str:
    """The path of a file of the user's as seen from the root; "" for any other file."""
    if not is_written(file) or is_kit(file) or is_installed(file) or is_standard(file):
        return ""
    path = Path(file).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
