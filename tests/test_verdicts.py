"""Which clauses are blamed for stores with one fault or two."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="these stores are of the six-method generation")

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tests.correct.zohocrmsdk.capable import InFile, Locked
from tests.correct.zohocrmsdk.honest import Honest, HonestFile
from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CALL_BY_CALL, mutants_of
from tests.mutants.zohocrmsdk.save_fields import UpdateWithAnOlderExpiryIsDropped
from tokenstore_conformance.contract import CANNOT_START, GRADES, HANGS, Harm
from tokenstore_conformance.failures import Fault
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.subject.pool import Pool
from tokenstore_conformance.subject.repaired import Repaired
from tokenstore_conformance.subject.repairs import Repairs
from tokenstore_conformance.target import Target
from tokenstore_conformance.threads import races

METHODS = (
    *("find_token", "find_token_by_id", "save_token", "delete_token", "get_tokens"),
    "delete_tokens",
)


class OneSlot(Honest):
    """A save replaces everything that was there."""

    fails = frozenset({"SAVE-6"})

    def _add(self, record):
        self.records.clear()
        super()._add(record)


class TenAtMost(Honest):
    """Refuses the 11th record."""

    fails = frozenset({"SAVE-14"})

    def _add(self, record):
        if len(self.records) >= 10:
            raise SDKException("TOKEN STORE", "duplicate entry '10' for key 'PRIMARY'")
        super()._add(record)


class OldestDropped(Honest):
    """Drops the first record when the 11th is saved, and no call says so."""

    fails = frozenset({"SAVE-14"})
    families = (*CALL_BY_CALL, "SEQ")

    def _add(self, record):
        super()._add(record)
        del self.records[:-10]


class NewestDropped(Honest):
    """Does not store the 11th record, and no call says so."""

    fails = frozenset({"SAVE-14"})
    families = (*CALL_BY_CALL, "SEQ")
    limit = 10

    def _add(self, record):
        if len(self.records) < self.limit:
            super()._add(record)


class SixthDropped(NewestDropped):
    """Stores fewer records than many checks start with."""

    limit = 5


class OneThread(Honest):
    """Works only in the thread that made it."""

    fails = frozenset({"THR-1"})
    families = ("THR",)

    def __init__(self):
        super().__init__()
        self.home = threading.get_ident()

    def __getattribute__(self, name):
        if name in METHODS and threading.get_ident() != object.__getattribute__(self, "home"):
            raise SDKException("TOKEN STORE", "only in the thread that made it")
        return object.__getattribute__(self, name)


class OneThreadAndTenAtMost(OneThread, TenAtMost):
    """Both faults are reported: neither excuses the other."""

    fails = frozenset({"THR-1", "SAVE-14"})
    families = ("THR", "SAVE")


class WholeSeconds(Honest):
    """Drops the milliseconds of the expiry."""

    fails = frozenset({"SAVE-1"})

    def _add(self, record):
        expiry = record["expires_in"]
        super()._add({**record, "expires_in": expiry and f"{int(expiry) // 1000 * 1000}"})


class IntegerIds(Honest):
    """Ids are numbers, found as numbers and as text."""

    fails = frozenset({"SAVE-10"})
    numbers = itertools.count(1)

    def _new_id(self):
        return next(self.numbers)

    def _by_id(self, id):
        same = (each for each in self.records if id is not None and str(each["id"]) == str(id))
        return next(same, None)


class ListingForgets(Honest):
    """get_tokens leaves the redirect URL out, but nothing is lost."""

    fails = frozenset({"LIST-2"})

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            token.set_redirect_url(None)
        return tokens


class Busy(Honest):
    """Refuses a save while another save runs."""

    fails = frozenset({"THR-2"})
    families = ("THR", "BYID")
    saving = False

    def save_token(self, token):
        if self.saving:
            raise SDKException("TOKEN STORE", "deadlock found when trying to get lock")
        self.saving = True
        try:
            with self.lock:
                super().save_token(token)
        finally:
            self.saving = False

    def __init__(self):
        super().__init__()
        self.lock = threading.RLock()


class BusyAndRaisesOnUnknownId(Busy):
    """find_token_by_id also raises on a miss, which does not excuse the refused save."""

    fails = frozenset({"THR-2", "BYID-2"})

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is None:
            raise SDKException("TOKEN STORE", "no such id")
        return found


class CachedPerWorker(SQLiteStore):
    """Remembers what it found by id until it changes something itself."""

    fails = frozenset({"DUR-4"})
    families = ("DUR",)

    def __init__(self):
        super().__init__("tokens.db")
        self.seen = {}

    def find_token_by_id(self, id):
        if id not in self.seen:
            self.seen[id] = super().find_token_by_id(id)
        return self.seen[id]

    def save_token(self, token):
        super().save_token(token)
        self.seen.clear()

    def delete_token(self, id):
        super().delete_token(id)
        self.seen.clear()

    def delete_tokens(self):
        super().delete_tokens()
        self.seen.clear()


KEY = os.urandom(8).hex()
"""The encryption key of this process."""


class KeyPerProcess(SQLiteStore):
    """Cannot be built over tokens that another process encrypted: it cannot read them."""

    fails = frozenset({"DUR-1"})
    families = ("DUR",)

    def __init__(self):
        super().__init__("tokens.db")
        _refuse_what_another_process_wrote(self)


def _refuse_what_another_process_wrote(store):
    with contextlib.suppress(FileExistsError), open("key", "x", encoding="utf-8") as file:
        file.write(KEY)
    if Path("key").read_text("utf-8") != KEY and store.get_tokens():
        raise SDKException("TOKEN STORE", "the tokens cannot be decrypted")


class DuckWithAKeyPerProcess:
    """Like KeyPerProcess, without the SDK's base class. It fails before there is a store."""

    fails = frozenset({"SHAPE-1", "DUR-1"})
    families = ("SHAPE", "DUR")
    generation = "zohocrmsdk"

    def __new__(cls):
        made = object.__new__(cls)
        made.inner = SQLiteStore("tokens.db")
        _refuse_what_another_process_wrote(made.inner)
        return made

    def __getattr__(self, name):
        return getattr(self.__dict__["inner"], name)


class ForgetsAfterAnHour(Honest):
    """Forgets a login after an hour, as a cache does."""

    fails = frozenset({"TIME-1"})

    def _add(self, record):
        super()._add({**record, "born": time.monotonic()})

    def _rows(self):
        self.records[:] = [r for r in self.records if time.monotonic() - r["born"] < 3600]
        return super()._rows()


class AMissHangs(Locked):
    """A miss hangs, as in a store that waits for an empty answer."""

    fails = frozenset({"FIND-6"})
    families = (*CALL_BY_CALL, "THR", "SEC", "RES", "HOST")
    timeout = 0.3

    def _miss(self, token):
        threading.Event().wait(600)


class ARefusalKeepsTheLock(Locked):
    """After a save that was refused, every call waits for the lock."""

    fails = frozenset({"SAVE-16"})
    families = (*CALL_BY_CALL, "SEC", "RES")
    timeout = 0.3

    @contextlib.contextmanager
    def _turn(self, name):
        self.lock.acquire()
        yield
        self.lock.release()

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class EveryFindRaises(Honest):
    """Raises on a hit and on a miss, as with a typing error in find_token."""

    fails = frozenset({"FIND-1", "FIND-6"})

    def find_token(self, token):
        raise NameError("name 'tokne' is not defined")


class EveryDeletionHangs(Honest):
    """A deletion waits for a lock that is never released."""

    fails = frozenset({"SHAPE-3"})
    timeout = 0.3

    def delete_token(self, id):
        threading.Event().wait(600)


@pytest.mark.slow
@pytest.mark.parametrize(
    "store",
    [
        *(CachedPerWorker, KeyPerProcess, DuckWithAKeyPerProcess),
        *(ForgetsAfterAnHour, EveryFindRaises, EveryDeletionHangs),
        *(AMissHangs, ARefusalKeepsTheLock),
        *(OldestDropped, NewestDropped),
        *(OneSlot, TenAtMost, OneThread, OneThreadAndTenAtMost, WholeSeconds, IntegerIds),
        *(ListingForgets, BusyAndRaisesOnUnknownId),
    ],
)
def test_the_clause_that_names_the_fault_is_blamed(store: type, tmp_path: Path) -> None:
    """That clause fails, and what follows from the fault is explained or not judged."""
    judged = judge_of(store, tmp_path, timeout=getattr(store, "timeout", limits.DEFAULT))
    families = getattr(store, "families", CALL_BY_CALL)

    failed = {
        id
        for id, clause in judged.clauses.items()
        if clause.family in families and judged.judge(id).failed
    }

    assert failed >= store.fails
    assert failed - store.fails <= {"THR-3"}


@pytest.mark.slow
def test_a_limit_of_five_records_is_blamed_on_nothing_else(tmp_path: Path) -> None:
    """A clause that needs more records is not judged. No find or delete is said to lose them."""
    judged = judge_of(SixthDropped, tmp_path)
    families = ("FIND", "BYID", "DEL", "LIST", "CLEAR", "SEQ")

    failed = outcomes(judged, families, "failed")

    assert judged.judge("SAVE-14").failed
    assert failed == set()


def test_what_endangers_people_is_tried_without_ids(tmp_path: Path) -> None:
    """A store without ids that hands its first record to anybody also fails for that."""

    class NoIds(Honest):
        def find_token(self, token):
            return self._fill(token, {**self.records[0], "id": None}) if self.records else None

        def save_token(self, token):
            before = token.get_id() if hasattr(token, "get_id") else None
            super().save_token(token)
            if hasattr(token, "set_id"):
                token.set_id(before)

        def get_tokens(self):
            tokens = super().get_tokens()
            for token in tokens:
                token.set_id(None)
            return tokens

        def delete_token(self, id):
            self.delete_tokens()

    judged = judge_of(NoIds, tmp_path)

    dangers = ("SAVE-10", "FIND-6", "FIND-8", "DEL-2", "SDK-10")
    assert {id for id in dangers if judged.judge(id).failed} == set(dangers)


def test_a_cause_explains_with_its_name(tmp_path: Path) -> None:
    """A clause that passes once the fault of another one is repaired names that one."""
    judged = judge_of(ListingForgets, tmp_path)

    explained = judged.judge("SAVE-2")

    assert (str(explained.status), explained.causes) == ("explained", ("LIST-2",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "clause", "cause"),
    [
        ("save_again.IdsAreNotLookedUp", "SDK-3", "SAVE-18"),
        ("save_again.KnownIdsAreRefused", "SDK-4", "SAVE-18"),
        ("save_again.FoundTokensAreNotChanged", "SDK-5", "SAVE-17"),
        ("save_ids.UpdateMakesANewId", "SDK-8", "SAVE-12"),
        ("save_match.RefreshTokenMatchesTheGrantlessAlone", "SAVE-13", "SAVE-5"),
        ("delete.DeletesNothing", "SDK-6", "DEL-1"),
        ("delete.StillFoundByUser", "CLEAR-2", "DEL-1"),
        ("find_nothing.MissAnswersFalse", "FIND-8", "FIND-6"),
        ("find_nothing.MissWipesTheQuery", "SDK-5", "FIND-12"),
    ],
)
def test_one_fault_is_blamed_once(mutant: str, clause: str, cause: str, tmp_path: Path) -> None:
    """Once the fault is repaired, the store keeps the other clause too."""
    module, _, name = mutant.partition(".")
    store = getattr(import_module(f"tests.mutants.zohocrmsdk.{module}"), name)
    judged = judge_of(store, tmp_path)

    result = judged.judge(clause)

    assert (str(result.status), result.causes[-1:]) == ("explained", (cause,))
    assert judged.judge(cause).failed


def test_an_update_that_is_dropped_for_its_expiry_is_made_good() -> None:
    """Races save in another order, so the fault that SAVE-9 names must not count against them."""
    repairs = Repairs({"SAVE-9": Fault(fields=frozenset({"expires_in"}))})
    door = open_door("zohocrmsdk")
    store = Repaired(UpdateWithAnOlderExpiryIsDropped(), door, Pool(), repairs)

    for login in (races.login("anna", 2), races.login("anna", 1)):
        store.save_token(door.build(login))

    assert [door.read(each).but(id=None) for each in store.get_tokens()] == [login]
    assert repairs.fired == {"SAVE-9"}


class DeletesNothingAndStrips(Honest):
    """delete_token deletes nothing, and blanks around a user's name are ignored."""

    fails = ("DEL-1", "FIND-14")

    def delete_token(self, id):
        pass

    def _seek(self, field, value):
        return self._first(lambda record: record[field] and record[field].strip() == value.strip())


class MissesAreFalseOrTheFirst(Honest):
    """A miss returns False; a miss by an access token returns the first record."""

    fails = ("FIND-6", "FIND-8")

    def find_token(self, token):
        found = super().find_token(token)
        if found is None and token.get_access_token() and self.records:
            return self._fill(token, self.records[0])
        return found or False


@pytest.mark.parametrize("store", [DeletesNothingAndStrips, MissesAreFalseOrTheFirst])
def test_a_fault_that_is_made_good_hides_no_danger(store: type, tmp_path: Path) -> None:
    """If one user gets another's token, that fails, even beside a fault that could explain it."""
    judged = judge_of(store, tmp_path)

    assert [id for id in store.fails if not judged.judge(id).failed] == []


class HandsOutTheFirstAndHidesTheExpired(Honest):
    """A miss by an access token returns the first record, and expired logins are not found."""

    def find_token(self, token):
        found = super().find_token(token)
        if found is None and token.get_access_token() and self.records:
            return self._fill(token, self.records[0])
        has_expired = found and float(found.get_expires_in() or "inf") < time.time() * 1000
        return None if has_expired else found


def test_a_miss_is_not_explained_by_a_find_of_anothers_token(tmp_path: Path) -> None:
    """The correction of such finds does not find what the store does not find."""
    judged = judge_of(HandsOutTheFirstAndHidesTheExpired, tmp_path)

    assert [each for each in ("FIND-8", "TIME-1") if not judged.judge(each).failed] == []


def test_no_repair_raises_at_an_answer_of_another_type(tmp_path: Path) -> None:
    """A store that answers strangers, and some with a dictionary, is judged by what it does."""

    class StrangersAsDictionaries(Honest):
        def find_token(self, token):
            query = self._read(token)
            found = super().find_token(token)
            if found is None and self.records:
                return self._fill(token, self.records[0])
            return dict(query) if found and query["user"] else found

    judged = judge_of(StrangersAsDictionaries, tmp_path)
    results = [judged.judge(id) for id in ("FIND-21", "SDK-6")]

    assert judged.judge("FIND-8").failed
    assert [each.clause for each in results if "Unreadable" in f"{each.message}{each.reason}"] == []


def test_no_id_is_shown_that_the_kit_made_up(tmp_path: Path) -> None:
    """The kit tells records with one id apart for a check, but shows them as the store has them."""

    class Doubles(Honest):
        def _same_id(self, new):
            return None

        def _choose_id(self, wanted):
            self.issued += 1
            return wanted or str(self.issued)

    judged = judge_of(Doubles, tmp_path)

    result = judged.judge("SAVE-18")

    assert judged.judge("SAVE-14").failed
    assert result.failed
    assert "(2)" not in f"{result.message} {result.calls}"


class WaitsForItsLock(InFile):
    """A file is the lock. It stays if its process is killed, and the next process waits for it."""

    @contextlib.contextmanager
    def _alone(self):
        while True:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(f"{self.path}.lock", os.O_CREAT | os.O_EXCL))
                break
            time.sleep(0.001)
        try:
            yield
        finally:
            os.unlink(f"{self.path}.lock")


@pytest.mark.slow
def test_a_lock_that_outlives_its_process_is_named(tmp_path: Path) -> None:
    """A call that hangs after a kill waits for what the killed process held."""
    judged = judge_of(WaitsForItsLock, tmp_path, clauses=["DUR-3"], timeout=1)

    result = judged.judge("DUR-3")

    assert "a lock of the killed process was not released within 1 second" in result.got
    assert result.effect == HANGS


class WaitsForItsFile(InFile):
    """A save tries again until its file can be used."""

    def save_token(self, token):
        while os.path.isdir(self.path):
            time.sleep(0.001)
        super().save_token(token)


@pytest.mark.slow
@pytest.mark.parametrize("clause", ["ERR-1", "ERR-2"])
def test_a_store_that_hangs_in_an_outage_is_told_in_which(tmp_path: Path, clause: str) -> None:
    """At other times the call returns, so the message names the outage."""
    judged = judge_of(WaitsForItsFile, tmp_path, clauses=[clause], timeout=1)

    result = judged.judge(clause)

    during = "while its file is replaced by a directory"
    assert result.expected == f"{during}: save_token to return within 1 second"


class CatchesItsInterruption(Honest):
    """A lookup by id takes three seconds, despite interruptions; a deletion also hides them."""

    def _take_long(self):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            with contextlib.suppress(BaseException):
                time.sleep(0.01)

    def find_token_by_id(self, id):
        self._take_long()
        return super().find_token_by_id(id)

    def delete_token(self, id):
        self._take_long()
        raise SDKException("TOKEN_STORE", "busy")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clause", "method"), {"BYID-2": "find_token_by_id", "DEL-2": "delete_token"}.items()
)
def test_a_call_that_catches_its_interruption_took_too_long(
    tmp_path: Path, clause: str, method: str
) -> None:
    """It fails even if it returns in the end, or raises what it may raise."""
    judged = judge_of(CatchesItsInterruption, tmp_path, clauses=[clause], timeout=1)

    result = judged.judge(clause)

    assert result.hung
    assert result.expected == f"{method} to return within 1 second"


def _stop(status: int) -> None:
    raise BaseException(f"stopped with {status}")


def unbuildable_elsewhere() -> type:
    """Return a class that no other process can import."""

    class Local(SQLiteStore):
        def __init__(self):
            super().__init__("tokens.db")

    return Local


@pytest.mark.slow
def test_what_another_process_cannot_import_is_not_blamed(tmp_path: Path) -> None:
    """The store cannot be built there over an empty storage either, so it is not to blame."""
    judged = judge_of(unbuildable_elsewhere(), tmp_path)

    outcomes = {judged.judge(f"DUR-{number}").outcome for number in (1, 2, 3, 4)}

    assert outcomes == {"skipped"}
    assert "in another process, no store can be built" in judged.judge("DUR-1").message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "clause", "end"),
    [
        ("find_token_by_id", "BYID-2", _stop),
        ("delete_token", "DEL-2", sys.exit),
        ("delete_tokens", "CLEAR-2", lambda status: os._exit(status)),
    ],
    ids=["BaseException", "SystemExit", "_exit"],
)
def test_what_is_no_ordinary_exception_is_explained(
    method: str, clause: str, end: Callable[[int], Any], tmp_path: Path
) -> None:
    """In sequences and among threads, too, it counts as the store's doing, and has its clause."""

    class EndsOnAMiss(Locked):
        pass

    def ends_on_a_miss(self: Honest, *ids: Any) -> Any:
        if not any(record["id"] in ids or not ids for record in self.records):
            end(7)
        return getattr(super(EndsOnAMiss, self), method)(*ids)

    setattr(EndsOnAMiss, method, ends_on_a_miss)
    judged = judge_of(EndsOnAMiss, tmp_path)

    assert judged.judge(clause).failed
    for other in ("SEQ-1", "THR-2", "THR-3"):
        result = judged.judge(other)
        assert result.status is Status.PASSED or result.causes == (clause,)


class LockedIntegerIds(Locked, IntegerIds):
    """Ids are numbers, and calls wait for each other."""


class LockedMissesRaise(Locked):
    """An unknown user raises KeyError, and calls wait for each other."""

    def _miss(self, token):
        raise KeyError("no such token")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "cause"), [(LockedIntegerIds, "SAVE-10"), (LockedMissesRaise, "FIND-6")]
)
def test_a_fault_of_single_calls_is_not_blamed_on_threads(
    store: type, cause: str, tmp_path: Path
) -> None:
    """Repairs hold even if another thread saves or deletes in between."""
    judged = judge_of(store, tmp_path)

    for clause in ("THR-2", "THR-3"):
        result = judged.judge(clause)
        assert result.failed is False
        assert set(result.causes) <= {cause}


EVERYTHING: list[dict[str, Any]] = []


class NameLostInOneList(Locked):
    """All stores share one list, and no user's name is kept."""

    def __init__(self):
        super().__init__()
        self.records = EVERYTHING

    def save_token(self, token):
        super().save_token(token)
        for record in self.records:
            record["user"] = None


@pytest.mark.slow
def test_a_lost_name_is_not_blamed_on_threads_or_on_another_store(tmp_path: Path) -> None:
    """A store that is not durable once its fault is repaired is not said to lose logins."""
    judged = judge_of(NameLostInOneList, tmp_path, shared=True)

    statuses = {each: judged.judge(each).status for each in ("SAVE-1", "THR-2", "THR-3", "DUR-1")}

    assert statuses == {
        "SAVE-1": Status.FAILED,
        "THR-2": Status.NOT_JUDGED,
        "THR-3": Status.NOT_JUDGED,
        "DUR-1": Status.NOT_APPLICABLE,
    }


def test_a_race_shows_the_traceback_of_what_was_raised_in_it(tmp_path: Path) -> None:
    """The frames include the line of the store that raised, and no line of the kit."""
    result = judge_of(Busy, tmp_path, clauses=["THR-2"]).judge("THR-2")

    assert "deadlock found" in result.trace
    assert "in save_token" in result.trace
    assert "tokenstore_conformance" not in result.trace


def second_time_fails():
    """Return a store after making a directory for it, which cannot be done twice."""
    Path("place").mkdir()
    return HonestFile()


def test_what_the_target_does_wrong_cannot_be_judged(tmp_path: Path) -> None:
    """If a target cannot run twice over one storage, every clause gives the same reason."""
    target = Target("mine:store", __name__, "second_time_fails", second_time_fails, ())
    judged = judge_of(target, tmp_path)

    results = [judged.judge(each) for each in ("SHAPE-4", "DUR-1", "DUR-2", "DUR-3", "ERR-1")]

    assert {str(each.status) for each in results} == {"not-judged"}
    (reason,) = {each.reason for each in results}
    assert reason.startswith("cannot be judged: mine:store cannot be built twice over one storage")
    assert "FileExistsError" in reason


@pytest.mark.slow
@pytest.mark.parametrize(
    "field",
    [
        *("api_domain", "redirect_url", "client_secret"),
        *("user", "access_token", "grant_token", "refresh_token"),
    ],
)
def test_a_lost_field_leaves_the_other_clauses_judged(field: str, tmp_path: Path) -> None:
    """SAVE-1 is blamed; the others pass, or are explained by it."""

    class Losing(Honest):
        def _add(self, record):
            super()._add({**record, field: None})

        def _change(self, record, values):
            super()._change(record, {**values, field: None})

    judged = judge_of(Losing, tmp_path, examples=5)
    results = [
        judged.judge(id) for id, clause in judged.clauses.items() if clause.family in CALL_BY_CALL
    ]

    assert [each.clause for each in results if each.failed] == ["SAVE-1"]
    unknown = [each for each in results if str(each.status) == "not-judged"]
    assert len(unknown) <= 1
    assert {each.causes for each in unknown} <= {("SAVE-1",)}


def test_a_find_that_compares_too_little_is_not_said_to_lose_text(tmp_path: Path) -> None:
    """The store mixes up two long client names just as it does two short ones."""
    older = import_module("tests.correct.zcrmsdk.honest").Honest

    class AnyClient(older):
        def _locate(self, query):
            key = self._key(query)
            return self._first(lambda record: self._equal(record, query, "user_mail", key))

    judged = judge_of(AnyClient, tmp_path)
    result = judged.judge("DATA-1")

    assert (result.status, result.causes) == (Status.NOT_JUDGED, ("FIND-6",))
    assert judged.judge("FIND-6").effect == "returns logins that it should not find"


def test_an_answer_to_an_unknown_user_is_said_to_be_anothers_token(tmp_path: Path) -> None:
    """This holds although the query, which the store filled, still has the name of who asked."""

    class AnswersAll(Honest):
        def _miss(self, token):
            return self._fill(token, self.records[0]) if self.records else None

    result = judge_of(AnswersAll, tmp_path).judge("FIND-6")

    assert (result.outcome, result.effect) == ("failed", "hands one user's token to another")


class KeepsTheFirst(Honest):
    """Does not store a second user, and no call says so."""

    def _add(self, record):
        if not self.records:
            super()._add(record)


@pytest.mark.parametrize(
    ("store", "effect"),
    [
        (OneSlot, "writes one user's login over another's"),
        (KeepsTheFirst, "does not keep a new login complete"),
    ],
)
def test_only_a_login_that_is_lost_to_another_is_said_to_be_overwritten(
    store: type, effect: str, tmp_path: Path
) -> None:
    """SAVE-6 fails on each store, and the headline says what that store does."""
    result = judge_of(store, tmp_path, clauses=["SAVE-6"]).judge("SAVE-6")

    assert (result.outcome, result.effect) == ("failed", effect)


class OnlyAdds(Honest):
    """Each save adds a record, and a find returns the newest."""

    def _locate_for_save(self, new):
        return None

    def _first(self, test):
        return next(filter(test, reversed(self._rows())), None)


class OnlyAddsWithoutIds(OnlyAdds):
    """Like OnlyAdds, but a record has an id only if its token had one."""

    def _fresh(self, new):
        return dict(new)

    def _by_id(self, id):
        return None if id is None else super()._by_id(id)

    def _token(self, record):
        token = super()._token(record | {"id": "none"})
        token.set_id(record["id"])
        return token


@pytest.mark.parametrize("store", [OnlyAdds, OnlyAddsWithoutIds])
def test_a_store_that_only_adds_is_not_said_to_lose_or_to_mix_up_logins(
    store: type, tmp_path: Path
) -> None:
    """No repair deletes by the id None, which would delete every record without an id."""
    judged = judge_of(store, tmp_path)
    failed = outcomes(judged, ("SAVE", "SDK"), "failed")

    assert failed >= {"SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5"}
    worse = {each for each in failed if GRADES[judged.judge(each).effect] < Harm.BLOCKS}
    assert not worse


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generation", "first", "second"),
    [
        ("zohocrmsdk", "DeletedTokensCannotBeSaved", "UpdateSkipsRedirectUrl"),
        ("zcrmsdk", "MissRaisesGrantToken", "FindsOneLoginAUser"),
        *(
            pytest.param(*each, marks=pytest.mark.nightly)
            for each in [
                ("zohocrmsdk", "InsertSwapsGrantAndRefresh", "FindLeavesOutClientId"),
                ("zohocrmsdk", "InsertLosesApiDomain", "SaveIgnoresTheCaseOfUsers"),
                ("zohocrmsdk", "MissRaisesWhileFilled", "InsertLosesUser"),
                ("zohocrmsdk", "RefreshTokensAreNotFoundBesideAGrant", "MissSetsAnId"),
                ("zohocrmsdk", "UserMatchesWithTheRefreshTokenAlone", "DeletesIdsThatBeginAlike"),
                ("zcrmsdk", "ListTellsTheFirstTwice", "FindLeavesOutRefreshToken"),
                ("zcrmsdk", "ListLeavesOutUserMail", "TheThirdLoginIsNotStored"),
            ]
        ),
    ],
)
def test_two_faults_are_blamed_as_each_alone(
    generation: str, first: str, second: str, tmp_path: Path
) -> None:
    """No third clause fails. What mixes up users fails even beside another fault."""
    known = {each.__name__: each for each in mutants_of(generation)}
    one, other = known[first], known[second]
    stores = (one, other, type(f"{first}And{second}", (one, other), {}))
    judged = [judge_of(each, tmp_path / each.__name__) for each in stores]

    of_one, of_other, of_both = (
        outcomes(each, (*CALL_BY_CALL, "SDK"), "failed") for each in judged
    )

    assert of_both <= of_one | of_other
    clauses = judged[0].clauses
    assert {each for each in of_one | of_other if clauses[each].harm is Harm.MIXES_UP} <= of_both


def test_ids_that_are_the_same_now_and_then_are_not_blamed_on_what_needs_ids(
    tmp_path: Path,
) -> None:
    """Ids from a clock may differ when a check runs again with shared ids repaired."""
    made = itertools.count()

    class IdsFromAClock(Honest):
        def __init__(self):
            super().__init__()
            self.is_fast = next(made) % 2 == 0

        def _new_id(self):
            return "1700000000000" if self.is_fast else super()._new_id()

    judged = judge_of(IdsFromAClock, tmp_path, examples=5)

    results = [judged.judge(id) for id in judged.clauses]

    assert [each.clause for each in results if each.effect == CANNOT_START] == []


class LeavesHalfAFile(InFile):
    """A save that cannot write a text leaves half a file."""

    def _store(self, text):
        if b"\\ud8" in text:
            Path(self.path).write_bytes(text[: len(text) // 2])
            raise SDKException("TOKEN_STORE", "this text cannot be written")
        super()._store(text)


def test_a_save_that_damages_the_file_is_not_blamed_on_threads_or_other_stores(
    tmp_path: Path,
) -> None:
    """What does not work in the same thread either is left to the clause on saves that raise."""
    judged = judge_of(LeavesHalfAFile, tmp_path, clauses=["DATA-2", "THR-1", "DUR-4"])

    outcomes_of = {id: str(judged.judge(id).status) for id in ("DATA-2", "THR-1", "DUR-4")}

    assert outcomes_of == {"DATA-2": "failed", "THR-1": "not-judged", "DUR-4": "not-judged"}


def test_where_the_storage_is_does_not_change_the_words(tmp_path: Path) -> None:
    """The directory and the namespace differ in each run. In the words of a failure, and in the
    calls before it, the names of the target's parameters stand for them.
    """

    def refusing(tmp_path: Path, namespace: str) -> Any:
        class Refuses(Honest):
            def save_token(self, token: Any) -> None:
                raise OSError(f"no table {namespace}.tokens in {tmp_path / 'my.db'}")

        return Refuses()

    target = Target("mine:refusing", __name__, "refusing", refusing, ("tmp_path", "namespace"))
    result, again = (
        judge_of(target, tmp_path / each, clauses=["SAVE-1"]).judge("SAVE-1") for each in "ab"
    )

    assert result.got == "the exception OSError: no table namespace.tokens in tmp_path/my.db"
    assert again.got == result.got
    assert again.calls == result.calls
