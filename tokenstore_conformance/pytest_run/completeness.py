"""Records which clauses a run leaves out, and why. A verdict needs all of them.

A user who types ``-k`` wants only some clauses, and the verdict says that others are missing. If
settings, a conftest or a lost worker leave clauses out, the run fails: otherwise a CI job would be
green for clauses that nobody judged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import FrameType
from typing import Any, Final

import pytest

from tokenstore_conformance.guard.frames import is_kit
from tokenstore_conformance.judging.verdict import LeftOut, Verdict
from tokenstore_conformance.pytest_run.items import ClauseItem
from tokenstore_conformance.pytest_run.selecting import Selecting

IDS: Final = "the ids on the command line"

_BY_FUNCTION: Final = {"deselect_by_keyword": "keyword", "deselect_by_mark": "markexpr"}
_BY_MODULE: Final = {
    "_pytest.main": "deselect",
    "_pytest.cacheprovider": "lf",
    "_pytest.stepwise": "stepwise",
}
_MACHINERY: Final = ("pluggy",)


class Completeness:
    """Keeps track of the clauses that a run leaves out, from collection to the end of the run."""

    def __init__(self, selecting: Mapping[str, Selecting | dict[str, Any]]) -> None:
        self._selecting = {
            name: each if isinstance(each, Selecting) else Selecting(**each)
            for name, each in selecting.items()
        }
        self._found: dict[tuple[str, str, bool], set[str]] = {}
        """The ids of the clauses left out, by target, reason, and whether the user typed it."""

    def selecting_as_data(self) -> dict[str, Any]:
        """Return the options that leave tests out, as data for the workers of pytest-xdist."""
        return {name: asdict(each) for name, each in self._selecting.items()}

    def left_out(self, items: Iterable[Any], words: str, typed: bool) -> None:
        """Note that the clauses among these items do not run, and why; see `LeftOut`."""
        for item in items:
            if isinstance(item, ClauseItem):
                key = (item.target.spec, words, typed)
                self._found.setdefault(key, set()).add(item.clause.id)

    def deselected(self, items: Iterable[Any]) -> None:
        """Note the items that a hook deselects. The call stack shows which hook it is."""
        selecting = self._who(sys._getframe(2))
        if isinstance(selecting, Selecting):
            self.left_out(items, str(selecting), selecting.typed)
        else:
            self.left_out(items, selecting, False)

    def removed(self, collected: Iterable[Any], selected: Iterable[Any]) -> None:
        """Note the clauses that are gone after collection although nothing reported them."""
        known = {(target, id) for (target, *_), ids in self._found.items() for id in ids}
        kept = {id(item) for item in selected}
        gone = [
            each
            for each in collected
            if id(each) not in kept and (each.target.spec, each.clause.id) not in known
        ]
        self.left_out(gone, "a hook of a conftest.py or a plugin", False)

    def as_data(self) -> list[list[Any]]:
        """Return what was left out, as data for the controller of pytest-xdist."""
        return [[*key, sorted(ids)] for key, ids in self._found.items()]

    def take(self, data: Iterable[Iterable[Any]]) -> None:
        """Add what a worker of pytest-xdist noted. All workers note the same."""
        for target, words, typed, ids in data:
            self._found.setdefault((target, words, typed), set()).update(ids)

    def settle(self, verdict: Verdict, session: pytest.Session, exitstatus: int) -> None:
        """Record on the verdict why each missing clause did not run."""
        rest = set(verdict.missing)
        for (target, words, typed), ids in self._found.items():
            gone = rest & ids if target == verdict.target else set()
            if gone:
                verdict.left_out.append(LeftOut(frozenset(gone), words, typed))
                rest -= gone
        if rest:
            words, typed = self._why_it_ended(session, exitstatus)
            verdict.left_out.append(LeftOut(frozenset(rest), words, typed))

    def _who(self, frame: FrameType | None) -> Selecting | str:
        """Return what deselects: the first frame outside of pluggy and the kit shows it."""
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            if not module.startswith(_MACHINERY) and not is_kit(frame.f_code.co_filename):
                break
            frame = frame.f_back
        if frame is None:
            return "a plugin"
        name = _BY_FUNCTION.get(frame.f_code.co_name) or _BY_MODULE.get(module, "")
        if name in self._selecting:
            return self._selecting[name]
        return f"a hook in {os.path.basename(frame.f_code.co_filename)}"

    def _why_it_ended(self, session: pytest.Session, exitstatus: int) -> tuple[str, bool]:
        stopped = session.shouldfail or session.shouldstop
        if exitstatus == pytest.ExitCode.INTERRUPTED and not stopped:
            return "an interruption", True
        maxfail = self._selecting.get("maxfail")
        if maxfail is not None and stopped:
            return f"{maxfail}, which ended the run at a failure", maxfail.typed
        if "stepwise" in self._selecting and stopped:
            selecting = self._selecting["stepwise"]
            return f"{selecting}, which ended the run at a failure", selecting.typed
        if stopped:
            return f"the early end of the run ({stopped})", False
        if session.config.getoption("numprocesses", None):
            return "the loss of a worker process", False
        return "the early end of the run", False
