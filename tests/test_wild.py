"""The page on the stores that ship today: made from verdicts, with the worst harm first."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of
from tests.drivers.pytest_run import Judge
from tests.mutants import GENERATIONS
from tokenstore_conformance.contract import CLAUSES
from tokenstore_conformance.report import wild
from tokenstore_conformance.sdk import distributions
from tokenstore_conformance.target import resolve
from tokenstore_conformance.target.bundled.database import NoServer, ServerAddress

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "stores-in-the-wild.md"
STORES = ("sdk-file", "sdk-db")
DATA = DOCS / "stores-in-the-wild.json"


def verdict(*clauses: dict[str, Any], target: str = "mypkg:MyStore") -> dict[str, Any]:
    """Return a report on one store, with these clauses."""
    return {
        "schema": "tokenstore-conformance/1",
        "kit": "1.2",
        "contract": "1.0",
        "stores": [
            {
                "target": target,
                "sdk": {"distribution": "zohocrmsdk8_0", "version": "7.0.0"},
                "generation": "zohocrmsdk",
                "clauses": list(clauses),
            }
        ],
    }


def clause(id: str, status: str = "failed", level: str = "MUST", *causes: str) -> dict[str, Any]:
    outcome = status if status in ("passed", "failed") else "skipped"
    effect = next((each.effect for each in CLAUSES if each.id == id), "")
    return {
        "id": id,
        "level": level,
        "effect": effect,
        "outcome": outcome,
        "status": status,
        "causes": list(causes),
    }


def test_the_committed_page_is_what_the_command_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """The page is made from the data beside it; nothing in it is written by hand."""
    wild.main([str(DATA)])

    assert capsys.readouterr().out == PAGE.read_text("utf-8"), (
        "docs/stores-in-the-wild.md is out of date, run: make wild"
    )


def test_the_page_is_about_every_store_that_ships() -> None:
    """It covers FileStore and DBStore of both generations, and the article's sample."""
    stores = json.loads(DATA.read_text("utf-8"))["stores"]

    named = {(each["generation"], each["target"]) for each in stores}
    sdks = {(generation, name) for generation in ("zohocrmsdk", "zcrmsdk") for name in STORES}
    assert named == sdks | {("zohocrmsdk", "tests/stores/article_sample.py:ArticleSample")}


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("generation", "target"), [(each, name) for each in GENERATIONS for name in STORES]
)
def test_the_committed_verdicts_are_those_of_today(
    generation: str, target: str, tmp_path: Path
) -> None:
    """The failures that the page shows for a store of the SDK are those that the kit finds now."""
    (shown,) = (
        each
        for each in json.loads(DATA.read_text("utf-8"))["stores"]
        if (each["generation"], each["target"]) == (generation, target)
    )
    installed = [(each.name, each.version) for each in distributions(generation)]
    if installed != [tuple(shown["sdk"].values())]:
        pytest.skip(f"the page is about {shown['sdk']}")
    if target == "sdk-db":
        _skip_without_a_server()

    judged = judge_of(resolve(target, generation=generation), tmp_path)

    failed = [id for id in judged.clauses if judged.judge(id).outcome == "failed"]
    assert failed == [each["id"] for each in shown["clauses"] if each["outcome"] == "failed"]


def _skip_without_a_server() -> None:
    try:
        ServerAddress.named_in(os.environ).run()
    except NoServer as error:
        pytest.skip(str(error))


def test_the_table_leads_to_the_sections() -> None:
    """Each store in the summary has a link to its section."""
    page = PAGE.read_text("utf-8")

    headings = re.findall(r"^## (.*)$", page, re.M)
    anchors = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
    assert re.findall(r"^\| \[(.*?)\]\(#(.*?)\)", page, re.M) == [
        *zip(headings, anchors, strict=True)
    ]


def test_the_most_serious_harm_comes_first() -> None:
    """The order of the report does not matter. Clauses with the same effect share a sentence."""
    page = wild.as_markdown(
        [
            verdict(
                clause("SAVE-9"), clause("DEL-3"), clause("THR-2", level="SHOULD"), clause("DUR-2")
            )
        ]
    )

    effects = re.findall(r"^  - (It .*)\.$", page, re.M)
    assert effects == [
        "It deletes or revokes the logins of other users: [DEL-3](contract.md#del-3)",
        "It loses logins when several users log in at once: "
        "[THR-2](contract.md#thr-2) (SHOULD), [DUR-2](contract.md#dur-2)",
        "It keeps old values after an update: [SAVE-9](contract.md#save-9)",
    ]
    assert "| 3 | 1 | mixes up the logins of different users |" in page


def test_every_clause_has_a_sentence() -> None:
    """The page of a store that breaks all of them names each."""
    page = wild.as_markdown([verdict(*(clause(each.id) for each in CLAUSES))])

    assert set(re.findall(r"\[(\w+-\d+)\]", page)) == {each.id for each in CLAUSES}


def test_what_is_not_broken_stands_apart() -> None:
    """Clauses that others explain, or that could not be judged, do not count against the store."""
    page = wild.as_markdown(
        [
            verdict(
                clause("SAVE-14"),
                clause("LIST-2", "explained", "MUST", "SAVE-14"),
                clause("SEQ-1", "not-judged", "MUST", "SAVE-14"),
                clause("ERR-1", "not-applicable", "SHOULD"),
            )
        ]
    )

    assert "| 1 | 0 |" in page
    assert "- Only because of SAVE-14, it also breaks LIST-2." in page
    assert "- Until SAVE-14 is fixed, it is unknown whether it keeps SEQ-1." in page
    assert "ERR-1" not in page


def test_how_to_repeat_it() -> None:
    """The shell commands install what was judged, and name the generation of a short name."""
    page = wild.as_markdown([verdict(clause("BYID-2"), target="sdk-file")])

    assert "pip install zohocrmsdk8_0==7.0.0\n" in page
    assert "pytest --tokenstore=sdk-file --tokenstore-generation=zohocrmsdk\n" in page


def test_a_store_that_keeps_the_contract() -> None:
    """The page says so for any store, also for one that does not ship."""
    page = wild.as_markdown([verdict(clause("BYID-2", "passed"))])

    assert "| 0 | 0 | keeps the contract |" in page
    assert "It breaks no clause." in page
    assert "pytest --tokenstore=mypkg:MyStore\n" in page


@pytest.mark.slow
def test_an_excerpt_says_the_same(
    forgetful: str, judge: Judge, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page of an excerpt is the same as that of the whole report."""
    judge(f"--tokenstore={forgetful}", "--tokenstore-report=whole.json", "--tokenstore-examples=1")
    whole, short = pytester.path / "whole.json", pytester.path / "short.json"
    capsys.readouterr()

    wild.main(["--excerpt", str(whole)])
    short.write_text(capsys.readouterr().out, "utf-8")

    wild.main([str(whole)])
    page = capsys.readouterr().out
    wild.main([str(short)])
    assert capsys.readouterr().out == page
    assert "[BYID-2](contract.md#byid-2)" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "is not a report"),
        ("[]", "is not a report"),
        ('{"schema": "another/1"}', "another schema"),
        (json.dumps(verdict(clause("FIND-999"))), "FIND-999"),
        (json.dumps(verdict(clause("FIND-1", "not-run"))), "FIND-1 did not run"),
    ],
)
def test_what_is_no_report(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command refuses it in a line that names the file."""
    file = tmp_path / "verdict.json"
    file.write_text(text, "utf-8")

    with pytest.raises(SystemExit) as exit:
        wild.main([str(file)])

    line = capsys.readouterr().err.splitlines()[-1]
    assert exit.value.code == 2
    assert str(file) in line
    assert words in line
