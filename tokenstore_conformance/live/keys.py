"""Which keys find a record of a store in use: the match rules of both generations."""

from __future__ import annotations

from tokenstore_conformance.oracle import zcrmsdk
from tokenstore_conformance.oracle.zohocrmsdk import key_of
from tokenstore_conformance.records import Record, is_blank
from tokenstore_conformance.sdk import Door

_FIRST = ("access_token", "refresh_token", "grant_token", "user")


def queries(door: Door, record: Record) -> list[Record]:
    """Return the queries that have to find a record, without those by a key that it lacks.

    The first one is by the key that a save of this record uses to find it again.
    """
    if door.module == "zcrmsdk":
        by: list[tuple[str, ...]] = [
            ("user", "client_id", "client_secret", each) for each in _TOKENS
        ]
    else:
        by = [("user",), ("access_token",)]
        by += [("client_id", "client_secret", each) for each in _TOKENS]
    made = [
        record.only(*names)
        for names in by
        if not any(is_blank(getattr(record, name)) for name in names if name != "client_secret")
    ]
    if door.module == "zohocrmsdk":
        made = [query for query in made if key_of(query)]
        made.sort(key=lambda query: key_of(query) != key_of(record))
    return made


_TOKENS = ("grant_token", "refresh_token")


def identity(door: Door, record: Record) -> object:
    """Return what two records share if a save of one updates the other. None for no key."""
    if door.module == "zohocrmsdk":
        return key_of(record)
    token = record.grant_token or record.refresh_token
    return (record.user, record.client_id, token) if token else None


def matches(door: Door, stored: Record, token: Record) -> bool:
    """Whether a save of this token updates the stored record."""
    if door.module == "zcrmsdk":
        return zcrmsdk.matches(stored, token)
    key = key_of(token)
    return key is not None and key.fits(stored)


def in_saving_order(door: Door, records: list[Record]) -> list[Record]:
    """Sort the records so that a save of one does not update another that was saved before it.

    A record without a user is found by its tokens, and a user's record may have the same tokens. So
    the record without a user is saved first. The save of the user's record then looks for the user
    only, and does not update the other record.
    """

    def rank(record: Record) -> int:
        key = key_of(record) if door.module == "zohocrmsdk" else None
        return _FIRST.index(key.field) if key else len(_FIRST)

    return sorted(records, key=rank)
