"""-n 2, with pytest-xdist."""

from __future__ import annotations

import json

import pytest

from tests.drivers.pytest_run import SHARED, UNHELPFUL, Judge

pytest.importorskip("xdist")


@pytest.mark.parametrize(
    "options",
    [("-n2",), pytest.param(("-n2", "--dist=loadfile"), marks=pytest.mark.nightly)],
    ids=" ".join,
)
def test_workers(
    forgetful: str, pytester: pytest.Pytester, judge: Judge, options: tuple[str, ...]
) -> None:
    """Results of all workers come together: in the verdict, the warnings, and the JSON report."""
    pytester.makepyfile(other=UNHELPFUL)
    targets = (f"--tokenstore={forgetful}", "--tokenstore=other:MyStore")

    result = judge(
        *targets, *options, "--tokenstore-report=it.json", "-k", "BYID or LIST or FIND-10"
    )

    result.assert_outcomes(passed=11, failed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "BYID-2 MUST: expected *; got raised KeyError: '999999'",
            "*ConformanceWarning: FIND-10 SHOULD: expected the token of the id *; got None",
            "NOT CONFORMANT *",
            "6 of 78 clauses ran",
            "BYID-2 (MUST)",
        ]
    )
    stores = json.loads((pytester.path / "it.json").read_text())["stores"]
    assert [store["ran"] for store in stores] == [6, 6]


def test_shared_storage(pytester: pytest.Pytester, judge: Judge) -> None:
    """Workers take turns on a storage that they share."""
    database = str(pytester.path / "my.db")
    pytester.makepyfile(
        mypkg="from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore\n"
        f"def store():\n    return SQLiteStore({database!r})\n"
    )

    judge("--tokenstore=mypkg:store", "-n2", "-k", "SHAPE or LIST or DEL").assert_outcomes(
        passed=10
    )


def test_pasted_id(forgetful: str, judge: Judge) -> None:
    """An id runs that clause alone."""
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
