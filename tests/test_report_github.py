"""In GitHub Actions: annotations at the lines of the user's store, and the summary of the job."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.drivers.pytest_run import Judge
from tests.drivers.verdicts import data, failed, failure, many_failures, verdict
from tokenstore_conformance.report import github

COMMAND = re.compile(r"::(?P<kind>error|warning)(?: (?P<properties>[^:]*))?::(?P<text>.*)")


def commands(lines: list[str]) -> list[tuple[str, dict[str, str], str]]:
    """Parse the lines as GitHub's runner does."""
    found = []
    for line in lines:
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        pairs = (each.partition("=") for each in (command["properties"] or "").split(","))
        properties = {name: _read(value) for name, _, value in pairs if name}
        found.append((command["kind"], properties, _read(command["text"])))
    return found


def _read(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def test_a_failure_is_an_annotation() -> None:
    """An annotation is at the line of the user's store, and has the clause, expected and got."""
    lines = list(github.workflow_commands(failed(failure("SAVE-2", "100%: a, b", "c\nd"))))

    ((kind, properties, text),) = commands(lines)
    assert kind == "error"
    assert properties == {
        "file": "mypkg/store.py",
        "line": "12",
        "endLine": "12",
        "title": "SAVE-2 MUST",
    }
    assert "Expected 100%: a, b; got c d." in text


def test_a_warning_is_one() -> None:
    """A broken SHOULD is a warning."""
    ((kind, *_),) = commands(list(github.workflow_commands(failed(failure("FIND-10")))))

    assert kind == "warning"


def test_without_a_location_there_is_no_file() -> None:
    """An annotation never points at a file that is not the user's."""
    lines = list(github.workflow_commands(failed(failure("SAVE-2", location=None))))

    ((_, properties, _),) = commands(lines)
    assert properties.keys() == {"title"}


def test_no_more_than_ten_of_a_kind() -> None:
    """GitHub drops annotations beyond the tenth, so the tenth says how many more there are."""
    found = commands(list(github.workflow_commands(many_failures(30))))

    assert len(found) == 10
    assert found[-1][2] == "and 21 more, see the job summary"


def test_properties_cannot_be_broken_out_of() -> None:
    """What a store answers cannot add a property or a second line."""
    report = failed(failure("SAVE-2", got="x\n::error::y\r\n%0A,file=z"), target="a,b::c")

    ((_, properties, text),) = commands(list(github.workflow_commands(report)))

    assert properties["file"] == "mypkg/store.py"
    assert "\n" not in text


def test_an_incomplete_run_is_a_warning() -> None:
    """An incomplete run gets an annotation that says so."""
    ((kind, _, text),) = commands(list(github.workflow_commands(data(verdict(whole=False)))))

    assert (kind, "incomplete" in text) == ("warning", True)


def test_the_summary_is_appended(tmp_path: Path) -> None:
    """What other steps wrote to the summary stays."""
    file = tmp_path / "summary.md"
    file.write_text("### Mine\n")

    why_not = github.write_summary(failed(failure("SAVE-2")), {"GITHUB_STEP_SUMMARY": str(file)})

    assert why_not == ""
    assert file.read_text().startswith("### Mine\n\n### Token stores: ")


@pytest.mark.parametrize(("there", "kept"), [(1024 * 1024 - 9_000, True), (1024 * 1024, False)])
def test_the_summary_stays_below_a_mebibyte(tmp_path: Path, there: int, kept: bool) -> None:
    """GitHub drops a larger summary, so ours is shortened to the room that is left."""
    file = tmp_path / "summary.md"
    file.write_text("x" * there)

    why_not = github.write_summary(many_failures(60), {"GITHUB_STEP_SUMMARY": str(file)})

    assert (why_not == "", file.stat().st_size > there) == (kept, kept)
    assert file.stat().st_size <= 1024 * 1024


def test_a_summary_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    """The verdict does not depend on the summary."""
    why_not = github.write_summary(data(verdict()), {"GITHUB_STEP_SUMMARY": str(tmp_path)})

    assert "cannot write the job summary" in why_not


@pytest.mark.parametrize(
    ("environment", "options", "annotated"),
    [
        ("true", (), True),
        ("true", ("--no-tokenstore-github",), False),
        ("true", ("-o", "tokenstore_github=false"), False),
        ("", (), False),
    ],
    ids=["in Actions", "switched off", "switched off in the ini file", "elsewhere"],
)
def test_a_run(
    forgetful: str,
    pytester: pytest.Pytester,
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
    options: tuple[str, ...],
    annotated: bool,
) -> None:
    """In GitHub Actions, a run annotates the user's file and writes the job summary."""
    summary = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", environment)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    result = judge(f"--tokenstore={forgetful}", "-k", "BYID", *options)

    lines = [each for each in result.outlines if each.startswith("::error ")]
    assert (len(lines), summary.exists()) == (int(annotated), annotated)
    if annotated:
        ((_, properties, _),) = commands(lines)
        assert properties["file"] == "mypkg.py"
