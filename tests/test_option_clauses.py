"""--tokenstore-clauses prints the contract."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import Judge
from tokenstore_conformance.contract.zohocrmsdk import CLAUSES


def test_every_clause(judge: Judge) -> None:
    """Every clause is printed with its level, and no test runs."""
    result = judge("--tokenstore-clauses")

    assert result.ret == pytest.ExitCode.OK
    headings = [f"{clause.id} ({clause.standing})" for clause in CLAUSES]
    assert [line for line in result.outlines if line in headings] == headings
    result.stdout.no_fnmatch_line("*test session starts*")


def test_needs_neither_store_nor_sdk(
    pytester: pytest.Pytester, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works with no SDK installed, and with a store in the ini file that does not import."""
    pytester.makeini("[pytest]\ntokenstore = nowhere:Store")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert judge("--tokenstore-clauses").ret == pytest.ExitCode.OK
