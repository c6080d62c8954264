"""Stores try to fool or hang the gate, in separate pytest processes, and do not succeed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.drivers import command
from tests.drivers.command import Ran
from tests.drivers.pytest_run import CLAUSES, GOOD

STORES: Final = f"""
import ctypes
import os
import signal
import threading
import time

{GOOD}

class DisarmsTheTimer(MyStore):
    def delete_token(self, id):
        signal.setitimer(signal.ITIMER_REAL, 0)
        time.sleep(3600)


class BlocksInC(MyStore):
    def delete_token(self, id):
        lock, c = ctypes.create_string_buffer(256), ctypes.PyDLL(None)
        c.pthread_mutex_lock(lock)
        c.pthread_mutex_lock(lock)


class BlocksSignals(MyStore):
    def delete_token(self, id):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        time.sleep(3600)


class CountsThreads(MyStore):
    def __init__(self):
        super().__init__()
        assert len(os.listdir("/proc/self/task")) == 1


class DiesInAFinalizer(MyStore):
    def __del__(self):
        os._exit(0)


class BreaksPytest(MyStore):
    def delete_token(self, id):
        import _pytest.reports
        del _pytest.reports.TestReport.from_item_and_call
        return super().delete_token(id)


class BreaksJson(MyStore):
    def save_token(self, token):
        import json
        def dumps(*of, **how):
            raise RuntimeError("json is mine")
        json.dumps = dumps
        return super().save_token(token)


class Dies(MyStore):
    def delete_token(self, id):
        os.kill(os.getpid(), signal.SIGKILL)


class IsCancelled(MyStore):
    def delete_token(self, id):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3600)


class ListsMillions(MyStore):
    def get_tokens(self):
        tokens = super().get_tokens()
        return tokens * (2_000_000 // max(1, len(tokens)))


class LeavesAThread(MyStore):
    def __init__(self):
        super().__init__()
        threading.Thread(target=threading.Event().wait, name="poller").start()


class LeavesAThreadAndForgets(LeavesAThread):
    def find_token_by_id(self, id):
        raise KeyError(id)


class Tokens(list):
    def __iter__(self):
        while True:
            yield self[0]


class NeverEnds(MyStore):
    def get_tokens(self):
        tokens = super().get_tokens()
        return Tokens(tokens) if tokens else tokens


class Prints(MyStore):
    def find_token(self, token):
        print("x" * 1_000_000)
        os.write(1, b"x" * 1_000_000)
        return super().find_token(token)
"""


def run(directory: Path, target: str, *arguments: str) -> Ran:
    """Judge one of the stores."""
    (directory / "stores.py").write_text(STORES, "utf-8")
    return command.run(directory, f"--tokenstore={target}", *arguments)


@pytest.mark.slow
def test_a_run_whose_process_dies_says_so_and_nothing_else(tmp_path: Path) -> None:
    """Whatever killed it, the clause says that the process ended, and not its usual effect."""
    ran = run(tmp_path, "stores:Dies", "-k", "BYID-1[ or DEL-1[")

    assert ran.clause("DEL-1")["effect"] == "ends the process that calls it"
    assert "something outside did" in ran.clause("DEL-1")["got"]
    assert "This store ends the process that calls it: DEL-1" in ran.text


@pytest.mark.slow
def test_a_store_that_blocks_all_signals_fails_the_clause_that_calls_it(tmp_path: Path) -> None:
    """No signal reaches it, but the report still says which call never returned."""
    ran = run(tmp_path, "stores:BlocksSignals", "-k", "DEL-1[")

    assert ran.clause("DEL-1")["hung"]
    assert "delete_token" in ran.clause("DEL-1")["expected"]


@pytest.mark.slow
def test_the_kit_runs_no_thread_beside_the_store(tmp_path: Path) -> None:
    """A thread that reads the frames of other threads without the GIL, like `faulthandler`'s,
    sometimes crashes the process.
    """
    ran = run(tmp_path, "stores:CountsThreads", "-k", "BYID-1[")

    assert ran.statuses() == {"BYID-1": "passed"}


@pytest.mark.slow
def test_a_run_that_a_finalizer_ends_is_not_green(tmp_path: Path) -> None:
    """Python calls the finalizer between two clauses, or when the run is over."""
    ran = run(tmp_path, "stores:DiesInAFinalizer", "-k", "BYID-1[ or DEL-1[")

    assert ran.status == pytest.ExitCode.TESTS_FAILED


@pytest.mark.slow
def test_a_store_that_breaks_pytest_gets_a_line_and_the_verdict_so_far(tmp_path: Path) -> None:
    """No clause is blamed, because something else may have broken pytest."""
    ran = run(tmp_path, "stores:BreaksPytest", "-k", "BYID-1[ or DEL-1[")

    assert ran.status == pytest.ExitCode.INTERNAL_ERROR
    assert "INTERNALERROR" not in ran.text
    assert "pytest failed after the store was called: AttributeError: " in ran.text
    assert "because of an error in pytest, in DEL-1 on" in ran.text
    assert ran.statuses() == {"BYID-1": "passed"}
    assert ran.report["stores"][0]["verdict"] == "incomplete"


@pytest.mark.slow
def test_a_store_that_breaks_json_at_once_gets_a_line(tmp_path: Path) -> None:
    """The line names the place in the store's code."""
    ran = run(tmp_path, "stores:BreaksJson")

    assert ran.status == pytest.ExitCode.INTERNAL_ERROR
    assert "INTERNALERROR" not in ran.text
    assert "RuntimeError: json is mine (stores.py:" in ran.text


@pytest.mark.slow
def test_a_run_that_is_told_to_end_is_incomplete(tmp_path: Path) -> None:
    """SIGTERM, as from a cancelled job, blames no clause. The report is still written."""
    ran = run(tmp_path, "stores:IsCancelled", "-k", "BYID-1[ or DEL-1[")

    assert ran.status == pytest.ExitCode.INTERRUPTED
    assert ran.report["stores"][0]["verdict"] == "incomplete"
    assert ran.statuses() == {"BYID-1": "passed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    time.sleep(1)",
        pytest.param(
            "while True:\n    try: time.sleep(1)\n    except BaseException: pass",
            marks=pytest.mark.nightly,
        ),
    ],
    ids=["and can be interrupted", "and catches everything"],
)
def test_a_module_that_never_finishes_importing(body: str, tmp_path: Path) -> None:
    """The limit also applies to the import: one line says which module does not return."""
    (tmp_path / "never.py").write_text(f"import time\n{body}\n")

    ran = run(tmp_path, "never:Store")

    assert ran.status != 0
    assert "importing never" in ran.text
    assert "Traceback" not in ran.text


@pytest.mark.slow
def test_a_timer_that_was_disarmed_is_set_again(tmp_path: Path) -> None:
    """The call is still interrupted, its clause fails, and the others run."""
    ran = run(tmp_path, "stores:DisarmsTheTimer", "-k", "DEL-1 or LIST-2 or BYID")

    assert ran.status == pytest.ExitCode.TESTS_FAILED
    assert ran.clause("DEL-1")["outcome"] == "failed"
    assert "does not return" in ran.clause("DEL-1")["calls"][-1]
    assert ran.clause("LIST-2")["outcome"] == "passed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "dist"),
    [
        ("Dies", "load"),
        *(
            pytest.param(store, dist, marks=pytest.mark.nightly)
            for store, dist in [
                *(("Dies", "loadfile"), ("Dies", "each")),
                *(("BlocksInC", "load"), ("BlocksInC", "loadfile")),
            ]
        ),
    ],
)
def test_with_xdist_the_verdict_is_the_same(store: str, dist: str, tmp_path: Path) -> None:
    """If a worker is killed or dies, its current clause fails. The others are judged."""
    pytest.importorskip("xdist")

    ran = run(
        tmp_path, f"stores:{store}", "-n2", f"--dist={dist}", "-k", "BYID-1[ or DEL-1[ or LIST-2["
    )

    assert ran.status == pytest.ExitCode.TESTS_FAILED
    assert ran.statuses() == {"BYID-1": "passed", "DEL-1": "failed", "LIST-2": "passed"}
    assert ran.clause("DEL-1")["expected"].startswith("delete_token to return")
    assert ran.clause("DEL-1")["hung"] == (store == "BlocksInC")


@pytest.mark.nightly
@pytest.mark.parametrize("store", ["BlocksInC", "Dies"])
def test_with_xdist_no_clause_is_left_out(store: str, tmp_path: Path) -> None:
    """New workers know where others ended, and no longer call a method that ended two."""
    pytest.importorskip("xdist")

    ran = run(tmp_path, f"stores:{store}", "-n2")

    assert len(ran.statuses()) == CLAUSES
    failed = {id for id, status in ran.statuses().items() if status == "failed"}
    assert "SHAPE-3" in failed
    assert {ran.clause(each)["expected"][:22] for each in failed} == {"delete_token to return"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "status"), [("LeavesAThread", 0), ("LeavesAThreadAndForgets", 1)]
)
def test_a_thread_that_a_store_leaves_does_not_keep_the_process(
    store: str, status: int, tmp_path: Path
) -> None:
    """The process exits with the verdict's status, and names the thread that the store left."""
    patiently = "--tokenstore-timeout=30"  # nothing hangs here, and a busy machine imports slowly
    ran = run(tmp_path, f"stores:{store}", patiently, "-k", "BYID-2 or LIST-1")

    assert ran.status == status
    assert "the store left threads running: poller" in ran.text


@pytest.mark.slow
def test_a_listing_that_never_ends_fails(tmp_path: Path) -> None:
    """The kit stops reading it, whatever length it claims, and LIST-2 says so."""
    ran = run(tmp_path, "stores:NeverEnds", "-k", "LIST or FIND-1[")

    assert ran.status == pytest.ExitCode.TESTS_FAILED
    assert ran.clause("LIST-2")["outcome"] == "failed"
    assert "a listing that does not end" in ran.clause("LIST-2")["got"]


@pytest.mark.slow
def test_what_a_store_prints_is_bounded(tmp_path: Path) -> None:
    """Megabytes of output change no verdict and do not fill the report."""
    ran = run(tmp_path, "stores:Prints", "-k", "FIND")

    assert ran.status == 0
    assert len(json.dumps(ran.report)) < 200_000


@pytest.mark.nightly
def test_an_exit_handler_that_does_not_return_does_not_keep_the_process(tmp_path: Path) -> None:
    """The run shows the verdict, and exits with its status."""
    handler = "\nimport atexit\natexit.register(threading.Event().wait)\n"
    (tmp_path / "stores.py").write_text(STORES + handler)

    ran = command.run(tmp_path, "--tokenstore=stores:MyStore", "-k", "BYID-1[")

    assert ran.status == pytest.ExitCode.OK
    assert "an exit handler (atexit) has not returned within 30 seconds" in ran.text


@pytest.mark.slow
def test_a_list_with_more_tokens_than_were_saved_is_not_copied(tmp_path: Path) -> None:
    """A store that lists each token very often fails LIST-2, and does not slow the run down."""
    ran = run(tmp_path, "stores:ListsMillions", "-k", "LIST-2[ or DATA-3[ or SHAPE-4[")

    assert ran.status == pytest.ExitCode.TESTS_FAILED
    assert ran.clause("LIST-2")["got"] == "a listing of 2,000,000 tokens"
