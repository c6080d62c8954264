"""FIND: a login is found by its user, client and token, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    TO_USE,
    carries,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

ALIKE: Final[dict[str, Callable[[str], str]]] = {
    "another letter case": str.upper,
    "a blank behind": lambda text: f"{text} ",
    "a wildcard": lambda text: f"{text[:-1]}%",
    "another wildcard": lambda text: f"{text[:-1]}_",
    "an accent": lambda text: text.replace("n", "\u00f1", 1) if "n" in text else f"{text}\u00e9",
}
"""Values that a lenient comparison takes for the stored one."""


def _ground(store: Subject) -> list[Record]:
    records = [login(store, "anna"), without_grant(store, "bert"), login(store, "carl")]
    for record in records:
        store.save(record)
    return records


def _found_by(store: Subject, way: str) -> None:
    for record in _ground(store):
        query = queries(record).get(way)
        if query is not None:
            carries(store.find(query), record, TO_USE, f"found by {way}")


@five("FIND-1", rests_on=("SAVE-1", "DATA-3"))
def by_grant_token(store: Subject) -> None:
    _found_by(store, "grant token")


@five("FIND-2", rests_on=("SAVE-1", "DATA-3"))
def by_refresh_token(store: Subject) -> None:
    _found_by(store, "refresh token")


@five("FIND-3", rests_on=("SAVE-1",))
def misses(store: Subject) -> None:
    for filled in (False, True):
        records = _ground(store) if filled else [login(store, "anna"), without_grant(store, "bert")]
        nobody = login(store, "nobody")
        for record in records:
            for way, query in queries(record).items():
                field = way.replace(" ", "_")
                strangers = {
                    "another user": query.but(user=nobody.user),
                    "another client": query.but(client_id=nobody.client_id),
                    f"another {way}": query.but(**{field: "no.such.token"}),
                }
                if not filled:
                    strangers["an empty store"] = query
                for what, stranger in strangers.items():
                    expect.nothing_found(store, stranger, what=f"{what}, by {way}")


@five("FIND-4", rests_on=("SAVE-1", "DATA-3", "FIND-1", "FIND-2"))
def gives_what_the_sdk_needs(store: Subject) -> None:
    for record in _ground(store):
        for way, query in queries(record).items():
            request = store.door.to_find(query)
            found = store.request(request)
            read = store.read_whole(found) if found is not None else None
            carries(read, record, TO_USE, f"found by {way}")
            if found is request.token:
                continue
            asked = ("client_id", "client_secret", way.replace(" ", "_"))
            names = ("client_id", "client_secret", "grant_token")
            wanted = query.but(grant_token=record.grant_token).only(*{*names, *asked})
            carries(read, wanted, names, f"a new token, found by {way}, fit to be saved again")


@five("FIND-5", rests_on=("SAVE-1", "FIND-3"))
def compares_exactly(store: Subject) -> None:
    for record in _ground(store):
        for way, query in queries(record).items():
            for field in ("client_id", way.replace(" ", "_")):
                for what, alike in ALIKE.items():
                    value = alike(str(getattr(query, field)))
                    if value != getattr(query, field):
                        expect.nothing_found(
                            store, query.but(**{field: value}), what=f"{field} with {what}"
                        )
            name, _, domain = str(query.user).partition("@")
            # The SDK's pattern lets any one character pass between two of its own.
            upper = f"{name[0]}{name[1].upper()}{name[2:]}"
            for like in (upper, f"{name[0]}%{name[2:]}", f"_{name[1:]}"):
                other = query.but(user=f"{like}@{domain}")
                expect.nothing_found(store, other, what=f"the user {other.user!r}")


@five("FIND-6", rests_on=("LIST-1",))
def changes_nothing(store: Subject) -> None:
    records = _ground(store)
    nobody = login(store, "nobody")
    for query in (*(q for each in (*records, nobody) for q in queries(each).values()),):
        before = store.records()
        store.try_request(store.door.to_find(query))
        expect.same_records(store, before, after="a find")


@five("FIND-7", rests_on=("SAVE-1", "FIND-3"))
def never_gives_away_another_users_token(store: Subject) -> None:
    anna = login(store, "anna")
    shared = anna.only("client_id", "client_secret", "refresh_token")
    bert = without_grant(store, "bert").updated_by(shared)
    for record in (anna, bert):
        store.save(record)
    for record, other in ((anna, bert), (bert, anna)):
        for way, query in queries(record).items():
            found = store.find(query)
            if found is not None and found.access_token == other.access_token:
                raise ClauseFailed(f"by {way}, the token of {record.user!r}", f"of {other.user!r}")
    for mine in queries(anna).values():
        stranger = mine.but(user=login(store, "carl").user)
        expect.nothing_found(store, stranger, what="a user with another's token")
