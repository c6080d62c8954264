"""If a store ends or blocks the process, its clause fails, and another process judges the rest."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from reference_stores.zohocrmsdk.memory_store import InMemoryStore
from tests.drivers import command
from tests.drivers.command import Ran
from tests.drivers.in_process import judge_of
from tests.drivers.pytest_run import CLAUSES, GOOD, Judge
from tokenstore_conformance.contract import Level
from tokenstore_conformance.failures import Fault
from tokenstore_conformance.judging.result import Result, Status

STORES: Final = f"""
import atexit
import ctypes
import os
import resource
import signal
import sys
import time

from reference_stores.zcrmsdk import memory_store
from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore

{GOOD}

def block():
    lock, c = ctypes.create_string_buffer(256), ctypes.PyDLL(None)
    c.pthread_mutex_lock(lock)
    c.pthread_mutex_lock(lock)


class BlocksInC(MyStore):
    def __init__(self):
        super().__init__()
        with open({{places!r}}, "a", encoding="utf-8") as file:
            print(os.getcwd(), file=file)

    def delete_token(self, id):
        block()


class OlderBlocksInC(memory_store.InMemoryStore):
    def delete_token(self, token):
        block()


class BlocksOnOneDatabase(SQLiteStore):
    def __init__(self):
        super().__init__({{file!r}})

    def delete_token(self, id):
        block()


class IgnoresSignals(MyStore):
    def delete_token(self, id):
        for number in signal.valid_signals() - {{{{signal.SIGKILL, signal.SIGSTOP}}}}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            try:
                time.sleep(3600)
            except BaseException:
                pass


class BlocksAtTheSecondDelete(MyStore):
    deleted = 0

    def delete_token(self, id):
        type(self).deleted += 1
        if self.deleted == 2 and not os.path.exists({{file!r}}):
            open({{file!r}}, "w").close()
            block()
        raise KeyError(id)


class BlocksWhereAShouldAsks(MyStore):
    def find_token(self, token):
        if token.get_id():
            block()
        return super().find_token(token)


class Dies(MyStore):
    def delete_token(self, id):
        os.kill(os.getpid(), signal.SIGKILL)


class ExitsInC(MyStore):
    def delete_token(self, id):
        ctypes.CDLL(None)._exit(0)


class Replaces(MyStore):
    def delete_token(self, id):
        os.execv(sys.executable, [sys.executable, "-c", "pass"])


class ExitsInCAtTheEnd(MyStore):
    def find_token_by_id(self, id):
        atexit.register(ctypes.CDLL(None)._exit, 0)


class IsCancelled(MyStore):
    def delete_token(self, id):
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(3600)


class LeavesNoMemory(MyStore):
    def delete_token(self, id):
        resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))
        super().delete_token(id)


class IsAlone(MyStore):
    def delete_token(self, id):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(3600)
"""


with_a_child = pytest.mark.skipif(
    sys.platform != "linux", reason="only on Linux the run is a child of the process that waits"
)


def run(directory: Path, *arguments: str) -> Ran:
    """Judge some of the stores, and write a JUnit report."""
    source = STORES.format(file=str(directory / "my.db"), places=str(directory / "places"))
    (directory / "stores.py").write_text(source, "utf-8")
    return command.run(directory, "--junitxml=j.xml", *arguments)


def in_junit(directory: Path) -> dict[str, bool]:
    """Return, for each test in the JUnit report, whether it failed."""
    cases = ElementTree.parse(directory / "j.xml").iter("testcase")
    return {str(each.get("name")): each.find("failure") is not None for each in cases}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rest")


@pytest.fixture(scope="module")
def blocked(directory: Path) -> Ran:
    """Run three clauses; the second one blocks in C."""
    store = "stores:BlocksInC"
    return run(directory, f"--tokenstore={store}", "-v", "-k", "BYID-1[ or DEL-1[ or LIST-2[")


@pytest.mark.slow
def test_the_rest_is_judged(blocked: Ran) -> None:
    """The clause fails, those before and after it are judged, and the run is red."""
    assert blocked.status not in (0, None)
    assert "DEL-1 on stores:BlocksInC: delete_token does not return and cannot be" in blocked.text
    assert blocked.statuses() == {"BYID-1": "passed", "DEL-1": "failed", "LIST-2": "passed"}
    assert blocked.clause("DEL-1")["hung"]
    assert not blocked.report["passes"]


@pytest.mark.slow
def test_every_report_is_of_the_whole_run(blocked: Ran, directory: Path) -> None:
    """The counts, the lines of -v and JUnit have what both processes judged, each once."""
    (store,) = blocked.report["stores"]

    assert len(store["clauses"]) == CLAUSES
    assert f"= 1 failed, 2 passed, {CLAUSES - 3} deselected" in blocked.text
    assert "BYID-1[stores:BlocksInC] PASSED [ 33%]" in blocked.text
    assert "LIST-2[stores:BlocksInC] PASSED [100%]" in blocked.text
    assert in_junit(directory) == {
        "BYID-1[stores:BlocksInC]": False,
        "DEL-1[stores:BlocksInC]": True,
        "LIST-2[stores:BlocksInC]": False,
    }


@pytest.mark.slow
def test_the_stacks_of_what_blocks_are_shown(blocked: Ran) -> None:
    """The report shows the line where the store blocks, without the kit's own lines."""
    stacks = blocked.clause("DEL-1")["stacks"]

    assert "in delete_token" in stacks
    assert "_pytest" not in stacks
    assert "subject" not in stacks
    assert "runpy" not in stacks


@pytest.mark.slow
def test_no_directory_is_left(blocked: Ran, directory: Path) -> None:
    """The messages between the processes are removed, and the directories of their stores."""
    places = [Path(each) for each in (directory / "places").read_text("utf-8").splitlines()]

    assert places
    assert not any(each.exists() for each in places)


@with_a_child
@pytest.mark.slow
@pytest.mark.parametrize("store", ["Dies", "ExitsInC", "Replaces"])
def test_a_store_that_ends_the_process_ends_one_clause(store: str, tmp_path: Path) -> None:
    """No Python code can stop C code that exits, or an exec, and the exit status may be 0."""
    ran = run(tmp_path, f"--tokenstore=stores:{store}", "-k", "BYID-1[ or DEL-1[ or LIST-2[")

    assert ran.status not in (0, None)
    assert ran.statuses() == {"BYID-1": "passed", "DEL-1": "failed", "LIST-2": "passed"}
    assert "DEL-1 on stores:" + store + ": the judging process died in delete_token" in ran.text


@with_a_child
@pytest.mark.slow
def test_a_red_run_stays_red_whatever_c_code_does_at_its_end(tmp_path: Path) -> None:
    """The exit status is what the run said, even if the process then ends with 0."""
    ran = run(tmp_path, "--tokenstore=stores:ExitsInCAtTheEnd", "-k", "BYID-1[")

    assert ran.status == pytest.ExitCode.TESTS_FAILED


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["--help", "--collect-only", "--tokenstore-clauses"])
def test_who_asks_for_something_else_gets_it(asked: str, tmp_path: Path) -> None:
    """This holds in a project whose ini file names a store, and no store is judged."""
    (tmp_path / "pytest.ini").write_text("[pytest]\ntokenstore = list\n")

    assert command.run(tmp_path, asked).status == pytest.ExitCode.OK


@with_a_child
@pytest.mark.slow
def test_a_signal_to_the_process_that_was_started_reaches_the_run(tmp_path: Path) -> None:
    """A cancelled CI job gets a report of what is known."""
    ran = run(tmp_path, "--tokenstore=stores:IsCancelled", "-k", "BYID-1[ or DEL-1[")

    assert ran.status == pytest.ExitCode.INTERRUPTED
    assert ran.report["stores"][0]["verdict"] == "incomplete"


@with_a_child
@pytest.mark.nightly  # it takes as long as the process may take to end
def test_a_process_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """Python waits forever for a thread that cannot start. The status is the verdict's."""
    ran = run(tmp_path, "--tokenstore=stores:LeavesNoMemory", "-p", "no:xdist", "-k", "DEL-1[")

    assert ran.status == pytest.ExitCode.OK
    assert "the run is over, and its process did not end within 45 seconds" in ran.text


@with_a_child
@pytest.mark.slow
def test_a_run_ends_with_the_process_that_was_started(tmp_path: Path) -> None:
    """If you kill that process, the run does not continue without it."""
    ran = run(tmp_path, "--tokenstore=stores:IsAlone", "-k", "BYID-1[ or DEL-1[")

    # This line is reached only when no process holds the output any more.
    assert ran.status == -signal.SIGKILL


HUNG: Final = [
    Result(
        "Uncallable",
        clause,
        Level.MUST,
        Status.FAILED,
        expected="delete_token to return",
        got="nothing",
        fault=Fault(ends_in="delete_token"),
    )
    for clause in ("SHAPE-3", "DEL-1")
]


class Uncallable(InMemoryStore):
    """A store whose delete_token must not be called any more."""

    def delete_token(self, id: str) -> None:
        raise AssertionError


@pytest.mark.parametrize("clause", ["DEL-2", "SAVE-14", "THR-3", "SDK-6"])
def test_a_method_that_hung_twice_is_not_called_again(clause: str, tmp_path: Path) -> None:
    """A clause that needs it is not judged, and names the clauses in which it hung."""
    result = judge_of(Uncallable, tmp_path, ended=HUNG).judge(clause)

    assert (result.status, result.causes) == (Status.NOT_JUDGED, ("SHAPE-3", "DEL-1"))


def test_a_method_that_hung_once_is_called_again(tmp_path: Path) -> None:
    """It may hang only for one argument."""
    result = judge_of(Uncallable, tmp_path, ended=HUNG[:1]).judge("DEL-2")

    assert "AssertionError" in result.message


def test_a_clause_that_hung_is_not_tried_again(tmp_path: Path) -> None:
    """Its failure stays the same, even if another clause asks for it."""
    assert judge_of(Uncallable, tmp_path, ended=HUNG).judge("DEL-1") is HUNG[1]


@pytest.mark.nightly
def test_every_clause_is_decided(tmp_path: Path) -> None:
    """If each call of a method hangs, the run is bounded, and every clause is decided."""
    ran = run(tmp_path, "--tokenstore=stores:BlocksInC")

    statuses = ran.statuses()
    assert ran.status not in (0, None)
    assert len(statuses) == CLAUSES
    assert [id for id, status in statuses.items() if status == "failed"] == ["SHAPE-3", "SHAPE-4"]
    assert set(ran.clause("DEL-1")["causes"]) == {"SHAPE-3", "SHAPE-4"}


@pytest.mark.nightly
def test_a_store_that_ignores_signals(tmp_path: Path) -> None:
    """It is killed like a store that blocks in C."""
    ran = run(tmp_path, "--tokenstore=stores:IgnoresSignals", "-k", "DEL-1[ or LIST-2[")

    assert ran.status not in (0, None)
    assert ran.statuses() == {"DEL-1": "failed", "LIST-2": "passed"}


@pytest.mark.nightly
def test_the_older_generation(tmp_path: Path) -> None:
    """After a store of zcrmsdk blocks, another process judges the rest as well."""
    pytest.importorskip("zcrmsdk")

    ran = run(tmp_path, "--tokenstore=stores:OlderBlocksInC", "-k", "SHAPE-1[ or DEL-1[ or LIST-2[")

    assert ran.status not in (0, None)
    assert ran.statuses() == {"SHAPE-1": "passed", "DEL-1": "failed", "LIST-2": "passed"}


@pytest.mark.nightly
def test_a_shared_storage_is_left_alone(tmp_path: Path) -> None:
    """The hung call may hold a lock on it, and left tokens there, so the rest does not run."""
    ran = run(
        tmp_path, "--tokenstore=stores:BlocksOnOneDatabase", "-k", "BYID-1[ or DEL-1[ or LIST-2["
    )

    assert ran.status not in (0, None)
    assert ran.statuses() == {"BYID-1": "passed", "DEL-1": "failed"}
    assert "clauses did not run, because of the end of the run, in DEL-1" in ran.text


@pytest.mark.nightly
def test_such_a_failure_cannot_be_accepted(tmp_path: Path) -> None:
    """The run is red in any case, and says so. The other store is judged."""
    (tmp_path / "known.toml").write_text('[[known]]\nid = "DEL-1"\nreason = "we know"\n')

    ran = run(
        tmp_path,
        *("--tokenstore=stores:BlocksInC", "--tokenstore=stores:MyStore"),
        *("--tokenstore-known=known.toml", "-k", "DEL-1[ or LIST-2["),
    )

    assert ran.status not in (0, None)
    assert ran.statuses("stores:BlocksInC") == {"DEL-1": "failed", "LIST-2": "passed"}
    assert ran.statuses("stores:MyStore") == {"DEL-1": "passed", "LIST-2": "passed"}
    assert "this run fails: the process that judged it died, or had to be killed" in ran.text
    assert "add its entry" not in ran.text


@pytest.mark.nightly
def test_a_should_that_hangs_is_red_too(tmp_path: Path) -> None:
    """The report never says that a run passes if its process had to be killed."""
    ran = run(tmp_path, "--tokenstore=stores:BlocksWhereAShouldAsks", "-k", "FIND-10[ or LIST-2[")

    assert ran.status not in (0, None)
    assert ran.statuses() == {"FIND-10": "failed", "LIST-2": "passed"}
    assert not ran.report["passes"]


@pytest.mark.nightly
def test_the_first_failure_ends_the_run(tmp_path: Path) -> None:
    """With -x, nothing is judged after a hang, as after any failure."""
    ran = run(tmp_path, "--tokenstore=stores:BlocksInC", "-x", "-k", "DEL-1[ or LIST-2[")

    assert ran.statuses() == {"DEL-1": "failed"}
    assert "(-x or --maxfail on the command line, which ended the run at a failure)" in ran.text


@pytest.mark.nightly
def test_a_hang_is_blamed_on_the_check_that_runs(tmp_path: Path) -> None:
    """A clause that fails runs the check of a simpler one. If that hangs, that one is blamed."""
    store = "stores:BlocksAtTheSecondDelete"

    ran = run(tmp_path, f"--tokenstore={store}", "-k", "DEL-1[ or LIST-1[")

    assert ran.clause("LIST-1")["hung"]
    assert not ran.clause("DEL-1")["hung"]


@pytest.mark.nightly
def test_tests_of_the_users_run_once(tmp_path: Path) -> None:
    """What was reported is shown again, and does not run again."""
    (tmp_path / "test_own.py").write_text(
        "def test_own():\n    with open('done', 'a') as file:\n        file.write('once')\n"
    )

    ran = run(tmp_path, ".", "--tokenstore=stores:BlocksInC", "-k", "own or DEL-1[ or LIST-2[")

    assert (tmp_path / "done").read_text() == "once"
    assert "= 1 failed, 2 passed" in ran.text
    assert set(in_junit(tmp_path)) >= {"test_own"}


def test_a_file_of_that_name_is_the_users_own(
    pytester: pytest.Pytester, judge: Judge, good: str
) -> None:
    """A file named rest in the working directory is not read, and does not change."""
    file = pytester.path / "rest"
    file.write_text("mine")

    result = judge(f"--tokenstore={good}", "-k", "SHAPE")

    assert result.ret == pytest.ExitCode.OK
    assert file.read_text() == "mine"
