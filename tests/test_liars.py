"""Each liar is wrong in one way, and fails the clause that says so; no clause of another family."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.in_process import judge_of, outcomes
from tests.stores.liars import LIARS
from tests.stores.liars.weird import WEIRD

FAMILIES = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO")
"""What is checked call by call; the sequences have tests of their own."""

SINGLE = [liar for liar in LIARS if getattr(liar, "clause", "").partition("-")[0] in FAMILIES]

FIRST = {liar.clause: liar for liar in reversed(SINGLE)}
"""One liar for each clause."""

WORDS = {
    "SHAPE-1": "derive the class from it",
    "SHAPE-2": "cannot be called as the SDK calls it, positionally",
    "SHAPE-3": "save_token returns None",
    "SHAPE-4": "a second store over an empty storage, while the first is open",
    "SAVE-1": "stored complete",
    "SAVE-2": "got 4 records",
    "SAVE-3": "got 4 records",
    "SAVE-4": "access_token='fresh.access'",
    "SAVE-5": "access_token='fresh.access'",
    "SAVE-6": "expected 2 records in the store",
    "SAVE-7": "expected 2 records in the store",
    "SAVE-8": "refresh_token='anna.refresh'",
    "SAVE-9": "client_secret='new'; got client_secret='anna.secret'",
    "SAVE-10": "a non-empty text as id of the token that was saved; got None",
    "SAVE-11": "the id '42' kept on the token; got '1'",
    "SAVE-12": "kept, though the saved token carries another",
    "SAVE-13": "on the saved token; got None",
    "SAVE-14": "save_token to raise nothing here",
    "SAVE-15": "which another record had before",
    "SAVE-16": "the same records as before a save that holds no token",
    "SAVE-17": "save_token to raise nothing here",
    "SAVE-18": "among them token(id='2', user='grace'",
    "SAVE-19": "got 2 records for 'anna'",
    "SAVE-20": "got 4 records",
    "SAVE-21": "the saved token as it was: user='anna'; got user=None",
    "SAVE-22": "the same records as before a save of something that is no token",
    "FIND-1": "the record with that user",
    "FIND-2": "the record with that access token",
    "FIND-3": "the record with that grant token",
    "FIND-4": "the record with that refresh token",
    "FIND-5": "by user before grant token, the record of 'anna'",
    "FIND-6": "find_token to raise nothing here; got raised SDKException",
    "FIND-7": "found by user, the token with id='1'; got id=None",
    "FIND-8": "identifies no record",
    "FIND-9": "the query filled with id='1'",
    "FIND-10": "the token of the id '1'; got None",
    "FIND-11": "the same records as before a find",
    "FIND-12": "the query as it was: user='nobody'; got user=None",
    "FIND-13": "the record with that grant token with user='anna'",
    "FIND-14": "no record has the user 'anna'",
    "FIND-15": "no record has the user 'Anna'",
    "BYID-1": "the token of the id '1' with id='1'; got id=None",
    "BYID-2": "find_token_by_id to raise nothing here; got raised SDKException",
    "BYID-3": "no record has the id '01'",
    "DEL-1": "expected 9 records in the store; got 10 records",
    "DEL-2": "the same records as before delete_token(None)",
    "DEL-3": "the same records as before delete_token('1 or 1=1')",
    "DEL-4": "expected 2 records in the store",
    "LIST-1": "[] on a new store; got None",
    "LIST-2": "expected a list; got (",
    "CLEAR-1": "expected 0 records in the store; got 8 records",
    "CLEAR-2": "delete_tokens to raise nothing here; got raised IndexError",
    "DATA-1": "got user='zoe?'",
    "DATA-2": "got user='a\\nb'",
    "DATA-3": "as a text; got 1767225600000, int",
    "ISO-1": "after the saved token was changed",
    "ISO-2": "expected 2 records in the store",
}
"""The decisive words of the message that the first liar of each clause gets."""

UNAVOIDABLE = {
    "DATA-1": {"FIND-14", "FIND-15"},  # what is mangled on its way in is mangled in a query too
}
"""Clauses of another family that the lie does break, and why."""


@pytest.mark.parametrize("liar", SINGLE, ids=lambda liar: f"{liar.clause}-{liar.__name__}")
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """A store that is wrong in one way fails the clause that says so."""
    result = judge_of(liar, tmp_path).judge(liar.clause)

    assert result.outcome == "failed"
    assert result.expected
    assert result.got


@pytest.mark.parametrize("clause", FIRST)
def test_a_liar_fails_no_other_family(clause: str, tmp_path: Path) -> None:
    """A lie is told once: the message teaches it, and no other family is blamed for it."""
    judge = judge_of(FIRST[clause], tmp_path)

    failed = outcomes(judge, FAMILIES, "failed")

    family = clause.partition("-")[0]
    foreign = {each for each in failed if each.partition("-")[0] != family}
    assert foreign <= UNAVOIDABLE.get(clause, set())
    assert WORDS[clause] in judge.judge(clause).message


def test_every_clause_that_is_checked_call_by_call_has_a_liar(tmp_path: Path) -> None:
    """No clause is believed before it was seen to fail."""
    clauses = judge_of(LIARS[0], tmp_path).clauses.values()

    assert set(FIRST) == {clause.id for clause in clauses if clause.family in FAMILIES}


@pytest.mark.parametrize(
    ("liar", "clause"), WEIRD, ids=lambda each: getattr(each, "__name__", each)
)
def test_what_a_store_raises_is_no_word_of_the_machinery(
    liar: type, clause: str, tmp_path: Path
) -> None:
    """A skip, an exit or an interrupt that the store raises is a failure of the clause."""
    result = judge_of(liar, tmp_path, clauses=[clause]).judge(clause)

    assert result.outcome == "failed"
    assert "raised" in result.got or result.got == "no such record"
