"""--tokenstore-report writes the verdict as JSON."""

from __future__ import annotations

import inspect
import json
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore

from tests.drivers.pytest_run import GOOD, Judge, refused
from tokenstore_conformance.contract import contract_of

REPORT = "--tokenstore-report=verdict.json"


@pytest.fixture
def written(pytester: pytest.Pytester) -> Any:
    """Return a function that reads the report."""
    return lambda: json.loads((pytester.path / "verdict.json").read_text("utf-8"))


def outcomes(store: dict[str, Any]) -> dict[str, str]:
    return {clause["id"]: clause["outcome"] for clause in store["clauses"]}


def test_names(good: str, judge: Judge, written: Any) -> None:
    """The report has the names that its schema promises, and every clause once."""
    judge(f"--tokenstore={good}", REPORT, "-k", "LIST")

    report = written()
    assert report["schema"] == "tokenstore-conformance/1"
    assert report.keys() >= {"kit", "contract", "stores"}
    (store,) = report["stores"]
    assert store.keys() >= {"target", "sdk", "conformant", "capabilities", "clauses"}
    assert store["target"] == good
    assert store["sdk"].keys() == {"distribution", "version"}
    assert [clause["id"] for clause in store["clauses"]] == [
        clause.id for clause in contract_of("zohocrmsdk").clauses
    ]
    for clause in store["clauses"]:
        assert clause.keys() >= {"id", "level", "outcome", "message", "reproduce", "seconds"}


def test_broken_must(forgetful: str, judge: Judge, written: Any) -> None:
    """A broken MUST is a failure with its message, its calls and a script."""
    judge(f"--tokenstore={forgetful}", REPORT, "-k", "BYID")

    (store,) = written()["stores"]
    assert store["conformant"] is False
    (failed,) = [clause for clause in store["clauses"] if clause["outcome"] == "failed"]
    assert failed["id"] == "BYID-2"
    assert "the exception KeyError" in failed["message"]
    assert failed["calls"][-1].startswith("store.find_token_by_id(")
    compile(failed["reproduce"], "reproduce.py", "exec")


def test_broken_should(unhelpful: str, judge: Judge, written: Any) -> None:
    """A broken SHOULD is a failure, but the verdict stays open."""
    judge(f"--tokenstore={unhelpful}", REPORT, "-k", "FIND-10")

    (store,) = written()["stores"]
    assert outcomes(store)["FIND-10"] == "failed"
    assert (store["verdict"], store["conformant"]) == ("incomplete", None)


def test_broken_should_strict(unhelpful: str, judge: Judge, written: Any) -> None:
    """With --tokenstore-strict, the store is not conformant."""
    judge(f"--tokenstore={unhelpful}", REPORT, "-k", "FIND-10", "--tokenstore-strict")

    (store,) = written()["stores"]
    assert store["conformant"] is False


def test_partial_run(good: str, judge: Judge, written: Any) -> None:
    """A clause that did not run is skipped, and says why."""
    judge(f"--tokenstore={good}", REPORT, "-k", "LIST")

    (store,) = written()["stores"]
    assert store["ran"] == 2
    (clause,) = [each for each in store["clauses"] if each["id"] == "SAVE-2"]
    assert clause["outcome"] == "skipped"
    assert clause["message"].startswith("did not run")


def test_run_that_was_stopped(
    good: str, pytester: pytest.Pytester, judge: Judge, written: Any
) -> None:
    """A run that ended early calls no store conformant."""
    pytester.makeconftest(
        "import pytest\ndef pytest_runtest_logreport(report):\n"
        "    if report.when == 'call':\n        pytest.exit('enough')"
    )

    judge(f"--tokenstore={good}", REPORT, "-k", "LIST or DEL")

    (store,) = written()["stores"]
    assert 0 < store["ran"] < 6
    assert (store["verdict"], store["conformant"]) == ("incomplete", None)


def test_any_text(pytester: pytest.Pytester, judge: Judge, written: Any) -> None:
    """Any answer of a store can be written to a report."""
    pytester.makepyfile(
        mypkg="from reference_stores.zohocrmsdk.memory_store import InMemoryStore\n"
        "class MyStore(InMemoryStore):\n"
        "    def find_token_by_id(self, id):\n        raise ValueError('\\ud800 \\x00 \\u2028')"
    )

    judge("--tokenstore=mypkg:MyStore", REPORT, "-k", "BYID-2")

    (store,) = written()["stores"]
    assert outcomes(store)["BYID-2"] == "failed"


def test_missing_directory(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Missing directories are created, as pytest does for its own reports."""
    judge(f"--tokenstore={good}", "--tokenstore-report=build/reports/it.json", "-k", "LIST")

    assert (pytester.path / "build" / "reports" / "it.json").is_file()


@pytest.mark.parametrize("place", ["folder.json", "file/below.json"])
def test_unwritable(good: str, pytester: pytest.Pytester, judge: Judge, place: str) -> None:
    """A report that cannot be written is a usage error, before anything is judged."""
    pytester.mkdir("folder.json")
    (pytester.path / "file").touch()

    result = judge(f"--tokenstore={good}", f"--tokenstore-report={place}")

    refused(result, f"--tokenstore-report: cannot write */{place}")


def test_a_clause_that_failed_unjudged_leaves_no_store_conformant(
    good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """The report, the headline and the exit status agree."""
    pytester.makeconftest(
        """
        def pytest_runtest_setup(item):
            if "LIST-1[" in item.name:
                raise OSError("no container")
        """
    )

    result = judge(f"--tokenstore={good}", "--tokenstore-report=it.json", "-k", "LIST")

    (store,) = json.loads((pytester.path / "it.json").read_text("utf-8"))["stores"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert store["conformant"] is False
    result.stdout.fnmatch_lines(["NOT CONFORMANT*", "not judged: LIST-1: *no container"])


def test_the_report_says_when_where_and_how(good: str, judge: Judge, written: Any) -> None:
    """It has the time, Python, the platform and the options, and says if the run is partial."""
    judge(f"--tokenstore={good}", REPORT, "-k", "LIST", "--tokenstore-examples=3")

    report = written()
    assert datetime.fromisoformat(report["started"]).tzinfo is not None
    assert report["python"] == platform.python_version()
    assert report["platform"]
    assert report["options"]["examples"] == 3
    assert report["options"]["strict"] is False
    assert (report["complete"], report["passes"]) == (False, True)


def test_an_excuse_is_told_from_what_does_not_apply(
    pytester: pytest.Pytester, judge: Judge, written: Any
) -> None:
    """A clause has an excuse, or a reason why it does not apply, or neither, in two fields."""
    pytester.makepyfile(mypkg=f"{GOOD}\n    get_tokens = None")

    judge("--tokenstore=mypkg:MyStore", REPORT, "-k", "SHAPE-2[ or LIST-1[ or DUR-2[")

    (store,) = written()["stores"]
    said = {each["id"]: (each["excuse"], each["not_applicable"]) for each in store["clauses"]}
    assert said["SHAPE-2"] == ("", "")
    assert "get_tokens() is missing" in said["LIST-1"][0]
    assert all("" in each for each in said.values())


def test_a_race_is_data(judge: Judge, written: Any) -> None:
    """Calls have threads, times and answers. Switches have a file, a line and its text."""
    judge("--tokenstore=sdk-file", REPORT, "-k", "THR-2")

    (store,) = written()["stores"]
    (history,) = [each["history"] for each in store["clauses"] if each["history"]]
    first, *_ = history["operations"]
    (switch, *_) = history["switches"]
    assert first.keys() >= {"thread", "call", "argument", "invoked", "returned", "result", "error"}
    assert switch["file"] == "file_store.py"  # a file that is not in the user's repository
    lines = Path(inspect.getfile(FileStore)).read_text("utf-8").splitlines()
    assert lines[switch["line"] - 1].strip() == switch["source"]
    assert switch["function"] in switch["place"]
