"""Finds what already harms somebody in the records of a store, and describes each fault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokenstore_conformance.live.keys import identity
from tokenstore_conformance.live.reading import Listed
from tokenstore_conformance.records import Record, is_blank
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import is_text


def carries_no_token(record: Record) -> bool:
    """Whether a record has no token, so that the SDK can do nothing with it."""
    return not (record.grant_token or record.refresh_token or record.access_token)


def expiry_fault(listed: Listed) -> str:
    """Return what is wrong with an expiry, and what the SDK does with it. "" if nothing is wrong.

    Without an access token, the SDK asks for one and does not read the expiry.
    """
    expiry: Any = listed.fields.get("expires_in")
    if not listed.record.access_token:
        return ""
    if expiry is None or expiry == "":
        return "no expiry: the SDK uses the access token after it has expired"
    try:
        int(expiry)
    except (TypeError, ValueError):
        return "an expiry that is not a number: the SDK fails with ValueError"
    if not is_text(expiry):
        return f"an expiry of type {type(expiry).__name__}: the SDK fails with TypeError"
    return ""


def id_fault(door: Door, listed: Listed) -> str:
    """Return what is wrong with an id by itself. "" if nothing is wrong."""
    id = listed.fields.get("id")
    if not (door.makes_ids or door.by_id):
        return ""  # this line of the SDK never uses it
    if id is None or id == "":
        return "no id"
    return "" if is_text(id) else f"an id of type {type(id).__name__}, not text"


def of_one_login(door: Door, listing: Iterable[Listed]) -> list[list[Listed]]:
    """Group the records by user or, if they name no user, by token.

    A save of one record updates another of its group, so a correct store holds one of each group.
    """
    groups: dict[object, list[Listed]] = {}
    for each in listing:
        key = identity(door, each.record)
        if key is None:
            key = ("alone", each.record.but(id=None))
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def of_one_id(door: Door, listing: Iterable[Listed]) -> list[list[Listed]]:
    """Return the groups of records that share an id."""
    if not (door.makes_ids or door.by_id):
        return []
    groups: dict[str, list[Listed]] = {}
    for each in listing:
        if each.record.id is not None:
            groups.setdefault(each.record.id, []).append(each)
    return [group for group in groups.values() if len(group) > 1]


def oldest_first(group: Sequence[Listed]) -> list[Listed]:
    """Sort records of one login by expiry, those without one first. Ties keep their order."""
    return sorted(group, key=lambda each: _milliseconds(each.record.expires_in))


def one_of(record: Record) -> str:
    """Return what the records of one group have in common: "user" or "token"."""
    return "token" if is_blank(record.user) else "user"


def _milliseconds(expiry: str | None) -> int:
    try:
        return int(expiry or "")
    except ValueError:
        return -1
