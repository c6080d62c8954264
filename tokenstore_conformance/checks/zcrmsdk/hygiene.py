"""SEC-1 and RES-1 for the older generation: what is provoked and what is called differ alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenstore_conformance.checks import hygiene
from tokenstore_conformance.checks.cast import user_of
from tokenstore_conformance.checks.hygiene import SECRET
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject

ODD_NAMES: Final = ("o'brien", "a%sb", "x{0}y")
"""Names in an email that break a statement or a format, and that the SDK's pattern lets pass."""


def keeper(store: Subject, name: str) -> Record:
    """A login whose secrets are told from everything else in a text."""
    secrets = {field: f"1000.{name.encode().hex()}.{field}" for field in SECRET}
    return store.door.in_full(user_of(store.door, name)).but(**secrets)


@five("SEC-1")
def keeps_its_secrets(store: Subject) -> None:
    hygiene.betrays_nothing(store, (_in_daily_use, _when_refusing, _when_the_backend_balks))


def _in_daily_use(store: Subject) -> Iterator[tuple[Any, ...]]:
    door = store.door
    people = [keeper(store, name) for name in ("anna", "bert")]
    for record in (*people, *people):
        yield _flat(door.to_save(record))
    for record in (*people, keeper(store, "nobody")):
        yield _flat(door.to_find(door.key(record)))
        yield _flat(door.to_find(door.key(record.without("grant_token"))))
        if door.by_id:
            yield _flat(door.to_find_by_id(record.id))
    yield ("get_tokens",)
    for record in (keeper(store, "nobody"), people[0]):
        yield _flat(door.to_delete(record))
    yield ("delete_tokens",)


def _when_refusing(store: Subject) -> Iterator[tuple[Any, ...]]:
    door = store.door
    anna = keeper(store, "anna")
    yield _flat(door.to_save(anna))
    for record in (
        anna.without("grant_token", "refresh_token"),
        anna.without("client_id"),
        anna.without("client_id", "client_secret", "grant_token"),
        anna.without("access_token", "expires_in"),
    ):
        for request in (door.to_save(record), door.to_find(record), door.to_delete(record)):
            yield _flat(request)
    user = door.to_save(anna).arguments[0]
    for junk in (None, "junk", 42):
        yield "save_token", user, junk
        yield "get_token", user, junk
        yield "delete_token", junk


def _when_the_backend_balks(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Values that a statement, a column or a file cannot take, beside secrets."""
    door = store.door
    for name in ODD_NAMES:
        odd = keeper(store, "anna").but(user=f"{name}@users.example")
        for request in (door.to_save(odd), door.to_find(door.key(odd)), door.to_delete(odd)):
            yield _flat(request)
    for text in ("nul\0", "%s {} :x ?", "long" * 1250):
        anna = keeper(store, "anna").but(redirect_url=text, client_id=text)
        yield _flat(door.to_save(anna))
        yield _flat(door.to_find(door.key(anna)))
    odd_values: tuple[Any, ...] = (7, {})  # what no driver and no text file knows how to keep
    for value in odd_values:
        yield _flat(door.to_save(keeper(store, "anna").but(redirect_url=value)))
    yield ("get_tokens",)


@five("RES-1")
def leaves_nothing_open(store: Subject) -> None:
    hygiene.piles_up_nothing(store, _make_round)


def _make_round(store: Subject, number: int) -> int:
    """Every kind of call, once or twice, on a store that is empty before and after."""
    door = store.door
    before = len(store.calls)
    anna = door.in_full(user_of(door, f"user{number % 3}"))
    nobody = door.in_full(user_of(door, "nobody"))
    calls = [
        *(door.to_save(anna.but(access_token=f"access{each}")) for each in (1, 2)),
        *(door.to_find(door.key(each)) for each in (anna, anna, anna, nobody, nobody)),
        *(door.to_find_by_id(each.id) for each in (anna, nobody) if door.by_id),
        *(Request("get_tokens", ()) for _ in range(3)),
        *(door.to_delete(each) for each in (nobody, anna, nobody)),
        *(Request("delete_tokens", ()) for _ in range(2)),
    ]
    for request in calls:
        store.try_request(request)
    return len(store.calls) - before


def _flat(request: Request) -> tuple[Any, ...]:
    return request.method, *request.arguments
