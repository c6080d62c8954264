"""SEC: the calls that could make a store with five methods show a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.checks.secrets import BROKEN, SECRET, shows_no_secret
from tokenstore_conformance.checks.zcrmsdk.samples import JUST_EXPIRED
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject

ODD_NAMES: Final = ("o'brien", "a%sb", "x{0}y")
"""Names in an email that break a statement or a format, and that the SDK's pattern allows."""


def keeper(store: Subject, name: str) -> Record:
    """Return a login with secrets that the check recognizes in any text."""
    secrets = {field: f"1000.{name.encode().hex()}.{field}" for field in SECRET}
    return store.door.in_full(user_of(store.door, name)).but(**secrets)


@check("SEC-1", generation="zcrmsdk")
def keeps_its_secrets(store: Subject) -> None:
    """No exception, log line or repr of the store contains a client secret or a refresh, access or
    grant token.
    """
    shows_no_secret(store, (_in_daily_use, _when_refusing, _with_odd_values, _with_broken_text))


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
    another = people[0].updated_by(keeper(store, "another").only(*SECRET[1:]))
    if another.id is not None:
        another = another.but(id=f"{another.id}_another")
    renewed = another.but(refresh_token=keeper(store, "new").refresh_token, expires_in=JUST_EXPIRED)
    for record in (another, renewed):
        yield _flat(door.to_save(record))
    yield _flat(door.to_find(door.key(renewed)))
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


def _with_odd_values(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Yield calls with values that a statement, a column or a file cannot take, next to secrets."""
    door = store.door
    for name in ODD_NAMES:
        odd = keeper(store, "anna").but(user=f"{name}@users.example")
        for request in (door.to_save(odd), door.to_find(door.key(odd)), door.to_delete(odd)):
            yield _flat(request)
    for text in ("nul\0", "%s {} :x ?", "long" * 1250):
        anna = keeper(store, "anna").but(redirect_url=text, client_id=text)
        yield _flat(door.to_save(anna))
        yield _flat(door.to_find(door.key(anna)))
    odd_values: tuple[Any, ...] = (7, {})  # no driver and no text file can store these
    for value in odd_values:
        yield _flat(door.to_save(keeper(store, "anna").but(redirect_url=value)))
    yield ("get_tokens",)


def _with_broken_text(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Yield calls with text that cannot be encoded, in each secret and next to the secrets."""
    door = store.door
    for field in (*SECRET, "redirect_url", "client_id"):
        anna = keeper(store, "anna")
        broken = anna.but(**{field: f"{getattr(anna, field)}{BROKEN}"})
        for query in (broken, broken.without("grant_token")):
            for request in (door.to_save(query), door.to_find(query), door.to_delete(query)):
                yield _flat(request)
    yield ("get_tokens",)


def _flat(request: Request) -> tuple[Any, ...]:
    return request.method, *request.arguments
