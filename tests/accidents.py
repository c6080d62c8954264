"""Accidents that may happen to a file of tokens while a store has it open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Accident = Callable[[Path], Callable[[], object]]
"""Does something to the file. Returns a function that undoes it."""


def moved_away(path: Path) -> Callable[[], object]:
    aside = path.rename(path.with_name("aside"))
    return lambda: aside.replace(path)


def replaced_by_a_directory(path: Path) -> Callable[[], object]:
    back = moved_away(path)
    path.mkdir()

    def undo() -> None:
        path.rmdir()
        back()

    return undo


def replaced_by_another_file(path: Path) -> Callable[[], object]:
    back = moved_away(path)
    path.write_bytes(b"something else " * 500)
    return back


def replaced_by_an_empty_file(path: Path) -> Callable[[], object]:
    back = moved_away(path)
    path.touch()
    return back


def overwritten(path: Path) -> Callable[[], object]:
    content = path.read_bytes()
    path.write_bytes(b"garbage " * 1000)
    return lambda: path.write_bytes(content)


def emptied(path: Path) -> Callable[[], object]:
    content = path.read_bytes()
    path.write_bytes(b"")
    return lambda: path.write_bytes(content)


def cut_to_its_header(path: Path) -> Callable[[], object]:
    content = path.read_bytes()
    path.write_bytes(content[:100])
    return lambda: path.write_bytes(content)


def deleted_and_restored(path: Path) -> Callable[[], object]:
    content = path.read_bytes()
    path.unlink()
    return lambda: path.write_bytes(content)


def without_its_directory(path: Path) -> Callable[[], object]:
    aside = path.parent.rename(path.parent.with_name(f"{path.parent.name}-aside"))
    return lambda: aside.rename(path.parent)


ACCIDENTS = [
    moved_away,
    replaced_by_a_directory,
    replaced_by_another_file,
    replaced_by_an_empty_file,
    overwritten,
    emptied,
    cut_to_its_header,
    deleted_and_restored,
    without_its_directory,
]
