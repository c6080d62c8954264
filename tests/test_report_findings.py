"""The formats for viewers of findings: SARIF and GitLab code quality, and the badge."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.drivers.verdicts import RACE, data, failed, failure, many_failures, verdict
from tokenstore_conformance.contract import Level, contract_of
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.report import badge, gitlab, sarif

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "message": TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    # relative to the repository, and nothing that a URI has to escape
                    "properties": {"uri": {"pattern": "^(?!/|\\./|[a-z]+:)[!-~]+$"}},
                },
                "region": {
                    "required": ["startLine"],
                    "properties": {"startLine": {"type": "integer", "minimum": 1}},
                },
            },
        },
    },
}
SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "pattern": "^https://"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["tool", "results", "automationDetails"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "items": {
                                            "required": [
                                                "id",
                                                "shortDescription",
                                                "fullDescription",
                                                "help",
                                            ],
                                            "properties": {
                                                "shortDescription": {
                                                    "properties": {"text": {"maxLength": 1024}}
                                                },
                                                "fullDescription": {
                                                    "properties": {"text": {"maxLength": 1024}}
                                                },
                                                "help": TEXT,
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "maxItems": 25_000,
                        "items": {
                            "required": [
                                "ruleId",
                                "ruleIndex",
                                "level",
                                "message",
                                "locations",
                                "partialFingerprints",
                            ],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "locations": {"type": "array", "minItems": 1, "items": LOCATION},
                                "codeFlows": {
                                    "items": {
                                        "required": ["threadFlows"],
                                        "properties": {
                                            "threadFlows": {
                                                "minItems": 1,
                                                "items": {
                                                    "required": ["locations"],
                                                    "properties": {
                                                        "locations": {
                                                            "minItems": 1,
                                                            "items": {
                                                                "required": ["location"],
                                                                "properties": {
                                                                    "location": LOCATION
                                                                },
                                                            },
                                                        }
                                                    },
                                                },
                                            }
                                        },
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What the standard, and GitHub beyond it, require of the parts that are written."""

QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]+$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"pattern": "^(?!/|\\./)."},
                    "lines": {
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

BADGE = {
    "type": "object",
    "required": ["schemaVersion", "label", "message"],
    "additionalProperties": False,
    "properties": {
        "schemaVersion": {"const": 1},
        "label": {"type": "string"},
        "message": {"type": "string", "minLength": 1},
        "color": {"type": "string"},
        "isError": {"type": "boolean"},
    },
}


def made(module: Any, report: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return the document that a format makes of a report; it must be valid by this schema."""
    document = json.loads(module.text(report))
    jsonschema.validate(document, schema)
    return document


REPORTS = {
    "failures": failed(failure("SAVE-2"), RACE),
    "no location": failed(failure("SAVE-2", location=None), target="C:/my stores/ü.py:My"),
    "hostile": failed(failure("SAVE-2", "a\ud800b", "</script>\x00\u202e"), target="x\ud800\x00"),
    "many": many_failures(60),
    "conformant": data(verdict()),
    "incomplete": data(verdict(whole=False)),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_sarif_is_valid(report: dict[str, Any]) -> None:
    """Any report gives SARIF that GitHub accepts."""
    made(sarif, report, SARIF)


def test_sarif_has_every_clause_as_a_rule() -> None:
    """There is a rule for each clause, so that alerts close when the clause passes."""
    log = made(sarif, REPORTS["failures"], SARIF)

    (run,) = log["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert rules == [each.id for each in contract_of("zohocrmsdk").clauses]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]


def test_sarif_result() -> None:
    """A result has the line of the store, the level and the message."""
    log = made(sarif, failed(failure("SAVE-2", "1 record", "2 records")), SARIF)

    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("SAVE-2", "error")
    assert place["artifactLocation"]["uri"] == "mypkg/store.py"
    assert place["region"]["startLine"] == 12
    assert "Expected 1 record; got 2 records" in result["message"]["text"]


def test_sarif_race() -> None:
    """A race has a thread flow for the thread that was stopped, with the place."""
    log = made(sarif, failed(RACE), SARIF)

    (result,) = log["runs"][0]["results"]
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert flow["id"] == "thread 1"
    assert flow["locations"][0]["location"]["physicalLocation"]["region"]["startLine"] == 12


def test_fingerprints_tell_stores_and_clauses_apart() -> None:
    """A fingerprint belongs to one failure, and stays the same when the message changes."""
    stores = [
        verdict(failure("SAVE-2"), failure("SAVE-4")),
        verdict(failure("SAVE-2"), target="other:Store"),
    ]
    found = [each["fingerprint"] for each in made(gitlab, data(*stores), QUALITY)]
    again = made(gitlab, failed(failure("SAVE-2", got="3 records")), QUALITY)

    assert len(set(found)) == 3
    assert again[0]["fingerprint"] == found[0]


def test_sarif_of_an_incomplete_run() -> None:
    """SARIF says that the run was incomplete."""
    log = made(sarif, REPORTS["incomplete"], SARIF)

    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_gitlab_is_valid(report: dict[str, Any]) -> None:
    """Any report gives a code quality report that GitLab reads."""
    issues = made(gitlab, report, QUALITY)

    assert len({each["fingerprint"] for each in issues}) == len(issues)


@pytest.mark.parametrize(
    ("id", "severity"), [("FIND-8", "critical"), ("LIST-1", "major"), ("FIND-10", "minor")]
)
def test_gitlab_issue(id: str, severity: str) -> None:
    """An issue has the clause in its text too, the line, and a severity by level and harm."""
    (issue,) = made(gitlab, failed(failure(id)), QUALITY)

    assert issue["description"].startswith(f"{id} on mypkg:MyStore: ")
    assert issue["severity"] == severity
    assert issue["location"] == {"path": "mypkg/store.py", "lines": {"begin": 12}}


def test_gitlab_of_an_incomplete_run() -> None:
    """An incomplete run is an issue of its own, so that its list is not empty."""
    (issue,) = made(gitlab, REPORTS["incomplete"], QUALITY)

    assert "incomplete" in issue["description"]


def test_a_warning_fails_nothing() -> None:
    """A broken SHOULD is a warning; with --tokenstore-strict it is an error."""
    levels = []
    for strict in (False, True):
        report = failed(failure("FIND-10", level=Level.SHOULD), strict=strict)
        levels.append(made(sarif, report, SARIF)["runs"][0]["results"][0]["level"])

    assert levels == ["warning", "error"]


@pytest.mark.parametrize(
    ("verdicts", "message", "error"),
    [
        ([verdict()], "conformant, contract 1.0", False),
        ([verdict(failure("SAVE-2"))], "not conformant, contract 1.0", True),
        ([verdict(), verdict(failure("SAVE-2"), target="b")], "1 of 2 conformant, contract", True),
        ([verdict(), verdict(target="b")], "conformant, contract 1.0", False),
    ],
    ids=["conformant", "broken", "one of two", "two"],
)
def test_badge(verdicts: list[Any], message: str, error: bool) -> None:
    """The badge gives the verdict in words, and names the contract."""
    made_badge = made(badge, data(*verdicts), BADGE)

    assert made_badge["message"].startswith(message)
    assert made_badge["isError"] is error


def test_no_failure_of_another_kind_is_a_finding() -> None:
    """A clause that could not be judged, or is explained, is not a finding."""
    others = [
        Result(
            "x", "SAVE-3", Level.MUST, Status.EXPLAINED, "because of SAVE-2", causes=("SAVE-2",)
        ),
        Result("x", "SAVE-4", Level.MUST, Status.NOT_JUDGED, "no save works", causes=("SAVE-2",)),
    ]

    issues = made(gitlab, failed(failure("SAVE-2"), *others), QUALITY)

    assert [each["check_name"] for each in issues] == ["SAVE-2"]
