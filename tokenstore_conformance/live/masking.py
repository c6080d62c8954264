"""Masks users, tokens and ids: shows enough to recognize them, too little to use them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.records import FIELDS, Record, is_blank

SHORTEST: Final = 3
"""Values with fewer characters are not hidden in a text: they are part of many words."""

_OPEN_ID: Final = re.compile(r"[0-9A-Fa-f-]{1,36}")
"""An id that says nothing about anybody: a number or a UUID."""
_PASSWORD: Final = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
_TOKEN: Final = re.compile(r"1000\.[\w.-]{9,}")
_USER: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+(:\w+)?")


def masked_user(name: str) -> str:
    """Return a user without the email: ``a***@***:60001``."""
    email, colon, organisation = name.partition(":")
    at = "@***" if "@" in email else ""
    return f"{email[:1]}***{at}{colon}{organisation}"


def masked_token(token: str) -> str:
    """Return the beginning of a token: ``1000.ab…``."""
    kind, dot, secret = token.partition(".")
    if dot and kind == "1000" and len(secret) > 8:
        return f"{kind}.{secret[:2]}…"
    return f"{token[:2]}…" if len(token) > 8 else "…"


def masked_id(id: str | None) -> str:
    """Return a number or a UUID as it is, and only the beginning of any other id."""
    if id is None:
        return "none"
    return id if _OPEN_ID.fullmatch(id) else f"{id[:1]}***"


def masked(record: Record) -> str:
    """Describe a record by its user, or else by a token, and by its id, all masked."""
    if not is_blank(record.user):
        who = masked_user(str(record.user))
    else:
        named = ("access_token", "grant_token", "refresh_token")
        carried = [name for name in named if getattr(record, name)]
        kind = carried[0] if carried else ""
        who = f"{kind.replace('_', ' ')} {masked_token(getattr(record, kind))}" if kind else "empty"
    return f"{who} (id {masked_id(record.id)})"


def without_password(place: str) -> str:
    """Return a URL without its password."""
    return _PASSWORD.sub(r"\1:***@", place)


def without_secrets(text: str) -> str:
    """Return a text without what looks like a token of Zoho, a user, or the password of a URL."""
    text = _TOKEN.sub(lambda found: masked_token(found[0]), without_password(text))
    return _USER.sub(lambda found: masked_user(found[0]), text)


def reason(error: BaseException, records: Iterable[Record]) -> str:
    """Describe an exception, without the values of these records or others that look like them."""
    text = describe(error)
    values = {
        str(value): masked_user(str(value)) if name == "user" else masked_token(str(value))
        for record in records
        for name, value in record.items()
        if name in _HIDDEN and len(str(value)) >= SHORTEST
    }
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, values[value])
    return without_secrets(text)


_HIDDEN: Final = frozenset(FIELDS) - {"id", "expires_in", "redirect_url", "api_domain"}
