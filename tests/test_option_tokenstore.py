"""--tokenstore, several times, on the command line and in the ini file."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, FORGETFUL, Judge


def test_several_stores(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Each store has its own tests and its own verdict."""
    pytester.makepyfile(other=FORGETFUL)

    result = judge(f"--tokenstore={good}", "--tokenstore", "other:MyStore", "-k", "BYID")

    result.assert_outcomes(passed=5, failed=1, deselected=2 * CLAUSES - 6)
    result.stdout.fnmatch_lines(
        [
            "FAILED tokenstore_conformance::BYID-2[[]other:MyStore] *",
            "*= token store mypkg:MyStore =*",
            "INCOMPLETE*",
            "*= token store other:MyStore =*",
            "NOT CONFORMANT *",
        ]
    )


def test_the_same_store_twice(good: str, judge: Judge) -> None:
    """A store that is named twice is judged once."""
    twice = [f"--tokenstore={good}"] * 2

    judge(*twice, "-k", "LIST").assert_outcomes(passed=2, deselected=CLAUSES - 2)


def test_ini_file(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """The ini file may name several stores, one per line."""
    pytester.makeini(f"[pytest]\ntokenstore =\n    {good}\n    sqlite-memory\n")

    judge("-k", "DEL").assert_outcomes(passed=8, deselected=2 * CLAUSES - 8)


def test_command_line_goes_first(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Stores named on the command line replace those that the ini file names."""
    pytester.makeini("[pytest]\ntokenstore = list")

    result = judge(f"--tokenstore={good}", "-k", "LIST")

    result.stdout.fnmatch_lines([f"tokenstore targets: {good}"])


def test_header(good: str, judge: Judge) -> None:
    """The header says what is judged, against which contract and which SDK."""
    result = judge(f"--tokenstore={good}", "-k", "LIST")

    result.stdout.fnmatch_lines(
        ["tokenstore: kit *, contract *, zohocrmsdk?_0 *", f"tokenstore targets: {good}"]
    )
