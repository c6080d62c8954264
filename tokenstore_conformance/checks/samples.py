"""The tokens that the checks save. Every value is invented, every domain is under .example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.records import NOW, Record, zoho_token, zoho_user
from tokenstore_conformance.sdk import Door, Request

EXPIRY: Final = str(NOW + 3_600_457)

LATER: Final = str(NOW + 7_201_123)
SOONER: Final = str(NOW + 1_800_321)
"""Before the expiry of every sample, and still to come: a store may forget a login that has expired
and has no refresh token.
"""

EXPIRED: Final = str(NOW - 3_600_000)
"""An hour ago. A login with a refresh token is a login all the same."""

FEW_MILLISECONDS: Final = str(NOW + 3_600_007)
"""Its milliseconds need two zeros in front, where they are written after a point."""

MANY: Final = 260
"""More records than caches, pages and buffers hold, which is often 100, 128, 200, 250 or 256."""

MOST: Final = 400
"""No check stores more records than this at a time."""

OFTEN: Final = 26
"""More logins of one user, or saves of one login, than a page of 20 or 25 holds."""

CROWD: Final = 130
"""More records than a page, a batch or a cache often holds, which is 25, 50, 64, 100 or 128."""


def person(name: str) -> Record:
    """A complete token of a user, with a client and tokens of its own."""
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
    """The same, as it is kept by a store of this generation of the SDK."""
    return door.as_kept(person(name))


def finding_requests(door: Door, record: Record) -> Iterator[Request]:
    """What finds a stored record: by its key, and by its id where stores find by ids."""
    full = door.in_full(record)
    yield door.to_find(door.key(full))
    if door.by_id and full.id is not None:
        yield door.to_find_by_id(full.id)


ANNA: Final = person("anna")

BERT: Final = person("bert")

CARL: Final = person("carl")

BY_ACCESS: Final = Record(access_token=zoho_token("only.access"), expires_in=FEW_MILLISECONDS)
"""What a program saves that starts on an access token alone."""

BY_GRANT: Final = person("grace").without("user", "refresh_token")
"""A login by grant token whose user is not known."""

BY_REFRESH: Final = person("rita").without("user", "grant_token")
"""A start by refresh token whose user is not known."""

ONLY_REFRESH: Final = Record(user=zoho_user("frugal"), refresh_token=zoho_token("frugal.refresh"))
"""A user of whom little is stored."""

ONLY_ACCESS: Final = Record(
    user=zoho_user("modern"), access_token=zoho_token("modern.access"), expires_in=EXPIRY
)
"""A user without grant or refresh token."""

EVERY_KIND: Final = (ANNA, BY_ACCESS, BERT, BY_GRANT, ONLY_REFRESH, BY_REFRESH, ONLY_ACCESS, CARL)
"""Records of every kind, so that fields that are None meet fields that are set."""

CREDENTIALS: Final = ("client_id", "client_secret")

UNKNOWN_IDS: Final = ("999999", "no-such-id", "3f1d9a52-0c1e-4c38-9f0e-0d6f2c1b7a55")
