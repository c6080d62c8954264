"""Reads a store in use, and reports what in it already harms somebody. Writes nothing."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from tokenstore_conformance.live.damage import (
    carries_no_token,
    expiry_fault,
    id_fault,
    of_one_id,
    of_one_login,
    one_of,
)
from tokenstore_conformance.live.findings import Audit, Finding, Kind
from tokenstore_conformance.live.keys import identity, queries
from tokenstore_conformance.live.masking import masked, masked_id, reason
from tokenstore_conformance.live.opening import Live
from tokenstore_conformance.live.reading import Listed, Reader, Unlistable, WriteRefused
from tokenstore_conformance.records import FIELDS, Record

_REFRESHED: Final = {"access_token", "expires_in"}
"""The fields of a record that a program changes when it refreshes a token."""
_KEYS: Final = ("user", "access_token", "grant_token", "refresh_token")
_TRIED: Final = 20
"""At most this many changed records are looked up once more."""


def audit(live: Live) -> Audit:
    """Read the store by its listing, by every key and by every id, and return the findings."""
    reader = live.reader
    found = Audit(live.spec, live.door.module)
    try:
        listing = reader.listing()
    except Unlistable as error:
        found.findings.append(Finding(Kind.UNLISTABLE, "", str(error)))
        return found
    found.tokens = len(listing)
    found.findings += _of_records(live, listing)
    lookups = _Lookups(live, reader, listing, found)
    for each in listing:
        lookups.look_up(each.record)
    _compare_listings(reader, listing, found)
    for name in dict.fromkeys(reader.refused):
        found.findings.append(
            Finding(
                Kind.FIND_WRITES, "", f"a method that finds calls {name}, which was refused here"
            )
        )
    return found


def _of_records(live: Live, listing: list[Listed]) -> Iterator[Finding]:
    """Yield the findings that the listing alone shows."""
    door = live.door
    for group in of_one_login(door, listing):
        record = group[0].record
        if len(group) > 1:
            ids = ", ".join(masked_id(each.record.id) for each in group)
            is_users = one_of(record) == "user"
            yield Finding(
                Kind.SEVERAL_OF_A_USER if is_users else Kind.SEVERAL_OF_A_TOKEN,
                masked(record),
                f"{len(group)} records (ids {ids}): it is arbitrary which one the SDK gets",
            )
    for group in of_one_id(door, listing):
        others = ", ".join(masked(each.record) for each in group)
        yield Finding(Kind.SHARED_ID, others, "deleting one may delete the other")
    for each in listing:
        if fault := id_fault(door, each):
            yield Finding(Kind.UNUSABLE_ID, masked(each.record), fault)
        if carries_no_token(each.record):
            yield Finding(Kind.NO_TOKEN, masked(each.record), "no grant, refresh or access token")
        elif fault := expiry_fault(each):
            yield Finding(Kind.UNUSABLE_EXPIRY, masked(each.record), fault)
        if identity(door, each.record) is None and not carries_no_token(each.record):
            yield Finding(Kind.NO_KEY, masked(each.record), "no key finds this record")


class _Lookups:
    """Looks up each record of a listing, by each of its keys and by its id."""

    def __init__(self, live: Live, reader: Reader, listing: list[Listed], found: Audit) -> None:
        self._door, self._reader, self._found = live.door, reader, found
        self._records = [each.record for each in listing]
        self._sharing: dict[tuple[str, object], list[Record]] = {}
        """For each field and value, the records that have this value in this field."""
        for record in self._records:
            for name, value in record.items():
                self._sharing.setdefault((name, value), []).append(record)

    def look_up(self, record: Record) -> None:
        for query in queries(self._door, record):
            carried = [name for name in _KEYS if getattr(query, name) is not None]
            self._judge(self._reader.find, query, record, carried[-1])
        if self._door.by_id and record.id is not None:
            self._judge(self._reader.find_by_id, record.id, record, "id")

    def _judge(
        self, find: Callable[[Any], Record | None], asked: Any, own: Record, key: str
    ) -> None:
        by = f"its {key.replace('_', ' ')}"
        try:
            answer = find(asked)
        except WriteRefused:
            return  # it is reported for the store as a whole
        except Exception as error:
            self._harm(Kind.NOT_FOUND, own, f"finding it by {by} raises {reason(error, [own])}")
            return
        if answer is None:
            self._harm(Kind.NOT_FOUND, own, f"not found by {by}")
            return
        accepted = self._sharing[key, getattr(own, key)]
        if any(self._door.used(answer) == self._door.used(each) for each in accepted):
            return
        same = next((each for each in accepted if self._is_same(answer, each)), None)
        if same is None:
            other = f"the record with the id {masked_id(answer.id)}"
            self._harm(Kind.ANOTHERS, own, f"asked for by {by}: got {other}")
        elif lost := {n for n in FIELDS if getattr(answer, n) != getattr(same, n)} - _REFRESHED:
            fields = ", ".join(sorted(lost))
            self._harm(Kind.OTHER_FIELDS, own, f"found by {by}: another {fields}")

    def _is_same(self, answer: Record, record: Record) -> bool:
        """Whether an answer is this record, which a program may have refreshed meanwhile."""
        if self._door.makes_ids:
            return (answer.id, answer.user) == (record.id, record.user)
        others = [each for each in self._records if each is not record]
        return all(answer.access_token != each.access_token for each in others)

    def _harm(self, kind: Kind, record: Record, detail: str) -> None:
        self._found.findings.append(Finding(kind, masked(record), detail))


def _compare_listings(reader: Reader, before: list[Listed], found: Audit) -> None:
    """Report how finding changed the listing. A program may use the store at the same time."""
    try:
        after = reader.listing()
        changed = _changed(before, after)
        again = [each for each in changed[:_TRIED] if _changes_it(reader, each)]
    except Unlistable as error:
        found.findings.append(Finding(Kind.FIND_CHANGES, "", f"after the finds, {error}"))
        return
    by_id = {each.record.id: each.record for each in after}
    for record in changed:
        now = by_id.get(record.id)
        fields = {n for n in FIELDS if now and getattr(record, n) != getattr(now, n)}
        what = f"another {', '.join(sorted(fields))}" if now else "gone"
        if record in again:
            found.findings.append(
                Finding(Kind.FIND_CHANGES, masked(record), f"{what} after each find")
            )
        elif not fields or fields - _REFRESHED:
            detail = f"{what} after it was only looked up; if a program uses the store, run again"
            found.findings.append(Finding(Kind.FIND_CHANGES, masked(record), detail))
        else:
            found.notes.append(f"{masked(record)} was refreshed by a program meanwhile")


def _changed(before: list[Listed], after: list[Listed]) -> list[Record]:
    """Return the records that are no longer listed as they were."""
    left = Counter(each.record for each in after)
    return [each.record for each in before if not left[each.record]]


def _changes_it(reader: Reader, record: Record) -> bool:
    """Whether a find of this record alone changes the listing."""
    before = reader.listing()
    for query in queries(reader.door, record):
        with contextlib.suppress(Exception):
            reader.find(query)
    if record.id is not None and reader.door.by_id:
        with contextlib.suppress(Exception):
            reader.find_by_id(record.id)
    return bool(_changed(before, reader.listing()))
