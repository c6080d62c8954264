"""TIME-2, HOST-1, HOST-2, SEC-2 and DUR-5: a check restores what it changes around a store."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CALL_BY_CALL, GENERATIONS
from tokenstore_conformance.checks.samples import ANNA
from tokenstore_conformance.checks.time_zone import INDIA, time_zone
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.processes.parent import started
from tokenstore_conformance.report.scripts.reproduction import reproduction
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.storage import Storage

ROOT = Path(__file__).resolve().parent.parent
GENERATION = GENERATIONS[0]
AROUND = ("SEC", "RES", "HOST")
HONEST = import_module(f"tests.correct.{GENERATION}.honest")
CAPABLE = import_module(f"tests.correct.{GENERATION}.capable")
MUTANTS = import_module(f"tests.mutants.{GENERATION}.surroundings")
FILES = import_module(f"tests.mutants.{GENERATION}.files")


class KeepsADatetime(MUTANTS.surroundings._KeepsTimes, HONEST.Honest):
    """The expiry passes through a timestamp column, which ends with the year 9999."""

    def keep(self, milliseconds):
        return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)

    def tell(self, kept):
        return (kept - datetime(1970, 1, 1)) // timedelta(milliseconds=1)

    def _each(self, record, change):
        expiry = record["expires_in"]
        if isinstance(expiry, datetime):
            return {**record, "expires_in": str(change(expiry))}
        is_time = bool(re.fullmatch(r"-?[1-9][0-9]{0,12}", expiry or ""))
        return {**record, "expires_in": change(int(expiry))} if is_time else record


class KeepsLocalTimesWithTheirFold(KeepsADatetime):
    """Keeps local times as `datetime` has them, which tells the two repeated hours apart."""

    def keep(self, milliseconds):
        return datetime.fromtimestamp(milliseconds / 1000)

    def tell(self, kept):
        return round(kept.timestamp() * 1000)


class RunsALoopInAThread(HONEST.Honest):
    """Runs its event loop in a thread of its own, as a synchronous bridge does."""

    def _rows(self):
        rows = super()._rows

        async def read():
            return rows()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, read()).result()


class SetsTheModeAtOnce(HONEST.HonestFile):
    """Creates its file as open() does, and takes access from others before it writes a token."""

    def _dump(self):
        if not self.path.exists():
            self.path.touch(mode=0o666)
        self.path.chmod(0o600)
        super()._dump()


class OpensItsLockAgainInAChild(MUTANTS.surroundings.SharesItsLock, CAPABLE.InFile):
    """Keeps its lock file open, and opens it again in a forked process."""

    def __init__(self):
        super().__init__()
        self.process = os.getpid()

    def _alone(self):
        if os.getpid() != self.process:
            os.close(self.lock_file)
            self.lock_file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            self.process = os.getpid()
        return super()._alone()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "clause"),
    [
        (KeepsADatetime, "TIME-2"),
        (KeepsLocalTimesWithTheirFold, "TIME-2"),
        (RunsALoopInAThread, "HOST-1"),
        (SetsTheModeAtOnce, "SEC-2"),
        (OpensItsLockAgainInAChild, "DUR-5"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_another_right_way_is_not_blamed(store: type, clause: str, tmp_path: Path) -> None:
    """A store may do it differently from the reference stores."""
    result = judge_of(store, tmp_path, clauses=[clause]).judge(clause)

    assert (result.outcome, result.message) == ("passed", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutant", ["TakesUtcForLocalTime", "RunsALoop", "OpensARelativePath", "LeavesTheModeToTheUmask"]
)
def test_the_fault_is_seen_by_its_clause_alone(mutant: str, tmp_path: Path) -> None:
    """No other clause that is checked call by call, and none about the surroundings, fails."""
    store = getattr(MUTANTS, mutant)

    failed = outcomes(judge_of(store, tmp_path), (*CALL_BY_CALL, *AROUND), "failed")

    assert failed == {store.clause}


def state() -> tuple[object, ...]:
    """Return what the checks change around a store."""
    umask = os.umask(0)
    os.umask(umask)
    return os.environ.get("TZ"), time.tzname, time.timezone, umask, os.getcwd(), sys.getprofile()


@pytest.mark.parametrize(
    ("store", "clause"),
    [
        (HONEST.HonestFile, "TIME-2"),
        (MUTANTS.TakesUtcForLocalTime, "TIME-2"),
        (HONEST.HonestFile, "HOST-1"),
        (MUTANTS.RunsALoop, "HOST-1"),
        (HONEST.HonestFile, "HOST-2"),
        (MUTANTS.OpensARelativePath, "HOST-2"),
        (HONEST.HonestFile, "SEC-2"),
        (MUTANTS.LetsTheGroupRead, "SEC-2"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_everything_is_put_back(store: type, clause: str, tmp_path: Path) -> None:
    """Time zone, umask, working directory and profiler are restored, and no file is left."""
    before = state()

    judge_of(store, tmp_path, clauses=[clause]).judge(clause)

    assert state() == before
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", None], ids=["was set", "was not set"])
def test_the_time_zone_is_put_back(zone: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is restored, and so is the clock, even if the block raises."""
    monkeypatch.delenv("TZ", raising=False)
    if zone is not None:
        monkeypatch.setenv("TZ", zone)
    time.tzset()
    before = os.environ.get("TZ"), time.tzname

    with suppress(KeyError), time_zone(INDIA) as name:
        assert (name, time.timezone) == ("Asia/Kolkata", -19800)
        raise KeyError

    after = os.environ.get("TZ"), time.tzname
    monkeypatch.undo()
    time.tzset()
    assert after == before


def test_a_zone_needs_no_database() -> None:
    """If the system does not know the name of a zone, its rule takes effect."""
    with time_zone(("No/Such_Zone", "IST-5:30")) as name:
        assert (name, time.timezone) == ("IST-5:30", -19800)


@pytest.mark.parametrize("mutant", ["RunsALoop", "ClearsInALoop", "StartsInALoop"])
def test_no_coroutine_is_heard_of(mutant: str, tmp_path: Path) -> None:
    """Python does not warn about a coroutine that was never awaited."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = judge_of(getattr(MUTANTS, mutant), tmp_path, clauses=["HOST-1"]).judge("HOST-1")
        gc.collect()

    assert result.failed
    assert [str(each.message) for each in heard if "awaited" in str(each.message)] == []


def test_the_thread_keeps_its_event_loop(tmp_path: Path) -> None:
    """The thread still has the loop that the program set."""
    mine = asyncio.new_event_loop()
    asyncio.set_event_loop(mine)
    try:
        judge_of(HONEST.Honest, tmp_path).judge("HOST-1")
        assert asyncio.get_event_loop_policy().get_event_loop() is mine
    finally:
        asyncio.set_event_loop(None)
        mine.close()


@pytest.mark.parametrize(
    ("store", "outcome"), [(HONEST.Honest, "passed"), (MUTANTS.RunsALoop, "failed")]
)
def test_a_judge_may_run_inside_a_loop(store: type, outcome: str, tmp_path: Path) -> None:
    """pytest can be started from a cell of a notebook. The check then uses the running loop."""

    async def cell() -> Result:
        return judge_of(store, tmp_path, clauses=["HOST-1"]).judge("HOST-1")

    loop = asyncio.new_event_loop()
    try:
        result = loop.run_until_complete(cell())
    finally:
        loop.close()

    assert result.outcome == outcome


class SetsItsStorageUpInALoop(Harness):
    """Like a harness that makes tables with an asynchronous driver, or with Django."""

    generation = GENERATION

    def set_up(self) -> None:
        asyncio.run(asyncio.sleep(0))

    def open(self) -> object:
        return HONEST.HonestFile()

    def tear_down(self) -> None:
        asyncio.run(asyncio.sleep(0))


def test_a_harness_is_set_up_outside_the_loop(tmp_path: Path) -> None:
    """The store is opened inside the loop. What its harness does around that is outside."""
    harness = SetsItsStorageUpInALoop
    target = Target("set_up", __name__, harness.__name__, harness, ("tmp_path", "namespace"))

    result = judge_of(target, tmp_path, clauses=["HOST-1"]).judge("HOST-1")

    assert (result.outcome, result.message) == ("passed", "")


class HidesItsDirectory(HONEST.HonestFile):
    """The file is readable by everyone, but only its owner can enter the directory."""

    name = "private/tokens.json"

    def __init__(self) -> None:
        os.makedirs("private", mode=0o700, exist_ok=True)
        super().__init__()

    def _dump(self) -> None:
        super()._dump()
        self.path.chmod(0o644)


class Prepared(Harness):
    """Makes a file before the first store is opened, so that the store did not make it."""

    def set_up(self) -> None:
        (self.tmp_path / "schema.sql").write_text("create table tokens")

    def open(self):
        return HONEST.HonestFile()


@pytest.mark.parametrize(
    "store",
    [
        HidesItsDirectory,
        Target("prepared", __name__, "Prepared", Prepared, ("tmp_path", "namespace")),
    ],
    ids=["in a directory of the owner's", "beside what set_up() made"],
)
def test_what_others_cannot_reach_is_not_blamed(store: type | Target, tmp_path: Path) -> None:
    """SEC-2 is about what others could read, and about what the store itself made."""
    if isinstance(store, Target):
        Prepared.generation = GENERATION  # type: ignore[attr-defined]
    assert judge_of(store, tmp_path, clauses=["SEC-2"]).judge("SEC-2").outcome == "passed"


def test_a_file_system_without_modes_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a file gets other modes than it was made with, SEC-2 does not apply."""
    real = os.fstat

    def all_open(descriptor: int) -> os.stat_result:
        status = list(real(descriptor))
        return os.stat_result([status[0] | 0o777, *status[1:]])

    monkeypatch.setattr(os, "fstat", all_open)

    result = judge_of(MUTANTS.LetsTheGroupRead, tmp_path, clauses=["SEC-2"]).judge("SEC-2")

    assert (result.outcome, "does not keep the modes" in result.message) == ("skipped", True)


@pytest.mark.slow
def test_what_fails_without_a_fork_is_not_blamed_on_it(tmp_path: Path) -> None:
    """A store that loses logins to other processes breaks DUR-2, and DUR-5 is not judged."""
    judge = judge_of(FILES.LocksThreadsAlone, tmp_path)

    result = judge.judge("DUR-5")

    assert (str(result.status), result.causes) == ("not-judged", ("DUR-2",))


def test_a_child_has_the_store_of_its_parent(tmp_path: Path) -> None:
    """A process forks, both call the same store, and the child ends with the block."""
    door = open_door(GENERATION)
    record = door.as_kept(ANNA)
    target = Target("file", CAPABLE.__name__, "InFile", CAPABLE.InFile, ())
    storage = Storage(target, tmp_path / "storage")
    storage.build()

    with started(GENERATION, storage, 10.0, 1) as (parent,):
        with parent.forked() as child:
            child.do(record)
            listed = [each.user for each in parent.listed()]
            pid = child.pid
        again = [each.user for each in parent.listed()]

    assert parent.pid != pid
    assert listed == again == [record.user]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "clause", "shows"),
    [
        ("TakesUtcForLocalTime", "TIME-2", lambda printed: "get_token" in printed),
        ("RunsALoop", "HOST-1", lambda printed: "raised RuntimeError: asyncio.run()" in printed),
        ("OpensARelativePath", "HOST-2", lambda printed: "raised FileNotFoundError" in printed),
        ("LetsTheGroupRead", "SEC-2", lambda printed: "-rw-r-----" in printed),
    ],
    ids=["time zone", "event loop", "working directory", "modes"],
)
def test_the_surroundings_are_in_the_script(
    mutant: str, clause: str, shows: Callable[[str], bool], tmp_path: Path
) -> None:
    """The script of a failure sets up the same surroundings, and shows the failure."""
    judge = judge_of(getattr(MUTANTS, mutant), tmp_path / "judged", clauses=[clause])
    name = f"{MUTANTS.__name__}:{mutant}"
    target = Target(name, MUTANTS.__name__, mutant, getattr(MUTANTS, mutant), ())
    source = reproduction(
        judge.judge(clause), judge.clauses[clause], target, open_door(GENERATION), tmp_path
    )

    done = subprocess.run(
        [sys.executable, "-"],
        input=source,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert shows(done.stdout), done.stdout + done.stderr
    assert done.returncode == 1


class ReadsWhereItStands(HONEST.Honest):
    """A lookup or a listing writes a file into the current working directory."""

    def _rows(self):
        Path("rows.txt").write_text("read")
        return super()._rows()


def test_a_store_is_called_in_its_own_directory(tmp_path, monkeypatch):
    """The store leaves nothing in the directory where pytest was started."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    judged = judge_of(ReadsWhereItStands, tmp_path)

    passed = outcomes(judged, ("SDK", "SAVE"), "passed")

    assert "SDK-5" in passed
    assert list(here.iterdir()) == []
