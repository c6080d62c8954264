"""What already harms somebody in the records of a store, each fault in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokenstore_conformance.live.keys import identity
from tokenstore_conformance.live.reading import Listed
from tokenstore_conformance.records import Record, is_blank
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import is_text


def carries_no_token(record: Record) -> bool:
    """Whether the SDK can do nothing with a record."""
    return not (record.grant_token or record.refresh_token or record.access_token)


def expiry_fault(listed: Listed) -> str:
    """What is wrong with an expiry, and what the SDK does with it; "" where nothing is.

    Without an access token the SDK asks for one, and does not read the expiry.
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
    """What is wrong with an id by itself; "" where nothing is."""
    id = listed.fields.get("id")
    if not (door.makes_ids or door.by_id):
        return ""  # this line of the SDK never uses it
    if id is None or id == "":
        return "no id"
    return "" if is_text(id) else f"an id of type {type(id).__name__}, not text"


def of_one_login(door: Door, listing: Iterable[Listed]) -> list[list[Listed]]:
    """The records in groups: those of one user or, where they name none, of one token.

    A save of one updates another of its group, so a right store holds one of each.
    """
    groups: dict[object, list[Listed]] = {}
    for each in listing:
        key = identity(door, each.record)
        if key is None:
            key = ("alone", each.record.but(id=None))
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def of_one_id(door: Door, listing: Iterable[Listed]) -> list[list[Listed]]:
    """The groups of records that share an id with another."""
    if not (door.makes_ids or door.by_id):
        return []
    groups: dict[str, list[Listed]] = {}
    for each in listing:
        if each.record.id is not None:
            groups.setdefault(each.record.id, []).append(each)
    return [group for group in groups.values() if len(group) > 1]


def oldest_first(group: Sequence[Listed]) -> list[Listed]:
    """Records of one login by their expiry; those without one first, else as they are listed."""
    return sorted(group, key=lambda each: _milliseconds(each.record.expires_in))


def one_of(record: Record) -> str:
    """What the records of one group have in common, in words: "user" or "token"."""
    return "token" if is_blank(record.user) else "user"


def _milliseconds(expiry: str | None) -> int:
    try:
        return int(expiry or "")
    except ValueError:
        return -1
