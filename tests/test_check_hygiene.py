"""SEC-1 and RES-1: what a store says aloud, and what it leaves open."""

from __future__ import annotations

import logging
import os
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk", reason="the stores of the six-method generation need its SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores import InMemoryStore, ListStore, SQLiteStore
from tests.in_process import judge_of
from tests.stores.article_sample import ArticleSample
from tests.stores.correct import CORRECT
from tests.stores.honest import Honest, HonestFile
from tests.stores.liars import LIARS, hygiene
from tests.stores.liars.hygiene import LogsWhatItSaves, PrintsWhatItFinds, StartsAThreadAtEachUpdate
from tests.stores.liars.liar import Liar
from tokenstore_conformance.subject.overheard import overhearing, texts_of_error

LIARS_HERE = [liar for liar in LIARS if liar.__module__ == hygiene.__name__]

WORDS = {
    "RefusalsQuoteTheToken": "the SDKException of save_token carries the client secret",
    "RefusalsHaveDetails": "the SDKException of save_token carries the client secret",
    "RefusalsHaveACauseThatTells": "ValueError((None, 'nobody'",
    "RefusalsComeAfterOneThatTells": "KeyError('1000.6e6f626f6479.client_secret')",
    "SharedSecretsAreRefused": "duplicate key value: Key (client_secret)=(1000.",
    "OddValuesAreQuoted": "int in [parameters:",
    "LogsWhatItSaves": "the log record of 'tests.stores.liars.hygiene' (DEBUG) of save_token "
    "carries the client secret",
    "LogsWhatItMisses": "(INFO) of find_token carries the refresh token: 'no record has the",
    "LogsToItself": "the log record of 'tests.stores.liars.hygiene.private' (INFO)",
    "LogsFieldsBeside": "(INFO) of save_token carries the client secret",
    "LogsErrorsThatTell": "LookupError('no token beside 1000.",
    "WarnsOfOddValues": "the UserWarning of save_token carries the client secret",
    "PrintsWhatItFinds": "the output of find_token carries the client secret",
    "ShowsItsRecords": "the repr or str of the store carries the client secret",
    "AnswersWithTellingTokens": "the repr or str of the answer of get_tokens carries the client",
    "OpensAtEachSearch": "204 more are open: 204 x file tokens.lock",
    "OpensNowAndThen": "after 3000 calls open what was open after 150; got 12 more are open",
    "OpensAtEachRefusal": "after 1500 calls open what was open after 150; got 90 more are open: "
    "90 x file tokens.lock",
    "ConnectsAtEachDeletion": "more are open: 204 x pipe",
    "StartsAThreadAtEachUpdate": "90 more are open: 90 x thread",
}
"""The decisive words of the message."""


class SDKFile(FileStore):
    """The SDK's own FileStore."""

    def __init__(self) -> None:
        super().__init__("sdk_tokens.txt")


class Miscounts(Liar):
    """A log record whose arguments do not fit its message."""

    def _add(self, record):
        logging.getLogger("miscounts").info("%d saved", record["refresh_token"], record["id"])
        super()._add(record)


@pytest.mark.parametrize("liar", LIARS_HERE, ids=lambda liar: liar.__name__)
def test_a_liar_fails_its_clause(liar: type, tmp_path: Path) -> None:
    """A secret that is said, or a file that is left open, is found and shown."""
    result = judge_of(liar, tmp_path).judge(liar.clause)

    assert result.outcome == "failed"
    assert WORDS[liar.__name__] in result.message


@pytest.mark.nightly
@pytest.mark.parametrize("clause", ["SEC-1", "RES-1"])
@pytest.mark.parametrize(
    "store",
    [Honest, HonestFile, ListStore, InMemoryStore, SQLiteStore, SDKFile, ArticleSample, *CORRECT],
    ids=lambda store: store.__name__,
)
def test_a_store_that_keeps_the_clause_passes(store: type, clause: str, tmp_path: Path) -> None:
    """Names and ids may be said; pools, garbage and threads that end may be there."""
    result = judge_of(store, tmp_path).judge(clause)

    assert (result.outcome, result.message) == ("passed", "")


def test_what_the_store_says_goes_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The kit listens; nobody else hears of the secrets that it made up."""
    for liar in (PrintsWhatItFinds, LogsWhatItSaves):
        judge_of(liar, tmp_path / liar.__name__).judge("SEC-1")

    assert (capsys.readouterr().err, caplog.records) == ("", [])


def test_the_log_is_as_before(tmp_path: Path) -> None:
    """Root logger, record factory, warnings and streams are put back."""

    def state() -> tuple[object, ...]:
        root = logging.getLogger()
        levels = (root.level, list(root.handlers), root.manager.disable)
        return (*levels, logging.getLogRecordFactory(), warnings.filters[:], sys.stdout, sys.stderr)

    before = state()

    judge_of(LogsWhatItSaves, tmp_path).judge("SEC-1")

    assert state() == before


def test_a_log_record_that_cannot_be_formatted_is_read_all_the_same(tmp_path: Path) -> None:
    """What a handler would complain of on stderr, arguments and all, counts."""
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
    """Nobody reads a driver's debug log who has not asked for it; the store's own is its own."""
    place = os.path.join(sysconfig.get_path("purelib"), file)  # an absolute file stays as it is
    code = compile("logger.log(level, 'a secret')", place, "exec")

    with overhearing(Honest) as heard:
        exec(code, {"logger": logging.getLogger("driver"), "level": level})
        said = [saying.text for saying in heard.sayings()]

    assert said == (["a secret"] if counts else [])


def test_an_exception_that_is_its_own_cause_ends() -> None:
    """A chain that comes back to where it began is followed once."""
    error = ValueError("round")
    error.cause = error

    assert "round" in set(texts_of_error(error))


def test_threads_that_were_there_before_do_not_count(tmp_path: Path) -> None:
    """What other code of the process has open is no matter of the store's."""
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
    """Without a list of open files nothing is said, rather than half of it."""
    listed = os.listdir

    def refuse(path: str = ".") -> list[str]:
        if path in ("/proc/self/fd", "/dev/fd"):
            raise FileNotFoundError(path)
        return listed(path)

    monkeypatch.setattr(os, "listdir", refuse)

    result = judge_of(store, tmp_path).judge("RES-1")

    assert (result.outcome, "does not tell" in result.message) == ("skipped", True)
