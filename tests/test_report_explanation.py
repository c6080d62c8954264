"""Sentences that say why no order explains concurrent answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.drivers.verdicts import LOST, login
from tokenstore_conformance.history import History
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.explanation import sentences
from tokenstore_conformance.report.intervals import drawn


def said(history: History) -> str:
    return " ".join(sentences(history))


def test_a_lost_login() -> None:
    """A login that every order leaves stored is named, with the call that saved it."""
    text = said(LOST)

    assert "T1 overlaps T2" in text
    assert "T1 and T2 come before T3, which was called when they had returned." in text
    for user, call in (("carl", "T1"), ("dora", "T2")):
        assert f"user='{user}'" in text
        assert f"stored, saved by {call}: T3 does not list it." in text
    assert text.endswith("no order explains that.")


def test_a_half_old_answer() -> None:
    """A find is shown with each answer that some order gives. Its own answer is none of them."""
    old, new = login("anna", 1, "1"), login("anna", 2, "1")
    torn = new.but(expires_in="1")
    history = History(
        (old,),
        (
            Operation(0, "save", login("anna", 2), 0, 3, "1"),
            Operation(1, "find", Record(user="anna"), 1, 2, torn),
        ),
    )

    text = said(history)

    assert "In the order T1, T2 the answer of T2 is" in text
    assert "access_token='anna.access.1'" in text
    assert "Every other order gives one of these answers." in text
    assert "expires_in='1'): no order explains that." in text


def test_an_expiry_that_differs_is_shown() -> None:
    """A store may go by the expiry, so it is shown, even if the access token differs too."""
    history = [
        Operation(0, "save", login("anna", 2).but(expires_in="1"), 0, 1),
        Operation(0, "save", login("bert").but(expires_in="3"), 2, 3),
    ]

    differing = drawn([*history, Operation(1, "find", login("anna").but(expires_in="2"), 4, 5)])
    alike = drawn(history)

    assert "user='anna', access_token='anna.access.2', expires_in='1')" in differing
    assert "expires_in" not in alike


def test_one_id_for_two_users() -> None:
    """Two saves that set the same id are named."""
    history = History(
        (),
        (
            Operation(0, "save", login("carl"), 0, 3, "1"),
            Operation(1, "save", login("dora"), 1, 2, "1"),
        ),
    )

    assert "T1 and T2 set the id '1' on their tokens." in said(history)


def test_calls_of_one_thread_keep_their_order() -> None:
    """The text says that the calls of a thread come in the thread's order."""
    history = replace(
        LOST,
        operations=(
            Operation(0, "save", login("carl"), 0, 5, "2"),
            Operation(1, "delete", "1", 1, 2),
            Operation(1, "save", login("dora"), 3, 4, "3"),
            Operation(MAIN_THREAD, "get_tokens", (), 6, 7, (login("bert", id="1"),)),
        ),
    )

    text = said(history)

    assert "T2 and T3 come in this order: thread 2 makes them one after the other." in text
    assert "No order leaves token(user='bert'" in text


def test_calls_that_do_not_return() -> None:
    """If calls hang, the text names them."""
    hanging = (
        Operation(0, "save", login("carl"), 0),
        Operation(1, "save", login("dora"), 1),
    )

    assert said(History((), hanging)).startswith("T1 and T2 did not return.")


def test_a_call_that_raised() -> None:
    """A call that raised is named with its exception."""
    raising = (
        Operation(0, "save", login("carl"), 0, 3, error="KeyError: 'carl'"),
        Operation(1, "save", login("dora"), 1, 2, "1"),
    )

    assert "T1 raised KeyError: 'carl'." in said(History((), raising))


@pytest.mark.parametrize("callers", ["thread", "process"])
def test_callers_have_their_name(callers: str) -> None:
    """Processes are not called threads."""
    calls = (
        Operation(0, "save", login("carl"), 0, 1, "1"),
        Operation(0, "find", Record(user="carl"), 2, 3, None),
    )

    assert f"{callers} 1 makes them" in said(History((), calls, callers=callers))


def test_an_order_that_explains_needs_no_words() -> None:
    """If an order explains the answers, the text claims nothing."""
    calls = (Operation(0, "save", login("carl"), 0, 1, "1"),)

    assert sentences(History((), calls)) == []


def test_a_long_listing_is_not_repeated() -> None:
    """For a long listing, the text gives its length, and what is wrong in it."""
    stored = tuple(login(f"user{number}", id=str(number)) for number in range(9))
    calls = (
        Operation(0, "delete", "3", 0, 1),
        Operation(MAIN_THREAD, "get_tokens", (), 2, 3, stored),
    )

    text = said(History(stored, calls))

    assert "T2 answered a list of 9 records: no order explains that." in text
    assert "No order leaves token(user='user3'" in text
    assert "user5" not in text
