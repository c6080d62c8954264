"""Logins without a value that most logins have, but that no key needs."""

from __future__ import annotations

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.zcrmsdk.samples import (
    another_of,
    kept,
    login,
    without_refresh,
)
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


def by_grant_alone(store: Subject, name: str) -> list[Record]:
    """Return two logins of one user and client for which Zoho gave no refresh token: the program
    did not ask for one (`access_type=online`), or the user had one already.
    """
    first = without_refresh(store, name)
    return [first, another_of(first)]


def without_secret(store: Subject, name: str) -> list[Record]:
    """Return a login without a client secret; none in 2.x, where tokens need a client secret."""
    return [] if store.door.by_id else [login(store, name).without("client_secret")]


def those_kept(store: Subject, *records: Record) -> list[Record]:
    """Save these, and return those that the store lists. Other clauses are about the rest."""
    for record in records:
        store.try_request(store.door.to_save(record))
    listed = [kept(store, each) for each in contents.readable(store)]
    return [each for each in records if kept(store, each) in listed]
