"""A failed sequence: what the store and the model held after each call, until they differed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenstore_conformance.failures import Call
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.html.difference import Part
from tokenstore_conformance.report.html.session import Line, Session
from tokenstore_conformance.report.visible import visible


@dataclass(frozen=True)
class Step:
    """A call, or several without a comparison in between, and what was held after it."""

    lines: tuple[Line, ...]
    store: tuple[list[Part], ...]
    model: tuple[list[Part], ...]
    same: int
    parted: bool
    """Whether the store and the model hold different records."""


def steps(calls: Sequence[Call], snapshots: Sequence[Snapshot]) -> list[Step]:
    """Return the snapshots, each with the calls since the one before."""
    found = []
    done = snapshots[0].calls - 1 if snapshots else 0
    for snapshot in snapshots:
        lines = Session.of(calls[max(done, 0) : snapshot.calls]).last
        done = snapshot.calls
        store, model = _compared(snapshot.store, snapshot.model)
        parted = any(part.differs for record in (*store, *model) for part in record)
        found.append(Step(lines, store, model, snapshot.same, parted))
    return found


def _compared(
    store: Iterable[Record], model: Iterable[Record]
) -> tuple[tuple[list[Part], ...], tuple[list[Part], ...]]:
    """Return both sides, with differences marked, and records of the same id in the same order."""
    left, right = ({str(each.id): each for each in side} for side in (store, model))
    ids = list(dict.fromkeys([*right, *left]))
    return (
        tuple(_parts(left[id], right.get(id)) for id in ids if id in left),
        tuple(_parts(right[id], left.get(id)) for id in ids if id in right),
    )


def _parts(record: Record, other: Record | None) -> list[Part]:
    if other is None:
        return [Part(visible(str(record)), True)]
    found = [Part("token(", False)]
    for name, value in record.items():
        comma = ", " if len(found) > 1 else ""
        text = visible(f"{name}={value!r}")
        found += [Part(comma, False), Part(text, getattr(other, name) != value)]
    return [*found, Part(")", False)]
