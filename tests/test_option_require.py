"""--tokenstore-require holds a store to capabilities. Others that it has are mentioned."""

from __future__ import annotations

import json

import pytest

from tests.drivers.pytest_run import Judge, refused

DUR = ("-k", "DUR or THR-1")


def test_what_is_required_must_be_there(good: str, judge: Judge) -> None:
    """A store that is not durable fails if durable is required, and the verdict says why."""
    result = judge(f"--tokenstore={good}", "--tokenstore-require=durable", *DUR)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "This store does not show a capability that is required: DUR-1, DUR-4",
            "MUST     0 passed, 2 failed",
            "DUR-1 (MUST: capability durable is required)",
            "  expected  a store that has the capability 'durable', as required",
            "  got       not durable: another store over the same storage lists nothing",
        ]
    )


def test_what_is_not_required_and_does_not_apply_is_listed(good: str, judge: Judge) -> None:
    """The verdict gives the reason, and the run is green."""
    result = judge(f"--tokenstore={good}", *DUR)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["not applicable: DUR-*: not durable: another store over the same storage lists*"]
    )


def test_what_a_store_has_and_nobody_required_is_mentioned(judge: Judge) -> None:
    """The verdict suggests requiring it, so that its loss is noticed from then on."""
    result = judge(
        "--tokenstore=tests.correct.zohocrmsdk.honest:HonestFile", "-k", "DUR-1 or DUR-4 or BYID-2"
    )

    result.stdout.fnmatch_lines(
        [
            "also supports: durable (not enforced; use --tokenstore-require=durable)",
        ]
    )


@pytest.mark.slow
def test_several_are_required_at_once(judge: Judge) -> None:
    """The option takes a list, with or without blanks. The verdict does not mention these again."""
    result = judge(
        "--tokenstore=sqlite", "--tokenstore-require=durable, processes,crash-safe", *DUR
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST * passed, 0 failed", "SHOULD   0 passed, 0 failed"])
    result.stdout.no_fnmatch_line("has also*")


def test_an_unknown_capability_is_refused(good: str, judge: Judge) -> None:
    """One line names the capabilities that exist."""
    result = judge(f"--tokenstore={good}", "--tokenstore-require=thread")

    refused(
        result,
        "--tokenstore-require: unknown capability 'thread'; did you mean threads?; choose from "
        "threads, durable, processes, crash-safe, outage",
    )


def test_without_a_store_it_is_refused(judge: Judge) -> None:
    """Someone who requires a capability must not see a green run that judges no store."""
    result = judge("--tokenstore-require=threads")

    refused(result, "--tokenstore-require: no store is named; add --tokenstore=module:Name")


@pytest.mark.slow
def test_the_report_tells_capabilities(good: str, judge: Judge, pytester: pytest.Pytester) -> None:
    """It says which capabilities the store has, which it lacks, which are unknown or required."""
    judge(
        *(f"--tokenstore={good}", "--tokenstore-require=threads"),
        *("-k", "THR or DUR", "--tokenstore-report=v.json"),
    )

    (store,) = json.loads((pytester.path / "v.json").read_text())["stores"]
    assert store["capabilities"] == {
        "threads": True,
        "durable": False,
        "processes": False,
        "crash-safe": False,
        "outage": None,
    }
    assert store["required"] == ["threads"]
    levels = {each["id"]: each["level"] for each in store["clauses"]}
    assert (levels["THR-1"], levels["DUR-1"]) == ("MUST", "SHOULD")


def test_bundled_stores_claim_what_they_have(judge: Judge) -> None:
    """Clauses about their capabilities are MUST, even if the user does not ask for them."""
    result = judge("--tokenstore=list", "-k", "THR-1", "-m", "tokenstore_must")

    result.stdout.fnmatch_lines(["MUST     1 passed, 0 failed"])
