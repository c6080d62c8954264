"""The JSON report matches its schema, which is in the package, and can be read back."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from tests.drivers.pytest_run import Judge
from tests.drivers.verdicts import PARTED, RACE, SEQUENCE, data, failed, failure, verdict
from tokenstore_conformance.judging.result_data import history_from_data
from tokenstore_conformance.report.explanation import sentences
from tokenstore_conformance.report.formats import NotAReport
from tokenstore_conformance.report.view import read

SCHEMA = json.loads(
    resources.files("tokenstore_conformance.report").joinpath("verdict.schema.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

RACY = """
from reference_stores.zohocrmsdk.list_store import ListStore


class NoLock:
    def __enter__(self): pass
    def __exit__(self, *_): pass


class MyStore(ListStore):
    def __init__(self):
        super().__init__()
        self._lock = NoLock()
"""


def problems(report: dict[str, Any]) -> list[str]:
    return [f"{each.json_path}: {each.message}" for each in VALIDATOR.iter_errors(report)]


def test_schema_is_one() -> None:
    """The schema itself is valid."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "report",
    [failed(RACE, SEQUENCE), data(verdict()), data(verdict(whole=False)), data()],
    ids=["failures", "conformant", "incomplete", "no store"],
)
def test_reports_keep_to_the_schema(report: dict[str, Any]) -> None:
    """The report is valid, whatever the verdict."""
    assert problems(report) == []


@pytest.mark.slow
def test_a_run_keeps_to_the_schema(pytester: pytest.Pytester, judge: Judge) -> None:
    """The report of a run is valid. A race in it says where its thread stopped."""
    pytester.makepyfile(mypkg=RACY)

    judge("--tokenstore=mypkg:MyStore", "--tokenstore-report=it.json", "-k", "THR-2 or BYID")

    report = json.loads((pytester.path / "it.json").read_text())
    assert problems(report) == []
    (race,) = [each for each in report["stores"][0]["clauses"] if each["id"] == "THR-2"]
    assert race["status"] == "failed"
    assert race["history"]["left"] is not None
    (switch, *_) = race["history"]["switches"]
    assert (switch["file"], switch["source"] != "") == ("list_store.py", True)
    moments = [each["invoked"] for each in race["history"]["operations"]]
    assert switch["moment"] not in moments
    assert min(moments) < switch["moment"] < max(moments)


def test_a_race_of_processes(pytester: pytest.Pytester, judge: Judge) -> None:
    """A race of processes is a history too, with the line where one was stopped."""
    judge("--tokenstore=sdk-file", "--tokenstore-report=it.json", "-k", "DUR-2")

    report = json.loads((pytester.path / "it.json").read_text())
    assert problems(report) == []
    (race,) = [each for each in report["stores"][0]["clauses"] if each["id"] == "DUR-2"]
    history = race["history"]
    assert history["callers"] == "process"
    assert history["switches"][0]["source"] != ""
    assert sentences(history_from_data(history))[-1].endswith("no order explains that.")


@pytest.mark.parametrize("name", ["id", "status", "session", "history", "snapshots", "reproduce"])
def test_the_schema_misses_what_is_gone(name: str) -> None:
    """A clause without one of its fields is invalid."""
    report = failed(failure("SAVE-2"))
    del report["stores"][0]["clauses"][3][name]

    assert problems(report) != []


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "maybe"), ("level", "MAY"), ("location", {"file": "", "line": 1}), ("calls", "x")],
)
def test_the_schema_misses_what_is_wrong(name: str, value: Any) -> None:
    """A field with a value of the wrong kind is invalid."""
    report = failed(failure("SAVE-2"))
    report["stores"][0]["clauses"][3][name] = value

    assert problems(report) != []


def test_what_is_written_is_read() -> None:
    """The objects that other formats use are the same as those that were written."""
    read_back = read(json.loads(json.dumps(failed(RACE, SEQUENCE))))

    (store,) = read_back.stores
    by_id = {each.id: each for each in store.failures}
    assert by_id.keys() == {"THR-2", "SEQ-1"}
    assert (by_id["THR-2"].history, by_id["SEQ-1"].snapshots) == (RACE.history, PARTED)
    assert by_id["THR-2"].calls == RACE.calls


def test_a_damaged_report_is_refused() -> None:
    """Data without one of the fields is not a report, and the message names the field."""
    report = failed(failure("SAVE-2"))
    del report["stores"][0]["clauses"][0]["sentence"]

    with pytest.raises(NotAReport, match="sentence"):
        read(report)
