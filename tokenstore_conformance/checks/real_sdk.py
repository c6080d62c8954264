"""The users and tokens of a program that runs on the real SDK.

A stand-in replaces Zoho. It numbers the access tokens that it hands out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks.contents import claim
from tokenstore_conformance.records import NOW, Record

DAY_MS: Final = 86_400_000
"""Milliseconds."""

AHEAD: Final = str(NOW + DAY_MS - 457)
"""The expiry of a token that is not refreshed. It is later than the end of any run."""

EXPIRED: Final = (str(NOW - DAY_MS + 457), "-1")
"""Expiries of tokens that have expired: a day ago, and before 1970."""


def email_of(name: str) -> str:
    """Return an email with a "+", which a store may escape, and escape again in the next call."""
    return f"{name}+crm@program.example"


def access(number: int, name: str) -> str:
    """Return the access token that Zoho hands out to this user as the nth of all."""
    return f"access-{number}-of-{email_of(name)}"


def left(ignored: Iterable[str], expected: Iterable[Record]) -> str:
    """Return Python that is true in a script if the store lists just these records, apart from the
    ``ignored`` fields.
    """
    return claim("left", expected, repr(tuple(ignored)))


def quoted(tokens: list[str]) -> str:
    return ", ".join(map(repr, tokens)) or "nothing"
