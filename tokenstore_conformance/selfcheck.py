"""Before any clause: is this target fit to be judged, and is it safe to?

A store that holds tokens is refused before anything is written to it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from tokenstore_conformance.checks.cast import ANNA
from tokenstore_conformance.interrupts import from_the_keyboard
from tokenstore_conformance.sdk import Door, Unreadable
from tokenstore_conformance.storage import NotBuilt, Storage, emptied, working_in
from tokenstore_conformance.subject import unusable_methods
from tokenstore_conformance.targets import Target, describe


class Unfit(Exception):
    """Why a target cannot be judged, and what to do."""


def check_target(door: Door, target: Target, directory: Path, *, wipe: bool) -> bool:
    """Whether all stores of the target share one storage; raises `Unfit`."""
    first = check_empty(door, target, directory / "first", wipe=wipe, keep=True)
    try:
        if "get_tokens" in dict(unusable_methods(door, first.built)):
            return False
        return _is_shared(door, target, first, directory / "second")
    finally:
        first.storage.close()


class Opened:
    """A storage and a store over it."""

    def __init__(self, door: Door, storage: Storage) -> None:
        self.storage = storage
        self._door = door
        try:
            self.built = storage.build()
        except NotBuilt as failure:
            raise Unfit(
                f"building the store failed: {describe(failure.error)}; it must be built without "
                "arguments other than tmp_path and namespace, in an empty directory"
            ) from failure
        if not any(hasattr(self.built, method) for method in door.methods):
            raise Unfit(
                f"what it builds is {type(self.built).__name__}, which has no method of a token "
                "store; name the class, or a function that returns a store"
            )

    def tokens(self) -> list[Any]:
        """What is listed; raises whatever get_tokens raises."""
        with working_in(self.storage.directory):
            return list(self.built.get_tokens() or ())

    def ids(self) -> list[str]:
        ids = []
        for token in self.tokens():
            with contextlib.suppress(Unreadable):
                ids.append(str(self._door.read(token).id))
        return ids


def check_empty(
    door: Door, target: Target, directory: Path, *, wipe: bool, keep: bool = False
) -> Opened:
    """Build a store and make sure that it holds nothing; raises `Unfit`."""
    opened = Opened(door, Storage(target, directory))
    try:
        _refuse_if_filled(door, opened, wipe=wipe)
    finally:
        if not keep:
            opened.storage.close()
    return opened


def _refuse_if_filled(door: Door, opened: Opened, *, wipe: bool) -> None:
    if wipe:
        with contextlib.suppress(Exception), working_in(opened.storage.directory):
            opened.built.delete_tokens()
    if "get_tokens" in dict(unusable_methods(door, opened.built)):
        return  # SHAPE-2 tells, and nothing is ever written to such a store
    try:
        count = len(opened.tokens())
    except BaseException as error:
        if from_the_keyboard(error):
            raise
        if wipe:
            return
        raise Unfit(
            f"nobody can say whether it holds tokens: get_tokens raised {describe(error)} on a "
            "store that was just built (LIST-1: an empty store lists []); mend that, or add "
            "--tokenstore-wipe if whatever it holds may be deleted"
        ) from error
    if count:
        raise Unfit(
            f"it holds {count} token{'s' * (count > 1)} already, and judging it would delete "
            "them: name a factory that builds an empty store (tmp_path or namespace give each test "
            "a place of its own), or add --tokenstore-wipe to have them deleted"
        )


def _is_shared(door: Door, target: Target, first: Opened, directory: Path) -> bool:
    """Whether what is saved in one storage is listed in another; leaves both empty."""
    second = None
    try:
        with contextlib.suppress(Exception), working_in(first.storage.directory):
            first.built.save_token(door.build(ANNA))
        try:
            second = Opened(door, Storage(target, directory))
            shared = bool(second.tokens())
        except Exception:  # the clauses will tell
            shared = False
        _leave_empty(first, must=shared)
        return shared
    finally:
        if second is not None:
            second.storage.close()


def _leave_empty(opened: Opened, *, must: bool) -> None:
    empty = False
    with contextlib.suppress(Exception), working_in(opened.storage.directory):
        empty = emptied(opened.built, opened.ids)
    if must and not empty:
        raise Unfit(
            "its stores share one storage, and neither delete_tokens nor delete_token empties it "
            "(CLEAR-1), so no test could begin with an empty store; give each test a place of its "
            "own with tmp_path or namespace, and delete what is left there by hand"
        )
