"""--tokenstore-report=FILE: which format a name selects, and where the reports go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.pytest_run import Judge, refused
from tests.drivers.verdicts import data, failed, failure, verdict
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.report.formats import FORMATS, NoFormat, ReportFile, outputs
from tokenstore_conformance.report.scripts.files import write as write_scripts

EVERY = ("it.json", "it.md", "it.html", "it.sarif", "it.gitlab.json", "it.badge.json")


@pytest.mark.parametrize(
    ("named", "format", "file"),
    [
        ("verdict.json", "json", "verdict.json"),
        ("a.gitlab.json", "gitlab", "a.gitlab.json"),
        ("a.badge.json", "badge", "a.badge.json"),
        ("build/page.HTML", "html", "build/page.HTML"),
        ("results.sarif.json", "sarif", "results.sarif.json"),
        ("gitlab:codequality.json", "gitlab", "codequality.json"),
        ("md:summary.txt", "md", "summary.txt"),
        ("C:/reports/it.md", "md", "C:/reports/it.md"),
    ],
)
def test_the_longest_suffix_or_a_format_in_front_decides(
    named: str, format: str, file: str
) -> None:
    """The longest known suffix of a file is its format, unless a format is named before it."""
    output = ReportFile.of(named, Path("here"))

    assert (output.format, output.file) == (format, Path("here") / file)


@pytest.mark.parametrize("named", ["verdict", "page.htm", "xml:it", "html:", ".", ""])
def test_another_name_has_no_format(named: str) -> None:
    """Any other name is refused. The message names all formats."""
    with pytest.raises(NoFormat) as refusal:
        ReportFile.of(named, Path())

    assert all(each.suffixes[0] in str(refusal.value) for each in FORMATS.values())
    assert "FORMAT:FILE" in str(refusal.value)


def test_a_file_is_written_once() -> None:
    """A report that is asked for twice is written once."""
    assert len(outputs(["it.md", "it.md", "it.html"], Path())) == 2


@pytest.mark.parametrize("name", EVERY)
def test_same_data_gives_same_bytes(tmp_path: Path, name: str) -> None:
    """A format does not depend on the clock or on chance."""
    report = failed(failure("SAVE-2"))

    written = []
    for _ in range(2):
        ReportFile.of(name, tmp_path).write(report)
        written.append((tmp_path / name).read_bytes())

    assert written[0] == written[1] != b""


def test_no_badge_for_an_incomplete_run(tmp_path: Path) -> None:
    """An incomplete run gets no badge, since a badge would say less than it seems to."""
    output = ReportFile.of("it.badge.json", tmp_path)

    assert not output.write(data(verdict(whole=False)))
    assert not output.file.exists()


def test_every_format_in_one_run(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """The option can be repeated; an incomplete run gets no badge, and pytest says so."""
    result = judge(
        f"--tokenstore={good}", "-k", "LIST", *(f"--tokenstore-report={name}" for name in EVERY)
    )

    there = {each.name for each in pytester.path.glob("it.*")}
    assert there == {*EVERY} - {"it.badge.json"}
    result.stdout.fnmatch_lines(["it.badge.json: none is written for an incomplete run"])


def test_ini_value(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Reports can be named in the ini file, relative to that file."""
    pytester.makeini("[pytest]\ntokenstore_report =\n    out/it.json\n    out/it.md\n")

    judge(f"--tokenstore={good}", "-k", "LIST")

    assert {each.name for each in (pytester.path / "out").iterdir()} == {"it.json", "it.md"}


def test_unknown_format(good: str, judge: Judge) -> None:
    """An unknown format is a usage error, before anything is judged."""
    result = judge(f"--tokenstore={good}", "--tokenstore-report=it.pdf")

    refused(result, "--tokenstore-report: 'it.pdf' names no known format; use a file that ends in*")


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``report`` makes any format from the JSON of an earlier run."""
    monkeypatch.chdir(tmp_path)
    Path("verdict.json").write_text(json.dumps(failed(failure("SAVE-2"))))

    status = main(["report", "verdict.json", "page.html", "summary.md", "sarif:all.txt"])

    assert status == 0
    assert {each.name for each in tmp_path.iterdir()} == {
        "verdict.json",
        "page.html",
        "summary.md",
        "all.txt",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read"),
        ("{", "is not JSON"),
        ("[]", "is not a report of this kit"),
        ('{"schema": "tokenstore-conformance/2"}', "is not a report of this kit"),
        ('{"schema": "tokenstore-conformance/1", "kit": "0", "stores": []}', "is damaged"),
    ],
)
def test_command_on_what_is_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, words: str
) -> None:
    """Something that is not a report gets one line of error, and nothing is written."""
    file = tmp_path / "verdict.json"
    if text is not None:
        file.write_text(text)

    status = main(["report", str(file), str(tmp_path / "page.html")])

    assert status == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_command_with_an_unknown_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown format gets one line that lists the formats."""
    status = main(["report", str(tmp_path / "verdict.json"), "page.pdf"])

    assert status == 1
    assert ".sarif, .gitlab.json" in capsys.readouterr().err


def test_scripts(forgetful: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """--tokenstore-scripts writes a script for each failure, and pytest names the file."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID", "--tokenstore-scripts=out")

    result.stdout.fnmatch_lines([f"script: {Path('out', 'mypkg-MyStore', 'BYID-2.py')}"])
    (script,) = (pytester.path / "out").rglob("*.py")
    compile(script.read_text(), script, "exec")


def test_scripts_of_stores_with_alike_names(tmp_path: Path) -> None:
    """Each store has its own directory, below the one that was named."""
    targets = ["a:B", "a/b", "../..", "\ud800"]
    report = data(*(verdict(failure("SAVE-2"), target=each) for each in targets))

    files = write_scripts(report, tmp_path / "out")

    assert len(set(files)) == 4
    assert {each.parent.parent for each in files} == {tmp_path / "out"}


def test_a_report_that_cannot_be_written_is_not_green(
    good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full at the end, the verdict is shown and the run fails."""

    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(ReportFile, "write", full)

    result = judge(f"--tokenstore={good}", "-k", "LIST", "--tokenstore-report=it.json")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: a report was not written: No space left on device"])
