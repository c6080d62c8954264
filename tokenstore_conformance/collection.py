"""The clauses as pytest's own nodes: ``tokenstore_conformance::SAVE-2[mypkg:MyStore]``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tokenstore_conformance import checks
from tokenstore_conformance.contract import Clause, Level
from tokenstore_conformance.contract.zohocrmsdk import CLAUSES
from tokenstore_conformance.judge import Result
from tokenstore_conformance.plugin import NODE
from tokenstore_conformance.targets import Target
from tokenstore_conformance.terminal import explanation

if TYPE_CHECKING:
    from tokenstore_conformance.gate import Gate


class NotConformant(Exception):
    """What a broken clause raises in its test; the text says everything."""


NotConformant.__module__ = "builtins"  # pytest shows the module's name otherwise


class ConformanceWarning(UserWarning):
    """A broken SHOULD clause."""


class Suite(pytest.Module):
    """The suite as a module of tests that lies nowhere in the user's tree."""

    gate: Gate

    @classmethod
    def of(cls, session: pytest.Session, gate: Gate) -> Suite:
        suite: Suite = cls.from_parent(
            session, path=Path(checks.__file__), name=NODE, nodeid=NODE
        )
        suite.gate = gate
        return suite

    def _getobj(self) -> Any:
        return checks

    def collect(self) -> Iterator[pytest.Item]:
        for target in self.gate.targets:
            for clause in CLAUSES:
                yield ClauseItem.of(self, clause, target)


class ClauseItem(pytest.Function):
    """One clause on one target."""

    clause: Clause
    target: Target
    result: Result | None = None

    @classmethod
    def of(cls, suite: Suite, clause: Clause, target: Target) -> ClauseItem:
        item: ClauseItem = cls.from_parent(
            suite,
            name=f"{clause.id}[{target.spec}]",
            originalname=clause.id,
            callobj=_test(lambda factory, root: item.judge(suite.gate, factory, root)),
        )
        item.clause, item.target = clause, target
        item.user_properties += [
            ("tokenstore_clause", clause.id),
            ("tokenstore_level", str(clause.level)),
            ("tokenstore_target", target.spec),
        ]
        item.add_marker(
            pytest.mark.tokenstore(
                clause=clause.id,
                family=clause.family,
                level=str(clause.level),
                target=target.spec,
            )
        )
        item.add_marker(getattr(pytest.mark, f"tokenstore_{clause.level.lower()}"))
        # A filter of the user's that makes errors of warnings would change what a store does.
        item.add_marker(pytest.mark.filterwarnings("default"))
        return item

    def judge(self, gate: Gate, factory: Any, root: Path) -> None:
        """The body of the test."""
        __tracebackhide__ = True
        result = self.result = gate.judge(self.target, self.clause.id, factory, root)
        if result.outcome == "skipped":
            pytest.skip(f"{self.clause.id}: {result.message}")
        if result.outcome == "failed":
            if self.clause.level is Level.MUST or gate.strict:
                raise NotConformant(explanation(result))
            self._warn(result)

    def _warn(self, result: Result) -> None:
        # Through the hook: no filter of the user's hides it, or makes an error of it.
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

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, NotConformant):
            return excinfo.getrepr(style="value")
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return Path(checks.__file__), None, self.name

    def as_data(self, report: pytest.TestReport) -> dict[str, Any]:
        """What the reports need, as plain data."""
        data: dict[str, Any] = {"target": self.target.spec, "id": self.clause.id}
        result = self.result
        if result is None or (report.failed and result.outcome != "failed"):
            outcome = "skipped" if report.skipped else "failed"
            text = getattr(report, "longreprtext", "").strip().splitlines()
            why = text[-1] if text else report.outcome
            return data | {"outcome": outcome, "message": f"not judged: {why}"}
        return data | {
            "outcome": result.outcome,
            "message": result.message,
            "expected": result.expected,
            "got": result.got,
            "calls": [str(call) for call in result.calls],
            "told": [call.brief() for call in result.calls],
            "reproduce": _script(result, self.target) if result.outcome == "failed" else "",
            "seconds": round(result.seconds, 6),
        }


def _test(judge: Callable[[Any, Path], None]) -> Callable[..., None]:
    root: list[Path] = []

    def test(tokenstore_factory: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
        __tracebackhide__ = True
        root.append(tmp_path_factory.mktemp("tokenstore"))
        judge(tokenstore_factory, root[-1])

    return test


def _script(result: Result, target: Target) -> str:
    from tokenstore_conformance.script import reproduction

    return reproduction(result, target)
