"""Runs with -n2, by pytest-xdist."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.drivers.pytest_run import CLAUSES, FORGETFUL, SHARED, UNHELPFUL, Judge

pytest.importorskip("xdist")

ON_ONE_DATABASE = """
from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore

def MyStore():
    return SQLiteStore({file!r})
"""


@dataclass(frozen=True)
class Ran:
    """A run of several targets by two workers."""

    lines: pytest.LineMatcher
    stores: dict[str, dict[str, object]]
    """What the JSON report says, by target."""


@pytest.fixture(
    scope="module",
    params=[(), pytest.param(("--dist=loadfile",), marks=pytest.mark.nightly)],
    ids=["-n2", "-n2 --dist=loadfile"],
)
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run a store that breaks a MUST, one that breaks a SHOULD, and one on a shared database."""
    directory = tmp_path_factory.mktemp("xdist")
    sources = {
        "must": FORGETFUL,
        "should": UNHELPFUL,
        "shared": ON_ONE_DATABASE.format(file=str(directory / "my.db")),
    }
    for name, source in sources.items():
        (directory / f"{name}.py").write_text(source)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-n2", *request.param),
            *(f"--tokenstore={name}:MyStore" for name in sources),
            *("--tokenstore-report=it.json", "-k", "BYID or LIST or FIND-10 or DEL-1"),
        ],
        cwd=directory,
        env={**os.environ, "COLUMNS": "80", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    report = json.loads((directory / "it.json").read_text("utf-8"))
    return Ran(
        pytest.LineMatcher(done.stdout.splitlines()),
        {each["target"]: each for each in report["stores"]},
    )


@pytest.mark.slow
def test_the_verdicts_of_all_workers_come_together(ran: Ran) -> None:
    """The summary has the failures, the warnings and the counts of every worker."""
    ran.lines.fnmatch_lines(
        [
            "*token store must:MyStore*",
            "NOT CONFORMANT *",
            f"7 of {CLAUSES} clauses ran",
            "BYID-2 (MUST)",
            "FIND-10 (SHOULD, a warning)",
            "  expected  the token of the id *",
            "  got       None",
        ],
    )
    ran.lines.fnmatch_lines(["*1 failed, 20 passed, 1 warning*"])


@pytest.mark.slow
def test_the_report_has_what_all_workers_found(ran: Ran) -> None:
    """Each clause is in the JSON report once, whichever worker judged it."""
    assert {target: store["ran"] for target, store in ran.stores.items()} == {
        "must:MyStore": 7,
        "should:MyStore": 7,
        "shared:MyStore": 7,
    }


@pytest.mark.slow
def test_workers_take_turns_on_a_shared_storage(ran: Ran) -> None:
    """No worker empties the storage while another judges on it."""
    clauses = ran.stores["shared:MyStore"]["clauses"]

    assert isinstance(clauses, list)
    assert {each["outcome"] for each in clauses} == {"passed", "skipped"}


@pytest.mark.nightly
def test_pasted_id(forgetful: str, judge: Judge) -> None:
    """The id runs that clause alone."""
    result = judge(f"tokenstore_conformance::BYID-2[{forgetful}]", "-n1")

    result.assert_outcomes(failed=1)


def test_filled_store(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store that holds tokens is refused before any worker starts."""
    token = "from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken"
    pytester.makepyfile(
        mypkg=f"{SHARED}\n{token}\nMyStore().save_token(OAuthToken(id='1', access_token='dear'))"
    )

    result = judge("--tokenstore=mypkg:MyStore", "-n2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mypkg:MyStore: it holds 1 token already*"])
