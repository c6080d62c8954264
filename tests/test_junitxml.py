"""Test the file that --junitxml writes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.drivers.pytest_run import Judge


@pytest.fixture
def cases(
    forgetful: str, pytester: pytest.Pytester, judge: Judge
) -> dict[str, ElementTree.Element]:
    """Return the cases in --junitxml for a store that breaks BYID-2 and lacks delete_token."""
    with (pytester.path / "mypkg.py").open("a") as source:
        source.write("\n    delete_token = None\n")
    judge(f"--tokenstore={forgetful}", "--junitxml=junit.xml", "-k", "BYID or DEL-1 or SHAPE-2")
    tree = ElementTree.parse(pytester.path / "junit.xml")
    return {case.attrib["name"]: case for case in tree.iter("testcase")}


def test_names(cases: dict[str, ElementTree.Element]) -> None:
    """A case is named after the clause and the target, and has the kit's class name."""
    ids = ("SHAPE-2", "BYID-1", "BYID-2", "BYID-3", "DEL-1")
    assert list(cases) == [f"{id}[mypkg:MyStore]" for id in ids]
    assert {case.attrib["classname"] for case in cases.values()} == {"tokenstore_conformance"}


def test_properties(cases: dict[str, ElementTree.Element]) -> None:
    """Clause, level and target are properties of the case."""
    properties = {
        each.attrib["name"]: each.attrib["value"]
        for each in cases["BYID-2[mypkg:MyStore]"].iter("property")
    }

    assert properties == {
        "tokenstore_clause": "BYID-2",
        "tokenstore_level": "MUST",
        "tokenstore_target": "mypkg:MyStore",
    }


def test_failure(cases: dict[str, ElementTree.Element]) -> None:
    """A failure has one line, and then the clause, the calls, and why it matters."""
    (failure,) = cases["BYID-2[mypkg:MyStore]"].iter("failure")

    assert failure.attrib["message"].startswith("BYID-2 MUST: expected ")
    for part in ("None for an unknown id", "after ", "why ", "mypkg.py"):
        assert part in (failure.text or "")


def test_skip(cases: dict[str, ElementTree.Element]) -> None:
    """A skipped clause says why."""
    (skipped,) = cases["DEL-1[mypkg:MyStore]"].iter("skipped")

    assert skipped.attrib["message"] == "delete_token(id) is missing"
