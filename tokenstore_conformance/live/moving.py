"""Copies every token of one store to another, and verifies that it is there.

Nothing is deleted at the source. A token that is already in the target as it should be is not saved
again. So a move that is run again, even after it was killed, ends like one that was not
interrupted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tokenstore_conformance.live.keys import identity, matches, queries
from tokenstore_conformance.live.masking import masked, reason
from tokenstore_conformance.live.opening import Live
from tokenstore_conformance.live.planning import Plan, free_ids, planned
from tokenstore_conformance.live.reading import Unlistable
from tokenstore_conformance.plural import counted
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import Door

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class MoveRefused(Exception):
    """A move that would harm somebody. Nothing was saved. The message says what to do."""


@dataclass
class Moved:
    """What a move did."""

    found: int = 0
    """Tokens at the source."""
    damages: list[str] = field(default_factory=list)
    planned: int = 0
    saved: int = 0
    there: int = 0
    """Tokens that were in the target already, and were left as they were."""
    verified: int = 0
    failures: list[str] = field(default_factory=list)
    """What is not in the target as it should be, as text."""

    @property
    def is_done(self) -> bool:
        return not self.failures


def move(source: Live, target: Live, *, merge: bool, progress: Progress) -> Moved:
    """Copy the tokens. Raises `MoveRefused` before anything is saved, and `Unlistable`."""
    if source.door.module != target.door.module:
        raise MoveRefused(
            f"{source.spec} is a store of {source.door.module}, and {target.spec} one of "
            f"{target.door.module}: their tokens have other fields"
        )
    door = source.door
    listing = source.reader.listing_in_full()
    plan = planned(door, listing)
    there = [each.record for each in target.reader.listing_in_full()]
    expected, todo = _merge(door, plan, there) if merge else _fill(door, plan, there, target.spec)
    moved = Moved(len(listing), plan.damages, len(expected), there=len(plan.records) - len(todo))
    _save(target, todo, moved, progress)
    _verify(target, expected, moved, progress)
    if source.reader.listing_in_full() != listing:
        moved.failures.append(
            f"{source.spec} changed while it was copied: stop the programs that use it, and run "
            "this again with --merge"
        )
    return moved


def _fill(
    door: Door, plan: Plan, there: Sequence[Record], spec: str
) -> tuple[list[Record], list[Record]]:
    """Return what an empty target must hold at the end, and which of it to save.

    After an interrupted move, the target may already hold a part of it. It may hold nothing else.
    """
    own = {_kept(door, record) for record in plan.records}
    strangers = [record for record in there if _kept(door, record) not in own]
    if strangers:
        raise MoveRefused(
            f"{spec} holds {counted(len(strangers), 'token')} that this move would not save as "
            f"such, for example {masked(strangers[0])}; nothing was saved. Name an empty "
            "store, or add --merge"
        )
    held = {_kept(door, record) for record in there}
    return plan.records, [each for each in plan.records if _kept(door, each) not in held]


def _merge(door: Door, plan: Plan, there: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Return what a target with other tokens must hold at the end, and what to save.

    It simulates the saves, by the match rule, on a copy of what is there.
    """
    held = list(there)
    saves: dict[int, list[Record]] = {}
    """The records to save for each index of `held`."""
    free = iter(free_ids(record.id for record in (*there, *plan.records)))
    for record in plan.records:
        place = _place_of(door, held, record)
        given = record
        if place is not None:
            given = record.but(id=held[place].id)
            held[place] = held[place].updated_by(given) if door.makes_ids else given
        else:
            if (door.makes_ids or door.by_id) and any(each.id == record.id for each in held):
                given = record.but(id=next(free))
                plan.damages.append(
                    f"{masked(record)}: another record of the target has this id; it gets the id "
                    f"{given.id}"
                )
            place = len(held)
            held.append(given)
        saves.setdefault(place, []).append(given)
    before = dict(enumerate(_kept(door, record) for record in there))
    todo = [
        given
        for place, given_there in saves.items()
        if _kept(door, held[place]) != before.get(place)
        for given in given_there
    ]
    return [held[place] for place in saves], todo


def _place_of(door: Door, held: Sequence[Record], record: Record) -> int | None:
    """Return the index of the record that a save of this one updates. None if there is none."""
    for place, each in enumerate(held):
        same = each.but(id=None) == record.but(id=None)  # no key, but an earlier run saved it
        if same or matches(door, each, record):
            return place
    return None


def _save(target: Live, todo: list[Record], moved: Moved, progress: Progress) -> None:
    for number, record in enumerate(todo, 1):
        try:
            request = target.door.to_save(record)
            getattr(target.store, request.method)(*request.arguments)
        except Exception as error:
            moved.failures.append(f"{masked(record)}: not saved: {reason(error, [record])}")
        else:
            moved.saved += 1
        progress("saved", number, len(todo))


def _verify(target: Live, expected: list[Record], moved: Moved, progress: Progress) -> None:
    """Verify that each token is listed, and found by its key and by its id, with all its fields."""
    door, reader = target.door, target.reader
    try:
        listed = [_kept(door, each.record) for each in reader.listing_in_full()]
    except Unlistable as error:
        moved.failures.append(f"{target.spec}: cannot be verified: {error}")
        return
    of_key: dict[object, list[Record]] = {}
    for record in expected:
        for query in queries(door, record):
            of_key.setdefault(query, []).append(record)
    times = Counter(listed)
    for number, record in enumerate(expected, 1):
        wrong = _what_is_wrong(target, record, times[_kept(door, record)], of_key)
        if wrong:
            moved.failures.append(f"{masked(record)}: {wrong}")
        else:
            moved.verified += 1
        progress("verified", number, len(expected))


def _what_is_wrong(
    target: Live, record: Record, times: int, of_key: dict[object, list[Record]]
) -> str:
    door, reader = target.door, target.reader
    if times != 1:
        return f"listed {times} times as it was saved, not once"
    try:
        if identity(door, record) is not None:
            query = queries(door, record)[0]
            found = reader.find(query)
            if found is None:
                return "not found by its key"
            accepted = of_key[query]
            if not any(door.used(found) == door.used(each) for each in accepted):
                return f"found by its key with other fields: {_differing(door, found, record)}"
        if door.by_id and record.id:
            found = reader.find_by_id(record.id)
            if found is None:
                return "not found by its id"
            if door.used(found) != door.used(record):
                return f"found by its id with other fields: {_differing(door, found, record)}"
    except Exception as error:
        return f"finding it raises {reason(error, [record])}"
    return ""


def _differing(door: Door, found: Record, record: Record) -> str:
    one, other = door.used(found), door.used(record)
    return ", ".join(name for name in FIELDS if getattr(one, name) != getattr(other, name))


def _kept(door: Door, record: Record) -> Record:
    """Return what a store of this generation keeps of a record, with the id if ids are kept."""
    if door.makes_ids:
        return record
    # `comparable` removes the refresh token where FileStore does not list it.
    return door.comparable(record).but(refresh_token=record.refresh_token)
