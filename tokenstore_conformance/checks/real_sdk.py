"""The users and tokens of a program that runs on the real SDK.

Zoho is a stand-in: it numbers the access tokens that it gives out.
"""

from __future__ import annotations

from typing import Final

FAR_AHEAD: Final = "4102444800000"
"""The year 2100."""

EXPIRED: Final = ("1000", "-1")
"""Milliseconds since the epoch: a moment in 1970, and one before."""


def email_of(name: str) -> str:
    return f"{name}@program.example"


def access(number: int, name: str) -> str:
    """The access token that Zoho hands out as the nth of all."""
    return f"access-{number}-of-{email_of(name)}"


def quoted(tokens: list[str]) -> str:
    return ", ".join(map(repr, tokens)) or "nothing"
