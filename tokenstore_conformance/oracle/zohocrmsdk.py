"""The oracle: what a correct six-method store does, over plain records.

Read it together with ``docs/contract.md``. The match rule is `key_of`; the rest follows from it.
`Model.save_is_settled` and `Model.find_is_settled` say whether the contract settles an answer. The
generated sequences never make a call whose answer it leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tokenstore_conformance.records import FIELDS, Record, is_blank


class Key(NamedTuple):
    """What identifies a stored record: a field's name, and the value it must equal."""

    field: str
    value: object

    def fits(self, record: Record) -> bool:
        return bool(getattr(record, self.field) == self.value)


def key_of(token: Record) -> Key | None:
    """Return the key of a token by the match rule: the first of user, access, grant and refresh."""
    if not is_blank(token.user):
        return Key("user", token.user)
    has_client = not is_blank(token.client_id) and not is_blank(token.client_secret)
    has_no_client = is_blank(token.client_id) and is_blank(token.client_secret)
    if not is_blank(token.access_token) and has_no_client:
        return Key("access_token", token.access_token)
    if has_client and not is_blank(token.grant_token):
        return Key("grant_token", token.grant_token)
    if has_client and not is_blank(token.refresh_token):
        return Key("refresh_token", token.refresh_token)
    return None


class Refused(Exception):
    """The contract requires the store to raise SDKException and to store nothing (SAVE-16)."""


@dataclass(frozen=True)
class Answers:
    """Every answer to a find that the contract accepts."""

    records: tuple[Record, ...] = ()
    none: bool = False
    refusal: bool = False


class Model:
    """A store of records, by id."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def matches(self, key: Key | None) -> list[Record]:
        return [record for record in self.records.values() if key is not None and key.fits(record)]

    def updated_by_save(self, token: Record) -> Record | None:
        """Return the record that a save of the token updates: by its key, else its id (SAVE-18)."""
        matches = self.matches(key_of(token))
        if matches:
            return matches[0]
        return self.records.get(token.id) if token.id is not None else None

    def save(self, token: Record, new_id: str) -> Record:
        """Update or insert; return the stored record. ``new_id`` is for an insert without an id."""
        older = self.updated_by_save(token)
        if older is None and not carries_a_token(token):
            raise Refused
        stored = token.but(id=token.id or new_id) if older is None else older.updated_by(token)
        assert stored.id is not None
        self.records[stored.id] = stored
        return stored

    def find(self, query: Record) -> Answers:
        key = key_of(query)
        if key is not None:
            matches = self.matches(key)
            return Answers(tuple(matches), none=not matches)
        return Answers(tuple(self._named_without_a_key(query)), none=True, refusal=True)

    def _named_without_a_key(self, query: Record) -> list[Record]:
        """Return what a store may, but need not, answer to a query that identifies nothing."""
        by_id = [] if is_blank(query.id) else self.matches(Key("id", query.id))
        for field in ("grant_token", "refresh_token"):
            if not is_blank(getattr(query, field)):
                return [*by_id, *self.matches(Key(field, getattr(query, field)))]
        return by_id

    def find_by_id(self, id: str) -> Record | None:
        return self.records.get(id)

    def delete(self, id: str | None) -> bool:
        """Delete a record. Return whether there was one with this id."""
        return id is not None and self.records.pop(id, None) is not None

    def clear(self) -> None:
        self.records.clear()

    def save_is_settled(self, token: Record) -> bool:
        """Whether the contract says what a save of this token does."""
        key = key_of(token)
        matches = self.matches(key)
        if len(matches) > 1 or self._grant_and_refresh_disagree(token, key):
            return False
        holder = self.records.get(token.id) if token.id is not None else None
        if matches:
            return token.id in (None, matches[0].id) or holder is None
        if holder is not None:
            return key is not None and holder.user is None
        if not carries_a_token(token):
            return token.id is not None or not is_blank(token.user)
        return key is not None

    def find_is_settled(self, query: Record) -> bool:
        """Whether the contract says what a find of this query answers."""
        key = key_of(query)
        if key is None:
            return True
        missed_with_id = query.id is not None and not self.matches(key)
        return not missed_with_id and not self._grant_and_refresh_disagree(query, key)

    def _grant_and_refresh_disagree(self, token: Record, key: Key | None) -> bool:
        if key is None or key.field != "grant_token" or is_blank(token.refresh_token):
            return False
        by_refresh = self.matches(Key("refresh_token", token.refresh_token))
        return bool(by_refresh) and by_refresh != self.matches(key)


def carries_a_token(token: Record) -> bool:
    """Whether a token has anything worth storing: a grant, refresh or access token."""
    return not all(map(is_blank, (token.grant_token, token.refresh_token, token.access_token)))


def accepts(stored: Record, found: Record, query: Record) -> bool:
    """Whether an answer is complete: each value is the stored one, or the query's if it has one."""
    return not differences(stored, found, query)


def differences(stored: Record, found: Record, query: Record) -> list[str]:
    """Return the fields in which an answer has neither the stored value nor the query's."""
    return [
        name
        for name in FIELDS
        if getattr(found, name) != getattr(stored, name)
        and (getattr(query, name) is None or getattr(found, name) != getattr(query, name))
    ]
