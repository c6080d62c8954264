"""The tokens, queries and ids that the sequences of calls are made of.

A sequence chooses from these by a number, and one that fails shrinks towards the head of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.checks.cast import CREDENTIALS, EXPIRY, LATER, person
from tokenstore_conformance.records import NAMELESS, NOW, Record

#
# Every choice is made from a short list by a part of a number (`Numbers`): a number that shrinks
# towards zero chooses towards the heads of the lists.

CLIENT: Final = person("one").only(*CREDENTIALS)

USERS: Final = (
    *("anna", "m\u00fcller", "muller", "O'Neil", "anna ", "a%"),
    *("ann@one.example:60001", "ann@one.example:60002"),
)

ACCESS: Final = ("access.1", "access.2", "Access.1", "access.%")

GRANTS: Final = ("grant.1", "grant.2", "grant.1 ")

REFRESHES: Final = ("refresh.1", "refresh.2", "refresh.\u00e9")

CHOSEN_IDS: Final = ("7", "11", "k-1", "1x")

HOSTILE_IDS: Final = ("nobody", "1 or 1=1", "' or ''='", "%", "01", "0")


def _tokens() -> Iterator[Record]:
    for user in USERS:
        yield Record(user=user, access_token="access.1")
        yield CLIENT.but(user=user, refresh_token="refresh.1", grant_token="grant.1")
        yield CLIENT.but(user=user, refresh_token="refresh.2", access_token="access.2")
    for access in ACCESS:
        yield Record(access_token=access, expires_in=EXPIRY)
        yield Record(access_token=access, refresh_token="refresh.2")
    for grant in GRANTS:
        yield CLIENT.but(grant_token=grant)
        yield CLIENT.but(grant_token=grant, access_token="access.1", refresh_token="refresh.3")
    for refresh in REFRESHES:
        yield CLIENT.but(refresh_token=refresh)
        yield CLIENT.but(refresh_token=refresh, access_token="access.2", expires_in="-1")
    yield CLIENT.but(grant_token="grant.1", refresh_token="refresh.1", access_token="access.1")
    yield CLIENT.but(user="anna", redirect_url="https://a.example/\u00fc?q='%", access_token="1")
    yield Record(user="anna")
    yield Record(user="nobody")


def _queries() -> Iterator[Record]:
    yield from (token.without("expires_in", "redirect_url") for token in _tokens())
    yield Record(access_token="access.1", refresh_token="refresh.1")
    yield CLIENT.but(user="nobody", refresh_token="refresh.1")
    yield Record(user=NAMELESS)
    yield Record(user="")
    yield CLIENT
    yield CLIENT.but(access_token="access.1")
    yield Record(refresh_token="refresh.1")
    yield Record(grant_token="grant.1")


TOKENS: Final = tuple(_tokens())

QUERIES: Final = tuple(_queries())

IDS: Final = (None, None, None, *CHOSEN_IDS)

UNKNOWN_IDS: Final = (*HOSTILE_IDS, *CHOSEN_IDS)

SIZES: Final = (0, 1, 2, 3, 4, 10)
"""How many records there are at the start."""

CHANGES: Final = (
    Record(access_token="access.new", expires_in=LATER),
    Record(expires_in=f"{NOW - 1}"),
    Record(access_token="access.1"),
    Record(api_domain="https://api.example"),
    Record(access_token="access.2", redirect_url="https://b.example"),
)

NAMES: Final = (None, "anna", "m\u00fcller", "dora")
"""The user's name that is added to a token that has none."""
