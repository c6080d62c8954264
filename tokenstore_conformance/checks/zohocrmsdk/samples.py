"""The queries and updates that the checks of the six methods work with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks.samples import ANNA, BERT, CREDENTIALS, EVERY_KIND, LATER
from tokenstore_conformance.checks.texts import LONG
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.keys import TELLING


def keys_of(record: Record) -> dict[str, Record]:
    """Return the queries that identify a record, one for each kind of key that it has."""
    ways = {
        "user": record.only("user"),
        "access token": record.only("access_token"),
        "grant token": record.only(*CREDENTIALS, "grant_token"),
        "refresh token": record.only(*CREDENTIALS, "refresh_token"),
    }
    needs = {"user": 1, "access token": 1, "grant token": 3, "refresh token": 3}
    return {way: query for way, query in ways.items() if len(query.items()) == needs[way]}


def values_of(records: Iterable[Record]) -> list[str]:
    """Return the values that tell records apart, without their ids: none of them is an id."""
    values = (str(value) for record in records for name, value in record.items() if name in TELLING)
    return list(dict.fromkeys(values))


def knows_a_long_id(store: Subject) -> bool:
    """Save a token with an id of 255 characters. Return whether that id is listed (see DATA-1)."""
    store.try_request(store.door.to_save(ANNA.but(id=LONG[0])))
    return LONG[0] in store.ids()


UNKNOWN: Final = {
    "user": Record(user=zoho_user("nobody")),
    "access token": Record(access_token=zoho_token("no.access")),
    "grant token": Record(
        client_id="anna.client", client_secret="anna.secret", grant_token=zoho_token("no.grant")
    ),
    "refresh token": Record(
        client_id="anna.client", client_secret="anna.secret", refresh_token=zoho_token("no.refresh")
    ),
}
"""For each kind of key, a query that identifies a record that is not stored."""

CLIENT: Final = ANNA.only(*CREDENTIALS)

ONE_CLIENT: Final = tuple(
    each.updated_by(CLIENT) if each.client_id else each for each in EVERY_KIND
)
"""Records of every kind. Those with a client all have the same one, as in a program."""

SHARES_REFRESH: Final = BERT.updated_by(CLIENT).but(
    refresh_token=ANNA.refresh_token, expires_in=LATER
)
SHARES_ACCESS: Final = BERT.but(access_token=ANNA.access_token)
"""Another user with a token of anna's: one Zoho account, used under two names."""

NAMELESS_ACCESS: Final = Record(access_token=ANNA.access_token, expires_in=LATER)
"""Anna's access token, saved by a program that has nothing else."""

FRESH = Record(access_token=zoho_token("fresh.access"), expires_in=LATER)
"""The values that a refresh changes."""


def refreshed(record: Record) -> Record:
    return record.updated_by(FRESH)


def readings(store: Subject, record: Record) -> Iterable[Record]:
    """Yield what the store shows of a record: by id, by its keys, and in the listing."""
    by_id = [("find_token_by_id", record.id)] if record.id is not None else []
    # A query with more fields could come back with its own values instead of the stored ones.
    alone = [query for query in keys_of(record).values() if len(query.items()) == 1]
    by_key = [("find_token", store.door.build(query)) for query in alone]
    for method, argument in [*by_id, *by_key]:
        found = store.attempt(method, argument).value
        if isinstance(found, store.door.token_type):
            yield store.read_whole(found)
    try:
        listed = store.records()
    except ClauseFailed:
        listed = []
    yield from listed
