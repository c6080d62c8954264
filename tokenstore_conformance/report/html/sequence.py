"""A failed sequence: what the store and the model held after each call, to where they part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokenstore_conformance.failures import Call
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.html.session import Line, Session


class Held(NamedTuple):
    """A record as text, and whether the other side has it too."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Step:
    """A call, or several with nothing compared between them, and what was held then."""

    lines: tuple[Line, ...]
    store: tuple[Held, ...]
    model: tuple[Held, ...]
    same: int
    parted: bool
    """Whether the store and the model hold different records."""


def steps(calls: Sequence[Call], snapshots: Sequence[Snapshot]) -> list[Step]:
    """The snapshots, each with the calls since the last one."""
    found = []
    done = snapshots[0].calls - 1 if snapshots else 0
    for snapshot in snapshots:
        lines = Session.of(calls[max(done, 0) : snapshot.calls]).last
        done = snapshot.calls
        store, model = _compared(snapshot.store, snapshot.model)
        parted = any(each.differs for each in (*store, *model))
        found.append(Step(lines, store, model, snapshot.same, parted))
    return found


def _compared(
    store: Iterable[Record], model: Iterable[Record]
) -> tuple[tuple[Held, ...], tuple[Held, ...]]:
    """Both sides, records with the same id beside each other."""
    left, right = ({str(each.id): each for each in side} for side in (store, model))
    ids = list(dict.fromkeys([*right, *left]))
    return (
        tuple(Held(str(left[id]), left[id] != right.get(id)) for id in ids if id in left),
        tuple(Held(str(right[id]), right[id] != left.get(id)) for id in ids if id in right),
    )
