"""A storage: one place for tokens. It builds stores over the place, and removes it at the end."""

from __future__ import annotations

import contextlib
import ctypes
import gc
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
    """The target raised an exception instead of building a store. The cause is that exception."""

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
        """Return the message in words that do not depend on where the storage is."""
        return without_place(str(self).replace(str(directory), "tmp_path"))


_NAMESPACE: Final = re.compile(r"tokenstore_[0-9a-f]{12}")


def without_place(text: str, *roots: Path) -> str:
    """Return a text in words that are the same in each run.

    The directory of a storage below one of the ``roots`` becomes "tmp_path", and its namespace
    "namespace": a target asks for them by these names.
    """
    for root in {str(each) for each in roots}:
        text = re.sub(rf"{re.escape(root)}(/[A-Z]+-\d+)?/\d+\b", "tmp_path", text)
    return _NAMESPACE.sub("namespace", text)


def failed(doing: str, error: BaseException) -> str:
    """Return a line that says that a step of the target failed, and where in the user's code."""
    if isinstance(error, limits.Hung):
        return f"{error}{place(error)}"
    return f"{doing} failed: {describe(error)}{place(error)}"


@dataclass
class Storage:
    """One place for tokens, over which any number of stores can be built.

    If it is ``shared``, every store of the target sees the same tokens, wherever it is built. Such
    a storage is emptied before and after use. Nothing is deleted unless it is ``known_empty``.
    """

    target: Target
    directory: Path
    shared: bool = False
    known_empty: bool = False
    may_be_cleaned: bool = True
    """False if it may hold somebody's tokens: the user's cleanup code might delete them."""
    may_be_reused: bool = True
    """False if something may still run in it, or did not end as it should: a hang, an outage."""
    saves: int = 0
    """How many calls of save_token the stores over it got since the last delete_tokens."""
    namespace: str = field(default_factory=lambda: f"tokenstore_{uuid.uuid4().hex[:12]}")
    clear: Callable[[Any], object] = lambda store: store.delete_tokens()
    """Deletes what a store over this storage holds."""
    prepared: frozenset[Path] = frozenset()
    """What ``set_up`` of the harness made in the directory."""
    elsewhere: Path | None = None
    """The working directory of the program, while that is not ``directory``."""
    troubles: list[str] = field(default_factory=list)
    """What the harness could not close or remove, in words. These errors are never raised."""
    _closing: ExitStack = field(default_factory=ExitStack)
    """Removes the storage."""
    _open: ExitStack = field(default_factory=ExitStack)
    """Closes the stores that a harness opened."""
    _built: list[Any] = field(default_factory=list)
    _has_let_go: bool = False
    _harness: Harness | None = None
    _doing: str = "building the store"

    def build(self) -> Any:
        """Return a new store over this storage. Raises `NotBuilt`."""
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
                    if self._harness or not self.target.harness:  # else the harness hung
                        raise
                in_store = self.target.is_class or is_of_a_store(error)
                raise NotBuilt(error, doing=self._doing, in_store=in_store) from error
        self._built.append(store)
        return store

    @property
    def working_directory(self) -> Path:
        """The working directory in which the kit builds and calls stores."""
        return self.elsewhere or self.directory

    @property
    def offered(self) -> dict[str, Any]:
        """The arguments that a target may ask for by name."""
        return {"tmp_path": self.directory, "namespace": self.namespace}

    @property
    def outage(self) -> Callable[[], AbstractContextManager[None]] | None:
        """A function that begins the outage of the harness, or None. It raises `TargetFailed`."""
        harness = self._harness
        if harness is None or not harness.has_outage():
            return None

        def begin() -> AbstractContextManager[None]:
            self.may_be_reused = False
            return ending_always(harness.outage)

        return begin

    def advance(self, seconds: int) -> None:
        """Move the backend's clock forward, if the harness can. Raises `TargetFailed`."""
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
        """Whether the harness reuses the storage, and overrides `Harness.empty`."""
        harness = self._harness
        return harness is not None and harness.reuses_storage and harness.has_empty()

    def empty_by_harness(self) -> None:
        """Call `Harness.empty`. Raises what it raises."""
        if self._harness is not None:
            with working_in(self.directory), limits.around_the_store():
                self._harness.empty()

    def empty(self) -> bool:
        """Have the harness empty the storage, so that it can serve as another one.

        Return whether that worked. The stores that were open are closed first.
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

    def let_go(self) -> None:
        """Close the stores of this process and keep none of them, as if the process had ended."""
        self._has_let_go = True
        self._close_stores()
        gc.collect()  # a store may have a reference to itself

    def close(self) -> None:
        """Leave nothing behind: no token on a shared server, no directory. Raises nothing."""
        with working_in(self.directory):
            lasting = self.shared or "namespace" in self.target.wants
            if (self._built or self._has_let_go) and lasting and self.known_empty:
                with contextlib.suppress(Exception, limits.Hung):
                    self.clear(self._built[0] if self._built else self.build())
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
                if not is_of_a_store(error):  # the clauses judge what a store raises
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
        if harness is not None and not self.troubles:  # a hanging close() hangs for each store
            self._tidy("close()", lambda: harness.close(store), seconds=0)

    def _tidy(self, doing: str, call: Callable[[], object], seconds: float = limits.AROUND) -> None:
        """Let the harness clean up. Note what it raises: that must not hide an earlier error."""
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
    """Never clean up, not even when Python exits. A generator that is freed runs its ``finally``,
    so this keeps it alive.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(cleaning))


def is_of_a_store(error: BaseException) -> bool:
    """Whether a frame of the traceback runs a method of a store, such as its constructor."""
    trace = error.__traceback__
    while trace is not None:
        own = trace.tb_frame.f_locals.get("self")
        if own is not None and callable(getattr(type(own), "save_token", None)):
            return True
        trace = trace.tb_next
    return False


@contextlib.contextmanager
def working_in(directory: Path) -> Iterator[None]:
    """Change the working directory inside the block: many stores write to the current one."""
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
