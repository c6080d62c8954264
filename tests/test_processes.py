"""Other processes with stores: they save, and can be stopped or killed during a save."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.correct.zohocrmsdk.honest import HonestFile
from tokenstore_conformance.checks.samples import ANNA, BERT, CARL
from tokenstore_conformance.failures import NotApplicable, TargetFailed
from tokenstore_conformance.processes import parent, seed
from tokenstore_conformance.processes.messages import Done, Stopped, Work
from tokenstore_conformance.processes.moments import AT_THE_END, Moment
from tokenstore_conformance.processes.parent import started
from tokenstore_conformance.processes.process import Gone, Process
from tokenstore_conformance.processes.seed import Seed
from tokenstore_conformance.target import FIXTURE, Target, resolve
from tokenstore_conformance.target.storage import Storage

SDK = "zohocrmsdk"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    target = Target("honest", HonestFile.__module__, "HonestFile", HonestFile, ())
    storage = Storage(target, tmp_path / "storage")
    storage.build()
    yield storage
    storage.close()


@pytest.fixture
def pair(storage: Storage) -> Iterator[list[Process]]:
    with started(SDK, storage, 10.0, 2) as processes:
        yield processes


def first_moment(process: Process) -> Moment:
    """Return the first moment of a save, found by saving anna."""
    done = process.do(ANNA)
    assert isinstance(done, Done)
    return done.moments[0]


def users(records) -> list[str]:
    return sorted(str(record.user) for record in records)


def test_what_one_saves_another_lists(pair: list[Process]) -> None:
    """Each process has its own store over one storage."""
    one, other = pair
    one.do(ANNA)

    assert one.pid != other.pid
    assert users(other.listed()) == [ANNA.user]


def test_a_save_can_be_stopped(pair: list[Process]) -> None:
    """It waits before a call that leaves the process, and continues when the parent tells it to."""
    one, _ = pair

    stopped = one.do(BERT, stop_at=first_moment(one))
    one.go_on()
    done = one.answer()

    assert isinstance(stopped, Stopped)
    assert "before " in stopped.place
    assert isinstance(done, Done)
    assert not done.error


def test_a_killed_process_is_gone(pair: list[Process], tmp_path: Path) -> None:
    """It dies during its save, and a later request to it raises."""
    one, other = pair
    mark = tmp_path / "mark"
    mark.write_bytes(b"\0")

    first = first_moment(one)
    one.kill_in(Work((CARL, BERT), kill_at=first, mark=mark))

    assert mark.read_bytes() == b"\0"
    assert users(other.listed()) == sorted([str(ANNA.user), str(CARL.user)])
    with pytest.raises((Gone, OSError)):
        one.do(BERT)


def test_a_kill_after_the_last_step_comes_after_the_return(
    pair: list[Process], tmp_path: Path
) -> None:
    """Its save had returned, and the mark says so."""
    one, other = pair
    mark = tmp_path / "mark"
    mark.write_bytes(b"\0")

    one.kill_in(Work((ANNA,), kill_at=AT_THE_END, mark=mark))

    assert mark.read_bytes() == b"\1"
    assert users(other.listed()) == [ANNA.user]


def test_a_store_that_cannot_be_built_there_says_why(tmp_path: Path) -> None:
    """An example is a class in a function, which no other process can import."""

    class Local(HonestFile):
        pass

    target = Target("local", __name__, Local.__qualname__, Local, ())
    storage = Storage(target, tmp_path / "storage")
    storage.build()

    with (
        pytest.raises(NotApplicable, match="in another process, no store can be built"),
        started(SDK, storage, 10.0, 1),
    ):
        pass


def test_a_fixture_cannot_be_asked_there(tmp_path: Path) -> None:
    """Only pytest can call a fixture, and pytest runs in one process."""
    target = Target(FIXTURE, "conftest", "tokenstore_factory", HonestFile, ())

    with (
        pytest.raises(NotApplicable, match="name a factory or a harness instead"),
        started(SDK, Storage(target, tmp_path), 10.0, 1),
    ):
        pass


@pytest.mark.parametrize("start", ["raise SystemExit('no memory')", "print(); import nowhere"])
def test_a_process_that_does_not_start(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No store is to blame if Python cannot start. The error quotes the last output."""
    monkeypatch.setattr(seed, "_SEED", start)

    with pytest.raises(TargetFailed, match=r"cannot start another .*(no memory|named 'nowhere')"):
        Seed(SDK)


def test_a_library_is_imported_once_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that connects to nothing on import is not imported in each process."""
    package = tmp_path / "slow_library"
    package.mkdir()
    importers = tmp_path / "importers"
    (package / "__init__.py").write_text("from slow_library import part\n")
    (package / "part.py").write_text(
        f"import os\nwith open({str(importers)!r}, 'a') as file:\n"
        "    print(os.getpid(), file=file)\n"
    )
    (tmp_path / "its_user.py").write_text(
        "import slow_library\nfrom reference_stores.zohocrmsdk.memory_store import InMemoryStore\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(parent, "LIBRARIES", ("slow_library",))
    storage = Storage(resolve("its_user:InMemoryStore", tmp_path), tmp_path / "storage")
    storage.build()

    with started(SDK, storage, 10.0, 3) as processes:
        pids = {each.pid for each in processes}

    imported_in = {int(line) for line in importers.read_text().split()}
    assert len(imported_in) == 2
    assert not imported_in & pids


@pytest.mark.parametrize("of_this_process", [None, "random", "0", "1", "2"])
def test_other_processes_hash_in_another_way(of_this_process: str | None) -> None:
    """Whatever hash seed this process has, the seed gets a different and fixed one."""
    other = seed._other_hash_seed(of_this_process)

    assert other.isdecimal()
    assert other != of_this_process


def test_an_answer_is_waited_for_where_this_process_stood_still() -> None:
    """After Ctrl-Z and fg, the time of one poll is over, but the answer is still to come."""
    polls = itertools.chain([False], itertools.repeat(True))
    link = SimpleNamespace(poll=lambda seconds: next(polls), recv=lambda: Done(error="said"))
    unused: Any = None
    process = Process(unused, unused, cast("Connection", link), 0, 10.0, unused)

    assert process.answer().error == "said"
