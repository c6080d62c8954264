"""SEC: the calls that could make a store with six methods show a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.samples import CREDENTIALS, UNKNOWN_IDS
from tokenstore_conformance.checks.secrets import BROKEN, SECRET, keeper, shows_no_secret
from tokenstore_conformance.checks.texts import hostile
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.subject import Subject

ODD_NAMES: Final = ("o'brien", 'o"brien', "o\\brien", "%s {0} {} :x ?", "nul\0", "long" * 1250)
"""User names that break a statement, a format or a column."""

ANNA, BERT, NOBODY = keeper("anna"), keeper("bert"), keeper("nobody")

BY_ACCESS: Final = keeper("access").only("access_token")


@check("SEC-1", generation="zohocrmsdk")
def keeps_its_secrets(store: Subject) -> None:
    """No exception, log line or repr of the store contains a client secret or a refresh, access or
    grant token.
    """
    shows_no_secret(
        store,
        (_in_daily_use, _when_refusing, _when_in_conflict, _with_odd_values, _with_broken_text),
    )


def _in_daily_use(store: Subject) -> Iterator[tuple[Any, ...]]:
    made = [store.door.build(record) for record in (ANNA, BY_ACCESS, BERT)]
    for token in (*made, *made):
        yield "save_token", token
    yield "save_token", store.door.build(ANNA.only("user").but(access_token=NOBODY.access_token))
    for record in (ANNA, BERT, NOBODY):
        for query in keys_of(record).values():
            yield "find_token", store.door.build(query)
    yield ("get_tokens",)
    for token in made:
        id = store.read_whole(token).id
        yield "find_token_by_id", id
        yield "delete_token", id
    yield ("delete_tokens",)


def _when_refusing(store: Subject) -> Iterator[tuple[Any, ...]]:
    yield "save_token", store.door.build(ANNA)
    useless = (
        ANNA.only("user", *CREDENTIALS),
        NOBODY.only("user", *CREDENTIALS),
        NOBODY.only(*CREDENTIALS).but(id="no-such-id"),
        NOBODY.only(*CREDENTIALS),
        NOBODY.only(*CREDENTIALS, "access_token"),
        NOBODY.only("client_secret", "refresh_token"),
    )
    for token in useless:
        yield "save_token", store.door.build(token)
        yield "find_token", store.door.build(token)
    for junk in (None, "junk", 42):
        yield "save_token", junk
        yield "find_token", junk
    for id in (*UNKNOWN_IDS, None, *hostile("1")):
        yield "find_token_by_id", id
        yield "delete_token", id


def _when_in_conflict(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Yield saves of records that share values that a careless schema expects to be unique."""
    token = store.door.build(ANNA)
    yield "save_token", token
    id = store.read_whole(token).id
    for same in ("refresh_token", "grant_token", "access_token", "client_secret"):
        yield "save_token", store.door.build(keeper(same).updated_by(ANNA.only(same)))
    yield "save_token", store.door.build(BERT.but(id=id))
    yield "save_token", store.door.build(NOBODY.without("user").but(id=id))


def _with_odd_values(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Yield calls with values that a statement, a column or a file cannot take, next to secrets."""
    for name in ODD_NAMES:
        for record in (ANNA.but(user=name), BERT.but(user=name, id=name), ANNA.but(user=name)):
            yield "save_token", store.door.build(record)
        yield "find_token", store.door.build(ANNA.but(user=name))
    odd: tuple[Any, ...] = (7, {})  # no driver and no text file can store these
    for value in odd:
        yield "save_token", store.door.build(ANNA.but(redirect_url=value))
    yield ("get_tokens",)


def _with_broken_text(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Yield calls with text that cannot be encoded, in each secret and next to the secrets."""
    for field in (*SECRET, "redirect_url", "user", "id"):
        broken = ANNA.but(**{field: f"{getattr(ANNA, field) or 'x'}{BROKEN}"})
        yield "save_token", store.door.build(broken)
        yield "find_token", store.door.build(broken)
        for query in keys_of(broken).values():
            yield "find_token", store.door.build(query)
    yield ("get_tokens",)
