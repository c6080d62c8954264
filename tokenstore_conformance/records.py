"""A token as the kit sees it: a plain record of ten texts.

The suite, the model and the reports use only records. The door to the SDK
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
"""When the run began, in milliseconds since the epoch. Expiry times are made from it: a store may
refuse or forget what expired long ago, or have no room for an expiry time in many years."""


class Nameless:
    """The user of a token that has a user signature with the name None."""

    def __repr__(self) -> str:
        return "None"  # as a script passes it to the signature


NAMELESS: Final = Nameless()


@dataclass(frozen=True)
class Record:
    """The ten fields of a stored token. A field is None if nothing is stored in it.

    ``expires_in`` is milliseconds since the epoch, as text. ``user`` is the name in the token's
    user signature: None if the token has no signature, `NAMELESS` if the signature has no name
    (only queries are made like this).
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
        """Return the record of these fields. A run makes so many records that the constructor would
        take a twentieth of its time: it sets each of the ten fields as a frozen class must.
        """
        record = object.__new__(cls)
        vars(record).update(_NOTHING, **fields)
        return record

    def but(self, **changes: str | Nameless | None) -> Record:
        """Return this record with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def only(self, *names: str) -> Record:
        """Return a record with only the named fields of this record: a query."""
        return Record(**{name: getattr(self, name) for name in names})

    @property
    def has_expired(self) -> bool:
        """Whether the access token had expired when the kit was imported."""
        try:
            return int(self.expires_in or NOW) < NOW
        except (TypeError, ValueError):
            return False

    def without(self, *names: str) -> Record:
        """Return this record with the named fields set to None."""
        return replace(self, **dict.fromkeys(names))

    def updated_by(self, newer: Record) -> Record:
        """Return this record after an update. It keeps its id, and what ``newer`` leaves None."""
        carried = {name: value for name, value in newer.items() if name != "id"}
        return replace(self, **carried)  # type: ignore[arg-type]

    def items(self) -> list[tuple[str, str | Nameless]]:
        """Return the fields that are not None, in the order of the dataclass."""
        return [(name, getattr(self, name)) for name in FIELDS if getattr(self, name) is not None]

    def __str__(self) -> str:
        return self._written(self.items())

    def brief(self) -> str:
        """Return what distinguishes it: id, user and tokens, and the client if it has no user.

        If that is only one field, show all fields: they are what a save brings besides its key.
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
    """Return the one of ``others`` that has the most values in common with this record."""

    def in_common(other: Record) -> int:
        return sum(getattr(record, name) == value for name, value in other.items())

    return max(others, key=in_common, default=None)


def differing(record: Record, other: Record) -> list[str]:
    """Return the names of the fields in which two records differ, without the id."""
    return [n for n in FIELDS if n != "id" and getattr(record, n) != getattr(other, n)]


FIELDS: Final = tuple(field.name for field in fields(Record))

_NOTHING: Final = dict.fromkeys(FIELDS)


def is_blank(value: object) -> bool:
    """Whether a field counts as not given: None, the empty text, or a signature with no name."""
    return value is None or value == "" or value is NAMELESS


def zoho_token(label: str) -> str:
    """Return an invented token in the shape of Zoho's: `1000.`, 32 hexadecimal digits, a dot and 32
    more. The same label gives the same token.
    """
    digits = hashlib.sha256(label.encode()).hexdigest()
    return f"1000.{digits[:32]}.{digits[32:]}"


def zoho_user(name: str) -> str:
    """Return an invented user as the SDK names one: email, colon and the organisation's id."""
    return f"{name}@{name}.example:{10_000 + zlib.crc32(name.encode()) % 90_000}"


def shortened(text: str) -> str:
    """Return a text with each token in Zoho's shape cut to its beginning and its end."""
    return _ZOHO_TOKEN.sub(r"\1...\2", text)


_ZOHO_TOKEN: Final = re.compile(r"\b(1000\.[0-9a-f]{4})[0-9a-f]{28}\.[0-9a-f]{28}([0-9a-f]{4})\b")
