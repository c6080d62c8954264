"""--tokenstore-known names failures that are accepted, each with its reason."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.pytest_run import FORGETFUL, GOOD, Judge
from tests.drivers.verdicts import data, verdict
from tokenstore_conformance.judging.known import Known, Outdated
from tokenstore_conformance.report import badge, github

KNOWN = "--tokenstore-known=known.toml"
BYID_2 = '[[known]]\nid = "BYID-2"\nreason = "we ask for ids that exist"\n'

Accept = Callable[[str], None]


@pytest.fixture
def accept(pytester: pytest.Pytester) -> Accept:
    """Return a function that writes the file of accepted failures."""

    def write(text: str) -> None:
        (pytester.path / "known.toml").write_text(textwrap.dedent(text), "utf-8")

    return write


def report_in(directory: Path) -> Any:
    return json.loads((directory / "v.json").read_text("utf-8"))


@pytest.mark.slow
def test_an_accepted_failure_is_green(forgetful: str, judge: Judge, accept: Accept) -> None:
    """The run passes, and the verdict counts the failure and lists it with its reason."""
    accept(f'{BYID_2}expires = 2999-01-01\nissue = "https://bugs.example/7"\n')

    result = judge(f"--tokenstore={forgetful}", KNOWN, "--tokenstore-examples=1")

    assert result.ret == pytest.ExitCode.OK
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed", "xfailed", "skipped"}
    assert outcomes["xfailed"] == 1
    result.stdout.fnmatch_lines(
        [
            "tokenstore accepted failures: known.toml, 1 entry, the next expires on 2999-01-01",
            "KNOWN DEVIATIONS: 1 accepted failure (contract *)",
            "MUST *, 0 failed, 1 accepted*",
            "accepted: BYID-2 until 2999-01-01: we ask for ids that exist",
            "  (https://bugs.example/7); got *KeyError*",
        ]
    )


@pytest.mark.slow
def test_the_report_tells_an_accepted_failure(
    forgetful: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """The clause has the outcome `known`, with its entry. The store is not called conformant."""
    accept(f"\n{BYID_2}")

    judge(
        f"--tokenstore={forgetful}", KNOWN, "--tokenstore-report=v.json", "--tokenstore-examples=1"
    )

    report = report_in(pytester.path)
    (store,) = report["stores"]
    (clause,) = [each for each in store["clauses"] if each["outcome"] == "known"]
    assert (store["verdict"], store["conformant"], store["passes"]) == (
        "known-deviations",
        False,
        True,
    )
    assert clause["id"] == "BYID-2"
    assert clause["known"]["reason"] == "we ask for ids that exist"
    assert (clause["known"]["file"], clause["known"]["line"]) == ("known.toml", 2)
    assert report["complete"]


BROKEN_BY_ONE = f"""{GOOD}
    def save_token(self, token):
        raise ValueError("full")
"""
"""A store that cannot save anything, so that most clauses cannot be judged."""


def test_what_cannot_be_judged_behind_it_is_accepted_too(
    pytester: pytest.Pytester, judge: Judge, accept: Accept
) -> None:
    """Clauses that are unknown only because of accepted failures leave the run green."""
    pytester.makepyfile(mypkg=BROKEN_BY_ONE)
    accept(
        """
        [[known]]
        id = "SAVE-1"
        reason = "the table is full"
        """
    )

    result = judge(
        "--tokenstore=mypkg:MyStore", KNOWN, "--tokenstore-report=v.json", "-k", "SAVE-1[ or FIND-1"
    )

    (store,) = report_in(pytester.path)["stores"]
    behind = [each["id"] for each in store["clauses"] if each["accepted_with"] == ["SAVE-1"]]
    assert result.ret == pytest.ExitCode.OK
    assert "FIND-1" in behind
    result.stdout.fnmatch_lines(["accepted with them: FIND-1*: because of SAVE-1"])


def test_what_another_failure_hides_is_not_accepted(
    pytester: pytest.Pytester, judge: Judge, accept: Accept
) -> None:
    """If a failure that is not accepted plays a part, the run fails."""
    pytester.makepyfile(mypkg=BROKEN_BY_ONE)
    accept('[[known]]\nid = "BYID-2"\nreason = "mine"\n')

    result = judge("--tokenstore=mypkg:MyStore", KNOWN, "-k", "SAVE-1[ or FIND-1[")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_strict_is_green_where_a_should_is_accepted(
    unhelpful: str, judge: Judge, accept: Accept
) -> None:
    """With --tokenstore-strict, an accepted SHOULD neither fails the run nor warns."""
    accept('[[known]]\nid = "FIND-10"\nreason = "we never revoke"\n')

    result = judge(f"--tokenstore={unhelpful}", KNOWN, "--tokenstore-strict", "-k", "FIND-10 or LI")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*ConformanceWarning*")


OUT_OF_DATE = {
    "passes": (GOOD, BYID_2, "known.toml:1: BYID-2 passes now: delete this entry"),
    "expired": (
        FORGETFUL,
        f"{BYID_2}expires = 2020-01-01\n",
        "known.toml:1: BYID-2 was accepted until 2020-01-01: fix the store, or choose a new date",
    ),
    "expired and passes": (
        GOOD,
        f"{BYID_2}expires = 2020-01-01\n",
        "known.toml:1: BYID-2 was accepted until 2020-01-01: fix the store, or choose a new date",
    ),
    "another fault": (
        FORGETFUL,
        f'{BYID_2}got = "the exception IndexError"\n',
        "known.toml:1: BYID-2 fails in a different way than 'the exception IndexError': the "
        "exception KeyError: '999999'",
    ),
}


@pytest.mark.parametrize("kind", OUT_OF_DATE)
def test_an_entry_that_is_out_of_date_fails_the_run(
    kind: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """The run ends with status 1, and one line names the entry and what to do."""
    source, entry, said = OUT_OF_DATE[kind]
    pytester.makepyfile(mypkg=source)
    accept(entry)

    result = judge("--tokenstore=mypkg:MyStore", KNOWN, "--tokenstore-report=v.json", "-k", "BYID")

    (store,) = report_in(pytester.path)["stores"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"this run fails: {said}" in " ".join(each.strip() for each in result.outlines)
    result.stdout.no_fnmatch_line("*[[]known[]]*")  # a second entry would be an error
    assert [each["why"] for each in store["outdated"]] == [said.split(": ", 1)[1]]
    assert not store["passes"]


def test_an_entry_for_a_should_that_passes_fails_the_run(
    good: str, judge: Judge, accept: Accept
) -> None:
    """An entry that is not needed has to go, even if its clause could not fail the run."""
    accept('[[known]]\nid = "FIND-10"\nreason = "we never revoke"\n')

    result = judge(f"--tokenstore={good}", KNOWN, "-k", "FIND-10")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("extra", ["", "expires = 2020-01-01\n"])
def test_an_entry_for_what_did_not_run_is_ignored(
    extra: str, good: str, judge: Judge, accept: Accept
) -> None:
    """The entry is neither used nor out of date."""
    accept(BYID_2 + extra)

    result = judge(f"--tokenstore={good}", KNOWN, "-k", "LIST")

    assert result.ret == pytest.ExitCode.OK


def test_got_says_how_it_may_fail(forgetful: str, judge: Judge, accept: Accept) -> None:
    """``got`` may be a part of what the failure got."""
    accept(f'{BYID_2}got = "the exception KeyError"\n')

    result = judge(f"--tokenstore={forgetful}", KNOWN, "-k", "BYID")

    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("day", "expired"),
    [(date(2026, 12, 30), False), (date(2026, 12, 31), True), (date(2027, 1, 1), True)],
    ids=["the day before", "the day itself", "the day after"],
)
def test_it_no_longer_holds_on_the_day_itself(day: date, expired: bool) -> None:
    """`expires` is the first day on which the entry does not hold."""
    entry = Known("BYID-2", "mine", expires=date(2026, 12, 31))

    assert entry.has_expired(day) is expired


WRONG = {
    "unknown id": (
        BYID_2.replace("BYID-2", "BIYD-2"),
        "2: unknown id 'BIYD-2'; did you mean BYID-2?",
    ),
    "unknown key": (
        f'{BYID_2}expire = "x"\n',
        "4: unknown key 'expire'; did you mean expires?",
    ),
    "unknown table": (f"{BYID_2}[other]\n", "4: unknown key 'other'; write [[known]]"),
    "unknown target": (
        f'{BYID_2}target = "mypkg:MyStor"\n',
        "4: unknown target 'mypkg:MyStor'; did you mean mypkg:MyStore?",
    ),
    "duplicate": (BYID_2 * 2, "4: BYID-2 is accepted twice; the other entry is in line 1"),
    "duplicate with a target": (
        f'{BYID_2}{BYID_2}target = "mypkg:MyStore"\n',
        "4: BYID-2 is accepted twice; the other entry is in line 1",
    ),
    "date as text": (
        f'{BYID_2}expires = "2026-12-31"\n',
        "4: 'expires' is not a date; write it as in expires = 2026-12-31",
    ),
    "date with a time": (
        f"{BYID_2}expires = 2026-12-31T10:00:00Z\n",
        "4: 'expires' is not a date; write it as in expires = 2026-12-31",
    ),
    "date that is none": (f"{BYID_2}expires = 2026-02-30\n", "4: *"),
    "blank reason": (
        BYID_2.replace("we ask for ids that exist", "  "),
        "3: 'reason' is blank; say why you accept this failure",
    ),
    "reason of a character that does not show": (
        BYID_2.replace("we ask for ids that exist", "\u200b"),
        "3: 'reason' is blank; say why you accept this failure",
    ),
    "no reason": (
        '[[known]]\nid = "BYID-2"\n',
        "1: 'reason' is missing; say why you accept this failure",
    ),
    "no id": ('[[known]]\nreason = "mine"\n', "1: 'id' is missing; write the id of the clause"),
    "number for a text": (f"{BYID_2}issue = 7\n", "4: 'issue' is not a text; write it in quotes"),
    "no list": ('[known]\nid = "BYID-2"\n', "1: 'known' is not a list; write [[known]]"),
    "no TOML": ("[[known]]\nid = BYID-2\n", "2: this is not TOML: Invalid value"),
    "a header within a text": (
        f'[[known]]\nid = "BYID-1"\nreason = """\n[[known]]\n"""\n{BYID_2}got = ""\n',
        "9: 'got' is blank; leave it out",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_error_in_the_file_ends_the_run_before_anything_is_judged(
    kind: str, forgetful: str, judge: Judge, accept: Accept
) -> None:
    """The run ends with status 4. One line gives the place and the error, and a similar name."""
    text, said = WRONG[kind]
    accept(text)

    result = judge(f"--tokenstore={forgetful}", KNOWN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: accepted failures: known.toml:{said}".replace("[", "[[]")]
    )
    result.stdout.no_fnmatch_line("*token store*")


def test_a_file_that_is_not_there(forgetful: str, judge: Judge) -> None:
    """A file that the option names must exist."""
    result = judge(f"--tokenstore={forgetful}", KNOWN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: accepted failures: cannot read known.toml: No such file or directory"]
    )


def test_a_stray_file_is_not_read(forgetful: str, judge: Judge, accept: Accept) -> None:
    """Without the option, the file does not turn a red run green."""
    accept(BYID_2)

    result = judge(f"--tokenstore={forgetful}", "-k", "BYID")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_the_ini_value_is_seen_from_the_ini_file(
    forgetful: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """`tokenstore_known` is relative to the ini file, whatever directory pytest runs from."""
    accept(BYID_2)
    pytester.makeini("[pytest]\ntokenstore_known = known.toml\n")
    pytester.mkdir("below")
    pytester.path.joinpath("below").joinpath("x").touch()
    pytester._monkeypatch.chdir(pytester.path / "below")

    result = judge(f"--tokenstore={forgetful}", "--rootdir=..", "-c../tox.ini", "-k", "BYID")

    assert result.ret == pytest.ExitCode.OK


def test_an_entry_for_one_store_leaves_the_others_red(
    judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """`target` names the store. The failure of another store is not accepted."""
    pytester.makepyfile(one=FORGETFUL, two=FORGETFUL)
    accept(f'{BYID_2}target = "one:MyStore"\n')

    result = judge("--tokenstore=one:MyStore", "--tokenstore=two:MyStore", KNOWN, "-k", "BYID")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=4, xfailed=1, failed=1)


def test_an_entry_for_all_stores_is_used_where_one_fails(
    judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """The entry is out of date only if its clause passes on every store."""
    pytester.makepyfile(one=FORGETFUL, two=GOOD)
    accept(BYID_2)

    result = judge("--tokenstore=one:MyStore", "--tokenstore=two:MyStore", KNOWN, "-k", "BYID")

    assert result.ret == pytest.ExitCode.OK


def test_a_store_of_the_configuration_may_be_named(
    judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """One file serves runs that judge only some of the stores in the ini file."""
    pytester.makepyfile(one=FORGETFUL, two=GOOD)
    pytester.makeini("[pytest]\ntokenstore =\n    one:MyStore\n    two:MyStore\n")
    accept(f'{BYID_2}target = "one:MyStore"\n')

    result = judge("--tokenstore=two:MyStore", KNOWN, "-k", "BYID")

    assert result.ret == pytest.ExitCode.OK


def test_a_clause_of_the_other_generation_is_refused(
    good: str, judge: Judge, accept: Accept
) -> None:
    """An entry for a clause that does not bind the store it names could never be used."""
    accept(f'[[known]]\nid = "FIND-16"\nreason = "mine"\ntarget = "{good}"\n')

    result = judge(f"--tokenstore={good}", KNOWN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: accepted failures: known.toml:1: FIND-16 is not in the contract 1.0 for stores *"]
    )


@pytest.mark.slow
def test_a_test_that_could_not_run_is_not_accepted(
    forgetful: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """A clause whose setup failed was not judged and stays unknown, whatever the file says."""
    accept(BYID_2)
    pytester.makeconftest(
        "def pytest_runtest_setup(item):\n    if 'BYID-2' in item.name: raise OSError('no db')"
    )

    result = judge(f"--tokenstore={forgetful}", KNOWN, "-k", "BYID")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_each_new_failure_gets_an_entry_to_paste(forgetful: str, judge: Judge) -> None:
    """The entry has the id and how the clause fails. The user adds the reason."""
    result = judge(f"--tokenstore={forgetful}", "-k", "BYID")

    result.stdout.fnmatch_lines(
        ["[[][[]known]]", 'id = "BYID-2"', 'reason = ""', 'got = "the exception KeyError"'],
        consecutive=True,
    )


def test_what_is_pasted_needs_a_reason(forgetful: str, judge: Judge, accept: Accept) -> None:
    """The printed entry is refused until the user writes a reason. Then the run is green."""
    printed = judge(f"--tokenstore={forgetful}", "-k", "BYID").outlines
    start = printed.index("[[known]]")
    entry = "\n".join(printed[start : start + 4])
    accept(entry)

    refused = judge(f"--tokenstore={forgetful}", KNOWN, "-k", "BYID")
    accept(entry.replace('reason = ""', 'reason = "mine"'))
    green = judge(f"--tokenstore={forgetful}", KNOWN, "-k", "BYID")

    assert (refused.ret, green.ret) == (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.OK)


@pytest.mark.slow
@pytest.mark.parametrize(
    "dist",
    ["load", *(pytest.param(each, marks=pytest.mark.nightly) for each in ("loadfile", "each"))],
)
def test_with_xdist(
    dist: str, forgetful: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """Workers accept what the file says. An error in the file is reported before they start."""
    pytest.importorskip("xdist")
    accept(BYID_2)
    line = (f"--tokenstore={forgetful}", KNOWN, "-k", "BYID", f"--dist={dist}")
    workers = ("--tx=2*popen",) if dist == "each" else ("-n2",)

    green = judge(*line, *workers)
    accept("[[known]]\n")
    refused = judge(*line, *workers)

    assert green.ret == pytest.ExitCode.OK
    green.stdout.fnmatch_lines(["accepted: BYID-2: *"])
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stdout.no_fnmatch_line("*gw0*")


def test_without_a_store_it_is_refused(judge: Judge, accept: Accept) -> None:
    """Someone who accepts failures must not see a green run that judges no store."""
    accept(BYID_2)

    result = judge(KNOWN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_an_empty_file(unhelpful: str, judge: Judge, accept: Accept) -> None:
    """A file without entries accepts nothing, and is not an error."""
    accept("# none yet\n")

    result = judge(f"--tokenstore={unhelpful}", KNOWN, "--tokenstore-strict", "-k", "FIND-10")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_an_entry_that_is_out_of_date_is_in_every_report(
    good: str, judge: Judge, accept: Accept, pytester: pytest.Pytester
) -> None:
    """Every report says why the run fails, and names the line of the file."""
    accept('[[known]]\nid = "BYID-2"\nreason = "we know"\n')
    files = ("v.md", "v.html", "v.sarif", "v.gitlab.json", "v.json")
    reports = [f"--tokenstore-report={file}" for file in files]

    result = judge(f"--tokenstore={good}", KNOWN, *reports, "--junitxml=junit.xml", "-k", "BYID")

    result.assert_outcomes(failed=1, passed=3, deselected=87)
    said = "BYID-2 passes now: delete this entry"
    for file in (*files, "junit.xml"):
        assert said in (pytester.path / file).read_text("utf-8"), file
    (finding,) = json.loads((pytester.path / "v.sarif").read_text())["runs"][0]["results"]
    place = finding["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("known.toml", 1)


def test_an_outdated_entry_is_an_annotation_at_its_line() -> None:
    """The badge reports the entry as well."""
    made = verdict()
    entry = Known("BYID-2", "we know", file="known.toml", line=3)
    made.outdated.append(Outdated(entry, "BYID-2 passes now: delete this entry"))
    found = data(made)

    (line,) = github.workflow_commands(found)

    assert line.startswith("::error file=known.toml,line=3,title=outdated-entry::")
    assert json.loads(badge.text(found))["message"] == "1 outdated entry, contract 1.0"
