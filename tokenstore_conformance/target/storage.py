"""Where the stores of a check keep their tokens: a fresh, empty place for each."""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.failures import NotApplicable
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.guard.listing import Endless, bounded
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.target import Target

_REFUSED: Final[list[ExitStack]] = []
"""What would clean up refused storages. Kept, since a generator that goes runs its ``finally``."""


class NotBuilt(Exception):
    """The target raised when a store was to be built; the cause is what it raised."""

    def __init__(self, error: BaseException, *, doing: str, in_store: bool) -> None:
        super().__init__(error)
        self.error = error
        self.doing = doing
        """The step that failed, in words."""
        self.in_store = in_store
        """Whether the store's own code raised, and not the set-up around it."""


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
    """Not where somebody's tokens were found: what the user has clean up might delete them."""
    namespace: str = field(default_factory=lambda: f"tokenstore_{uuid.uuid4().hex[:12]}")
    _closing: ExitStack = field(default_factory=ExitStack)
    _built: list[Any] = field(default_factory=list)
    _harness: Harness | None = None
    _doing: str = "building the store"
    clear: Callable[[Any], object] = lambda store: store.delete_tokens()
    """Deletes what a store over this storage holds."""
    not_removed: Exception | None = None
    """What ``tear_down`` of the harness raised."""

    def build(self) -> Any:
        """A new store over this storage; raises `NotBuilt`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        limits.step(self._doing)
        with working_in(self.directory):
            try:
                store = self._opened()
            except limits.Hung as hung:
                hung.doing = self._doing
                raise
            except BaseException as error:
                if from_the_keyboard(error):
                    raise
                in_store = self._is_of_store(error)
                raise NotBuilt(error, doing=self._doing, in_store=in_store) from error
        self._built.append(store)
        return store

    @property
    def offered(self) -> dict[str, Any]:
        """What a target may ask for by name."""
        return {"tmp_path": self.directory, "namespace": self.namespace}

    @property
    def outage(self) -> Callable[[], AbstractContextManager[None]] | None:
        """The way to put the backend out, where the user gave one."""
        harness = self._harness
        if harness is None or not harness.has_outage():
            return None
        return lambda: _ending_always(harness.outage)

    def _opened(self) -> Any:
        if not self.target.harness:
            return self.target.build(self.offered, self._closing)
        if self._harness is None:
            self._doing = "making the harness"
            harness: Harness = self.target.build(self.offered, self._closing)
            self._closing.callback(self._tear_down, harness)
            self._doing = "set_up()"
            harness.set_up()
            limits.step()
            self._harness = harness
        self._doing = "open()"
        return self._harness.open()

    def _tear_down(self, harness: Harness) -> None:
        limits.step()
        try:
            harness.tear_down()
        except limits.Hung as hung:
            hung.doing = "tear_down()"
            raise
        except Exception as error:
            self.not_removed = error

    def close(self) -> None:
        """Leave nothing behind: no token on a shared server, no directory."""
        with working_in(self.directory):
            lasting = self.shared or "namespace" in self.target.wants
            if self._built and lasting and self.known_empty:
                with contextlib.suppress(Exception, limits.Hung):
                    self.clear(self._built[0])
            if not self.may_be_cleaned:
                _REFUSED.append(self._closing.pop_all())
            with contextlib.suppress(Exception):
                self._closing.close()
        self._built.clear()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _is_of_store(self, error: BaseException) -> bool:
        """Whether a frame of the traceback is a method of a store like those built before."""
        if self.target.is_class:
            return True
        types = tuple({type(store) for store in self._built})
        trace = error.__traceback__
        while trace is not None:
            if isinstance(trace.tb_frame.f_locals.get("self"), types):
                return True
            trace = trace.tb_next
        return False


class Storages:
    """The storages of one check: made on demand under one directory, closed together."""

    def __init__(self, target: Target, root: Path, *, door: Door, shared: bool = False) -> None:
        self.target = target
        self._door = door
        self.shared = shared
        self._root = root
        self._opened: list[Storage] = []
        self._count = 0

    def fresh(self) -> Storage:
        """Another storage; those before it are closed."""
        self.close()
        self._count += 1
        directory = self._root / str(self._count)
        storage = Storage(self.target, directory, self.shared, known_empty=True)
        storage.clear = lambda store: emptied(store, self._door)
        self._opened.append(storage)
        return storage

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


def emptied(store: Any, door: Door) -> bool:
    """Whether a store lists nothing, once delete_tokens or, failing that, delete_token is tried."""
    if not _tokens(store):
        return True
    with contextlib.suppress(Exception):
        store.delete_tokens()
    for token in _tokens(store):
        with contextlib.suppress(Exception):
            request = door.to_delete(door.read(token))
            getattr(store, request.method)(*request.arguments)
    return not _tokens(store)


def _tokens(store: Any) -> list[Any]:
    try:
        return bounded(store.get_tokens())
    except Endless as endless:
        return endless.head
    except Exception:  # LIST-1 and LIST-2 say so
        return []


@contextlib.contextmanager
def _ending_always(begin: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """The outage of a harness; it ends as if nothing had happened in it, whatever did.

    So the backend is back for the next clause, though ``begin`` has no ``finally``. Raises
    `NotApplicable` where the backend cannot be put out, or brought back.
    """
    if inspect.isgeneratorfunction(begin):
        begin = contextlib.contextmanager(begin)
    with _outage_failed("begin"):
        outage = begin()
        outage.__enter__()
    try:
        yield
    finally:
        with _outage_failed("end"):
            outage.__exit__(None, None, None)


@contextlib.contextmanager
def _outage_failed(doing: str) -> Iterator[None]:
    limits.step()
    try:
        yield
    except limits.Hung as hung:
        hung.doing = "outage()"
        raise
    except Exception as error:
        why = f"outage() of the harness does not {doing}: {describe(error)}{place(error)}"
        raise NotApplicable(why) from error
    limits.step()


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
