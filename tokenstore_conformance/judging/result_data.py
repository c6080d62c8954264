"""Converts a `Result` to plain data and back, for pytest-xdist and JSON. No other module does."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from tokenstore_conformance.contract import Level
from tokenstore_conformance.failures import Call, Said
from tokenstore_conformance.history import History, Snapshot, Switch
from tokenstore_conformance.judging.result import Location, Result, Status
from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.records import NAMELESS, Record


def as_data(result: Result) -> dict[str, Any]:
    """Return the result as plain data, for JSON and for other processes."""
    data = {each.name: getattr(result, each.name) for each in fields(result)}
    del data["fault"], data["claim"]  # not needed once the store is judged
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
    """Return the result that `as_data` converted to this."""
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
    """Return the call that `as_data` converted to this."""
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
    """Return the history that `as_data` converted to this."""
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
    """Return the snapshot that `as_data` converted to this."""
    store, model = map(_value_from_data, (data["store"], data["model"]))
    return Snapshot(data["calls"], store, model, data["same"])


_TOKEN: Final = "token"


def _value_as_data(value: Any) -> Any:
    """Return a record as {"token": its fields}, a listing as a list, anything else as it is."""
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
