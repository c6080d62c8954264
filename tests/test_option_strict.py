"""A broken SHOULD clause is a warning; with --tokenstore-strict it fails the run."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, Judge, refused

FIND_10 = ("-k", "FIND-10")


@pytest.mark.parametrize(
    "filters",
    [(), ("-W", "error"), ("-W", "ignore"), ("-W", "error::UserWarning")],
    ids=" ".join,
)
def test_warning(unhelpful: str, judge: Judge, filters: tuple[str, ...]) -> None:
    """Whatever the user's warning filters, the run is green and pytest counts the warning."""
    result = judge(f"--tokenstore={unhelpful}", *FIND_10, *filters)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "FIND-10 (SHOULD, a warning)",
            "  expected  the token of the id *",
            "  got       None",
            "*1 passed*1 warning*",
        ]
    )
    result.stdout.no_fnmatch_line("*warnings summary*")


def test_warning_in_full(unhelpful: str, judge: Judge) -> None:
    """With -v, the warning is also in pytest's own summary."""
    result = judge(f"--tokenstore={unhelpful}", *FIND_10, "-v")

    result.stdout.fnmatch_lines(
        [
            "*warnings summary*",
            "tokenstore_conformance::FIND-10[[]mypkg:MyStore]",
            "*ConformanceWarning: FIND-10 SHOULD: expected the token of the id *; got None",
            "*1 passed*1 warning*",
        ]
    )


def test_verdict(unhelpful: str, judge: Judge) -> None:
    """The verdict shows the clause, and that it is only a warning."""
    result = judge(f"--tokenstore={unhelpful}", *FIND_10)

    result.stdout.fnmatch_lines(
        ["INCOMPLETE*", "SHOULD   0 passed, 1 failed", "FIND-10 (SHOULD, a warning)"]
    )


def test_progress(unhelpful: str, judge: Judge) -> None:
    """The progress shows that the clause did not just pass."""
    result = judge(f"--tokenstore={unhelpful}", *FIND_10, "-v")

    result.stdout.fnmatch_lines(["*FIND-10[[]mypkg:MyStore] WARNING*"])


def test_strict(unhelpful: str, judge: Judge) -> None:
    """With the option the same clause fails the run."""
    result = judge(f"--tokenstore={unhelpful}", *FIND_10, "--tokenstore-strict")

    result.assert_outcomes(failed=1, deselected=CLAUSES - 1)
    result.stdout.fnmatch_lines(["NOT CONFORMANT*", "FIND-10 (SHOULD)"])


@pytest.mark.parametrize("option", ["strict", "wipe", "github"])
def test_a_value_in_the_ini_file_that_is_no_truth(
    option: str, pytester: pytest.Pytester, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the option and says what to write."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    pytester.makeini(f"[pytest]\ntokenstore_{option} = maybe")

    refused(judge("--tokenstore=list"), f"tokenstore_{option}: *'maybe'; write true or false")
