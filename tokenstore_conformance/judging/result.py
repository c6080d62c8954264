"""What became of one clause on one store: a `Result`, from the check to the last report.

`as_data` and `from_data` are the only place where it becomes plain data, for pytest-xdist and JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, NamedTuple

from tokenstore_conformance.contract import Level
from tokenstore_conformance.failures import NO_FAULT, Call, Fault, Said
from tokenstore_conformance.history import History, Snapshot, Switch
from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import NAMELESS, Record


class Status(str, Enum):
    """What became of a clause."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN = "known"
    """The store breaks it, and the user accepts that for now."""
    EXPLAINED = "explained"
    """It failed, and only because of other clauses that the store breaks."""
    UNKNOWN = "not-judged"
    """It could not be tried: the store may keep the clause or break it."""
    NOT_APPLICABLE = "not-applicable"
    """It asks nothing of this store."""
    NOT_RUN = "not-run"
    """It was no part of the run, or the run ended before it."""

    def __str__(self) -> str:
        return self.value


class Location(NamedTuple):
    """A place in somebody's code."""

    file: str
    line: int
    function: str


@dataclass(frozen=True)
class Result:
    """What became of one clause on one target."""

    target: str
    clause: str
    """The id of the clause."""
    level: Level
    """What breaking the clause means for this store in this run."""
    status: Status
    reason: str = ""
    """In one line, why it was not judged or does not apply."""
    expected: str = ""
    got: str = ""
    """Where it failed, what completes "expected ...; got ..."."""
    calls: tuple[Call, ...] = ()
    """The calls on the store that led to a failure, in order."""
    location: Location | None = None
    """Of a failure, the place in the store's code that it is best shown at."""
    history: History | None = None
    """Of a failure under threads, what they did at the same time."""
    snapshots: tuple[Snapshot, ...] = ()
    """Of a failed sequence, what the store and the model held after its last calls."""
    stacks: str = ""
    """Where threads stand that do not end."""
    trace: str = ""
    """The traceback of what the store raised, without the kit's own frames."""
    fault: Fault = NO_FAULT
    """How it fails, as far as that can explain why other clauses do. Not in any report."""
    output: str = ""
    """The end of what the store printed and logged meanwhile."""
    reached: str = ""
    """Of a clause that ended early, how far it got, such as "21 of 50 sequences". The store keeps
    the clause as far as it was tried."""
    hung: bool = False
    """Whether a call did not return in time."""
    ended_the_process: bool = False
    """Whether the process that judged died of it, or had to be killed. The run is then red."""
    causes: tuple[str, ...] = ()
    """The broken clauses that explain this one, or that leave it without a judgement."""
    around: bool = False
    """Whether it was not judged because the harness or the factory failed, and not the store."""
    lacking: bool = False
    """Whether the store does not have the capability that the clause is about."""
    seconds: float = 0.0
    script: str = ""
    """Of a failure, Python source that makes the same calls; "" where there is none."""
    check: str = ""
    """The file and the line of the check; "" if it was not run."""

    @property
    def page(self) -> str:
        """Where the documentation has the clause, such as "docs/contract.md#save-2"."""
        return f"docs/contract.md#{self.clause.lower()}"

    @property
    def failed(self) -> bool:
        """Whether the store breaks the clause, and no other clause explains it."""
        return self.status is Status.FAILED

    @property
    def broken(self) -> bool:
        """Whether the store breaks the clause by itself, accepted or not."""
        return self.status in (Status.FAILED, Status.KNOWN)

    @property
    def outcome(self) -> str:
        """The status in few words: passed, failed, known or skipped."""
        return "skipped" if self.status in _SKIPPED else str(self.status)

    @property
    def excuse(self) -> str:
        """Why a clause that does not pass is not blamed; "" where it passed, or is blamed."""
        return self.reason if self.status in (Status.EXPLAINED, Status.UNKNOWN) else ""

    @property
    def inapplicable(self) -> str:
        """Why the clause asks nothing of this store; "" where it does."""
        return self.reason if self.status is Status.NOT_APPLICABLE else ""

    @property
    def message(self) -> str:
        """In one line, why it did not pass; "" where it did."""
        if self.broken:
            return f"expected {self.expected}; got {self.got}"
        return self.reason


_SKIPPED: Final = (Status.EXPLAINED, Status.UNKNOWN, Status.NOT_APPLICABLE, Status.NOT_RUN)


def where(result: Result) -> str:
    """Where to read about the clause and its check, in words."""
    if not result.check:
        return result.page
    return f"{result.page}, checked in {result.check.removeprefix('tokenstore_conformance/')}"


def as_data(result: Result) -> dict[str, Any]:
    """The result as plain data, for JSON and for other processes."""
    data = {each.name: getattr(result, each.name) for each in fields(result)}
    del data["fault"]  # of no use once the store is judged
    history = result.history
    return data | {
        "level": str(result.level),
        "status": str(result.status),
        "calls": [_call_as_data(each) for each in result.calls],
        "location": result.location and result.location._asdict(),
        "history": None if history is None else _history_as_data(history),
        "snapshots": list(map(_snapshot_as_data, result.snapshots)),
        "causes": list(result.causes),
        "seconds": round(result.seconds, 6),
    }


def from_data(data: dict[str, Any]) -> Result:
    """The result that `as_data` made this of."""
    history = data["history"]
    return Result(
        **data
        | {
            "level": Level(data["level"]),
            "status": Status(data["status"]),
            "calls": tuple(map(call_from_data, data["calls"])),
            "location": data["location"] and Location(**data["location"]),
            "history": None if history is None else history_from_data(history),
            "snapshots": tuple(map(snapshot_from_data, data["snapshots"])),
            "causes": tuple(data["causes"]),
        }
    )


def _call_as_data(call: Call) -> dict[str, Any]:
    return {
        "store": call.store,
        "method": call.method,
        "arguments": list(map(_value_as_data, call.arguments)),
        "answer": _value_as_data(call.answer),
        "statement": call.statement,
    }


def call_from_data(data: dict[str, Any]) -> Call:
    """The call that `as_data` made this of."""
    arguments: list[Said] = list(map(_value_from_data, data["arguments"]))
    return Call(
        data["method"],
        tuple(arguments),
        _value_from_data(data["answer"]),
        data["store"],
        data["statement"],
    )


def _history_as_data(history: History) -> dict[str, Any]:
    return {
        "stored": _value_as_data(history.stored),
        "operations": [
            {
                **each.__dict__,
                "argument": _value_as_data(each.argument),
                "result": _value_as_data(each.result),
            }
            for each in history.operations
        ],
        "switches": [each._asdict() for each in history.switches],
        "left": _value_as_data(history.left),
        "callers": history.callers,
    }


def history_from_data(data: dict[str, Any]) -> History:
    """The history that `as_data` made this of."""
    operations = (
        Operation(
            **each
            | {
                "argument": _value_from_data(each["argument"]),
                "result": _value_from_data(each["result"]),
            }
        )
        for each in data["operations"]
    )
    switches = tuple(Switch(**each) for each in data["switches"])
    stored, left = map(_value_from_data, (data["stored"], data["left"]))
    return History(stored, tuple(operations), switches, left, data["callers"])


def _snapshot_as_data(snapshot: Snapshot) -> dict[str, Any]:
    held = {"store": _value_as_data(snapshot.store), "model": _value_as_data(snapshot.model)}
    return {"calls": snapshot.calls, **held, "same": snapshot.same}


def snapshot_from_data(data: dict[str, Any]) -> Snapshot:
    """The snapshot that `as_data` made this of."""
    store, model = map(_value_from_data, (data["store"], data["model"]))
    return Snapshot(data["calls"], store, model, data["same"])


_TOKEN: Final = "token"


def _value_as_data(value: Any) -> Any:
    """A record as {"token": its fields}, a listing as a list, anything else as it is."""
    if isinstance(value, Record):
        items = value.items()
        return {_TOKEN: {name: None if each is NAMELESS else each for name, each in items}}
    if isinstance(value, tuple):
        return list(map(_value_as_data, value))
    return value


def _value_from_data(value: Any) -> Any:
    if isinstance(value, dict):
        items = value[_TOKEN].items()
        return Record().but(**{name: NAMELESS if each is None else each for name, each in items})
    if isinstance(value, list):
        return tuple(map(_value_from_data, value))
    return value
