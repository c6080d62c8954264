"""The kinds of harm that an audit can find in a store in use, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """A kind of harm: a short description, and its consequence."""

    UNLISTABLE = (
        "the tokens cannot be listed",
        "A program that shows or refreshes all logins fails.",
    )
    SEVERAL_OF_A_USER = (
        "several records of one user",
        "It is arbitrary which one the SDK gets: its tokens may no longer be valid.",
    )
    SEVERAL_OF_A_TOKEN = (
        "several records of one token",
        "It is arbitrary which one the SDK gets: it may have expired.",
    )
    SHARED_ID = (
        "an id that several records have",
        "Finding or deleting a login by its id may return or delete another one.",
    )
    UNUSABLE_ID = (
        "an id that is missing or not text",
        "The SDK cannot find the login by its id.",
    )
    NO_TOKEN = (
        "no token",
        "The SDK can do nothing with the record: the user has to log in again.",
    )
    UNUSABLE_EXPIRY = (
        "an expiry that the SDK cannot use",
        "The SDK fails, or uses an access token after it has expired.",
    )
    NO_KEY = (
        "a record that no key identifies",
        "No query finds the record: the user has to log in again.",
    )
    NOT_FOUND = (
        "a record that cannot be found",
        "The SDK takes the user for one who has not logged in.",
    )
    ANOTHERS = (
        "a find that returns another record",
        "The SDK works with the data of another user.",
    )
    OTHER_FIELDS = (
        "a record found with other fields",
        "The SDK works with values that are not those of the record.",
    )
    FIND_CHANGES = (
        "a find that changes the listing",
        "Looking a login up changes it, or loses it.",
    )
    FIND_WRITES = (
        "a find that writes",
        "Two programs that only look logins up can overwrite what the other one saves.",
    )

    def __init__(self, words: str, consequence: str) -> None:
        self.words = words
        self.consequence = consequence

    @property
    def id(self) -> str:
        """Its name in reports, such as ``shared-id``. It never changes."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class Finding:
    """Something that harms somebody, or will.

    Users and tokens in it are masked, and so are ids, except for numbers and UUIDs.
    """

    kind: Kind
    where: str
    """The records, masked; "" for the store as a whole."""
    detail: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.detail or self.kind.words)))


@dataclass
class Audit:
    """What an audit found in a store."""

    spec: str
    """The store as the user named it, without a password."""
    generation: str
    tokens: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is worth knowing but does no harm."""

    @property
    def by_kind(self) -> dict[Kind, list[Finding]]:
        """The findings by kind, with the kinds in the order of their first finding."""
        found: dict[Kind, list[Finding]] = {}
        for harm in self.findings:
            found.setdefault(harm.kind, []).append(harm)
        return found
