"""How a token identifies a record, in either generation: by the match rules of the oracle."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.oracle import zcrmsdk, zohocrmsdk
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door

_CLIENT: Final = ("client_id", "client_secret")
_QUERIES: Final = (
    ("user",),
    ("access_token",),
    (*_CLIENT, "grant_token"),
    (*_CLIENT, "refresh_token"),
)

TELLING: Final = ("user", "access_token", "refresh_token", "grant_token")
"""The fields that tell records apart."""


def identifies(door: Door, query: Record, record: Record) -> bool:
    """Whether a query identifies a record, by the match rule of its generation, or by its id."""
    if query == query.only("id"):
        return query.id is not None and record.id == query.id
    if not door.makes_ids:
        return zcrmsdk.matches(record, query)
    key = zohocrmsdk.key_of(query)
    if key is None:
        return query.id is not None and record.id == query.id
    return key.fits(record)


def key_field(door: Door, query: Record) -> str:
    """Return the field by which a query identifies a record; "id" if the query has no key."""
    if not door.makes_ids:
        return "refresh_token" if query.grant_token is None else "grant_token"
    key = zohocrmsdk.key_of(query)
    return "id" if key is None else key.field


def query_for(door: Door, record: Record) -> Record:
    """Return a query that finds a record by the first key that it has."""
    if not door.makes_ids:
        return door.key(door.in_full(record))
    return next(iter(queries_for(door, record)), record.only("id"))


def queries_for(door: Door, record: Record) -> list[Record]:
    """Return a query for each key that a record has."""
    if door.makes_ids:
        return [record.only(*names) for names in _QUERIES if getattr(record, names[-1]) is not None]
    full = door.in_full(record)
    return [door.key(full), door.key(full.without("grant_token"))]


def is_recognized(record: Record, seen: Record) -> bool:
    """Whether a record that was read is one that was saved, by the fields that it still has."""
    values = [(getattr(record, name), getattr(seen, name)) for name in TELLING]
    both = [(saved, read) for saved, read in values if saved is not None and read is not None]
    return bool(both) and all(saved == read for saved, read in both)
