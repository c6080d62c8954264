"""Plans what a move saves: the records of the source, without the damage found there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from tokenstore_conformance.live.damage import (
    carries_no_token,
    expiry_fault,
    id_fault,
    of_one_id,
    of_one_login,
    oldest_first,
    one_of,
)
from tokenstore_conformance.live.keys import in_saving_order
from tokenstore_conformance.live.masking import masked, masked_id
from tokenstore_conformance.live.reading import Listed
from tokenstore_conformance.records import Record, is_blank
from tokenstore_conformance.sdk import Door

EXPIRED: Final = "0"
"""The expiry for a token without a usable one: the SDK refreshes the token at its next use."""


@dataclass
class Plan:
    """The records to save, in the order of saving, and what was damaged."""

    records: list[Record] = field(default_factory=list)
    damages: list[str] = field(default_factory=list)
    """The damage found, and what the move does about it. The texts contain no value of a token."""


def planned(door: Door, listing: list[Listed]) -> Plan:
    """Return the plan for a source. The same source always has the same plan."""
    plan = Plan()
    usable = []
    for each in listing:
        if carries_no_token(each.record):
            plan.damages.append(
                f"{masked(each.record)}: no grant, refresh or access token; left out"
            )
        else:
            usable.append(each)
    kept = [_one_of_group(door, group, plan) for group in of_one_login(door, usable)]
    records = [_with_an_expiry(each, plan) for each in kept]
    records = _with_ids(door, kept, records, listing, plan)
    plan.records = in_saving_order(door, records)
    return plan


def free_ids(taken: Iterable[str | None]) -> Iterable[str]:
    """Yield numbers above all that are taken. They are short: the SDK's DBStore allows 10 digits.

    They do not depend on the order of the records, so a second run gives the same numbers.
    """
    numbers = [int(each) for each in taken if each and each.isascii() and each.isdigit()]
    number = max(numbers, default=0)
    while True:
        number += 1
        yield str(number)


def _one_of_group(door: Door, group: list[Listed], plan: Plan) -> Listed:
    """Return the newest record of a login. Older ones of the same client fill in what it lacks."""
    *older, newest = oldest_first(group)
    if not older:
        return newest
    record, filled = newest.record, set()
    for each in reversed(older):
        if each.record.client_id == record.client_id or is_blank(each.record.client_id):
            lacking = {name for name, _ in each.record.items() if not getattr(record, name)}
            filled |= lacking - {"id"}
            record = each.record.updated_by(record).but(id=record.id)
    ids = ", ".join(masked_id(each.record.id) for each in [*older, newest])
    taken = f", with {', '.join(sorted(filled))} from the older" if filled else ""
    plan.damages.append(
        f"{masked(record)}: {len(group)} records of one {one_of(record)} (ids {ids}); "
        f"kept the one that expires last{taken}"
    )
    return Listed(record, {**newest.fields, "expires_in": record.expires_in})


def _with_an_expiry(listed: Listed, plan: Plan) -> Record:
    record, fault = listed.record, expiry_fault(listed)
    if not fault:
        return record
    if "type" in fault and record.expires_in:
        plan.damages.append(f"{masked(record)}: {fault}; saved as text")
        return record
    if not record.refresh_token:
        plan.damages.append(f"{masked(record)}: {fault}; copied as it is: no refresh token")
        return record
    plan.damages.append(
        f"{masked(record)}: {fault}; saved as expired, so that the SDK refreshes it"
    )
    return record.but(expires_in=EXPIRED)


def _with_ids(
    door: Door, kept: list[Listed], records: list[Record], listing: list[Listed], plan: Plan
) -> list[Record]:
    """Return the records, each with its own id."""
    repeated = {id(each) for group in of_one_id(door, kept) for each in group[1:]}
    free = iter(free_ids(each.record.id for each in listing))
    result = []
    for listed, record in zip(kept, records, strict=True):
        fault = id_fault(door, listed)
        if id(listed) in repeated:
            fault = "an id that another record has too"
        if not fault:
            result.append(record)
        elif record.id is not None and id(listed) not in repeated:
            plan.damages.append(f"{masked(record)}: {fault}; saved as text")
            result.append(record)
        else:
            new = next(free)
            plan.damages.append(f"{masked(record)}: {fault}; it gets the id {new}")
            result.append(record.but(id=new))
    return result
