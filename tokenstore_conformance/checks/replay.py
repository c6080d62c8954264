"""Replays only those calls of a sequence that a report shows.

So the kit knows whether they are enough to reproduce the failure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed, NotApplicable
from tokenstore_conformance.guard import limits
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt


def keep_what_reproduces(store: Subject, failure: ClauseFailed) -> None:
    """Add the kit's own lookups to the calls, if the failure does not show without them: a store
    may remember what it was asked.
    """
    shown, whole = list(store.calls), list(store.calls.whole())
    needed = shown
    with suppress(
        CannotJudge, ClauseFailed, NotApplicable, NotBuilt, limits.Hung, limits.OutOfTime
    ):
        if not _show_it(store, shown) and _show_it(store, whole):
            needed = whole
            needed = _without_needless(store, shown, whole)
    store.calls[:] = needed
    failure.snapshots = tuple(
        replace(each, calls=_place(shown, needed, each.calls)) for each in failure.snapshots
    )


def _without_needless(store: Subject, shown: Sequence[Call], whole: list[Call]) -> list[Call]:
    """Return ``whole`` without needless calls of the kit's own. Leave out many at a time."""
    kept = set(map(id, shown))
    own = [call for call in whole if id(call) not in kept]
    size = len(own)
    while size:
        for start in range(0, len(own), size)[::-1]:
            fewer = own[:start] + own[start + size :]
            calls = _those(whole, {*kept, *map(id, fewer)})
            if _show_it(store, calls):
                own, whole = fewer, calls
        size //= 2
    return whole


def _those(calls: Sequence[Call], ids: Collection[int]) -> list[Call]:
    return [call for call in calls if id(call) in ids]


def _place(shown: Sequence[Call], needed: Sequence[Call], count: int) -> int:
    """Return how many of ``needed`` had been made after the first ``count`` of ``shown``."""
    upto = set(map(id, shown[:count]))
    return max((number for number, each in enumerate(needed, 1) if id(each) in upto), default=0)


def _show_it(store: Subject, calls: Sequence[Call]) -> bool:
    """Make these calls on a new store. Return whether the last answer is the same as before."""
    fresh = store.fresh()
    stores = {store.name: fresh}
    ids: dict[str, str] = {}
    """By each id that the store made before, the id that it makes now."""
    for call in calls:
        if call.statement:
            continue  # what the program did between its calls: only the calls count
        if call.is_opening:
            stores[call.store] = fresh.reopened()
            continue
        arguments = [
            store.door.build(_renamed(said, ids)) if isinstance(said, Record) else given
            for said, given in zip(call.arguments, _renamed(call.given, ids), strict=True)
        ]
        stores[call.store].attempt(call.method, *arguments)
        if call.made_id:
            ids[call.made_id] = fresh.calls[-1].made_id
    return bool(fresh.calls[-1].answer == _renamed(calls[-1].answer, ids))


def _renamed(value: Any, ids: Mapping[str, str]) -> Any:
    """Return what a call was given or answered, with the ids in it replaced."""
    if isinstance(value, Record):
        return value if value.id is None else value.but(id=ids.get(value.id, value.id))
    if isinstance(value, tuple):
        return tuple(_renamed(each, ids) for each in value)
    if isinstance(value, str):
        quoted = re.sub(r"'([^']*)'", lambda found: f"'{ids.get(found[1], found[1])}'", value)
        return ids.get(value, quoted)
    return value
