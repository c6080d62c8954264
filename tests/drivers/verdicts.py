"""Verdicts to make reports from. They are made by hand, so a test decides what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from tokenstore_conformance.contract import VERSION, contract_of
from tokenstore_conformance.failures import Call
from tokenstore_conformance.history import History, Snapshot, Switch
from tokenstore_conformance.judging.facts import Facts
from tokenstore_conformance.judging.result import Location, Result, Status
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.records import Record
from tokenstore_conformance.report import json_file
from tokenstore_conformance.sdk import Distribution

TARGET = "mypkg:MyStore"
STARTED = datetime(2026, 11, 26, tzinfo=timezone.utc)
SDK = Distribution("zohocrmsdk8_0", "7.0.0")


def login(user: str, nth: int = 1, id: str | None = None) -> Record:
    """Return a token of a user."""
    return Record(id=id, user=user, access_token=f"{user}.access.{nth}")


def failure(id: str, expected: str = "1 record", got: str = "2 records", **more: Any) -> Result:
    """Return the result of a clause that failed."""
    more.setdefault("calls", (Call("save_token", (login("anna"),), "None"),))
    more.setdefault("location", Location("mypkg/store.py", 12, "save_token"))
    more.setdefault("script", f"# {id}\n" + "import os\n" * 20 + f"print({id!r})\n")
    level = more.pop("level", None) or _level(id)
    return Result(TARGET, id, level, Status.FAILED, expected=expected, got=got, **more)


def _level(id: str) -> Any:
    return next(each.level for each in contract_of("zohocrmsdk").clauses if each.id == id)


def verdict(
    *results: Result, target: str = TARGET, whole: bool = True, strict: bool = False
) -> Verdict:
    """Return a verdict with these results. If it is ``whole``, all other clauses pass."""
    made = Verdict(target, SDK, strict=strict)
    for clause in made.contract.clauses if whole else ():
        if clause.id not in {each.clause for each in results}:
            made.add(Result(target, clause.id, clause.level, Status.PASSED))
    for each in results:
        made.add(each)
    return made


def data(*verdicts: Verdict) -> dict[str, Any]:
    """Return the data of the verdicts' JSON report."""
    return json_file.report(verdicts, Facts(VERSION, {}, STARTED, "3.12.1", "Linux"))


def failed(*results: Result, **more: Any) -> dict[str, Any]:
    """Return the data of a report on one store with these results."""
    return data(verdict(*results, **more))


def many_failures(count: int, ids: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the data of a report on one store that breaks ``count`` MUST clauses."""
    clauses = [each for each in contract_of("zohocrmsdk").clauses if str(each.level) == "MUST"]
    return failed(*(failure(each.id) for each in clauses[:count]))


LOST = History(
    stored=(login("bert", id="1"),),
    operations=(
        Operation(0, "save", login("carl"), 0, 4, "2"),
        Operation(1, "save", login("dora"), 2, 3, "3"),
        Operation(MAIN_THREAD, "get_tokens", (), 5, 6, (login("bert", id="1"),)),
    ),
    switches=(
        Switch(
            0,
            "store.py:12 in save_token",
            False,
            "mypkg/store.py",
            12,
            "save_token",
            "self.rows = rows",
            1,
        ),
    ),
    left=(login("bert", id="1"),),
)
"""Two threads save while one of them is stopped; neither login is listed afterwards."""

PARTED = (
    Snapshot(1, (login("anna", id="1"),), (login("anna", id="1"),)),
    Snapshot(2, (login("anna", 1, id="1"),), (login("anna", 2, id="1"),)),
)
"""After the second call of a sequence, the store holds an older token than the model."""

RACE = failure("THR-2", "every save of each thread to be kept", "carl is lost", history=LOST)

SEQUENCE = failure(
    "SEQ-1",
    calls=(
        Call("save_token", (login("anna"),), "None"),
        Call("save_token", (login("anna", 2),), "None"),
    ),
    snapshots=PARTED,
)

AROUND = Result(
    TARGET,
    "THR-2",
    _level("THR-2"),
    Status.NOT_JUDGED,
    "cannot be judged: open() of the harness fails",
    target_failed=True,
)
"""Not judged, because the user's harness failed."""

EARLY = Result(
    TARGET, "SEQ-1", _level("SEQ-1"), Status.PASSED, "ended early", reached="21 of 50 sequences"
)
"""Kept as far as it was tried: the store is slow."""
