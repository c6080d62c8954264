"""A clause has one check for each generation, with its sentence, in the module it names."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CALL_BY_CALL, mutants_of
from tests.mutants import GENERATIONS as INSTALLED
from tokenstore_conformance.checks import Check, all_checks, check
from tokenstore_conformance.checks.samples import MOST
from tokenstore_conformance.contract import CLAUSES, GENERATIONS, OPEN_POINTS, Level
from tokenstore_conformance.judging.result import Result, Status, where

GENERATION = INSTALLED[0]

ROOT = Path(__file__).resolve().parent.parent

SENTENCES = {clause.id: clause.sentence for clause in CLAUSES}

CHECKS = [
    pytest.param(each, id=f"{generation}-{clause}")
    for generation in GENERATIONS
    for clause, each in all_checks(generation).items()
]

each_check = pytest.mark.parametrize("each", CHECKS)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
def test_a_clause_has_a_check_for_each_generation_it_binds(clause) -> None:
    """No clause goes unchecked, and no check judges what the contract does not say."""
    bound = [each for each in GENERATIONS if clause.id in all_checks(each)]

    assert bound == list(clause.generations)


@each_check
def test_a_check_begins_with_the_sentence_of_its_clause(each: Check) -> None:
    """The docstring of a check starts with the clause's sentence, word for word."""
    said = inspect.getdoc(each.run) or ""

    assert " ".join(said.split()).startswith(SENTENCES[each.clause])


@each_check
def test_a_check_says_where_it_stands(each: Check) -> None:
    """The place that a failure names is the line where the check begins."""
    file, _, line = each.where.partition(":")

    lines = (ROOT / file).read_text("utf-8").splitlines()
    assert f'@check("{each.clause}"' in lines[int(line) - 1]


@each_check
def test_a_check_of_one_generation_stands_in_its_folder(each: Check) -> None:
    """A check for one generation is in that generation's folder. Any other is beside it."""
    generations = [name for name in GENERATIONS if each in all_checks(name).values()]

    folder = Path(each.where).parts[2]
    assert [folder] == generations or len(generations) == len(GENERATIONS)
    assert (folder in GENERATIONS) is (len(generations) == 1)


def test_a_clause_has_one_check_for_a_generation() -> None:
    """A second check of a clause is an error, and does not replace the first."""
    with pytest.raises(AssertionError, match="SAVE-2 has two checks for zohocrmsdk"):
        check("SAVE-2")(lambda store: None)


def test_an_unknown_clause_has_no_check() -> None:
    """A misspelt id is an error when the check is registered."""
    with pytest.raises(KeyError):
        check("SAVE-222")


def test_a_failure_names_its_page_and_its_check() -> None:
    """The terminal names the page of the clause and the code that found the fault."""
    check = "tokenstore_conformance/checks/zohocrmsdk/save_ids.py:42"
    failed = Result("a", "SAVE-10", Level.MUST, Status.FAILED, check=check)

    assert where(failed) == (
        "docs/contract.md#save-10, checked in checks/zohocrmsdk/save_ids.py:42"
    )


def test_a_clause_that_was_not_run_has_its_page_alone() -> None:
    """A result names no code if no check ran."""
    assert where(Result("a", "SAVE-10", Level.MUST, Status.NOT_RUN)) == "docs/contract.md#save-10"


def test_a_verdict_says_which_check_gave_it(tmp_path: Path) -> None:
    """The judge sets the place of the check on every result, passed or not."""
    judge = judge_of(mutants_of(GENERATION)[0], tmp_path)

    for clause in ("SHAPE-1", "LIST-1"):
        assert judge.judge(clause).check == all_checks(GENERATION)[clause].where


def test_a_login_that_comes_back_was_not_deleted(tmp_path: Path) -> None:
    """DEL-4 says that the login was not deleted, and not that logins fail after a deletion."""
    pytest.importorskip("zohocrmsdk")
    (mutant,) = (
        each for each in mutants_of("zohocrmsdk") if each.__name__ == "ADeletedLoginComesBack"
    )

    result = judge_of(mutant, tmp_path).judge("DEL-4")

    assert result.effect == "does not delete exactly the logins that it should"


@pytest.mark.slow
@pytest.mark.parametrize("generation", INSTALLED)
def test_no_check_stores_more_records_than_the_contract_says(
    generation: str, tmp_path: Path
) -> None:
    """The page of the contract says how many records a store gets at most."""
    stored = [0]

    class Counts(import_module(f"tests.correct.{generation}.honest").Honest):  # type: ignore[misc]
        """A correct store that notes how many records it holds."""

        def _add(self, record: dict[str, str]) -> None:
            super()._add(record)
            stored.append(len(self.records))

    judged = judge_of(Counts, tmp_path)

    assert outcomes(judged, CALL_BY_CALL, "failed") == set()
    assert max(stored) <= MOST
    assert any(f"more than {MOST} records" in point.text for point in OPEN_POINTS)
