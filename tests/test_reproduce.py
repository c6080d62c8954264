"""Each failure comes with a script that needs only the SDK and the store."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drivers.pytest_run import FORGETFUL, Judge
from tokenstore_conformance.records import zoho_token

ROOT = str(Path(__file__).parent.parent)
FACTORIES = {
    "class": ("mypkg:MyStore", ""),
    "file": ("mypkg.py:MyStore", ""),
    "file of a package": ("shop/mine.py:MyStore", ""),
    "file with another's name": ("tests.py:MyStore", ""),
    "generator": ("mypkg:store", "def store(tmp_path):\n    yield MyStore()"),
    "context manager": (
        "mypkg:store",
        "@__import__('contextlib').contextmanager\ndef store(namespace):\n    yield MyStore()",
    ),
    "named as the script names things": ("mypkg:make", "make = store = say = MyStore"),
    "nested": ("mypkg:Outer.Inner", "class Outer:\n    Inner = MyStore"),
}

Reproduce = Callable[..., str]


@pytest.fixture
def script(pytester: pytest.Pytester, judge: Judge) -> Reproduce:
    """Return a function that judges one clause, which a target breaks, and returns its script."""

    def judged(target: str, clause: str) -> str:
        judge(f"--tokenstore={target}", "--tokenstore-report=it.json", "-k", f"{clause}[")
        (store,) = json.loads((pytester.path / "it.json").read_text())["stores"]
        (found,) = filter(None, (each["reproduce"] for each in store["clauses"]))
        return str(found)

    return judged


@pytest.fixture
def reproduce(
    script: Reproduce,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Reproduce:
    """Return a function that runs such a script in this process, and returns what it prints."""

    def run(target: str, clause: str) -> str:
        source = script(target, clause)
        capsys.readouterr()
        monkeypatch.chdir(pytester.path)
        try:
            exec(compile(source, "reproduce.py", "exec"), {})
        except AssertionError as error:
            print(error)
        return capsys.readouterr().out

    return run


@pytest.mark.slow
def test_by_itself(forgetful: str, script: Reproduce, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script runs in its own process."""
    monkeypatch.setenv("PYTHONPATH", ROOT)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=script(forgetful, "BYID-2"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == "find_token_by_id('999999')  ->  raised KeyError: '999999'\n"
    sentence = "BYID-2: find_token_by_id returns None for an unknown id and raises nothing."
    assert done.stderr.endswith(f"AssertionError: {sentence}\n")


@pytest.mark.parametrize("kind", FACTORIES)
def test_script(pytester: pytest.Pytester, reproduce: Reproduce, kind: str) -> None:
    """The script shows the failure, whichever way the store is named and built."""
    target, factory = FACTORIES[kind]
    for name in ("mypkg.py", "tests.py", "shop/mine.py"):
        pytester.path.joinpath(name).parent.mkdir(exist_ok=True)
        if name.partition("/")[0] in target or name == "mypkg.py":
            pytester.path.joinpath(name).write_text(f"{FORGETFUL}\n{factory}")
    pytester.path.joinpath("shop").joinpath("__init__.py").touch()

    printed = reproduce(target, "BYID-2")

    first, last = printed.splitlines()
    assert first == "find_token_by_id('999999')  ->  raised KeyError: '999999'"
    assert last.startswith("BYID-2: ")


HARNESS = """
import pathlib
from tokenstore_conformance.harness import Harness

LOG = pathlib.Path(__file__).with_name("log.txt")


class OnServer(Harness):
    @classmethod
    def session(cls):
        cls.note("session", "")
        yield
        cls.note("end", "")

    @classmethod
    def note(cls, what, name):
        with LOG.open("a") as log:
            print(what, name, file=log)

    def set_up(self):
        self.note("set_up", self.namespace)

    def open(self):
        store = MyStore()
        store.close = lambda: self.note("close", self.namespace)
        return store

    def tear_down(self):
        self.note("tear_down", self.namespace)


def on_server(namespace):
    store = MyStore()
    store.close = lambda: OnServer.note("close", namespace)
    store.delete_tokens = lambda: OnServer.note("delete_tokens", namespace)
    return store
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "done"),
    [
        ("OnServer", ["session", "set_up", "close", "tear_down", "end"]),
        ("on_server", ["delete_tokens", "close"]),
    ],
)
def test_nothing_is_left_behind(
    name: str,
    done: list[str],
    pytester: pytest.Pytester,
    script: Reproduce,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A script has its own namespace, closes what it opens, and removes its storage."""
    pytester.makepyfile(mypkg=FORGETFUL + HARNESS)
    source = script(f"mypkg:{name}", "BYID-2")
    log = pytester.path / "log.txt"
    log.unlink()
    monkeypatch.setenv("PYTHONPATH", ROOT)
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))

    for _ in range(2):
        subprocess.run([sys.executable, "-"], input=source, text=True, check=False)

    lines = [line.split() for line in log.read_text().splitlines()]
    assert [line[0] for line in lines] == [*done, *done]
    assert len({line[1] for line in lines if len(line) > 1}) == 2
    assert list((pytester.path / "temporary").iterdir()) == []


def test_second_construction(pytester: pytest.Pytester, reproduce: Reproduce) -> None:
    """If constructing the store again fails, the script shows it as well."""
    pytester.makepyfile(
        mypkg="from pathlib import Path\n"
        "from reference_stores.zohocrmsdk.memory_store import InMemoryStore\n"
        "class MyStore(InMemoryStore):\n    def __init__(self):\n"
        "        super().__init__()\n        Path('table').touch(exist_ok=False)"
    )

    printed = reproduce("mypkg:MyStore", "SHAPE-4")

    assert "make()  ->  raised FileExistsError: [Errno 17] File exists" in printed
    assert "SHAPE-4: " in printed


def test_token_that_was_given(pytester: pytest.Pytester, reproduce: Reproduce) -> None:
    """The script shows what a store does to the token that it was given."""
    pytester.makepyfile(
        mypkg="from reference_stores.zohocrmsdk.memory_store import InMemoryStore\n"
        "class MyStore(InMemoryStore):\n    def save_token(self, token):\n"
        "        super().save_token(token)\n        token.set_refresh_token('masked')"
    )

    printed = reproduce("mypkg:MyStore", "SAVE-21")

    assert "    the argument is now token(id=" in printed
    assert "refresh_token='masked'" in printed
    # Messages show a token's beginning and end; a script needs all of it.
    assert zoho_token("anna.access") in printed


CLOCKS = ("time", "monotonic", "perf_counter")


def test_time_that_passes(
    pytester: pytest.Pytester, reproduce: Reproduce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script moves all clocks, even those that the store has kept since its import."""
    for name in (*CLOCKS, *(f"{each}_ns" for each in CLOCKS)):
        monkeypatch.setattr(time, name, getattr(time, name))  # the script replaces it
    monkeypatch.setattr(datetime, "datetime", datetime.datetime)
    pytester.makepyfile(
        mypkg="from datetime import datetime, timedelta\n"
        "from reference_stores.zohocrmsdk.memory_store import InMemoryStore\n"
        "class MyStore(InMemoryStore):\n    def __init__(self, now=datetime.now):\n"
        "        super().__init__()\n        self.now, self.born = now, now()\n"
        "    def get_tokens(self):\n"
        "        old = self.now() - self.born > timedelta(days=1)\n"
        "        return [] if old else super().get_tokens()"
    )

    printed = reproduce("mypkg:MyStore", "TIME-1")

    assert "the clocks are moved on by 3660 seconds\n" in printed
    assert "get_tokens()  ->  []\nTIME-1: " in printed
