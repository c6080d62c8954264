"""The judges of a run, one for each target, and the lock for workers that share a storage."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tokenstore_conformance.judging.judge import Judge
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.settings import Settings
from tokenstore_conformance.pytest_run.options import Options
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.preflight import check_empty


class TargetJudges:
    """Judges one clause after another.

    ``doors`` are the doors to the SDKs of the targets. ``shared`` says for each target whether all
    its stores share one storage. ``quick`` is a directory in memory, if there is one. ``ended`` are
    the failures of clauses that must not be tried again.
    """

    def __init__(
        self,
        doors: Mapping[str, Door],
        shared: Mapping[str, bool],
        options: Options,
        quick: Path | None = None,
        *,
        in_parallel: bool,
        ended: Iterable[Result] = (),
    ) -> None:
        self._doors = doors
        self._shared = shared
        self._options = options
        self._quick = quick
        self._in_parallel = in_parallel
        self._ended = tuple(ended)
        self._known: dict[str, Judge] = {}
        self._numbers = itertools.count(1)

    def judge(self, target: Target, clause: str, root: Path, selected: Iterable[str]) -> Result:
        """Judge one clause. ``root`` is an empty directory."""
        judge = self._known.get(target.spec)
        if judge is None:
            shared = self._shared.get(target.spec, False)
            judge = self._known[target.spec] = self._new(target, root, selected, shared)
        with self._alone(target, root), _hypothesis_at_home(root):
            return judge.judge(clause)

    def close(self) -> None:
        """Remove the storages that were kept from one clause to the next."""
        for judge in self._known.values():
            judge.close()

    def judge_own(
        self,
        target: Target,
        factory: Callable[[], Any],
        clause: str,
        root: Path,
        selected: Iterable[str],
    ) -> Result:
        """Judge one clause on stores of the user's fixture. Raises `Unfit` if one holds tokens."""
        own = Target(target.spec, "conftest", "tokenstore_factory", factory, ())
        with self._alone(target, root), _hypothesis_at_home(root):
            check_empty(self._doors[target.spec], own, root / "fixture", wipe=self._options.wipe)
            return self._new(own, root, selected, shared=True).judge(clause)

    def _new(self, target: Target, root: Path, selected: Iterable[str], shared: bool) -> Judge:
        return Judge(
            self._doors[target.spec],
            target,
            root,
            Settings(
                self._options.examples,
                self._options.timeout,
                self._options.required | target.claims,
                self._options.strict,
                self._options.contract,
            ),
            quick=None if self._quick is None else self._quick / f"stores-{next(self._numbers)}",
            shared=shared,
            selected=selected,
            ended=[each for each in self._ended if each.target == target.spec],
        )

    @contextlib.contextmanager
    def _alone(self, target: Target, root: Path) -> Iterator[None]:
        """Hold a lock inside if workers share the storage. The lock ends when its holder dies."""
        if not (self._in_parallel and self._shared.get(target.spec)):
            yield
            return
        lock = sqlite3.connect(
            root.parent.parent / "tokenstore.lock", timeout=3600, isolation_level=None
        )
        try:
            lock.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            lock.close()


@contextlib.contextmanager
def _hypothesis_at_home(root: Path) -> Iterator[None]:
    """Make Hypothesis write its files to ``root``, and not to the user's directory."""
    from hypothesis import configuration

    before = getattr(configuration, "__hypothesis_home_directory", None)
    configuration.set_hypothesis_home_dir(root)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
