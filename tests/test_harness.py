"""A harness: made once for each storage, opened as often as wanted, torn down in any case."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.drivers.pytest_run import GOOD, Judge, refused

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "tests" / "stores" / "server"
PAGE = ROOT / "docs" / "harness.md"

HARNESSES = f"""
import contextlib
from pathlib import Path

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tokenstore_conformance.harness import Harness
{GOOD}

class Traced(Harness):
    log = Path(__file__).with_name("log.txt")

    def note(self, what):
        with self.log.open("a") as log:
            print(self.namespace, what, file=log)

    def set_up(self):
        self.note("set_up")

    def open(self):
        self.note("open")
        return SQLiteStore(self.tmp_path / f"{{self.namespace}}.db")

    def tear_down(self):
        self.note("tear_down")

    def outage(self):
        self.note("outage")
        file = self.tmp_path / f"{{self.namespace}}.db"
        file.rename(file.with_suffix(".away"))
        file.mkdir()
        yield
        file.rmdir()
        file.with_suffix(".away").rename(file)
        self.note("back")


class Claims(Traced):
    capabilities = ("outage", "threads")


class ForgetsInAnOutage(Traced):
    def open(self):
        store = super().open()
        find = store.find_token

        def find_or_none(token):
            with contextlib.suppress(Exception):
                return find(token)

        store.find_token = find_or_none
        return store


class OutageFails(Traced):
    def outage(self):
        raise ConnectionError("no way to the server")


class NoWayBack(Traced):
    @contextlib.contextmanager
    def outage(self):
        yield
        raise ConnectionError("the server does not start")


class SetUpFails(Traced):
    def set_up(self):
        raise ConnectionError("no server")


class TearDownFails(Traced):
    def tear_down(self):
        raise ConnectionError("no server")


class OpensNothing(Traced):
    def open(self):
        pass


class Ages(Traced):  # over a server with a time to live of an hour
    age = 0

    def advance(self, seconds):
        self.note(f"advance-{{seconds}}")
        Ages.age += seconds

    def tear_down(self):
        Ages.age = 0
        super().tear_down()

    def open(self):
        store = super().open()
        get_tokens = store.get_tokens
        store.get_tokens = lambda: get_tokens() if Ages.age < 3600 else []
        return store


class CannotAge(Traced):
    def advance(self, seconds):
        raise ConnectionError("no way to its clock")


class WithoutOpen(Harness):
    pass


class Boasts(Traced):
    capabilities = ("thread",)
"""


@pytest.fixture
def harnesses(pytester: pytest.Pytester) -> Path:
    """A module with harnesses; the log of the traced ones."""
    pytester.makepyfile(harnesses=HARNESSES)
    return pytester.path / "log.txt"


def test_each_storage_is_set_up_once_and_torn_down(harnesses: Path, judge: Judge) -> None:
    """However often it is opened in between; nothing is left, also where a clause failed."""
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
    """The store that keeps the contract through it passes; the kit makes no other outage."""
    result = judge("--tokenstore=harnesses:Claims", "-k", "ERR")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST     2 passed, 0 failed"])
    assert "outage" in harnesses.read_text().split()


def test_what_it_claims_is_a_must(harnesses: Path, judge: Judge) -> None:
    """As if it had been required; what else it has is mentioned."""
    result = judge("--tokenstore=harnesses:Claims", "-k", "DUR-1 or DUR-4 or THR-1")

    result.stdout.fnmatch_lines(
        [
            "MUST     1 passed, 0 failed",
            "SHOULD   2 passed, 0 failed",
            "also supports: durable (*",
        ]
    )


def test_its_clock_is_moved(harnesses: Path, judge: Judge) -> None:
    """What a server forgets is found out where the harness moves the server's clock."""
    result = judge("--tokenstore=harnesses:Ages", "-k", "TIME-1")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "expected an hour after it was saved, listed: token(" in text
    assert "advance-3660" in harnesses.read_text()


def test_a_clock_that_cannot_be_moved_is_no_fault_of_the_store(
    harnesses: Path, judge: Judge
) -> None:
    """The clause does not apply, and says what advance() raised."""
    result = judge("--tokenstore=harnesses:CannotAge", "-k", "TIME-1", "--tokenstore-strict")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.OK
    assert (
        "not applicable: TIME-1: advance() of the harness fails: ConnectionError: no way to its "
        "clock"
    ) in text


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
    """The clause does not apply, and says what outage() raised."""
    result = judge(f"--tokenstore=harnesses:{name}", "-k", "ERR-2", "--tokenstore-strict")

    text = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.OK
    assert f"not applicable: ERR-2: outage() of the harness {why}" in text


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("SetUpFails", "*set_up() failed: ConnectionError: no server (*)*"),
        ("TearDownFails", "*tear_down() failed: ConnectionError: no server*"),
        ("OpensNothing", "*its open() builds None: is a return missing in it?"),
        ("WithoutOpen", "*WithoutOpen lacks open(); a harness has to open a store*"),
        ("Boasts", "*unknown capability 'thread'; did you mean threads?"),
    ],
)
def test_a_broken_harness_is_refused_in_one_line(
    name: str, line: str, harnesses: Path, judge: Judge
) -> None:
    """Before any clause, with what to fix."""
    result = judge(f"--tokenstore=harnesses:{name}")

    refused(result, line)


# -- the complete example --------------------------------------------------------------------------


def test_the_page_shows_the_file() -> None:
    """The example of docs/harness.md is the file that is tested here."""
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)

    assert shown == (SERVER / "postgres_harness.py").read_text("utf-8")


@pytest.fixture
def on_postgres(pytester: pytest.Pytester) -> str:
    """The example, copied as the page says, where there is a server to run it on."""
    psycopg = pytest.importorskip("psycopg", reason="the example needs psycopg")
    try:
        psycopg.connect(dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"no server of PostgreSQL in reach: {str(error).splitlines()[0]}")
    for file in SERVER.glob("*.py"):
        shutil.copy(file, pytester.path)
    return "--tokenstore=postgres_harness.py:OnPostgres"


def test_a_store_on_a_server_keeps_what_it_claims(on_postgres: str, judge: Judge) -> None:
    """On a real server, with other processes and a real outage."""
    result = judge(on_postgres, "--tokenstore-strict", "-k", "DUR-1 or ERR-2 or SAVE-1[")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["INCOMPLETE*", "MUST     3 passed, 0 failed"])


@pytest.mark.nightly
def test_a_store_on_a_server_keeps_every_clause(on_postgres: str, judge: Judge) -> None:
    """SHOULD included."""
    result = judge(on_postgres, "--tokenstore-strict", "--tokenstore-examples=5")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST    69 passed, 0 failed"])
