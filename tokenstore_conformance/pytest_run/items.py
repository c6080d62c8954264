"""The clauses as pytest nodes, such as ``tokenstore_conformance::SAVE-2[mypkg:MyStore]``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tokenstore_conformance import checks
from tokenstore_conformance.contract import Clause, Level
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.pytest_run.node import NODE
from tokenstore_conformance.pytest_run.run import Run
from tokenstore_conformance.target import FIXTURE, Target
from tokenstore_conformance.target.opened import Unfit


class NotConformant(Exception):
    """Raised in the test of a broken clause."""


class ConformanceWarning(UserWarning):
    """A broken SHOULD clause."""


class Suite(pytest.Module):
    """The suite, as a test module without a file.

    Its path is the root directory of the user's tests. So the hooks and fixtures of a conftest.py
    there apply to it, wherever the kit is installed.
    """

    run: Run

    @classmethod
    def of(cls, session: pytest.Session, run: Run) -> Suite:
        suite: Suite = cls.from_parent(
            session, path=session.config.rootpath, name=NODE, nodeid=NODE
        )
        suite.run = run
        return suite

    def _getobj(self) -> Any:
        return checks

    def collect(self) -> Iterator[pytest.Item]:
        pairs = [
            (clause, target)
            for target in self.run.targets
            for clause in self.run.verdicts[target.spec].contract.clauses
        ]
        # The TIME checks set the clocks back at their end. They run last, because a module that
        # remembers the time must not notice that.
        pairs.sort(key=lambda pair: pair[0].family == "TIME")
        for clause, target in pairs:
            yield ClauseItem.of(self, clause, target)


class ClauseItem(pytest.Function):
    """One clause on one target."""

    clause: Clause
    target: Target
    level: Level
    result: Result | None = None
    options_again: tuple[str, ...] = ()
    """The options with which another run of pytest judges the store in the same way."""
    refused = ""
    """Why the store of the user's fixture cannot be judged, or "". The run ends with this line."""

    @classmethod
    def of(cls, suite: Suite, clause: Clause, target: Target) -> ClauseItem:
        def judge(factory: Callable[[], Any] | None, root: Path) -> None:
            __tracebackhide__ = True
            item.judge(suite.run, factory, root)

        test = _test_of_fixture(judge) if target.spec == FIXTURE else _test(judge)
        item: ClauseItem = cls.from_parent(suite, name=f"{clause.id}[{target.spec}]", callobj=test)
        if hasattr(item, "id"):  # since pytest 9.2 ids have parts, and must equal parsed ones
            item._id = type(item.id).parse(item.nodeid)
        item.clause, item.target = clause, target
        item.options_again = suite.run.options.again()
        item.level = clause.level_if(suite.run.verdicts[target.spec].required)
        item._describe()
        return item

    def _describe(self) -> None:
        level = str(self.level)
        self.user_properties += [
            ("tokenstore_clause", self.clause.id),
            ("tokenstore_level", level),
            ("tokenstore_target", self.target.spec),
        ]
        self.add_marker(
            pytest.mark.tokenstore(
                clause=self.clause.id,
                family=self.clause.family,
                level=level,
                target=self.target.spec,
            )
        )
        self.add_marker(getattr(pytest.mark, f"tokenstore_{level.lower()}"))
        # A filter of the user that turns warnings into errors would change what a store does.
        self.add_marker(pytest.mark.filterwarnings("default"))
        # The kit drops many stores, which have no method to close them. RES-1 judges leaks.
        self.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))

    def judge(self, run: Run, factory: Callable[[], Any] | None, root: Path) -> None:
        """Judge the clause. This is the body of its test."""
        __tracebackhide__ = True
        try:
            result = self.result = run.judge(self.target, self.clause.id, factory, root)
        except Unfit as error:
            self.refused = str(error)
            pytest.skip(self.refused)
        if result.status is Status.KNOWN:
            pytest.xfail(f"accepted: {result.message}")
        if result.status not in (Status.PASSED, Status.FAILED):
            pytest.skip(result.message)
        if result.failed:
            if self.level is Level.MUST or run.options.strict:
                raise NotConformant(result.message)
            self.warn_of(result)

    def warn_of(self, result: Result) -> None:
        """Have pytest show a broken SHOULD clause as a warning."""
        # Call the hook, so that no filter of the user hides this or turns it into an error.
        message = ConformanceWarning(f"{self.clause.id} SHOULD: {result.message}")
        self.ihook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": warnings.WarningMessage(
                    message, ConformanceWarning, self.target.spec, 0
                ),
                "nodeid": self.nodeid,
                "when": "runtest",
                "location": None,
            }
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.config.rootpath / NODE, 0, self.name


def _test(judge: Callable[[None, Path], None]) -> Callable[..., None]:
    def test(tmp_path_factory: pytest.TempPathFactory) -> None:
        __tracebackhide__ = True
        judge(None, tmp_path_factory.mktemp("tokenstore"))

    return test


def _test_of_fixture(judge: Callable[[Any, Path], None]) -> Callable[..., None]:
    def test(tokenstore_factory: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
        __tracebackhide__ = True
        judge(tokenstore_factory, tmp_path_factory.mktemp("tokenstore"))

    return test
