"""The verdicts on what is published, as measured: the reason why the kit exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from tests.in_process import judge_of, outcomes
from tests.stores.article_sample import ArticleSample
from tests.test_liars import FAMILIES


class SDKFile(FileStore):
    """The SDK's own FileStore."""

    def __init__(self) -> None:
        super().__init__("sdk_tokens.txt")


def test_the_file_store_of_the_sdk_breaks_three_must_clauses(tmp_path: Path) -> None:
    """FileStore: an exception on a miss, ids that are no number, two records for one user."""
    judge = judge_of(SDKFile, tmp_path, examples=5)

    failed = outcomes(judge, (*FAMILIES, "SEQ"), "failed")

    assert {id for id in failed if judge.clauses[id].level == "MUST"} == {
        "BYID-2",
        "SAVE-14",
        "SAVE-19",
    }


def test_the_file_store_of_the_sdk_breaks_four_should_clauses(tmp_path: Path) -> None:
    """FileStore gives ids again and finds nothing by an id alone.

    Two more can be read in its code: `check_condition` compares grant and refresh token row by row,
    so the first row wins and not the grant token (FIND-13); the file is read without `newline=""`,
    so a carriage return comes back as a line feed (DATA-2).
    """
    judge = judge_of(SDKFile, tmp_path, examples=5)

    failed = outcomes(judge, FAMILIES, "failed")

    assert {id for id in failed if judge.clauses[id].level == "SHOULD"} == {
        "SAVE-15",
        "FIND-10",
        "FIND-13",
        "DATA-2",
    }


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("SHAPE-4", "a second store over an empty storage"),
        ("SAVE-14", "save_token to raise nothing here"),
        ("FIND-8", "identifies no record"),
        ("DEL-3", "the same records as before delete_token"),
        ("CLEAR-1", "raised AttributeError"),
        ("DATA-1", "raised SDKException"),
    ],
)
def test_the_published_sample_is_found_out(clause: str, words: str, tmp_path: Path) -> None:
    """A store written after the article's SQLite sample fails where it was measured to fail."""
    result = judge_of(ArticleSample, tmp_path).judge(clause)

    assert result.outcome == "failed"
    assert words in result.message
