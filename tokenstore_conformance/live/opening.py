"""Opens a store where the user keeps it: a bundled store at a place, or the user's own store."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.guard.frames import describe, in_short, place
from tokenstore_conformance.live.masking import without_password, without_secrets
from tokenstore_conformance.live.reading import Reader
from tokenstore_conformance.sdk import Door, NoSDK, is_installed, open_door
from tokenstore_conformance.target import FIXTURE, SHORT_NAMES, Target, is_entered, resolve
from tokenstore_conformance.target.bundled.in_use import PLACES, PlaceError
from tokenstore_conformance.target.foreign import refusal
from tokenstore_conformance.target.generation import generation_of_class
from tokenstore_conformance.target.importing import TargetError, make_importable
from tokenstore_conformance.target.methods import unusable_methods

NAMES = (
    "sdk-file:PATH, sqlite:PATH, sdk-db:URL, sqlalchemy:URL, redis:URL, dynamodb:TABLE, "
    "secrets-manager:NAME, or module:Name or "
    "file.py:Name of a function without arguments that opens your store"
)
"""How the user can name a store in use."""


class CannotOpen(Exception):
    """A store in use cannot be opened. The message says what to do, in one line."""


@dataclass(frozen=True)
class Live:
    """A store in use."""

    spec: str
    """The store as the user named it, without a password."""
    door: Door
    store: Any

    @property
    def reader(self) -> Reader:
        """A reader of the store, which writes nothing."""
        return Reader(self.door, self.store)


@contextlib.contextmanager
def opened(
    spec: str, directory: Path, *, must_exist: bool, generation: str | None = None
) -> Iterator[Live]:
    """Open the store that ``spec`` names, and close it at the end. Raises `CannotOpen`.

    Paths and modules are looked up from ``directory``, which must be the current directory. If the
    store ``must_exist``, no file and no table is created.
    """
    with contextlib.ExitStack() as closing:
        yield _open(spec, directory, must_exist, generation, closing)


def _open(
    spec: str,
    directory: Path,
    must_exist: bool,
    forced: str | None,
    closing: contextlib.ExitStack,
) -> Live:
    shown = without_password(spec)
    installed = [forced] if forced else [each for each in GENERATIONS if is_installed(each)]
    first = next(iter(installed), "zohocrmsdk")
    try:
        short, colon, where = spec.partition(":")
        if colon and short in PLACES:
            store = PLACES[short].open(where, first, must_exist)
            generation = first
        else:
            store = _users(spec, directory, first).call({})
            _refuse_what_cleans_up(store)
            generation = forced or generation_of_class(type(store)) or first
        door = open_door(generation)
    except (TargetError, NoSDK, PlaceError) as error:
        raise CannotOpen(without_password(f"{shown}: {_after(spec, str(error))}")) from error
    except Exception as error:
        why = without_secrets(f"{describe(error)}{place(error)}")
        raise CannotOpen(f"{shown}: opening the store failed: {why}") from error
    _close_at_the_end(store, closing)
    _refuse_what_is_no_store(shown, door, store)
    return Live(shown, door, store)


def _after(spec: str, message: str) -> str:
    """Return the message without the spec that it may begin with."""
    return message.removeprefix(f"{spec}: ")


def _users(spec: str, directory: Path, generation: str) -> Target:
    """Return the user's factory. Raises `TargetError` if it makes a new store for each test."""
    if spec in PLACES:
        raise TargetError(f"say where it is, as in {spec}:{PLACES[spec].example}")
    if spec in SHORT_NAMES:
        if spec == FIXTURE or spec == "encrypted":
            raise TargetError("name a function without arguments that opens your store")
        raise TargetError("it keeps its tokens in memory, so there are none to read; name another")
    if ":" not in spec:
        raise TargetError(f"it is not a target: write {NAMES}")
    make_importable([directory])
    target = resolve(spec, directory, generation=generation)
    if target.harness:
        raise TargetError(
            "a harness makes a store for each test; name a function without arguments that opens "
            "the store that your program uses"
        )
    if target.wants:
        raise TargetError(
            f"{target.name} asks for {' and '.join(target.wants)}, a place of a test; name a "
            "function without arguments that opens the store that your program uses"
        )
    return target


def _refuse_what_cleans_up(made: object) -> None:
    if is_entered(made):
        raise TargetError(
            "it cleans up after the store, which may delete your tokens; name a function that "
            "returns the store"
        )


def _close_at_the_end(store: Any, closing: contextlib.ExitStack) -> None:
    close = getattr(store, "close", None)
    if callable(close) and not inspect.isclass(store):
        closing.callback(_quietly, close)


def _quietly(close: Any) -> None:
    with contextlib.suppress(Exception):  # all is read or saved by then
        close()


def _refuse_what_is_no_store(shown: str, door: Door, store: Any) -> None:
    foreign = refusal(type(store))
    if foreign:
        raise CannotOpen(f"{shown}: {foreign}")
    for _, why in unusable_methods(door, store):
        raise CannotOpen(f"{shown}: {in_short(store)} is not a token store: {why}")
