"""--tokenstore-audit with --tokenstore-report=FILE reports the findings in every format."""

from __future__ import annotations

import json
import re
import shlex
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

pytest.importorskip("zohocrmsdk")

from tests.drivers.audits import data, finding
from tests.drivers.in_use import login, write_file
from tests.drivers.pytest_run import Judge, refused
from tests.test_docs import ROOT, blocks, table
from tests.test_report_findings import QUALITY, SARIF
from tests.test_report_html import HOSTILE, Page
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.live.findings import Kind
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.audit import gitlab, html, markdown, sarif

SCHEMA = json.loads(
    resources.files("tokenstore_conformance.report.audit").joinpath("audit.schema.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
AUDIT = ("--tokenstore=sdk-file:tokens.txt", "--tokenstore-audit")
FORMATS = ("json", "md", "html", "sarif", "gitlab.json")
ANN = login("ann", id="1")
DAMAGED = (ANN, ANN.but(id="a-secret-session", expires_in="soon"), login("bob", id="1"))


@pytest.fixture(autouse=True)
def in_the_directory(pytester: pytest.Pytester) -> None:
    """Run each test in pytester's directory, where the files are written."""


def audited(judge: Judge, *records: Record) -> Path:
    """Audit these records, and return the directory with the reports in every format."""
    write_file(*records)
    judge(*AUDIT, *(f"--tokenstore-report=out/it.{each}" for each in FORMATS))
    return Path("out")


STRANGE = data(
    finding(detail=HOSTILE, records=HOSTILE),
    finding(kind="of-tomorrow", what=HOSTILE, consequence=HOSTILE),
    target=HOSTILE,
)


def test_json(judge: Judge) -> None:
    """The JSON follows its schema, and has each finding with its kind."""
    report = json.loads((audited(judge, *DAMAGED) / "it.json").read_text())

    VALIDATOR.check_schema(SCHEMA)
    VALIDATOR.validate(report)
    (store,) = report["stores"]
    assert (report["harmful"], store["target"], store["tokens"]) == (True, AUDIT[0][13:], 3)
    assert {each["kind"] for each in store["findings"]} >= {
        "several-of-a-user",
        "shared-id",
        "unusable-expiry",
    }


def test_a_sound_store(judge: Judge) -> None:
    """Every format shows that no problem was found."""
    out = audited(judge, ANN)

    report = json.loads((out / "it.json").read_text())
    VALIDATOR.validate(report)
    assert (report["harmful"], report["stores"][0]["findings"]) == (False, [])
    assert json.loads((out / "it.sarif").read_text())["runs"][0]["results"] == []
    assert json.loads((out / "it.gitlab.json").read_text()) == []
    assert "no problems found in sdk-file:tokens.txt" in Page((out / "it.html").read_text()).text
    assert "no problems found in `sdk-file:tokens.txt`" in (out / "it.md").read_text()


def test_sarif(judge: Judge) -> None:
    """Each kind of harm is a rule. A result points to the store, and masks the record."""
    log = json.loads((audited(judge, *DAMAGED) / "it.sarif").read_text())

    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert rules == [each.id for each in Kind]
    first = run["results"][0]
    assert rules[first["ruleIndex"]] == first["ruleId"] == "several-of-a-user"
    assert "several records of one user: a***@***:" in first["message"]["text"]
    place = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "sdk-file/tokens.txt"}


def test_gitlab(judge: Judge) -> None:
    """Each finding is an issue with its own fingerprint."""
    out = audited(judge, *DAMAGED)

    issues = json.loads((out / "it.gitlab.json").read_text())
    jsonschema.validate(issues, QUALITY)
    (store,) = json.loads((out / "it.json").read_text())["stores"]
    assert [each["check_name"] for each in issues] == [each["kind"] for each in store["findings"]]
    assert len({each["fingerprint"] for each in issues}) == len(issues)


def test_html(judge: Judge) -> None:
    """The page is well-formed, loads nothing, and says what each harm leads to."""
    made = Page((audited(judge, *DAMAGED) / "it.html").read_text())

    assert len(set(made.ids)) == len(made.ids)
    assert {link.removeprefix("#") for link in made.links} <= set(made.ids)
    assert not [tag for tag, found in made.tags if {"src", "style", "onclick"} & found.keys()]
    assert "problems in sdk-file:tokens.txt" in made.text
    assert Kind.SEVERAL_OF_A_USER.words in made.text
    assert Kind.SEVERAL_OF_A_USER.consequence in made.text


def test_markdown(judge: Judge) -> None:
    """The text has a heading, a table of the stores, and a list of the findings of each kind."""
    made = (
        MarkdownIt("commonmark")
        .enable("table")
        .parse((audited(judge, *DAMAGED) / "it.md").read_text())
    )

    tags = [each.tag for each in made if each.nesting == 1]
    assert (tags[0], tags.count("table"), tags.count("h4")) == ("h3", 1, 1)
    assert tags.count("li") >= 3


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_shown_in_full(format: str, judge: Judge) -> None:
    """Users, tokens and chosen ids are masked."""
    written = (audited(judge, *DAMAGED) / f"it.{format}").read_text()

    for value in (ANN.access_token, ANN.refresh_token, ANN.client_secret, "ann@", "a-secret"):
        assert str(value) not in written
    assert "a***@***:" in written


LEAKING = """
from reference_stores.zohocrmsdk.list_store import ListStore
from tests.drivers.audits import data, finding
from tests.drivers.in_use import DOOR, login

ANN = login("ann", id="1")


class Leaking(ListStore):
    def {method}(self, *_):
        raise ValueError(f"bad row 1,{{ANN.user}},{{ANN.access_token}} at redis://:hunter2@db.example")


def leaking():
    store = Leaking()
    store.save_token(*DOOR.to_save(login("bob")).arguments)
    return store
"""


@pytest.mark.parametrize("method", ["get_tokens", "find_token"])
def test_an_exception_shows_no_other_record(method: str, judge: Judge) -> None:
    """A store's exception may name any record, so all that looks like a user or token is masked."""
    Path("mine.py").write_text(LEAKING.format(method=method))

    result = judge(
        "--tokenstore=mine.py:leaking", "--tokenstore-audit", "--tokenstore-report=a.json"
    )

    said = result.stdout.str() + Path("a.json").read_text()
    assert "ValueError: bad row 1,a***@***:" in said
    for value in (ANN.access_token, str(ANN.user), "hunter2"):
        assert str(value) not in said


def test_any_text_is_shown_and_does_nothing() -> None:
    """Whatever a finding contains, every format shows it as plain text."""
    made = Page(html.text(STRANGE))

    assert {"img", "script"}.isdisjoint(tag for tag, _ in made.tags)
    assert "</script></style></pre><img src=x onerror=alert(1)>" in made.text
    assert "\x00" not in markdown.text(STRANGE)
    jsonschema.validate(json.loads(sarif.text(STRANGE)), SARIF)
    jsonschema.validate(json.loads(gitlab.text(STRANGE)), QUALITY)


def test_a_long_audit_fits_a_comment() -> None:
    """Markdown that is too long for a comment is cut, and ends by saying how much is left out."""
    text = markdown.text(data(*(finding(detail=f"{number} of them") for number in range(5_000))))

    assert len(text.encode()) < 60_000
    assert "left out here, for length" in text


@pytest.mark.parametrize("named", ["it.badge.json", "badge:it.json"])
def test_there_is_no_badge(named: str, judge: Judge) -> None:
    """A badge of an audit is refused before any store is opened. The message lists the formats."""
    result = judge("--tokenstore=sdk-file:gone.txt", *AUDIT[1:], f"--tokenstore-report={named}")

    refused(
        result,
        "--tokenstore-report: an audit has no badge; use a file that ends in .json, .md, .html, "
        ".sarif, .gitlab.json, or FORMAT:FILE with one of json, md, html, sarif, gitlab",
    )


def test_the_reports_of_the_ini_file_are_left_alone(judge: Judge, pytester: Any) -> None:
    """An audit does not write the reports of the ini file, which hold verdicts."""
    pytester.makeini("[pytest]\ntokenstore_report = it.json\n")
    write_file(ANN)

    judge(*AUDIT)

    assert not Path("it.json").exists()


def test_several_stores_are_in_one_report(judge: Judge) -> None:
    """Each store has its own findings."""
    write_file(ANN)
    Path("other.txt").write_bytes(Path("tokens.txt").read_bytes() * 2)

    judge(*AUDIT, "--tokenstore=sdk-file:other.txt", "--tokenstore-report=a.json")

    stores = json.loads(Path("a.json").read_text())["stores"]
    assert [(each["target"], each["harmful"]) for each in stores] == [
        ("sdk-file:tokens.txt", False),
        ("sdk-file:other.txt", True),
    ]


def test_the_command_makes_other_formats(capsys: pytest.CaptureFixture[str]) -> None:
    """The ``report`` command also accepts the JSON of an audit, but makes no badge from it."""
    Path("a.json").write_text(json.dumps(data(finding())))

    statuses = [main(["report", "a.json", each]) for each in ("a.html", "a.md", "a.badge.json")]

    assert statuses == [0, 0, 1]
    assert "problems in" in Path("a.html").read_text()
    assert "an audit has no badge" in capsys.readouterr().err
    assert not Path("a.badge.json").exists()


def test_a_damaged_audit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The error is one line, and no file is written."""
    Path("a.json").write_text(json.dumps({"schema": "tokenstore-conformance-audit/1", "kit": "1"}))

    assert main(["report", "a.json", "a.html"]) == 1
    assert "a.json is damaged" in capsys.readouterr().err
    assert not Path("a.html").exists()


PAGE = ROOT / "docs" / "audit.md"


@pytest.mark.parametrize("line", [each for block in blocks(PAGE, "sh") for each in block.commands])
def test_the_lines_of_the_page_work(line: str, judge: Judge) -> None:
    """Each command of the page audits a FileStore file, and writes the reports that it names."""
    write_file(ANN)
    Path("tokens.txt").rename("zoho_tokens.txt")

    result = judge(*shlex.split(line)[1:])

    assert result.ret == pytest.ExitCode.OK
    named = re.findall(r"report=(\S+)", line)
    assert {each.name for each in Path().glob("audit.*")} == set(named)


@pytest.mark.parametrize(
    ("before", "of"),
    [("comes with the package.", ""), ("A store:", "store"), ("A finding:", "finding")],
)
def test_every_field_is_documented(before: str, of: str) -> None:
    """The page's tables list exactly the fields of the schema."""
    fields = (SCHEMA["$defs"][of] if of else SCHEMA)["properties"]

    rows = re.findall(r"^\| (`.*?) \|", table(PAGE, before), re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == fields.keys()
