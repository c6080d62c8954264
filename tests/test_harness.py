"""A harness is made once for each storage, opened any number of times, and always torn down."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.drivers.pytest_run import CLAUSES, Judge, refused

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "tests" / "stores" / "server"
PAGE = ROOT / "docs" / "harness.md"


@pytest.fixture
def harnesses(pytester: pytest.Pytester) -> Path:
    """Copy a module with harnesses, and return the log of the traced ones."""
    shutil.copy(ROOT / "tests" / "stores" / "harnesses.py", pytester.path)
    return pytester.path / "log.txt"


def test_each_storage_is_set_up_once_and_torn_down(harnesses: Path, judge: Judge) -> None:
    """It may be opened any number of times in between. Nothing is left, even if a clause fails."""
    result = judge("--tokenstore=harnesses:ForgetsInAnOutage", "-k", "ERR-1 or SHAPE-4")

    lines = [line.split() for line in harnesses.read_text().splitlines()]
    done = [(what, name) for name, what in lines]
    storages = {name for name, _ in lines}
    assert "ERR-1 (capability outage, a warning)" in result.stdout.str()
    assert len(storages) > 2
    for name in storages:
        assert done.count(("set_up", name)) == 1
        assert done.index(("set_up", name)) < done.index(("open", name))
        assert done.count(("tear_down", name)) == 1
        assert [what for what, each in done if each == name][-1] == "tear_down"
    assert len([1 for what, _ in done if what == "outage"]) == len(
        [1 for what, _ in done if what == "back"]
    )


def test_its_outage_is_used(harnesses: Path, judge: Judge) -> None:
    """A store that keeps the contract during it passes. The kit causes no other outage."""
    result = judge("--tokenstore=harnesses:Claims", "-k", "ERR")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST     2 passed, 0 failed"])
    assert "outage" in harnesses.read_text().split()


@pytest.mark.slow
def test_what_it_claims_is_a_must(harnesses: Path, judge: Judge) -> None:
    """A claimed capability counts as required. The report mentions others that it has."""
    result = judge("--tokenstore=harnesses:Claims", "-k", "DUR-1 or DUR-4 or THR-1")

    result.stdout.fnmatch_lines(
        [
            "MUST     1 passed, 0 failed",
            "SHOULD   2 passed, 0 failed",
            "also supports: durable (*",
        ]
    )


ONE_PROCESS = """
    import os
    from tests.correct.zohocrmsdk.capable import OneProcess
    from tokenstore_conformance.harness import Harness

    def store(tmp_path, namespace):
        place = tmp_path / namespace
        place.mkdir(exist_ok=True)
        os.chdir(place)
        try:
            return OneProcess()
        finally:
            os.chdir(tmp_path)

    class OneAtATime(Harness):
        def open(self):
            return store(self.tmp_path, self.namespace)
"""
"""A store that one process at a time can open, from a factory and from a harness."""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["store", "OneAtATime"])
def test_a_store_for_one_process_at_a_time(
    pytester: pytest.Pytester, judge: Judge, target: str
) -> None:
    """The kit closes its own store, and other processes show whether it is durable."""
    pytester.makepyfile(targets=ONE_PROCESS)

    result = judge(f"--tokenstore=targets:{target}", "-k", "DUR")

    result.stdout.fnmatch_lines(
        [
            "This store cannot be opened by several processes at once: DUR-2",
            "SHOULD   3 passed, 1 failed, 1 not judged",
        ]
    )


def test_its_clock_is_moved(harnesses: Path, judge: Judge) -> None:
    """The kit finds out what a server forgets if the harness moves the server's clock."""
    result = judge("--tokenstore=harnesses:Ages", "-k", "TIME-1")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "expected an hour after it was saved, listed: token(" in text
    assert "advance-3660" in harnesses.read_text()


def test_a_clock_that_cannot_be_moved_is_no_fault_of_the_store(
    harnesses: Path, judge: Judge
) -> None:
    """The clause is not judged, and says what advance() raised."""
    result = judge("--tokenstore=harnesses:CannotAge", "-k", "TIME-1", "--tokenstore-strict")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "advance() of the harness fails: ConnectionError: no way to its clock" in text


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("OutageFails", "does not begin: ConnectionError: no way to the server"),
        ("NoWayBack", "does not end: ConnectionError: the server does not start"),
    ],
)
def test_an_outage_that_fails_is_no_fault_of_the_store(
    name: str, why: str, harnesses: Path, judge: Judge
) -> None:
    """The clause is not judged and says what outage() raised. The store is not blamed."""
    result = judge(f"--tokenstore=harnesses:{name}", "-k", "ERR-2 or LIST-1")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"not judged: ERR-2: cannot be judged: outage() of the harness {why}" in text
    result.stdout.fnmatch_lines(["INCOMPLETE: *", "MUST     1 passed, 0 failed"])


@pytest.mark.parametrize("clause", ["ERR-1", "ERR-2"])
def test_an_outage_that_does_nothing_is_found_out(
    clause: str, harnesses: Path, judge: Judge
) -> None:
    """A store that answers during it as before proves nothing."""
    result = judge("--tokenstore=harnesses:OutageDoesNothing", "-k", clause)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"not judged: {clause}: *outage() had no effect*"])


def test_an_outage_has_a_limit_of_its_own(harnesses: Path, judge: Judge) -> None:
    """It gets a minute to begin and a minute to end, even if a call gets less."""
    result = judge(
        "--tokenstore=harnesses:OutageOfTwelveSeconds", "-k", "ERR-2", "--tokenstore-timeout=5"
    )

    result.assert_outcomes(passed=1, deselected=CLAUSES - 1)
    limits = re.findall(r"limit (\d+)", harnesses.read_text())
    assert len(limits) >= 2
    assert {*limits} <= {"59", "60"}


def test_trouble_in_tear_down_hides_no_failure(harnesses: Path, judge: Judge) -> None:
    """The clause says what the store did. What tear_down() did is a warning."""
    result = judge("--tokenstore=harnesses:HangsAtTheEnd", "-k", "BYID")

    result.assert_outcomes(failed=1, passed=2, deselected=CLAUSES - 3, warnings=3)
    result.stdout.fnmatch_lines(
        ["*HangsAtTheEnd: tear_down() has not returned after 60 seconds*", "BYID-2 (MUST)"]
    )


@pytest.mark.parametrize("name", ["CannotBeOpenedTwice", "store_in_a_new_directory"])
def test_a_target_that_cannot_be_built_twice(name: str, harnesses: Path, judge: Judge) -> None:
    """No clause blames the store for it. The clauses name the target."""
    result = judge(f"--tokenstore=harnesses:{name}", "-k", "SHAPE or DUR-1 or ERR")

    text = " ".join(result.stdout.str().split())
    result.assert_outcomes(passed=3, skipped=4, deselected=CLAUSES - 7)
    assert f"harnesses:{name} cannot be built twice over one storage: " in text
    assert "cannot be judged: " in text
    assert "tmp_path/made" in text
    result.stdout.fnmatch_lines(["INCOMPLETE: *", "MUST     3 passed, 0 failed, 1 not judged"])


def test_a_store_in_another_process_has_nothing_of_set_up(harnesses: Path, judge: Judge) -> None:
    """The message says what is wrong with open(), and what it may use."""
    result = judge("--tokenstore=harnesses:NeedsWhatSetUpMade", "-k", "DUR-1")

    text = " ".join(result.stdout.str().split())
    assert "in another process, open() fails: AttributeError: " in text
    assert "does not call set_up()" in text


@pytest.mark.parametrize("name", ["Closes", "Reuses"])
def test_what_is_opened_is_closed(name: str, harnesses: Path, judge: Judge) -> None:
    """The kit closes every store that open() returned before it tears the storage down."""
    judge(f"--tokenstore=harnesses:{name}", "-k", "SHAPE or BYID or SAVE-6[")

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    assert done.count("open") == done.count("close") > 8
    assert done[-2:] == ["close", "tear_down"]


@pytest.mark.slow
def test_a_storage_can_be_used_again(harnesses: Path, judge: Judge) -> None:
    """The run needs a few storages for trying the target, one for all the clauses, and one after
    other processes had it.
    """
    result = judge("--tokenstore=harnesses:Reuses", "-k", "SHAPE or BYID or SAVE or FIND")

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    assert result.ret == pytest.ExitCode.OK
    assert done.count("set_up") == done.count("tear_down") <= 5
    assert done.count("empty") > 40


@pytest.mark.slow
@pytest.mark.parametrize("clauses", ["ERR", "DUR-3"])
def test_a_storage_is_new_after_an_outage_or_a_kill(
    clauses: str, harnesses: Path, judge: Judge
) -> None:
    """A storage is not used again after it was broken on purpose, or a process was killed."""
    result = judge("--tokenstore=harnesses:Reuses", "-k", clauses)

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    assert result.ret == pytest.ExitCode.OK
    assert done.count("set_up") == done.count("tear_down") > 3


@pytest.mark.slow
def test_a_storage_that_is_not_empty_is_not_used_again(harnesses: Path, judge: Judge) -> None:
    """If empty() fails later, that costs time but changes no verdict."""
    result = judge("--tokenstore=harnesses:EmptiesOnce", "-k", "SAVE or LIST")

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    assert result.ret == pytest.ExitCode.OK
    assert done.count("set_up") == done.count("tear_down") > 10


def test_a_session_is_around_the_run(
    harnesses: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins once, before the first storage, and other processes see its environment."""
    monkeypatch.delenv("TOKENSTORE_TEST_ADDRESS", raising=False)

    result = judge("--tokenstore=harnesses:OnceASession", "-k", "DUR-1 or SHAPE")

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    result.assert_outcomes(passed=5, deselected=CLAUSES - 5)
    assert done[0] == "session"
    assert done[-1] == "end"
    assert done.count("session") == done.count("end") == 1
    assert "TOKENSTORE_TEST_ADDRESS" not in os.environ


@pytest.mark.slow
def test_a_session_is_begun_once_for_all_workers(harnesses: Path, judge: Judge) -> None:
    """This also holds with pytest-xdist."""
    pytest.importorskip("xdist")

    result = judge("-n2", "--tokenstore=harnesses:OnceASession", "-k", "BYID or SHAPE")

    done = [line.split()[1] for line in harnesses.read_text().splitlines()]
    assert result.ret == pytest.ExitCode.OK
    assert done.count("session") == done.count("end") == 1
    assert done[-1] == "end"


def test_listing_the_clauses_begins_no_session(harnesses: Path, judge: Judge) -> None:
    """pytest --collect-only starts no server."""
    judge("--tokenstore=harnesses:NoSession", "--collect-only").assert_outcomes()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("LeavesAToken", "*it holds 1 token already*let set_up() save no token*"),
        ("EmptiesNothing", "*empty() leaves 1 token in the storage; fix that"),
        ("EmptyFails", "*empty() failed: ConnectionError: no server*; fix that"),
        ("NoSession", "*session() failed: ConnectionError: no docker (*); fix that"),
        ("SetUpFails", "*set_up() failed: ConnectionError: no server (*)*"),
        ("TearDownFails", "*tear_down() failed: ConnectionError: no server*"),
        ("OpensNothing", "*its open() returns None; is a return missing?"),
        ("WithoutOpen", "*WithoutOpen lacks open(); a harness has to open a store*"),
        ("Boasts", "*unknown capability 'thread'; did you mean threads?"),
    ],
)
def test_a_broken_harness_is_refused_in_one_line(
    name: str, line: str, harnesses: Path, judge: Judge
) -> None:
    """The line comes before any clause, and says what to fix."""
    result = judge(f"--tokenstore=harnesses:{name}")

    refused(result, line)


# -- the complete example --------------------------------------------------------------------------


def test_the_page_shows_the_file() -> None:
    """The example of docs/harness.md is the file that is tested here."""
    shown = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)

    assert shown[-1] == (SERVER / "postgres_harness.py").read_text("utf-8")


@pytest.fixture
def on_postgres(pytester: pytest.Pytester) -> str:
    """The example, copied as the page says. Without a server, the test is skipped."""
    psycopg = pytest.importorskip("psycopg", reason="the example needs psycopg")
    try:
        psycopg.connect(dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"no server of PostgreSQL in reach: {str(error).splitlines()[0]}")
    for file in SERVER.glob("*.py"):
        shutil.copy(file, pytester.path)
    return "--tokenstore=postgres_harness.py:OnPostgres"


@pytest.mark.slow
def test_a_store_on_a_server_keeps_what_it_claims(on_postgres: str, judge: Judge) -> None:
    """The test uses a real server, other processes and a real outage."""
    result = judge(on_postgres, "--tokenstore-strict", "-k", "DUR-1 or ERR-2 or SAVE-1[")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["INCOMPLETE*", "MUST     3 passed, 0 failed"])


@pytest.mark.nightly
def test_a_store_on_a_server_keeps_every_clause(on_postgres: str, judge: Judge) -> None:
    """This includes the SHOULD clauses."""
    result = judge(on_postgres, "--tokenstore-strict", "--tokenstore-examples=5")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST    7? passed, 0 failed"])
