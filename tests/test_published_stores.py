"""The verdicts on published stores, as measured: they are the reason for the kit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk", reason="the article's sample needs the six-method generation")

from tests.drivers.in_process import Judged, judge_of, outcomes
from tests.mutants import CALL_BY_CALL, CAPABILITIES, GENERATIONS, PROGRAM
from tests.stores.article_sample import ArticleSample
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import resolve

README = Path(__file__).resolve().parents[1] / "docs" / "findings.md"
SIX_ROW = re.compile(r"^\| (\S+-\d+) \| (MUST|SHOULD) \| [^|]+ \|$", re.M)
FIVE_ROW = re.compile(r"^\| (\S+-\d+) \| (MUST|SHOULD) \| (broken|kept) \| (broken|kept) \|", re.M)


def found_by_the_readme(generation: str) -> dict[str, str]:
    """Return the clauses that FileStore breaks by the table of findings, and their levels."""
    text = README.read_text("utf-8")
    if generation == "zohocrmsdk":
        return dict(SIX_ROW.findall(text))
    column = 3 if open_door(generation).by_id else 2
    return {row[0]: row[1] for row in FIVE_ROW.findall(text) if row[column] == "broken"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "families",
    [(*CALL_BY_CALL, "SEQ", *PROGRAM), pytest.param(CAPABILITIES, marks=pytest.mark.nightly)],
    ids=["calls and programs", "capabilities"],
)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_file_store_of_the_sdk(
    generation: str, families: tuple[str, ...], tmp_path: Path
) -> None:
    """FileStore breaks exactly the clauses in the table of findings."""
    judge = judge_of(resolve("sdk-file", generation=generation), tmp_path, examples=5)

    failed = outcomes(judge, families, "failed")

    expected = found_by_the_readme(generation).items()
    assert {id: judge.clauses[id].level for id in failed} == {
        id: level for id, level in expected if judge.clauses[id].family in families
    }


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Judge the sample of the article; each clause is judged once."""
    return judge_of(ArticleSample, tmp_path_factory.mktemp("sample"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("SHAPE-4", "a second store over an empty storage"),
        ("SAVE-14", "save_token not to raise"),
        ("FIND-8", "identifies no record"),
        ("DEL-3", "the same records as before delete_token"),
        ("CLEAR-1", "the exception AttributeError"),
        ("DATA-1", "the exception SDKException"),
    ],
)
def test_the_published_sample_is_found_out(clause: str, words: str, sample: Judged) -> None:
    """A store written after the article's SQLite sample fails what it was measured to fail."""
    result = sample.judge(clause)

    assert result.outcome == "failed"
    assert words in result.message
