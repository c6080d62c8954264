"""The logins of the sequences: few and much alike, so that calls often concern the same login.

At each of two clients, a user has two logins by grant token with refresh tokens that change, two by
grant token that never get a refresh token, and two by refresh token. No two of these logins ever
have the same refresh token. So no sequence does what the contract leaves open: it never has a grant
and a refresh token of different records, or an update that leaves a field None. All users have the
same refresh tokens.
"""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks.sequences import Numbers, another_half
from tokenstore_conformance.records import NOW, Record, zoho_token
from tokenstore_conformance.sdk import Door

NAMES: Final = ("anna", "bert", "o'neil", "aNna", "a%a")

CLIENTS: Final = ("one", "two")

KINDS: Final = ("grant", "refresh", "grant alone")
"""What a user logged in with."""

TURNS: Final = (1, 2, 3)


def any_login(door: Door, number: Numbers) -> Record:
    """Return a login that a number chooses."""
    name, client = number.choose(NAMES), number.choose(CLIENTS)
    turn, nth = number.choose(TURNS), number.choose((1, 1, 1, 2))
    return login_of(door, name, client, turn, nth, kind=number.choose(KINDS))


def login_of(
    door: Door, name: str, client: str, turn: int, nth: int = 1, *, kind: str = "grant"
) -> Record:
    """Return a user's ``nth`` login of a kind at a client. It has other values in each turn."""
    refresh = f"{client}.refresh.{kind}.{turn if kind == 'grant' else 1}"
    # A store may forget a login without a refresh token once it has expired.
    ahead = 7_200_000 if kind == "grant alone" else 0
    return Record(
        id=f"python_{name}_{client}_{kind}.{nth}" if door.by_id else None,
        user=f"{name}@users.example",
        client_id=f"{client}.client",
        client_secret=f"{client}.secret.{turn}",
        grant_token=None if kind == "refresh" else _token(f"{client}.{kind}", nth),
        refresh_token=None if kind == "grant alone" else _token(refresh, nth),
        access_token=zoho_token(f"{name}.access.{turn}"),
        expires_in=str(NOW + ahead + turn),
        redirect_url="https://program.example/back",
    )


def _token(label: str, nth: int) -> str:
    """Return a token. The second one has the first half of the first one."""
    first = zoho_token(label)
    return first if nth == 1 else another_half(first)


def named(login: Record, number: Numbers) -> Record:
    """Return the login, or the login without its grant token to delete it by its refresh token."""
    by_refresh = login.refresh_token is not None and number.choose((False, True))
    return login.but(grant_token=None) if by_refresh else login


def renewed(login: Record, turn: int) -> Record:
    """Return the login with a new access token and expiry."""
    access = zoho_token(f"renewed.{turn}")
    return login.but(access_token=access, expires_in=str(NOW + 3_600_000 + turn))
