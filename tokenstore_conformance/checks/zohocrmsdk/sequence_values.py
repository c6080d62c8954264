"""The tokens, queries and ids in the sequences of calls.

A sequence chooses from these by a number. A sequence that fails shrinks towards the start of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.checks.samples import CREDENTIALS, EXPIRY, LATER, SOONER, person
from tokenstore_conformance.checks.sequences import another_half
from tokenstore_conformance.records import NAMELESS, Record, zoho_token, zoho_user

# For each choice, a part of a number (`Numbers`) selects from a short list. As the number shrinks
# towards zero, the choices move towards the start of the lists.

CLIENT: Final = person("one").only(*CREDENTIALS)

ANNA: Final = zoho_user("anna")

USERS: Final = (
    *(ANNA, zoho_user("m\u00fcller"), zoho_user("muller"), zoho_user("O'Neil")),
    *(f"{ANNA} ", f"{ANNA[:-1]}%", f"{ANNA}0", "anna"),
)
"""One of them is the same person in another organisation."""


A1: Final = zoho_token("access.1")
A2: Final = another_half(A1)
G1: Final = zoho_token("grant.1")
G2: Final = another_half(G1)
R1: Final = zoho_token("refresh.1")
R2: Final = another_half(R1)

CHOSEN_IDS: Final = ("7", "11", "k-1", "1x")

HOSTILE_IDS: Final = ("nobody", "1 or 1=1", "' or ''='", "%", "01", "0")


def _tokens() -> Iterator[Record]:
    for user in USERS:
        yield Record(user=user, access_token=A1)
        yield CLIENT.but(user=user, refresh_token=R1, grant_token=G1)
        yield CLIENT.but(user=user, refresh_token=R2, access_token=A2)
    for access in (A1, A2, A1.upper(), f"{A1[:-1]}%"):
        yield Record(access_token=access, expires_in=EXPIRY)
        yield Record(access_token=access, refresh_token=R2)
    for grant in (G1, G2, f"{G1} "):
        yield CLIENT.but(grant_token=grant)
        yield CLIENT.but(grant_token=grant, access_token=A1, refresh_token=zoho_token("refresh.3"))
    for refresh in (R1, R2, f"{R1}\u00e9"):
        yield CLIENT.but(refresh_token=refresh)
        yield CLIENT.but(refresh_token=refresh, access_token=A2, expires_in="-1")
    yield CLIENT.but(grant_token=G1, refresh_token=R1, access_token=A1)
    yield CLIENT.but(user=ANNA, redirect_url="https://a.example/\u00fc?q='%", access_token="1")
    yield Record(user=ANNA)
    yield Record(user=zoho_user("nobody"))


def _queries() -> Iterator[Record]:
    yield from (token.without("expires_in", "redirect_url") for token in _tokens())
    yield Record(access_token=A1, refresh_token=R1)
    yield CLIENT.but(user=zoho_user("nobody"), refresh_token=R1)
    yield Record(user=NAMELESS)
    yield Record(user="")
    yield CLIENT
    yield CLIENT.but(access_token=A1)
    yield Record(refresh_token=R1)
    yield Record(grant_token=G1)


TOKENS: Final = tuple(_tokens())

QUERIES: Final = tuple(_queries())

IDS: Final = (None, None, None, *CHOSEN_IDS)

UNKNOWN_IDS: Final = (*HOSTILE_IDS, *CHOSEN_IDS)

SIZES: Final = (0, 1, 2, 3, 4, 10)
"""How many records there are at the start."""

CHANGES: Final = (
    Record(access_token=zoho_token("access.new"), expires_in=LATER),
    Record(expires_in=SOONER),
    Record(access_token=A1),
    Record(api_domain="https://api.example"),
    Record(access_token=A2, redirect_url="https://b.example"),
)

NAMES: Final = (None, ANNA, zoho_user("m\u00fcller"), zoho_user("dora"))
"""The user names that a step may add to a token that has none."""
