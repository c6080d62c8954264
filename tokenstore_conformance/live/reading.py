"""Reads a store in use and never writes: the store's writing methods are refused meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.live.keys import queries
from tokenstore_conformance.live.masking import masked, reason, without_secrets
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request
from tokenstore_conformance.sdk.values import Unreadable, is_text


class Unlistable(Exception):
    """The tokens of a store cannot be listed; the message says why."""


class WriteRefused(Exception):
    """A store called one of its own writing methods while it was only read."""


@dataclass(frozen=True)
class Listed:
    """A token of a listing: its fields as text, and exactly as its getters return them."""

    record: Record
    fields: dict[str, object]


class Reader:
    """Reads a store only by ``get_tokens`` and by the methods that find."""

    def __init__(self, door: Door, store: Any) -> None:
        self.door = door
        self._store = store
        self.refused: list[str] = []
        """The writing methods that the store itself called."""

    def listing(self) -> list[Listed]:
        """Return all tokens. Raises `Unlistable`."""
        with self._writing_refused():
            try:
                answer = self._store.get_tokens()
            except Exception as error:
                why = without_secrets(describe(error))
                raise Unlistable(f"get_tokens raises {why}") from error
        if not isinstance(answer, (list, tuple)):
            raise Unlistable(f"get_tokens returns a {type(answer).__name__}, not a list")
        try:
            return [_listed(self.door, token) for token in answer]
        except Unreadable as error:
            why = without_secrets(str(error))
            raise Unlistable(f"get_tokens lists something that is not a token: {why}") from error

    def listing_in_full(self) -> list[Listed]:
        """Return all tokens, with their refresh tokens. Raises `Unlistable`.

        FileStore of zcrmsdk 3.x lists no refresh token for a login by grant token, but a find of
        that login returns it. Without it, the user has to log in again.
        """
        return [self._in_full(each) for each in self.listing()]

    def _in_full(self, listed: Listed) -> Listed:
        record = listed.record
        by_key = queries(self.door, record)
        if self.door.makes_ids or record.refresh_token or not record.grant_token or not by_key:
            return listed
        try:
            found = self.find(by_key[0])
        except Exception as error:
            why = f"its refresh token cannot be read: {reason(error, [record])}"
            raise Unlistable(f"{masked(record)}: {why}") from error
        refresh_token = found.refresh_token if found else None
        return replace(listed, record=record.but(refresh_token=refresh_token))

    def find(self, query: Record) -> Record | None:
        """Return what a query finds by its key. Raises what the store raises, and `Unreadable`."""
        return self._asked(self.door.to_find(query))

    def find_by_id(self, id: str | None) -> Record | None:
        """Return what an id finds. Raises what the store raises, and `Unreadable`."""
        return self._asked(self.door.to_find_by_id(id))

    def _asked(self, request: Request) -> Record | None:
        with self._writing_refused():
            answer = getattr(self._store, request.method)(*request.arguments)
        return None if answer is None else _listed(self.door, answer).record

    @contextlib.contextmanager
    def _writing_refused(self) -> Iterator[None]:
        """Refuse calls to the writing methods of the store, its class and its base classes."""
        with contextlib.ExitStack() as restoring:
            for name in self.door.methods:
                if name.startswith(("save", "delete")):
                    for holder in (self._store, *type(self._store).__mro__):
                        if name in getattr(holder, "__dict__", ()):
                            self._replace(holder, name, restoring)
            yield

    def _replace(self, holder: Any, name: str, restoring: contextlib.ExitStack) -> None:
        def refuse(*_: object, **__: object) -> None:
            self.refused.append(name)
            raise WriteRefused(f"{name} was called while the store was only read")

        before = holder.__dict__[name]
        setattr(holder, name, refuse)
        restoring.callback(setattr, holder, name, before)


def _listed(door: Door, token: Any) -> Listed:
    fields = door.fields(token)
    return Listed(Record(**{name: _as_text(value) for name, value in fields.items()}), fields)


def _as_text(value: Any) -> str | None:
    """Return a field as text, in full. "" becomes None."""
    if value is None:
        return None
    if is_text(value):
        return str.__str__(value) or None
    return str(int(value)) if type(value) is float and value.is_integer() else str(value)
