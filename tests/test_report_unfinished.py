"""Reports of clauses that were not judged in full: the harness failed, or the store is slow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.drivers.verdicts import AROUND, EARLY, data, failed, failure, verdict
from tokenstore_conformance.report import github, gitlab, html, markdown, sarif
from tokenstore_conformance.report.view import read

SAID = "1 clause could not be judged."


def as_text(report: dict[str, Any], name: str) -> str:
    """Return the report in a format, as text."""
    if name == "github":
        return "\n".join(github.workflow_commands(report))
    formats = {"md": markdown.text, "html": html.text, "sarif": sarif.text, "gitlab": gitlab.text}
    return " ".join(formats[name](report).split())


def test_where_the_harness_failed_there_is_no_verdict() -> None:
    """The store is neither blamed nor called conformant."""
    judged = verdict(AROUND)

    assert (judged.word, judged.conformant, judged.passes) == ("incomplete", None, False)


def test_a_failure_counts_also_where_the_harness_failed() -> None:
    """A clause that the store breaks still counts."""
    assert verdict(AROUND, failure("SAVE-2")).word == "not-conformant"


@pytest.mark.parametrize("name", ["md", "html", "sarif", "gitlab", "github"])
def test_every_report_says_that_the_harness_failed(name: str) -> None:
    """None of them says that clauses did not run."""
    text = as_text(failed(AROUND), name)

    assert SAID in text
    assert "did not run" not in text


@pytest.mark.parametrize("name", ["md", "html"])
def test_reports_for_people_say_how_the_harness_failed(name: str) -> None:
    """They show the message of the clause."""
    assert "open() of the harness fails" in as_text(failed(AROUND), name)


@pytest.mark.parametrize("name", ["md", "html"])
def test_reports_for_people_say_what_ended_early(name: str) -> None:
    """They say how far the clause got, and do not call the run incomplete."""
    text = as_text(failed(EARLY), name)

    assert "Ended early, since the store is slow: SEQ-1 after 21 of 50 sequences" in text
    assert "run is incomplete" not in text


def test_json_tells_both() -> None:
    """Each is a field of its clause, and can be read back."""
    report = json.loads(json.dumps(data(verdict(AROUND, EARLY))))
    (store,) = report["stores"]
    clauses = {each["id"]: each for each in store["clauses"]}

    assert clauses["THR-2"]["target_failed"] is True
    assert clauses["SEQ-1"]["reached"] == "21 of 50 sequences"
    (seen,) = read(report).stores
    assert [each.id for each in seen.target_failures] == ["THR-2"]
    assert seen.ended_early == "SEQ-1 after 21 of 50 sequences"
