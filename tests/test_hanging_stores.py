"""A store that hangs, deadlocks or exits fails its clauses, and the run continues to its end."""

from __future__ import annotations

import json

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge, refused
from tokenstore_conformance.contract import contract_of
from tokenstore_conformance.threads.baton import Baton

HANGS = """
import atexit
import os
import posix
import sys
import threading

from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException

{good}

class HangsOnDelete(MyStore):
    def delete_token(self, id):
        print("waiting for the lock")
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()


class Deadlocks(MyStore):
    def __init__(self):
        super().__init__()
        self.mine, self.yours = threading.Lock(), threading.Lock()

    def save_token(self, token):
        with self.mine, self.yours:
            super().save_token(token)

    def find_token(self, token):
        with self.yours, self.mine:
            return super().find_token(token)


class KeepsALockOfAll(MyStore):
    lock = threading.Lock()

    def find_token(self, token):
        self.lock.acquire()
        found = super().find_token(token)
        if found is None:
            return None
        self.lock.release()
        return found

    def save_token(self, token):
        with self.lock:
            super().save_token(token)


class HangsAtOnce(MyStore):
    def get_tokens(self):
        threading.Event().wait()


class NeverGoes(MyStore):
    def __del__(self):
        threading.Event().wait()


class NeverGoesFull(MyStore):
    def __del__(self):
        if self.get_tokens():
            threading.Event().wait()


class Exits(MyStore):
    def delete_token(self, id):
        os._exit(0)


class ExitsBelowOs(MyStore):
    def delete_token(self, id):
        posix._exit(0)


class ExitsInAThread(MyStore):
    def delete_token(self, id):
        super().delete_token(id)
        thread = threading.Thread(target=lambda: os._exit(0))
        thread.start()
        thread.join()


class ExitsAtTheEnd(MyStore):
    def delete_token(self, id):
        atexit.register(posix._exit, 0)


class BitingError(Exception):
    '''It interrupts whoever reads it, and exits where its text is read.'''

    def __getattribute__(self, name):
        if name in ("args", "__cause__", "__context__", "__traceback__", "__notes__"):
            raise KeyboardInterrupt
        return super().__getattribute__(name)

    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


class RaisesWhatBites(MyStore):
    def delete_token(self, id):
        if id not in [each.get_id() for each in self.get_tokens()]:
            raise BitingError
        super().delete_token(id)


class SaysItIsRefused(MyStore):
    def delete_token(self, id):
        if id not in [each.get_id() for each in self.get_tokens()]:
            raise SaysSo
        super().delete_token(id)


class SaysSo(Exception):
    '''It says that it is an SDKException; an `except SDKException` does not catch it.'''

    @property
    def __class__(self):
        return SDKException


class Forks(MyStore):
    '''The child of a save goes on as if it were the parent.'''

    def save_token(self, token):
        super().save_token(token)
        Forks.saves += 1
        if Forks.saves == 3:
            os.fork()

    saves = 0


class TakesStdout(MyStore):
    def __init__(self):
        super().__init__()
        sys.stdout = sys.stderr = None


class CannotBeInterrupted(MyStore):
    def delete_token(self, id):
        while True:
            try:
                threading.Event().wait()
            except BaseException:
                pass
"""


@pytest.fixture
def hangs(pytester: pytest.Pytester) -> str:
    pytester.makepyfile(hangs=HANGS.format(good=GOOD))
    return "--tokenstore=hangs:"


def test_a_hang_fails_its_clause_with_the_stack(hangs: str, judge: Judge) -> None:
    """The failure shows where the store hangs, and the clauses after it are judged."""
    result = judge(f"{hangs}HangsOnDelete", "--tokenstore-timeout=0.5", "-k", "DEL-1 or CLEAR-1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "MUST     1 passed, 1 failed",
            "  expected  delete_token to return within 0.5 seconds",
            "  got       nothing yet (hangs.py:*)",
            "  where it hangs:",
            '*hangs.py", line *, in delete_token',
            "*lock.acquire()",
            "  what the store printed and logged:",
            "  waiting for the lock",
        ]
    )


def test_a_lock_of_all_stores_fails_only_the_clause_that_leaves_it(
    hangs: str, judge: Judge
) -> None:
    """A store that keeps a lock of its class does not fail the clauses that come after it."""
    result = judge(
        f"{hangs}KeepsALockOfAll",
        "--tokenstore-timeout=0.5",
        "-k",
        "SAVE-1 or FIND-1 or FIND-6 or LIST-2 or CLEAR-1",
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["This store does not return from some calls: FIND-6"])


@pytest.mark.slow
def test_a_deadlock_is_shown_with_its_threads(
    hangs: str, judge: Judge, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads take two locks in different orders: the failure shows where each thread waits."""
    watch = Baton.watch
    monkeypatch.setattr(Baton, "watch", lambda baton, stuck_after: watch(baton, stuck_after / 10))

    result = judge(f"{hangs}Deadlocks", "-k", "THR-3", "--tokenstore-report=v.json")

    report = json.loads((pytester.path / "v.json").read_text())
    (clause,) = (each for each in report["stores"][0]["clauses"] if each["id"] == "THR-3")
    assert result.ret == pytest.ExitCode.OK
    assert clause["outcome"] == "failed"
    assert "no thread moved" in clause["got"]
    assert "in save_token" in clause["stacks"]
    assert "in find_token" in clause["stacks"]
    assert clause["history"]["operations"]


def test_a_store_that_hangs_at_once_is_refused(hangs: str, judge: Judge) -> None:
    """If even listing hangs, the run ends with one line that has the place and the way out."""
    result = judge(f"{hangs}HangsAtOnce", "--tokenstore-timeout=0.2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: hangs:HangsAtOnce: get_tokens has not returned after 0.2 seconds "
            "(hangs.py:*); *give it more time with --tokenstore-timeout=SECONDS"
        ]
    )


def test_a_finalizer_that_does_not_return_is_refused(hangs: str, pytester: pytest.Pytester) -> None:
    """Python drops what is raised in it, so the kit reports it after the store is gone."""
    result = pytester.runpytest_subprocess(
        f"{hangs}NeverGoes", "--tokenstore-timeout=0.2", "-p", "no:cacheprovider"
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: hangs:NeverGoes: NeverGoes.__del__() has not returned after 0.2 seconds (hangs.*"]
    )


def test_a_finalizer_that_does_not_return_later_fails_a_clause(
    hangs: str, pytester: pytest.Pytester
) -> None:
    """It is not called any more then, so the other clauses are judged."""
    result = pytester.runpytest_subprocess(
        f"{hangs}NeverGoesFull", "--tokenstore-timeout=0.5", "-k", "SAVE"
    )

    saves = sum(each.family == "SAVE" for each in contract_of("zohocrmsdk").clauses)
    result.assert_outcomes(passed=saves - 1, failed=1, deselected=CLAUSES - saves)
    result.stdout.fnmatch_lines(["*expected *NeverGoesFull.__del__() to return within *"])


@pytest.mark.parametrize("store", ["Exits", "ExitsBelowOs", "ExitsInAThread"])
def test_a_store_cannot_end_the_run(store: str, hangs: str, judge: Judge) -> None:
    """os._exit(0) would end the run as green, so it fails the clause."""
    result = judge(f"{hangs}{store}", "-k", "DEL-1 or LIST-1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*os._exit(0) would have ended the run*"])


@pytest.mark.slow
def test_an_exception_that_bites_ends_nothing(hangs: str, pytester: pytest.Pytester) -> None:
    """An exception that interrupts or exits when it is read fails its clause. The others run."""
    some = ("-k", "DEL-2 or SEC-1 or LIST-1")

    result = pytester.runpytest_subprocess(f"{hangs}RaisesWhatBites", *some)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*3 of 90 clauses ran", "DEL-2 (MUST)"])


def test_a_class_that_is_only_claimed_counts_for_nothing(hangs: str, judge: Judge) -> None:
    """`except SDKException` uses the real class, and not what `__class__` says."""
    result = judge(f"{hangs}SaysItIsRefused", "-k", "DEL-2")

    result.stdout.fnmatch_lines(["DEL-2 (MUST)"])


@pytest.mark.slow
def test_a_child_does_not_judge(hangs: str, pytester: pytest.Pytester) -> None:
    """A store that forks and continues in the child fails its clause. There is one verdict."""
    result = pytester.runpytest_subprocess(f"{hangs}Forks", "-k", "SAVE-1[ or LIST-1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert str(result.stdout).count("NOT CONFORMANT") == 1
    result.stdout.fnmatch_lines(["  got       *returned in a child process as well*"])
    result.stdout.fnmatch_lines(
        ["This store returns from some calls in a child process as well: *"]
    )


def test_a_store_whose_first_save_alone_forks_is_refused(
    pytester: pytest.Pytester, judge: Judge
) -> None:
    """No clause would see it: the kit makes the first save of the process before any clause."""
    pytester.makepyfile(
        mypkg=f"import os\n{GOOD}\n"
        "    has_forked = False\n"
        "    def save_token(self, token):\n"
        "        if not MyStore.has_forked:\n"
        "            MyStore.has_forked = True\n"
        "            os.fork()\n"
        "        super().save_token(token)\n"
    )

    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, "mypkg:MyStore: save_token forks, and it returned in a child process as well*")


@pytest.mark.slow
def test_a_store_without_streams_is_judged(hangs: str, pytester: pytest.Pytester) -> None:
    """A store may set sys.stdout to None, as daemons do."""
    result = pytester.runpytest_subprocess(f"{hangs}TakesStdout", "-k", "SAVE-1[ or LIST-1")

    result.assert_outcomes(passed=2, deselected=88)


@pytest.mark.slow
def test_a_store_cannot_change_the_exit_status(hangs: str, pytester: pytest.Pytester) -> None:
    """An exit handler of the store cannot end the process with 0."""
    result = pytester.runpytest_subprocess(f"{hangs}ExitsAtTheEnd", "-k", "DEL-1")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.nightly  # it takes the seconds that the run gets to make progress
def test_what_cannot_be_interrupted_ends_the_run_red(hangs: str, pytester: pytest.Pytester) -> None:
    """A run that can give no verdict is not green, and says where it hung."""
    result = pytester.runpytest_subprocess(
        f"{hangs}CannotBeInterrupted", "--tokenstore-timeout=0.5", "-k", "DEL-1"
    )

    assert result.ret != 0
    result.stderr.fnmatch_lines(
        [
            "tokenstore: DEL-1 on hangs:CannotBeInterrupted: delete_token does not return *",
            "*hangs.py*in delete_token",
        ]
    )
