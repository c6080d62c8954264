"""A verdict needs every clause: what left some out, and whether the run fails for it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.drivers.pytest_run import CLAUSES, Judge
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.pytest_run.completeness import Completeness

REPORT = "--tokenstore-report=verdict.json"


def store_in(directory: Path) -> dict[str, Any]:
    """Return the only store of the report."""
    (store,) = json.loads((directory / "verdict.json").read_text("utf-8"))["stores"]
    return store  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "by"),
    [
        (["-k", "SHAPE"], "-k 'SHAPE' on the command line"),
        (["-m", "tokenstore_should"], "-m 'tokenstore_should' on the command line"),
        (["tokenstore_conformance::BYID-1"], "the ids on the command line"),
    ],
)
def test_a_part_that_was_typed_is_incomplete(
    arguments: list[str], by: str, good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """If a user types a selection, the run is green, but the verdict is incomplete."""
    result = judge(f"--tokenstore={good}", REPORT, *arguments)

    store = store_in(pytester.path)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["INCOMPLETE: no verdict without all clauses*", f"left out: *({by})"]
    )
    assert (store["verdict"], store["conformant"]) == ("incomplete", None)


def test_a_part_that_the_settings_chose_fails(
    good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """If addopts leaves clauses out, the run fails, and one line says why."""
    pytester.makeini("[pytest]\naddopts = -k SHAPE")

    result = judge(f"--tokenstore={good}", REPORT)

    text = " ".join(result.outlines)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert (
        f"this run fails: {CLAUSES - 4} clauses did not run, because of -k 'SHAPE' in addopts of"
        in text
    )
    assert store_in(pytester.path)["conformant"] is None


def test_a_part_that_the_environment_chose_fails(
    good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTEST_ADDOPTS does not count as typed for this run."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k SHAPE")

    result = judge(f"--tokenstore={good}")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "because of -k 'SHAPE' in PYTEST_ADDOPTS" in " ".join(result.outlines)


@pytest.mark.parametrize(
    "body",
    [
        "config.hook.pytest_deselected(items=items[4:]); del items[4:]",
        "del items[4:]",
    ],
    ids=["deselects", "removes"],
)
def test_a_part_that_a_conftest_chose_fails(
    body: str, good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """The run fails whether or not the hook reports what it deselects."""
    pytester.makeconftest(f"def pytest_collection_modifyitems(config, items):\n    {body}")

    result = judge(f"--tokenstore={good}")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"{CLAUSES - 4} clauses did not run, because of a hook" in " ".join(result.outlines)


def test_settings_that_leave_nothing_out_are_fine(
    good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """A filter for the project's own tests does not matter if it leaves no clause out."""
    pytester.makeini("[pytest]\naddopts = -m 'not slow'\nmarkers = slow")

    result = judge(f"--tokenstore={good}", "-k", "SHAPE")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [f"left out: {CLAUSES - 4} clauses (-k 'SHAPE' on the command line)"]
    )


@pytest.mark.slow
def test_clauses_of_a_lost_worker_fail_the_run(pytester: pytest.Pytester, judge: Judge) -> None:
    """A worker that dies leaves clauses unjudged, so the run is not green."""
    pytester.makepyfile(
        mypkg="""
        import os, signal
        from reference_stores.zohocrmsdk.memory_store import InMemoryStore

        class MyStore(InMemoryStore):
            def delete_token(self, id):
                if id == "999999":
                    os.kill(os.getpid(), signal.SIGKILL)
                super().delete_token(id)
        """
    )

    result = judge("--tokenstore=mypkg:MyStore", "-n1", "--max-worker-restart=0", "-k", "DEL")

    assert result.ret != pytest.ExitCode.OK


@pytest.mark.slow
def test_a_must_is_not_excused_by_a_should(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store that breaks DUR-1, a SHOULD here, and DUR-2, a MUST here, is not conformant."""
    pytester.makepyfile(
        mypkg="""
        from tests.correct.zohocrmsdk.capable import InFile
        import contextlib

        class MyStore(InFile):
            def _alone(self):
                return contextlib.nullcontext()

            def get_tokens(self):
                tokens = super().get_tokens()
                if getattr(self, "opened_filled", False):
                    for token in tokens:
                        token.set_redirect_url(None)
                return tokens

            def __init__(self):
                super().__init__()
                import os
                self.opened_filled = os.path.exists(self.path)
        """
    )
    pytester.syspathinsert(Path(__file__).parents[1])

    result = judge(
        "--tokenstore=mypkg:MyStore", REPORT, "-k", "DUR", "--tokenstore-require=processes"
    )

    statuses = {each["id"]: each["status"] for each in store_in(pytester.path)["clauses"]}
    assert statuses["DUR-1"] == "failed"
    assert statuses["DUR-2"] == "failed"
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("stopped", "status", "workers", "typed", "by"),
    [
        ("", pytest.ExitCode.INTERRUPTED, 0, True, "an interruption"),
        ("no disk", pytest.ExitCode.TESTS_FAILED, 0, False, "the early end of the run (no disk)"),
        ("", pytest.ExitCode.OK, 2, False, "the loss of a worker process"),
        ("", pytest.ExitCode.OK, None, False, "the early end of the run"),
    ],
)
def test_what_ended_a_run_early(
    stopped: str, status: pytest.ExitCode, workers: int | None, typed: bool, by: str
) -> None:
    """Clauses that nothing deselected are missing because of how the run ended."""
    verdict = Verdict("mypkg:MyStore", None)

    config = SimpleNamespace(getoption=lambda name, default: workers)
    session = SimpleNamespace(shouldfail=stopped, shouldstop="", config=config)

    Completeness({}).settle(verdict, session, status)

    (left_out,) = verdict.left_out
    assert (left_out.by, left_out.typed) == (by, typed)
