"""Each liar is wrong in one way, and fails the clause that says so; no clause of another family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from tests.zcrmsdk.in_process import FAMILIES, PROGRAM, family_of, judge_of, outcomes
from tests.zcrmsdk.stores.liars import LIARS

SINGLE = [liar for liar in LIARS if family_of(liar) in (*FAMILIES, *PROGRAM)]
"""Those that need neither a long sequence of calls nor threads, processes and outages."""

FIRST = {liar.clause: liar for liar in reversed(SINGLE)}
"""One liar for each clause."""

WORDS = {
    "SHAPE-1": "derive the class from it",
    "SHAPE-2": "save_token(user, token) cannot be called as the SDK calls it, positionally",
    "SHAPE-4": "a second store over an empty storage, while the first is open",
    "SAVE-1": "the login that was saved, found by grant token: token(",
    "SAVE-23": "one of them with access_token='access.1'",
    "SAVE-24": "one of them with access_token='access.1'",
    "SAVE-6": "expected 3 records in the store",
    "SAVE-25": "expected 2 records in the store",
    "SAVE-26": "user_mail='anna@users.example' on the token that was saved; got None",
    "SAVE-20": "expected 2 records in the store; got 4 records",
    "SAVE-22": "the same records as before a save of something that is no token; got gone: token(",
    "SAVE-21": "client_secret='anna.client.secret'",
    "FIND-16": "found by grant token: token(refresh_token='anna.refresh'",
    "FIND-17": "found by refresh token: token(refresh_token='anna.refresh'",
    "FIND-6": "get_token to raise nothing here; got raised SDKException",
    "FIND-18": "a new token, found by grant token, fit to be saved again: token(client_id=",
    "FIND-14": "None: the user 'aNna@users.example'; got token(",
    "FIND-11": "the same records as before a find",
    "FIND-19": "the token of 'bert@users.example'; got of 'anna@users.example'",
    "BYID-1": "found by its id: token(id='python_anna_kit', client_id='anna.client'",
    "BYID-4": "None or SDKException: no record has the id '999999'; got raised KeyError",
    "BYID-3": "no record has the id 'PYTHON_ANNA_KIT'; got token(",
    "DEL-1": "expected 10 records in the store; got 11 records",
    "DEL-2": "the same records as before delete_token of a token that matches nothing; got gone",
    "DEL-4": "got 0 records",
    "LIST-1": "[] on a new store; got None",
    "LIST-2": "expected a list; got (",
    "LIST-3": "3 records in the store, among them token(user='anna@users.example', refresh_token=",
    "CLEAR-1": "expected 0 records in the store; got 111 records",
    "CLEAR-2": "delete_tokens to raise nothing here; got raised IndexError",
    "DATA-1": "access_token='zoe\u0308', expires_in='1767225600000'); got None",
    "DATA-2": "access_token='a\\rb', expires_in='1767225600000'); got None",
    "DATA-4": "an expiry that int() takes to 1767225600000; got '2026-01-01T00:00:00+00:00'",
    "ISO-1": "after the saved token was changed, 1 record in the store",
    "ISO-2": "after a found token was changed, 2 records in the store",
    "SDK-1": "after the login of 'anna' by grant token 1 record in the store",
    "SDK-2": "whose record is stored: it uses the access token 'anna.access'; got 'access-1-of-",
    "SDK-3": "after the refresh 2 records in the store, one of them with access_token='access-1-",
    "SDK-4": "after the refresh by id 2 records in the store",
    "SDK-5": "after switching between expired users 2 records in the store",
    "SDK-6": "got False; the SDK swallowed what the store did: store.delete_token(",
    "SDK-11": "after OAuthToken.remove on a token that was found 1 record in the store; got 2",
    "SEC-1": "the SDKException of delete_token carries the client secret",
    "RES-1": "x file tokens.lock",
}
"""The decisive words of the message that the first liar of each clause gets."""


def param(liar: type) -> Any:
    """The first liar of each clause is for every run, the others are for a nightly one."""
    marks = [] if liar in FIRST.values() else [pytest.mark.nightly]
    return pytest.param(liar, id=f"{liar.clause}-{liar.__name__}", marks=marks)


@pytest.mark.parametrize("liar", SINGLE, ids=lambda liar: f"{liar.clause}-{liar.__name__}")
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """A store that is wrong in one way fails the clause that says so."""
    result = judge_of(liar, tmp_path).judge(liar.clause)

    assert result.outcome == "failed"
    assert result.expected
    assert result.got


@pytest.mark.parametrize("clause", FIRST)
def test_the_message_says_what_is_wrong(clause: str, tmp_path: Path) -> None:
    """What was expected and what came are told in the words of the clause."""
    assert WORDS[clause] in judge_of(FIRST[clause], tmp_path).judge(clause).message


@pytest.mark.parametrize("liar", list(map(param, SINGLE)))
def test_a_liar_fails_no_other_family(liar: type, tmp_path: Path) -> None:
    """A lie is told once: no family that is checked call by call is blamed for another's."""
    failed = outcomes(judge_of(liar, tmp_path), FAMILIES, "failed")

    assert {each for each in failed if each.partition("-")[0] != family_of(liar)} == set()
