"""The users and tokens of a program that runs on the real SDK.

Zoho is a stand-in: it numbers the access tokens that it gives out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks.contents import claim
from tokenstore_conformance.records import NOW, Record

DAY_MS: Final = 86_400_000
"""Milliseconds."""

AHEAD: Final = str(NOW + DAY_MS - 457)
"""The expiry of a token that is not refreshed: so far ahead that no run gets there."""

EXPIRED: Final = (str(NOW - DAY_MS + 457), "-1")
"""Expiries of tokens that are: a day ago, and before 1970."""


def email_of(name: str) -> str:
    """With a sign that a store may escape, and once more in the next call."""
    return f"{name}+crm@program.example"


def access(number: int, name: str) -> str:
    """The access token that Zoho hands out as the nth of all."""
    return f"access-{number}-of-{email_of(name)}"


def left(ignored: Iterable[str], expected: Iterable[Record]) -> str:
    """Python that is true in a script if the store lists just these records, but for some
    fields.
    """
    return claim("left", expected, repr(tuple(ignored)))


def quoted(tokens: list[str]) -> str:
    return ", ".join(map(repr, tokens)) or "nothing"
