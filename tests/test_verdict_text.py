"""The verdict at 80 columns, as read by a person who never saw the contract."""

from __future__ import annotations

import re

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge
from tests.drivers.verdicts import failure, login
from tokenstore_conformance.failures import Call
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.paragraph import shown_calls

SEQ = "--deselect=tokenstore_conformance::SEQ-1"


def block(result: pytest.RunResult) -> list[str]:
    """Return the lines of the verdict, without pytest's own before and after it."""
    starts = [n for n, line in enumerate(result.outlines) if "= token store " in line]
    return result.outlines[starts[0] + 1 : -1]


@pytest.mark.slow
def test_conformant(good: str, judge: Judge) -> None:
    """A store that keeps every clause gets a short verdict."""
    result = judge(f"--tokenstore={good}", "--tokenstore-examples=1")

    lines = block(result)
    assert lines[0].startswith("CONFORMANT (contract ")
    assert len(lines) < 15
    result.stdout.no_fnmatch_line("* clauses ran")


def test_broken_clause(forgetful: str, judge: Judge) -> None:
    """It is shown in full: sentence, expected, got, the calls before, why, and how to fix it."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID")

    result.stdout.fnmatch_lines(
        [
            "NOT CONFORMANT (contract *, zohocrmsdk?_0 *)",
            "This store fails on a user, token or id that it does not know: BYID-2",
            f"3 of {CLAUSES} clauses ran",
            f"left out: {CLAUSES - 3} clauses (-k 'BYID' on the command line)",
            "MUST     2 passed, 1 failed",
            "",
            "BYID-2 (MUST)",
            "  find_token_by_id returns None for an unknown id and raises nothing.",
            "  expected  find_token_by_id not to raise",
            "  got       the exception KeyError: '999999'",
            "  after     store.find_token_by_id('999999')*",
            "  why       *",
            "  fix       *",
            "  see       docs/contract.md#byid-2, checked in checks/zohocrmsdk/by_id.py:*",
        ],
    )


def test_what_the_store_raised(forgetful: str, judge: Judge) -> None:
    """Only the store's own lines of a traceback are shown."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID")

    result.stdout.fnmatch_lines(["  what the store raised:", '    File "*mypkg.py", line 10, in *'])
    result.stdout.no_fnmatch_line("*subject.py*")


def test_long_story(pytester: pytest.Pytester, judge: Judge) -> None:
    """Of many calls, the last are shown, and where to find the rest."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n    def save_token(self, token):\n"
        "        if len(self.get_tokens()) < 10:\n            super().save_token(token)"
    )

    result = judge("--tokenstore=mypkg:MyStore", "-k", "SAVE-14")

    result.stdout.fnmatch_lines(
        ["  after     (* other calls not shown)", "*--tokenstore-report=FILE.json."],
        consecutive=False,
    )
    assert len(block(result)) < 48


def test_a_token_with_one_key_is_shown_whole(judge: Judge) -> None:
    """The call shows everything it saves, not only what tells the token from others."""
    store = "tests.mutants.zohocrmsdk.save_fields:UpdateKeepsTheLaterExpiry"

    result = judge(f"--tokenstore={store}", "-k", "SAVE-9")

    text = " ".join(line.strip() for line in block(result))
    assert re.search(r"save_token\(token\(user='\S*', expires_in='\d*'\)\)", text)


def test_a_wrong_answer_is_among_the_calls() -> None:
    """It is shown in a long session, even if another store was asked the same afterwards."""
    old, new, query = login("anna", 1), login("anna", 2), Record(user="anna")
    calls = [
        *(Call("save_token", (login(f"user{number}"),), "None") for number in range(9)),
        Call("find_token", (query,), old),
        Call("find_token_by_id", ("1",), old),
        Call("find_token", (query,), new, store="store2"),
    ]

    lines = shown_calls(failure("DUR-4", new.brief(), old.brief(), calls=calls))

    assert [line for line in lines if "find" in line] == [
        f"store.find_token(token(user='anna'))  ->  {old.brief()}",
        f"store2.find_token(token(user='anna'))  ->  {new.brief()}",
    ]


def test_what_zoho_knows_is_not_among_the_calls() -> None:
    """The terminal shows the steps of the program and the calls on the store instead."""
    saves = [Call("save_token", (login(f"user{number}"),), "None") for number in range(4)]
    calls = [
        *saves,
        *(Call.login(login(f"user{number}")) for number in range(4)),
        Call.step("revoke", ("'77'",), ("77",)),
        Call("find_token", (Record(id="77"),), "None", by_sdk=True),
    ]

    lines = shown_calls(failure("SDK-10", calls=calls))

    assert lines == [*(each.brief() for each in saves), "sdk.revoke('77')", calls[-1].brief()]


RAISING = """
    def find_token_by_id(self, id):
        return self._records()[id]

    def delete_token(self, id):
        raise KeyError(id)

    def delete_tokens(self):
        raise OSError("read-only")

    def get_tokens(self):
        return tuple(super().get_tokens())
"""


@pytest.mark.parametrize(("options", "whole"), [((), 3), (("-v",), 4)])
def test_many_failures(
    pytester: pytest.Pytester, judge: Judge, options: tuple[str, ...], whole: int
) -> None:
    """The worst failures are shown in full, the others in short; with -v, all are in full."""
    pytester.makepyfile(mypkg=f"{GOOD}{RAISING}")

    result = judge(
        "--tokenstore=mypkg:MyStore", "-k", "BYID-2 or DEL-2 or CLEAR-1 or LIST-1", *options
    )

    lines = block(result)
    assert sum(line.startswith("  expected ") for line in lines) == 4
    assert sum(line.startswith("  why ") for line in lines) == whole
    said = "The first 3 failures are shown in full; for the others, run pytest -v."
    assert (said in lines) is (whole == 3)


KEEPS_USERS_ALONE = """
    def find_token(self, token):
        return super().find_token(token) if token.get_user_signature() else None
"""


def test_what_many_failures_explain_is_said_in_short(
    pytester: pytest.Pytester, judge: Judge
) -> None:
    """One line is for all that is explained, one for all that is unknown; -v names the causes."""
    pytester.makepyfile(mypkg=f"{GOOD}{KEEPS_USERS_ALONE}")

    run = ("--tokenstore=mypkg:MyStore", "-k", "FIND or DEL-1 or CLEAR-2 or DATA-1")

    brief, whole = (
        " ".join(line.strip() for line in block(judge(*run, *options))) for options in ((), ("-v",))
    )

    assert re.search(r"explained: [A-Z\d, .-]*: each fails only because of other failures", brief)
    assert "also explains" not in brief
    assert whole.count(" also explains ") > 2
    assert "explained: " not in whole


@pytest.mark.slow
def test_clauses_that_rest_on_others(pytester: pytest.Pytester, judge: Judge) -> None:
    """What cannot be judged takes one line, which names the clause to fix first."""
    pytester.makepyfile(mypkg=f"{GOOD}\n    get_tokens = None")

    result = judge("--tokenstore=mypkg:MyStore", SEQ)

    assert result.parseoutcomes()["failed"] == 1
    text = " ".join(line.strip() for line in block(result))
    named = "not judged: SHAPE-3, SHAPE-4, SAVE-*, FIND-*, BYID-*, DEL-*, LIST-*, CLEAR-*, "
    assert named in text
    assert "unknown until SHAPE-2 is fixed" in text


@pytest.mark.slow
def test_width(pytester: pytest.Pytester, judge: Judge) -> None:
    """The verdict on a store that breaks nearly all is 80 columns wide, and of limited length."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n"
        "    def find_token(self, token): return token\n"
        "    def find_token_by_id(self, id): return 5\n"
        "    def delete_token(self, id): self.delete_tokens()\n"
    )

    result = judge("--tokenstore=mypkg:MyStore", "--tokenstore-strict", SEQ)

    lines = block(result)
    assert result.parseoutcomes()["failed"] > 10
    assert max(map(len, lines)) <= 80
    assert len(lines) < 36 * result.parseoutcomes()["failed"]


@pytest.mark.parametrize(
    ("verbosity", "sections"), [((), 0), (("-v",), 1)], ids=["by default", "with -v"]
)
def test_the_section_of_failures_is_for_other_tests(
    verbosity: tuple[str, ...], sections: int, forgetful: str, judge: Judge
) -> None:
    """A failure is reported once, in the verdict; with -v, also in pytest's own section."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID", *verbosity)

    assert sum("= FAILURES =" in line for line in result.outlines) == sections
    assert result.parseoutcomes()["failed"] == 1


def test_short_failures(forgetful: str, judge: Judge) -> None:
    """pytest's own section of failures does not repeat what the verdict says."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID")

    assert sum("None for an unknown id" in line for line in result.outlines) == 1


@pytest.mark.parametrize("style", ["short", "line", "native", "no"])
def test_styles_of_tracebacks(forgetful: str, judge: Judge, style: str) -> None:
    """With every --tb, the verdict is complete."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID", f"--tb={style}")

    result.assert_outcomes(passed=2, failed=1, deselected=CLAUSES - 3)
    result.stdout.fnmatch_lines(["NOT CONFORMANT*"])


def test_skips_in_short(pytester: pytest.Pytester, judge: Judge) -> None:
    """-rs gives the reason of skipped clauses, and names no file of the kit."""
    pytester.makepyfile(mypkg=f"{GOOD}\n    get_tokens = None")

    result = judge("--tokenstore=mypkg:MyStore", "-rs", "-k", "SHAPE-2 or LIST")

    result.stdout.fnmatch_lines(["SKIPPED [[]2] tokenstore_conformance:*get_tokens() is missing*"])
