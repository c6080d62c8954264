"""What a harness does once for a whole run: see `Harness.session`."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.importing import TargetError


def has_session(target: Target) -> bool:
    """Whether the target has a harness that does something once for the whole run."""
    session = inspect.getattr_static(target.harness or Harness, "session")
    return session is not inspect.getattr_static(Harness, "session")


class Sessions:
    """The sessions of the harnesses of a run, each begun once."""

    def __init__(self) -> None:
        self._begun: set[type[Harness]] = set()
        self._closing = ExitStack()

    def begin(self, target: Target) -> None:
        """Begin the session of the target's harness, if it has one. Raises `TargetError`."""
        harness = target.harness
        if harness is None or harness in self._begun:
            return
        self._begun.add(harness)
        before = dict(os.environ)
        self._closing.callback(_restore, before)
        session: Callable[[], Any] = harness.session
        if inspect.isgeneratorfunction(session):
            session = contextlib.contextmanager(session)
        try:
            self._closing.enter_context(session())
        except Exception as error:
            why = f"session() failed: {describe(error)}{place(error)}"
            raise TargetError(f"{target.spec}: {why}; fix that") from error

    def end(self) -> Iterable[str]:
        """End all sessions. Return what was raised, in words."""
        try:
            self._closing.close()
        except Exception as error:
            return [f"session() failed at its end: {describe(error)}{place(error)}"]
        return []


def _restore(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
