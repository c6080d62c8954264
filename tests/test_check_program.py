"""SDK-1 to SDK-10: how the real SDK works with a store, and what the verdict says."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk", reason="a program of the six-method generation needs its SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer

from reference_stores import InMemoryStore, ListStore, SQLiteStore
from tests.correct.zohocrmsdk import correct_stores
from tests.correct.zohocrmsdk.answers import AnswersWithANewToken
from tests.correct.zohocrmsdk.honest import Honest, HonestFile
from tests.drivers.in_process import judge_of, outcomes
from tests.mutants.zohocrmsdk import program
from tests.mutants.zohocrmsdk.mutant import Mutant
from tests.stores.article_sample import ArticleSample
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.sdk.zohocrmsdk.program import REVOKES, SWALLOWS


def of_the_sdk(store: type, directory: Path) -> dict[str, Result]:
    """Return the results of the SDK clauses that did not pass."""
    judge = judge_of(store, directory)
    found = [judge.judge(clause) for clause in judge.clauses if clause.startswith("SDK-")]
    return {result.clause: result for result in found if result.outcome != "passed"}


class SDKFile(FileStore):
    """The SDK's own FileStore."""

    def __init__(self) -> None:
        super().__init__("sdk_tokens.txt")


class Missing(Mutant):
    """Has no method to delete a token."""

    delete_token = None


class LedAstray(Mutant):
    """Gives every token the API domain of Zoho's own data centre."""

    def _fresh(self, new):
        return {**super()._fresh(new), "api_domain": "https://www.zohoapis.com"}


class Exits(Mutant):
    """Ends the program when a record gets a new access token."""

    def _change(self, record, values):
        raise SystemExit("no more")


@pytest.mark.parametrize(
    "store",
    [
        pytest.param(store, marks=() if store is AnswersWithANewToken else pytest.mark.nightly)
        for store in (Honest, HonestFile, ListStore, InMemoryStore, SQLiteStore, *correct_stores())
    ],
    ids=lambda store: store.__name__,
)
def test_a_correct_store_is_never_blamed(store: type, tmp_path: Path) -> None:
    """Nothing fails. Without FIND-9 or FIND-10, or before SDK line 8, `revoke` cannot be tried."""
    left_out = {id: result.outcome for id, result in of_the_sdk(store, tmp_path).items()}

    cannot_revoke = {"FIND-9", "FIND-10"}.intersection(getattr(store, "breaks_should", ()))
    assert left_out == ({"SDK-7": "skipped"} if cannot_revoke or not REVOKES else {})


@pytest.mark.slow
def test_the_tokens_of_the_file_store_cannot_be_handed_to_the_sdk(tmp_path: Path) -> None:
    """FileStore builds listed tokens without the constructor, and finds none by an id alone."""
    found = of_the_sdk(SDKFile, tmp_path)

    assert found["SDK-7"].outcome == "skipped"
    assert {id for id, each in found.items() if each.outcome == "failed"} == (
        {"SDK-8"} if SWALLOWS else set()
    )


PUBLISHED = {"SDK-8", "SDK-10"}
"""What the article's sample breaks by itself. SAVE-18, FIND-8 and DEL-1 explain the others."""


@pytest.mark.slow
@pytest.mark.skipif(not REVOKES, reason="revoke dies early in lines 5 to 7")
def test_the_published_sample_revokes_the_login_of_another(tmp_path: Path) -> None:
    """`OAuthToken.revoke("77")` on the article's sample ends the first user's login."""
    found = of_the_sdk(ArticleSample, tmp_path)

    assert {id for id, each in found.items() if each.outcome == "failed"} == PUBLISHED
    assert found["SDK-10"].got == "it revoked '1000.f619...bbf2', the login of another user"


def test_a_method_that_is_missing_is_told_by_shape(tmp_path: Path) -> None:
    """SHAPE-2 reports what the SDK cannot call."""
    judge = judge_of(Missing, tmp_path)

    assert outcomes(judge, ["SDK"], "failed") == set()
    assert judge.judge("SDK-1").causes == ("SHAPE-2",)


def test_the_store_leads_the_sdk_to_no_other_host(tmp_path: Path) -> None:
    """A record that points to Zoho itself fails the clause, but no real server is called."""
    result = judge_of(LedAstray, tmp_path, clauses=["SDK-3"]).judge("SDK-3")

    assert result.got.startswith("it called https://accounts.zoho.com/")


def test_a_store_that_exits_fails_the_clause(tmp_path: Path) -> None:
    """SystemExit passes through the SDK. It ends the check, but not the run."""
    result = judge_of(Exits, tmp_path, clauses=["SDK-3"]).judge("SDK-3")

    assert (result.outcome, "the exception SystemExit: no more" in result.got) == ("failed", True)


def test_the_calls_of_the_sdk_are_kept(tmp_path: Path) -> None:
    """The report shows each step of the program, and the SDK's calls on the store in it."""
    result = judge_of(program.QueriesAreNotSaved, tmp_path).judge("SDK-1")

    steps = [f"{call.store}.{call.method}" for call in result.calls if not call.by_sdk]
    asked = [call.method for call in result.calls if call.by_sdk]
    assert steps == [*["zoho.add_login"] * 3, "sdk.start", "store.get_tokens"]
    assert asked == ["find_token", "save_token"]


def test_the_sdk_writes_where_the_store_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store's files in the working directory go into its storage, and the SDK writes none."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    judge_of(HonestFile, tmp_path / "root").judge("SDK-1")

    assert (list(Path.cwd().iterdir()), Path.cwd()) == ([], tmp_path / "here")


def test_nothing_is_left_but_the_stand_in(tmp_path: Path) -> None:
    """Initializer and logger are as before. The stand-in's thread also serves the next check."""
    of_the_sdk(Honest, tmp_path / "first")
    before = threading.enumerate()

    of_the_sdk(Honest, tmp_path / "second")

    assert threading.enumerate() == before
    assert Initializer.initializer is None
    assert logging.getLogger("SDKLogger").filters == []
