"""Where a failure belongs, as reports name it: a path in the user's repository."""

from __future__ import annotations

import inspect
import os
from dataclasses import replace
from pathlib import Path

from tokenstore_conformance.guard.frames import is_installed, is_kit, is_standard, is_written
from tokenstore_conformance.judging.result import Location, Result
from tokenstore_conformance.target import Target


def in_repository(result: Result, target: Target, directory: Path) -> Result:
    """Return the result with paths relative to the repository of ``directory``, written with "/".

    A location outside the user's code there is replaced by the place where the target is defined,
    or by None if that is outside too. A switch outside keeps only the name of its file.
    """
    root = repository(directory)
    location, history = result.location, result.history
    if location is not None:
        location = _inside(root, location) or _inside(root, _named(target))
    if history is not None:
        switches = (
            each._replace(file=_within(root, each.file) or os.path.basename(each.file))
            for each in history.switches
        )
        history = replace(history, switches=tuple(switches))
    return replace(result, location=location, history=history)


def repository(directory: Path) -> Path:
    """Return the repository that holds a directory; the directory itself if there is none."""
    here = directory.resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _inside(root: Path, location: Location | None) -> Location | None:
    path = _within(root, location.file) if location else ""
    return location._replace(file=path) if location and path else None


def _named(target: Target) -> Location | None:
    """Return where the class or function that the target names is defined; None if unknown."""
    named = inspect.unwrap(target.factory)
    try:
        return Location(inspect.getfile(named), inspect.getsourcelines(named)[1], named.__name__)
    except (OSError, TypeError):  # its file is gone
        return None


def _within(root: Path, file: str) -> str:
    """Return the path of a user's file, relative to the root; "" for any other file."""
    if not is_written(file) or is_kit(file) or is_installed(file) or is_standard(file):
        return ""
    path = Path(file).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
