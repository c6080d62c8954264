"""A run of pytest that judges stores: from the command line to the results of every clause."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tokenstore_conformance import __version__
from tokenstore_conformance.contract import VERSION
from tokenstore_conformance.plugin import NODE
from tokenstore_conformance.targets import FIXTURE, Target, TargetError, make_importable, resolve
from tokenstore_conformance.verdict import Verdict

if TYPE_CHECKING:
    from tokenstore_conformance.judge import Judge, Result
    from tokenstore_conformance.sdk import Distribution, Door


class Gate:
    """The hooks of a run that has a store to judge."""

    def __init__(self, config: pytest.Config, specs: list[str]) -> None:
        self.config = config
        self.specs = specs
        self.strict: bool = config.option.tokenstore_strict
        self.targets: list[Target] = []
        self.verdicts: dict[str, Verdict] = {}
        self.sdk: Distribution | None = None
        self._door: Door | None = None
        self._shared: dict[str, bool] = {}
        self._judges: dict[str, Judge] = {}
        self._selected: dict[str, set[str]] = {}

    # -- before anything is collected ----------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        from tokenstore_conformance.sdk import NoSDK, distributions, open_door

        self._check_options()
        invocation = Path(self.config.invocation_params.dir)
        make_importable([invocation, self.config.rootpath])
        try:
            self._door = open_door()
            self.targets = [resolve(spec, invocation) for spec in self.specs]
        except (NoSDK, TargetError) as error:
            raise pytest.UsageError(str(error)) from None
        self.sdk = next(iter(distributions(self._door.module)), None)
        self.verdicts = {
            target.spec: Verdict(target.spec, self.sdk, strict=self.strict)
            for target in self.targets
        }
        if hasattr(self.config, "workerinput"):
            self._shared = self.config.workerinput["tokenstore_shared"]
        elif not self.config.option.collectonly:
            self._shared = {target.spec: self._check_target(target) for target in self.targets}

    def _check_options(self) -> None:
        examples = self.config.option.tokenstore_examples
        if examples is not None and examples < 1:
            raise pytest.UsageError("--tokenstore-examples takes a number from 1 on")
        report = self._report_file()
        if report is not None and (report.is_dir() or not os.access(report.parent, os.W_OK)):
            raise pytest.UsageError(f"--tokenstore-report: cannot write {report}")

    def _check_target(self, target: Target) -> bool:
        """Whether all stores of this target share one storage; a usage error if it is unfit."""
        from tokenstore_conformance.selfcheck import Unfit, check_target

        if target.spec == FIXTURE:
            return True
        with tempfile.TemporaryDirectory(prefix="tokenstore-") as directory:
            try:
                return check_target(
                    self.door, target, Path(directory), wipe=self.config.option.tokenstore_wipe
                )
            except Unfit as error:
                raise pytest.UsageError(f"{target.spec}: {error}") from None

    def pytest_report_header(self) -> list[str]:
        sdk = str(self.sdk) if self.sdk else "an SDK that is not an installed distribution"
        return [
            f"tokenstore: kit {__version__}, contract {VERSION}, {sdk}",
            f"tokenstore targets: {', '.join(self.specs)}",
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """With pytest-xdist: what the controller found out, for its workers."""
        node.workerinput["tokenstore_shared"] = self._shared

    # -- collection ----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        from tokenstore_conformance.collection import Suite

        suite = Suite.of(session, self)
        wanted = set(self.config.option.tokenstore_ids) - {NODE}
        items += [
            item for item in session.genitems(suite) if not wanted or item.nodeid in wanted
        ]
        unknown = wanted.difference(item.nodeid for item in items)
        if unknown:
            raise pytest.UsageError(
                f"there is no test {min(unknown)}; these targets are judged: "
                f"{', '.join(self.specs)}, the clauses are listed by --tokenstore-clauses"
            )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        from tokenstore_conformance.collection import ClauseItem

        for item in session.items:
            if isinstance(item, ClauseItem):
                self._selected.setdefault(item.target.spec, set()).add(item.clause.id)

    # -- judging -------------------------------------------------------------------------------

    @property
    def door(self) -> Door:
        assert self._door is not None, "sessionstart opens the door"
        return self._door

    def judge(self, target: Target, clause: str, factory: Any, root: Path) -> Result:
        """The verdict on a clause; ``factory`` is the target, or the user's own fixture."""
        if isinstance(factory, Target) and factory.spec != FIXTURE:
            judge = self._judges.get(target.spec)
            if judge is None:
                judge = self._judges[target.spec] = self._new_judge(target, root)
        else:
            judge = self._new_judge(self._own(target, factory, root), root, shared=True)
        with self._alone(target, root):
            return judge.judge(clause)

    def _new_judge(self, target: Target, root: Path, *, shared: bool = False) -> Judge:
        from tokenstore_conformance.judge import DEFAULT_EXAMPLES, Judge

        return Judge(
            self.door,
            target,
            root,
            shared=shared or self._shared.get(target.spec, False),
            selected=self._selected.get(target.spec, ()),
            examples=self.config.option.tokenstore_examples or DEFAULT_EXAMPLES,
        )

    def _own(self, target: Target, factory: Any, root: Path) -> Target:
        """The target that a user's own fixture stands for; ends the run if it holds tokens."""
        from tokenstore_conformance.selfcheck import Unfit, check_empty

        if isinstance(factory, Target):
            factory = factory.factory
        own = Target(target.spec, "conftest", "tokenstore_factory", factory, ())
        try:
            wipe = self.config.option.tokenstore_wipe
            check_empty(self.door, own, root / "fixture", wipe=wipe)
        except Unfit as error:
            pytest.exit(f"{target.spec}: {error}", returncode=int(pytest.ExitCode.USAGE_ERROR))
        return own

    @contextlib.contextmanager
    def _alone(self, target: Target, root: Path) -> Iterator[None]:
        """Where workers share a storage, one at a time: under a lock that dies with its holder."""
        if not (hasattr(self.config, "workerinput") and self._shared.get(target.spec)):
            yield
            return
        import sqlite3

        lock = sqlite3.connect(
            root.parent.parent / "tokenstore.lock", timeout=3600, isolation_level=None
        )
        try:
            lock.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            lock.close()

    # -- results -------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        from tokenstore_conformance.collection import ClauseItem

        outcome: Any = yield
        report = outcome.get_result()
        if isinstance(item, ClauseItem) and (report.when == "call" or not report.passed):
            # Plain data on the report travels from the workers of pytest-xdist by itself.
            report.tokenstore = item.as_data(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, "tokenstore", None)
        if data is not None:
            self.verdicts[data["target"]].add(data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        data = getattr(report, "tokenstore", None)
        if report.when == "call" and report.passed and data and data["outcome"] == "failed":
            return "passed", "w", ("SHOULD", {"yellow": True})
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        report = self._report_file()
        if report is not None and not hasattr(self.config, "workerinput"):
            from tokenstore_conformance.json_report import write

            write(report, self.verdicts.values())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Iterator[None]:
        yield
        if not self.config.option.collectonly:
            from tokenstore_conformance.terminal import show

            show(terminalreporter, self._judged())

    def _judged(self) -> Iterable[Verdict]:
        return self.verdicts.values()

    def _report_file(self) -> Path | None:
        named = self.config.option.tokenstore_report
        return Path(self.config.invocation_params.dir) / named if named else None
