"""SEC-1 and RES-1: what a store gives away, and what it leaves open."""

from __future__ import annotations

import logging
import os
import sys
import sysconfig
import threading
import warnings
from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk", reason="the stores of the six-method generation need its SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from tests.correct.zohocrmsdk.honest import Honest
from tests.drivers.in_process import judge_of
from tests.mutants.zohocrmsdk.hygiene import (
    EachThreadKeepsItsConnection,
    LogsWhatItSaves,
    PrintsWhatItFinds,
    StartsAThreadAtEachUpdate,
)
from tests.mutants.zohocrmsdk.mutant import Mutant
from tests.mutants.zohocrmsdk.threads import SameThread
from tests.stores.article_sample import ArticleSample
from tokenstore_conformance.subject.captured import capturing, sayings_of_error


class SDKFile(FileStore):
    """The SDK's own FileStore."""

    def __init__(self) -> None:
        super().__init__("sdk_tokens.txt")


class Miscounts(Mutant):
    """Logs a record whose arguments do not fit its message."""

    def _add(self, record):
        logging.getLogger("miscounts").info("%d saved", record["refresh_token"], record["id"])
        super()._add(record)


@pytest.mark.nightly
@pytest.mark.parametrize("store", [SDKFile, ArticleSample], ids=lambda store: store.__name__)
def test_what_is_published_leaves_nothing_open(store: type, tmp_path: Path) -> None:
    """RES-1 blames no published store. What they give away (SEC-1) is among the findings."""
    result = judge_of(store, tmp_path).judge("RES-1")

    assert (result.outcome, result.message) == ("passed", "")


def test_what_the_store_says_goes_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Only the kit sees what the store prints and logs about the made-up secrets."""
    for mutant in (PrintsWhatItFinds, LogsWhatItSaves):
        judge_of(mutant, tmp_path / mutant.__name__).judge("SEC-1")

    assert (capsys.readouterr().err, caplog.records) == ("", [])


def test_the_log_is_as_before(tmp_path: Path) -> None:
    """The root logger, record factory, warnings and streams are restored."""

    def state() -> tuple[object, ...]:
        root = logging.getLogger()
        levels = (root.level, list(root.handlers), root.manager.disable)
        return (*levels, logging.getLogRecordFactory(), warnings.filters[:], sys.stdout, sys.stderr)

    before = state()

    judge_of(LogsWhatItSaves, tmp_path).judge("SEC-1")

    assert state() == before


def test_a_log_record_that_cannot_be_formatted_is_read_all_the_same(tmp_path: Path) -> None:
    """It counts, because a handler would print its arguments to stderr in an error message."""
    result = judge_of(Miscounts, tmp_path).judge("SEC-1")

    assert "the log record of 'miscounts' (INFO) of save_token" in result.got


@pytest.mark.parametrize(
    ("file", "level", "counts"),
    [
        ("driver.py", logging.DEBUG, False),
        ("driver.py", logging.INFO, True),
        (__file__, logging.DEBUG, True),
    ],
    ids=["of a library, to debug", "of a library, for all", "of the store, to debug"],
)
def test_what_a_library_logs_to_debug_does_not_count(file: str, level: int, counts: bool) -> None:
    """A library's debug log is read only by those who ask for it. The store's own log counts."""
    place = os.path.join(sysconfig.get_path("purelib"), file)  # an absolute file stays as it is
    code = compile("logger.log(level, 'a secret')", place, "exec")

    with capturing(Honest) as heard:
        exec(code, {"logger": logging.getLogger("driver"), "level": level})
        said = [saying.text for saying in heard.sayings()]

    assert said == (["a secret"] if counts else [])


def test_an_exception_that_is_its_own_cause_ends() -> None:
    """The kit follows a chain of causes that loops only once."""
    error = ValueError("round")
    error.cause = error

    assert "round" in {text for _, text in sayings_of_error(error)}


def test_threads_that_were_there_before_do_not_count(tmp_path: Path) -> None:
    """What other code in the process has open does not count against the store."""
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(50)]
    try:
        result = judge_of(Honest, tmp_path).judge("RES-1")
    finally:
        for descriptor in others:
            os.close(descriptor)

    assert result.outcome == "passed"


@pytest.mark.parametrize("store", [Honest, StartsAThreadAtEachUpdate], ids=lambda s: s.__name__)
def test_where_nothing_can_be_counted_the_clause_does_not_apply(
    store: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a list of open files, the clause judges nothing rather than only a part."""
    listed = os.listdir

    def refuse(path: str = ".") -> list[str]:
        if path in ("/proc/self/fd", "/dev/fd"):
            raise FileNotFoundError(path)
        return listed(path)

    monkeypatch.setattr(os, "listdir", refuse)

    result = judge_of(store, tmp_path).judge("RES-1")

    assert (result.outcome, "does not show" in result.message) == ("skipped", True)


class HangsInOtherThreads(Honest):
    """The thread that made it holds a lock for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()
        self.lock.acquire()

    def save_token(self, token: object) -> None:
        with self.lock:
            super().save_token(token)


@pytest.mark.parametrize("store", [SameThread, HangsInOtherThreads], ids=lambda s: s.__name__)
def test_a_store_for_one_thread_leaves_nothing_open(store: type, tmp_path: Path) -> None:
    """RES-1 does not blame a store that works only in the thread that made it. THR-1 does."""
    judge = judge_of(store, tmp_path, timeout=1.0)

    assert [judge.judge(each).outcome for each in ("RES-1", "THR-1")] == ["passed", "failed"]


def test_a_store_that_fills_up_with_threads_is_told_of(tmp_path: Path) -> None:
    """A save that does not return once many threads have called fails RES-1, and not THR-1."""

    class Waits(EachThreadKeepsItsConnection):
        def _greet(self) -> None:
            if not self.left:
                threading.Event().wait(60)
            super()._greet()

    judge = judge_of(Waits, tmp_path, timeout=1.0)
    result = judge.judge("RES-1")

    assert (result.outcome, judge.judge("THR-1").outcome) == ("failed", "passed")
    assert result.expected == (
        "after calls from 29 other threads, one after another, every call to return, in a thread "
        "that did not make the store"
    )
    assert "wait" in result.stacks
