"""One place for tokens, and the stores over it: built, opened again, removed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.failures import TargetFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.outage import ending_always


class NotBuilt(Exception):
    """The target raised when a store was to be built; the cause is what it raised."""

    def __init__(self, error: BaseException, *, doing: str, in_store: bool) -> None:
        super().__init__(error)
        self.error = error
        self.doing = doing
        """The step that failed, in words."""
        self.in_store = in_store
        """Whether the store's own code raised, and not the set-up around it."""

    def __str__(self) -> str:
        return failed(self.doing, self.error)

    def said_of(self, directory: Path) -> str:
        """The same in words that do not depend on where the storage is."""
        return without_place(str(self).replace(str(directory), "tmp_path"))


_NAMESPACE: Final = re.compile(r"tokenstore_[0-9a-f]{12}")


def without_place(text: str, *roots: Path) -> str:
    """A text in words that are the same in each run.

    The directory of a storage, which is anywhere below ``roots``, and its namespace have the names
    by which a target asks for them.
    """
    for root in {str(each) for each in roots}:
        text = re.sub(rf"{re.escape(root)}(/[A-Z]+-\d+)?/\d+\b", "tmp_path", text)
    return _NAMESPACE.sub("namespace", text)


def failed(doing: str, error: BaseException) -> str:
    """In one line that a step of the target failed, with the place in the user's code."""
    if isinstance(error, limits.Hung):
        return f"{error}{place(error)}"
    return f"{doing} failed: {describe(error)}{place(error)}"


@dataclass
class Storage:
    """One place for tokens, over which any number of stores can be built.

    ``shared`` says that every store of the target sees the same tokens, wherever it is built: such
    a storage is emptied before and after use. Where it is not ``known_empty`` nothing is deleted.
    """

    target: Target
    directory: Path
    shared: bool = False
    known_empty: bool = False
    may_be_cleaned: bool = True
    """Not where it may hold somebody's tokens: what the user has clean up might delete them."""
    may_be_reused: bool = True
    """Not where something may go on in it, or did not end as it should: a hang, an outage."""
    saves: int = 0
    """How often a store over it was told to save since it was told to delete all."""
    namespace: str = field(default_factory=lambda: f"tokenstore_{uuid.uuid4().hex[:12]}")
    clear: Callable[[Any], object] = lambda store: store.delete_tokens()
    """Deletes what a store over this storage holds."""
    prepared: frozenset[Path] = frozenset()
    """What ``set_up`` of the harness made in the directory."""
    elsewhere: Path | None = None
    """Where the program is, while that is not the directory."""
    troubles: list[str] = field(default_factory=list)
    """What the harness could not close or remove, in words. It is never raised."""
    _closing: ExitStack = field(default_factory=ExitStack)
    """Removes the storage."""
    _open: ExitStack = field(default_factory=ExitStack)
    """Closes the stores that a harness opened."""
    _built: list[Any] = field(default_factory=list)
    _harness: Harness | None = None
    _doing: str = "building the store"

    def build(self) -> Any:
        """A new store over this storage; raises `NotBuilt`."""
        if self.elsewhere is None:
            self.directory.mkdir(parents=True, exist_ok=True)
        limits.step(self._doing)
        with working_in(self.working_directory):
            try:
                store = self._opened()
            except BaseException as error:
                if from_the_keyboard(error):
                    raise
                if isinstance(error, limits.Hung):
                    error.doing = self._doing
                    if self._harness or not self.target.harness:  # else the harness hangs
                        raise
                in_store = self.target.is_class or is_of_a_store(error)
                raise NotBuilt(error, doing=self._doing, in_store=in_store) from error
        self._built.append(store)
        return store

    @property
    def working_directory(self) -> Path:
        """Where the program is when it builds and calls stores."""
        return self.elsewhere or self.directory

    @property
    def offered(self) -> dict[str, Any]:
        """What a target may ask for by name."""
        return {"tmp_path": self.directory, "namespace": self.namespace}

    @property
    def outage(self) -> Callable[[], AbstractContextManager[None]] | None:
        """The way to put the backend out, where the user gave one; it raises `TargetFailed`."""
        harness = self._harness
        if harness is None or not harness.has_outage():
            return None

        def begin() -> AbstractContextManager[None]:
            self.may_be_reused = False
            return ending_always(harness.outage)

        return begin

    def advance(self, seconds: int) -> None:
        """Make the backend older, where the harness can; raises `TargetFailed` if it fails."""
        harness = self._harness
        if harness is None or not harness.has_advance():
            return
        self.may_be_reused = False
        try:
            with limits.around_the_store():
                harness.advance(seconds)
        except limits.Hung as hung:
            raise TargetFailed(f"advance() of the harness: {hung}{hung.place}") from hung
        except Exception as error:
            why = f"advance() of the harness fails: {describe(error)}{place(error)}"
            raise TargetFailed(why) from error

    def has_empty(self) -> bool:
        """Whether the harness reuses it, and empties it in a way of its own."""
        harness = self._harness
        return harness is not None and harness.reuses_storage and harness.has_empty()

    def empty_by_harness(self) -> None:
        """Call `Harness.empty`; raises what it raises."""
        if self._harness is not None:
            with working_in(self.directory), limits.around_the_store():
                self._harness.empty()

    def empty(self) -> bool:
        """Whether the harness has emptied the storage, so that it can serve as another one.

        The stores that were open are closed.
        """
        harness = self._harness
        if harness is None or not (harness.reuses_storage and self.may_be_reused):
            return False
        self._close_stores()
        if self.troubles:
            return False
        try:
            self.empty_by_harness()
            with working_in(self.directory), limits.around_the_store(0):
                store = harness.open()
                is_empty = not list(store.get_tokens() or ())
                harness.close(store)
        except BaseException as error:
            if from_the_keyboard(error):
                raise
            return False
        return is_empty

    def close(self) -> None:
        """Leave nothing behind: no token on a shared server, no directory. Raises nothing."""
        with working_in(self.directory):
            lasting = self.shared or "namespace" in self.target.wants
            if self._built and lasting and self.known_empty:
                with contextlib.suppress(Exception, limits.Hung):
                    self.clear(self._built[0])
            if not self.may_be_cleaned:
                _never_end(self._open.pop_all())
                _never_end(self._closing.pop_all())
            self._close_stores()
            try:
                with limits.around_the_store():
                    self._closing.close()
            except BaseException as error:
                if from_the_keyboard(error):
                    raise
                if not is_of_a_store(error):  # what a store raises is up to its clauses
                    self.troubles.append(failed("the end of the factory", error))
        shutil.rmtree(self.directory, ignore_errors=True)

    def _opened(self) -> Any:
        if not self.target.harness:
            return self.target.build(self.offered, self._closing)
        if self._harness is None:
            self._doing = "making the harness"
            with limits.around_the_store():
                harness: Harness = self.target.build(self.offered, self._closing)
                self._closing.callback(self._tidy, "tear_down()", harness.tear_down)
                self._doing = "set_up()"
                harness.set_up()
            self.prepared = frozenset(self.directory.rglob("*"))
            self._harness = harness
        self._doing = "open()"
        store = self._harness.open()
        self._open.callback(self._close_one, store)
        return store

    def _close_stores(self) -> None:
        self._built.clear()
        self._open.close()

    def _close_one(self, store: Any) -> None:
        harness = self._harness
        if harness is not None and not self.troubles:  # what hangs would hang with each store
            self._tidy("close()", lambda: harness.close(store), seconds=0)

    def _tidy(self, doing: str, call: Callable[[], object], seconds: float = limits.AROUND) -> None:
        """Let the harness do something after the last call: it must not hide what came before."""
        try:
            with limits.around_the_store(seconds):
                call()
        except BaseException as error:
            if from_the_keyboard(error):
                raise
            if isinstance(error, limits.Hung):
                error.doing = doing
            self.troubles.append(failed(doing, error))


def _never_end(cleaning: ExitStack) -> None:
    """Do not clean up, not even when Python exits: a generator that is freed runs its finally."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(cleaning))


def is_of_a_store(error: BaseException) -> bool:
    """Whether a frame of the traceback is a method of a store, such as its constructor."""
    trace = error.__traceback__
    while trace is not None:
        own = trace.tb_frame.f_locals.get("self")
        if own is not None and callable(getattr(type(own), "save_token", None)):
            return True
        trace = trace.tb_next
    return False


@contextlib.contextmanager
def working_in(directory: Path) -> Iterator[None]:
    """The working directory for the length of a block: many stores write where they stand."""
    before = os.getcwd()
    try:
        os.chdir(directory)
    except FileNotFoundError:  # a store may clear its directory by removing it
        directory.mkdir(parents=True)
        os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)
