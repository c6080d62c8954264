"""What the checks for the five methods say about stores that mix up two logins or two users."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="needs the SDK of the five-method generation")

from tests.drivers.in_process import judge_of
from tests.mutants.zcrmsdk import delete, find_match, save_match, save_token
from tokenstore_conformance.sdk import open_door

in_3x = pytest.mark.skipif(open_door("zcrmsdk").by_id, reason="about the SDK of 3.x")


@pytest.mark.parametrize(
    ("mutant", "effect"),
    [
        (delete.DeletesOfWhoeverSavedLast, "deletes or revokes the logins of other users"),
        (
            delete.AnyOtherIsDeletedByGrantToken,
            "does not delete exactly the logins that it should",
        ),
        (
            delete.DeletingFromNothingRaises,
            "fails on a user, token or id that it does not know",
        ),
    ],
)
def test_a_deletion_of_the_unknown_says_whose_login_is_lost(
    mutant: type, effect: str, tmp_path: Path
) -> None:
    """The effect of DEL-2 depends on what was lost: another user's login, the user's, nothing."""
    assert judge_of(mutant, tmp_path, clauses=["DEL-2"]).judge("DEL-2").effect == effect


def test_an_email_that_stays_deletes_the_login_of_its_user(tmp_path: Path) -> None:
    """If a saved token keeps another user's email, a logout deletes that user's login."""
    judged = judge_of(save_token.TheFirstEmailStays, tmp_path, clauses=["SAVE-26"])

    assert judged.judge("SAVE-26").effect == "deletes or revokes the logins of other users"


@pytest.mark.parametrize(
    "mutant", [find_match.RefreshTokensFindOneLoginAUser, find_match.FindsOneLoginAUser]
)
def test_a_mix_up_of_one_users_logins_is_not_blamed_on_similar_keys(
    mutant: type, tmp_path: Path
) -> None:
    """FIND-14 is not judged, because the clause on finding that login has failed."""
    judge = judge_of(mutant, tmp_path)

    assert judge.judge(mutant.clause).outcome == "failed"
    assert judge.judge("FIND-14").outcome == "skipped"


@in_3x
@pytest.mark.parametrize(
    ("mutant", "clause"),
    [
        (find_match.FindsUnderTheEmailOfTheToken, "SDK-5"),
        (save_match.SavesUnderTheEmailOfTheToken, "SDK-5"),
        (save_token.TheFirstEmailStays, "SDK-6"),
    ],
)
def test_a_program_that_keeps_its_token_finds_out(
    mutant: type, clause: str, tmp_path: Path
) -> None:
    """The SDK passes a token that was saved for one user to a call for another user."""
    assert judge_of(mutant, tmp_path, clauses=[clause]).judge(clause).outcome == "failed"
