"""What a token is to the kit: a plain record of ten texts.

The suite, the model and the reports speak of records alone; the door to the SDK
(:mod:`tokenstore_conformance.sdk`) turns a record into the SDK's token and back.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

NOW: Final = int(time.time()) * 1000
"""Milliseconds since the epoch, when the run began. Expiries are made from it: a store may well
refuse, or forget, what expired long ago, or has no room for what expires in many years."""


class Nameless:
    """The user of a token that has a user signature, whose name is None."""

    def __repr__(self) -> str:
        return "None"  # as a script gives it to the signature


NAMELESS: Final = Nameless()


@dataclass(frozen=True)
class Record:
    """The ten fields of a stored token; None where nothing is stored.

    ``expires_in`` is a text, milliseconds since the epoch. ``user`` is the name in the token's
    user signature: None where the token has no signature, `NAMELESS` where the signature has no
    name (only queries are made so).
    """

    id: str | None = None
    user: str | Nameless | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    access_token: str | None = None
    grant_token: str | None = None
    expires_in: str | None = None
    redirect_url: str | None = None
    api_domain: str | None = None

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Record:
        """The record of these fields. A run makes so many that the constructor, which sets each of
        the ten as a frozen class must, takes a twentieth of it.
        """
        record = object.__new__(cls)
        vars(record).update(_NOTHING, **fields)
        return record

    def but(self, **changes: str | Nameless | None) -> Record:
        """This record with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def only(self, *names: str) -> Record:
        """The named fields of this record, and nothing else: a query."""
        return Record(**{name: getattr(self, name) for name in names})

    def without(self, *names: str) -> Record:
        """This record with the named fields None."""
        return replace(self, **dict.fromkeys(names))

    def updated_by(self, newer: Record) -> Record:
        """This record after an update: what ``newer`` leaves None, and the id, are kept."""
        carried = {name: value for name, value in newer.items() if name != "id"}
        return replace(self, **carried)  # type: ignore[arg-type]

    def items(self) -> list[tuple[str, str | Nameless]]:
        """The fields that are not None, in the order of the dataclass."""
        return [(name, getattr(self, name)) for name in FIELDS if getattr(self, name) is not None]

    def __str__(self) -> str:
        return self._written(self.items())

    def brief(self) -> str:
        """What tells it from others: id, user and tokens, the client where there is no user.

        If that is one field, show all: they are what a save brings next to its key.
        """
        told = {"id", "user", "refresh_token", "access_token", "grant_token"}
        if is_blank(self.user):
            told |= {"client_id", "client_secret"}
        items = self.items()
        kept = [(name, value) for name, value in items if name in told]
        if len(kept) == 1:
            kept = items
        return shortened(self._written(kept, "..." if len(kept) < len(items) else ""))

    @staticmethod
    def _written(items: Iterable[tuple[str, object]], rest: str = "") -> str:
        fields = [f"{name}={value!r}" for name, value in items]
        return f"token({', '.join([*fields, *filter(None, [rest])])})"


def nearest(record: Record, others: Iterable[Record]) -> Record | None:
    """The record, out of some, that has most values in common with another one."""

    def in_common(other: Record) -> int:
        return sum(getattr(record, name) == value for name, value in other.items())

    return max(others, key=in_common, default=None)


def differing(record: Record, other: Record) -> list[str]:
    """The fields in which two records differ, the id left out."""
    return [n for n in FIELDS if n != "id" and getattr(record, n) != getattr(other, n)]


FIELDS: Final = tuple(field.name for field in fields(Record))

_NOTHING: Final = dict.fromkeys(FIELDS)


def is_blank(value: object) -> bool:
    """Whether a field counts as not given: None, the empty text, or a signature with no name."""
    return value is None or value == "" or value is NAMELESS


def zoho_token(label: str) -> str:
    """An invented token in the shape of Zoho's, the same for the same label: `1000.`, 32
    hexadecimal digits, a dot and 32 more.
    """
    digits = hashlib.sha256(label.encode()).hexdigest()
    return f"1000.{digits[:32]}.{digits[32:]}"


def zoho_user(name: str) -> str:
    """An invented user as the SDK names one: the email, a colon and the organisation's id."""
    return f"{name}@{name}.example:{10_000 + zlib.crc32(name.encode()) % 90_000}"


def shortened(text: str) -> str:
    """A text as people read it: of each token in Zoho's shape the beginning and the end."""
    return _ZOHO_TOKEN.sub(r"\1...\2", text)


_ZOHO_TOKEN: Final = re.compile(r"\b(1000\.[0-9a-f]{4})[0-9a-f]{28}\.[0-9a-f]{28}([0-9a-f]{4})\b")
