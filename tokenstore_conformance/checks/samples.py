"""The tokens that the checks save. Every value is invented, every domain is under .example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.records import NOW, Record, zoho_token, zoho_user
from tokenstore_conformance.sdk import Door, Request

EXPIRY: Final = str(NOW + 3_600_457)

LATER: Final = str(NOW + 7_201_123)
SOONER: Final = str(NOW + 1_800_321)
"""Before the expiry of every sample, but still in the future: a store may forget a login that has
expired and has no refresh token.
"""

EXPIRED: Final = str(NOW - 3_600_000)
"""An hour ago. A store must still keep such a login if it has a refresh token."""

FEW_MILLISECONDS: Final = str(NOW + 3_600_007)
"""Its 7 milliseconds need two leading zeros if a store writes them after a decimal point."""

MANY: Final = 260
"""More records than caches, pages and buffers usually hold: 100, 128, 200, 250 or 256."""

MOST: Final = 400
"""The most records that a check stores at a time."""

OFTEN: Final = 26
"""More logins of one user, or saves of one login, than a page of 20 or 25 holds."""

CROWD: Final = 130
"""More records than a page, a batch or a cache usually holds: 25, 50, 64, 100 or 128."""


def person(name: str) -> Record:
    """Return a complete token of a user, with a client and tokens that no other user has."""
    return Record(
        user=zoho_user(name),
        client_id=f"{name}.client",
        client_secret=f"{name}.secret",
        refresh_token=zoho_token(f"{name}.refresh"),
        access_token=zoho_token(f"{name}.access"),
        grant_token=zoho_token(f"{name}.grant"),
        expires_in=EXPIRY,
        redirect_url=f"https://{name}.example/callback",
        api_domain=f"https://api.{name}.example",
    )


def user_of(door: Door, name: str) -> Record:
    """Return the token of `person` as a store of this generation of the SDK keeps it."""
    return door.as_kept(person(name))


def finding_requests(door: Door, record: Record) -> Iterator[Request]:
    """Yield the calls that find a stored record by its key, and by its id if stores find by ids."""
    full = door.in_full(record)
    yield door.to_find(door.key(full))
    if door.by_id and full.id is not None:
        yield door.to_find_by_id(full.id)


CREDENTIALS: Final = ("client_id", "client_secret")

ANNA: Final = person("anna")

BERT: Final = person("bert")

CARL: Final = person("carl")

BY_ACCESS: Final = Record(access_token=zoho_token("only.access"), expires_in=FEW_MILLISECONDS)
"""What a program saves that starts with only an access token."""

BY_GRANT: Final = person("grace").without("user", "refresh_token")
"""A login by grant token, with no known user."""

BY_REFRESH: Final = person("rita").without("user", "grant_token")
"""A start by refresh token, with no known user."""

BESIDE_GRANT: Final = (
    person("gina").updated_by(BY_GRANT.only(*CREDENTIALS)).without("user", "refresh_token")
)
"""Another login by grant token at the same client."""

BESIDE_REFRESH: Final = (
    person("ron").updated_by(BY_REFRESH.only(*CREDENTIALS)).without("user", "grant_token")
)
"""Another start by refresh token at the same client."""

ONLY_REFRESH: Final = Record(user=zoho_user("frugal"), refresh_token=zoho_token("frugal.refresh"))
"""A user with only a refresh token."""

ONLY_ACCESS: Final = Record(
    user=zoho_user("modern"), access_token=zoho_token("modern.access"), expires_in=EXPIRY
)
"""A user without a grant token or a refresh token."""

EVERY_KIND: Final = (ANNA, BY_ACCESS, BERT, BY_GRANT, ONLY_REFRESH, BY_REFRESH, ONLY_ACCESS, CARL)
"""Records of every kind: fields that are None in some are set in others."""

UNKNOWN_IDS: Final = ("999999", "no-such-id", "3f1d9a52-0c1e-4c38-9f0e-0d6f2c1b7a55")
