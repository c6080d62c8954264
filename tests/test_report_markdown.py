"""The Markdown report: what it says, how a parser reads it, and how long it gets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.drivers.verdicts import (
    RACE,
    TARGET,
    data,
    failed,
    failure,
    login,
    many_failures,
    verdict,
)
from tokenstore_conformance.contract import Level
from tokenstore_conformance.failures import Call
from tokenstore_conformance.judging.known import Known
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.report import markdown

HOSTILE = "`</details>` | ``` <script>\x00\u202e\ud800 @team #1 **x**\n### heading"


def parsed(text: str) -> list[Token]:
    """Return the Markdown tokens of a text, with those inside lines."""
    found = []
    for each in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        found += [each, *(each.children or ())]
    return found


def code(text: str) -> list[str]:
    return [each.content for each in parsed(text) if each.type in ("code_inline", "fence")]


def test_it_says_the_verdict_first() -> None:
    """The first line gives the verdict; a table has a line for each store."""
    text = markdown.text(data(verdict(), verdict(failure("SAVE-2"), target="other:Store")))

    assert text.startswith("### Token stores: 1 of 2 stores conform\n")
    rows = [each for each in parsed(text) if each.type == "tr_open"]
    assert len(rows) == 3
    assert "not conformant" in text


def test_a_failure() -> None:
    """A failure has its clause, sentence, expected and got, place, reason and calls."""
    text = markdown.text(failed(failure("SAVE-2", "1 record", "2 records")))

    assert "**SAVE-2** (MUST) · `mypkg/store.py:12`: " in text
    assert {"1 record", "2 records"} <= set(code(text))
    assert "why it matters: " in text
    assert "to fix it: " in text
    assert any("store.save_token(token(user='anna'" in each for each in code(text))


def test_headings_are_of_the_third_level_or_less() -> None:
    """In a job summary, other headings stand above these."""
    tags = {each.tag for each in parsed(markdown.text(failed(RACE))) if "heading" in each.type}

    assert tags == {"h3", "h4"}


def test_what_a_store_answers_is_code() -> None:
    """No text of a store makes a heading, a tag, a row or a mention."""
    hostile = failed(
        failure("SAVE-2", HOSTILE, HOSTILE, calls=(Call("save_token", (HOSTILE,), HOSTILE),)),
        target=f"x{HOSTILE}",
    )
    plain = failed(failure("SAVE-2"))

    shapes = [
        [each.type for each in parsed(markdown.text(report)) if each.type not in ("text",)]
        for report in (plain, hostile)
    ]
    assert shapes[0] == shapes[1]
    text = markdown.text(hostile)
    assert not {"\x00", "\u202e", "\ud800"} & set(text)
    text.encode()


@pytest.mark.parametrize("limit", [40_000, 9_000, 3_000])
def test_it_keeps_within_its_limit(limit: int) -> None:
    """A long report drops whole paragraphs at its end, and says how many."""
    report = many_failures(60)
    for clause in report["stores"][0]["clauses"]:
        clause["got"] *= 50

    text = markdown.text(report, limit)

    assert len(text.encode()) <= limit
    assert "left out here, for length" in text
    assert text.count("<details>") == text.count("</details>")


def test_long_calls_are_cut() -> None:
    """A long value is cut, and the text says how many characters are missing."""
    call = Call("save_token", (login("x" * 5_000),), "None")

    text = markdown.text(failed(failure("SAVE-2", calls=(call,))))

    assert "more characters)" in text
    assert len(text) < 4_000


def test_an_incomplete_run() -> None:
    """An incomplete run is called incomplete, and no store conforms."""
    text = markdown.text(data(verdict(whole=False)))

    assert "This run is incomplete" in text
    assert "has no verdict yet" in text


@pytest.mark.parametrize("strict", [False, True])
def test_a_warning_is_called_one(strict: bool) -> None:
    """A broken SHOULD that leaves the run green is called a warning."""
    report: dict[str, Any] = failed(failure("FIND-10"), strict=strict)

    assert ("(SHOULD, a warning)" in markdown.text(report)) is not strict


def test_what_is_accepted_with_a_failure_is_named() -> None:
    """A reader sees which clauses are unknown while the failure is accepted."""
    made = verdict(
        replace(failure("BYID-2"), status=Status.KNOWN),
        Result(TARGET, "BYID-3", Level.MUST, Status.NOT_JUDGED, "it raises", causes=("BYID-2",)),
    )
    made.known = (Known("BYID-2", "we ask for ids that exist"),)

    text = markdown.text(data(made))

    assert "Accepted with them: BYID-3, because of BYID-2." in text
