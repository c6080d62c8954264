"""Running part of the suite: by id, by keyword, by mark, or by what failed last."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge

NODE = "tokenstore_conformance"
OWN = "def test_own(): pass"
OWN_FAILURE = "def test_own(): assert False"


@pytest.mark.parametrize(
    ("selection", "passed"),
    [
        pytest.param(("-k", "SAVE-2["), 1, id="one clause"),
        pytest.param(("-k", "SAVE-2"), 7, id="those that begin so"),
        pytest.param(("-k", "FIND and not FIND-1"), 10, id="an expression"),
        pytest.param(
            ("-m", "tokenstore_should and not tokenstore_must", "-k", "FIND"), 6, id="level"
        ),
        pytest.param(
            ("-m", "tokenstore(family='LIST')"),
            2,
            id="family",
            marks=pytest.mark.skipif(pytest.version_tuple < (8, 3), reason="new in pytest 8.3"),
        ),
        pytest.param((f"--deselect={NODE}::SEQ-1", "-k", "SEQ or LIST"), 2, id="deselected"),
        pytest.param(
            ("--deselect", f"{NODE}::SEQ-1", "-k", "SEQ or LIST"), 2, id="deselected apart"
        ),
        pytest.param((f"{NODE}::LIST-1[mypkg:MyStore]",), 1, id="pasted"),
        pytest.param((f"{NODE}::LIST-1[mypkg:MyStore]", f"{NODE}::LIST-2"), 2, id="two pasted"),
        pytest.param((NODE, "-k", "LIST"), 2, id="the node of all"),
    ],
)
def test_selection(good: str, judge: Judge, selection: tuple[str, ...], passed: int) -> None:
    """What the user selects runs, and nothing else."""
    result = judge(f"--tokenstore={good}", *selection)

    assert result.parseoutcomes()["passed"] == passed
    assert result.parseoutcomes().keys() <= {"passed", "deselected"}


def test_partial_run_says_so(good: str, judge: Judge) -> None:
    """A partial run says how many clauses ran, and claims no more."""
    result = judge(f"--tokenstore={good}", "-k", "LIST or DEL-1")

    result.stdout.fnmatch_lines(
        ["INCOMPLETE: no verdict without all clauses (*", f"3 of {CLAUSES} clauses ran"]
    )


def test_pasted_id_names_its_target(good: str, judge: Judge) -> None:
    """An id that the kit printed also says what to judge."""
    judge(f"{NODE}::LIST-1[{good}]").assert_outcomes(passed=1)


def test_pasted_id_and_a_path(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """With an id and a path, both run, and nothing else."""
    path = pytester.makepyfile(test_own=OWN)

    judge(f"--tokenstore={good}", f"{NODE}::LIST-1", path.name).assert_outcomes(passed=2)


@pytest.mark.parametrize("id", ["::SAVE-99", "::SAVE-2[other:Store]"])
def test_unknown_id(good: str, judge: Judge, id: str) -> None:
    """An unknown id is a usage error, and the message says what is judged."""
    result = judge(f"--tokenstore={good}", NODE + id)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: there is no test {NODE}{id.replace('[', '[[]')}; *{good}*"]
    )
    result.stdout.no_fnmatch_line("*CONFORMANT*")


def test_printed_ids_can_be_pasted(
    forgetful: str,
    pytester: pytest.Pytester,
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The id in the summary runs that clause, also from a subdirectory."""
    pytester.makeini("[pytest]")
    monkeypatch.chdir(pytester.mkdir("below"))
    summary = judge(f"--tokenstore={forgetful}", "-k", "BYID")
    (line,) = [each for each in summary.outlines if each.startswith("FAILED ")]
    id = line.split()[1]

    assert id == "../tokenstore_conformance::BYID-2[mypkg:MyStore]"
    judge(f"--tokenstore={forgetful}", id).assert_outcomes(failed=1)


def test_collect_only(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Ids are listed without building a store, and each can be pasted."""
    pytester.makepyfile(mypkg="def MyStore(): raise RuntimeError")

    result = judge(f"--tokenstore={good}", "--collect-only", "-q")

    assert f"{NODE}::SAVE-2[{good}]" in result.outlines
    assert result.ret == pytest.ExitCode.OK


def test_verbose_ids(good: str, judge: Judge) -> None:
    """An id does not depend on where the kit is installed, and -vv adds no path of the kit."""
    result = judge(f"--tokenstore={good}", "-vv", "-k", "LIST-1")

    result.stdout.fnmatch_lines([f"{NODE}::LIST-1[[]{good}] PASSED*"])


class TestLastFailed:
    """--lf"""

    def test_clause(self, forgetful: str, judge: Judge) -> None:
        """Only the clause that failed is run again."""
        judge(f"--tokenstore={forgetful}", "-k", "BYID")

        judge(f"--tokenstore={forgetful}", "--lf").assert_outcomes(failed=1, deselected=CLAUSES - 1)

    def test_clause_and_own_test(
        self, forgetful: str, pytester: pytest.Pytester, judge: Judge
    ) -> None:
        """If a clause and one of the user's tests failed, both are run again."""
        pytester.makepyfile(test_own=OWN_FAILURE)
        run = (f"--tokenstore={forgetful}", ".", "-k", "BYID or own")
        judge(*run).assert_outcomes(failed=2, passed=2, deselected=CLAUSES - 3)

        judge(*run, "--lf").assert_outcomes(failed=2, deselected=CLAUSES - 1)

    @pytest.mark.parametrize("option", ["--ff", "--nf", "--sw"])
    def test_other_orders(self, forgetful: str, judge: Judge, option: str) -> None:
        """pytest's other ways to begin with what failed, or is new, work too."""
        judge(f"--tokenstore={forgetful}", "-k", "BYID")

        judge(f"--tokenstore={forgetful}", "-k", "BYID", option).stdout.fnmatch_lines(
            ["*1 failed*"]
        )


def test_stop_at_the_first(forgetful: str, judge: Judge) -> None:
    """-x ends the run at the first broken clause, and the verdict says how many clauses ran."""
    result = judge(f"--tokenstore={forgetful}", "-x", "-k", "BYID or DEL")

    result.assert_outcomes(failed=1, passed=1, deselected=CLAUSES - 7)
    result.stdout.fnmatch_lines(["NOT CONFORMANT*", f"2 of {CLAUSES} clauses ran"])


def test_nothing_selected(good: str, judge: Judge) -> None:
    """A run of no tests is not green."""
    result = judge(f"--tokenstore={good}", "-k", "fast")

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*CONFORMANT*")


def test_only_what_runs_excuses(pytester: pytest.Pytester, judge: Judge) -> None:
    """A clause run alone fails, even if a whole run would blame another one for it."""
    pytester.makepyfile(mypkg=f"{GOOD}\n    def save_token(self, token): ...")

    judge("--tokenstore=mypkg:MyStore", "-k", "DEL-1").assert_outcomes(
        failed=1, deselected=CLAUSES - 1
    )
