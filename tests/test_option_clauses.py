"""--tokenstore-clauses prints the contract."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import Judge
from tokenstore_conformance.contract import CLAUSES, GENERATIONS, Clause, contract_of


def headings(clauses: tuple[Clause, ...]) -> list[str]:
    return [f"{clause.id} ({clause.standing})" for clause in clauses]


def test_every_clause(judge: Judge) -> None:
    """Every clause is printed with its level and the generations it binds, and no test runs."""
    result = judge("--tokenstore-clauses")

    assert result.ret == pytest.ExitCode.OK
    every = headings(CLAUSES)
    assert [line for line in result.outlines if line in every] == every
    bound = [
        line.partition(": ")[2].partition(";")[0] for line in result.outlines if "binds:" in line
    ]
    assert bound == [", ".join(clause.generations) for clause in CLAUSES]
    result.stdout.no_fnmatch_line("*test session starts*")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_those_of_one_generation(judge: Judge, generation: str) -> None:
    """With a generation, it prints the clauses that bind the stores of that generation."""
    result = judge("--tokenstore-clauses", f"--tokenstore-generation={generation}")

    assert result.ret == pytest.ExitCode.OK
    every = headings(CLAUSES)
    shown = [line for line in result.outlines if line in every]
    assert shown == headings(contract_of(generation).clauses)


def test_needs_neither_store_nor_sdk(
    pytester: pytest.Pytester, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works without an SDK, and with a store in the ini file that cannot be imported."""
    pytester.makeini("[pytest]\ntokenstore = nowhere:Store")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert judge("--tokenstore-clauses").ret == pytest.ExitCode.OK
