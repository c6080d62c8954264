"""A store of the user's as the races and the other processes see it: records in, records out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.guard.listing import bounded
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request


class RecordStore(Protocol):
    """A store: records in, records out. Any call may raise; `Refused` is the contract's own way."""

    def save(self, record: Record, /) -> str | None:
        """Returns the id that the store set on the token, None where it set none."""

    def find(self, query: Record, /) -> Record | None: ...

    def find_by_id(self, id: str, /) -> Record | None: ...

    def delete(self, id: str, /) -> object: ...

    def get_tokens(self) -> Sequence[Record]: ...

    def clear(self) -> object: ...


class Refused(Exception):
    """The store raised what the contract has it raise; the text names it."""


class Raised(Exception):
    """The store raised what is no ordinary exception (SystemExit, a test's own outcome)."""


def plain(door: Door, store: Any) -> RecordStore:
    """The user's store, through the door of its SDK."""
    return Plain(door, store) if door.makes_ids else PlainByUser(door, store)


class Plain:
    """A store that gives its records ids."""

    def __init__(self, door: Door, store: Any) -> None:
        self._door = door
        self._store = store

    def save(self, record: Record) -> str | None:
        request = self._door.to_save(record)
        self._call(request)
        id = self._door.fields(request.token)["id"]
        return str(id) if id else None

    def find(self, query: Record) -> Record | None:
        return self._read(self._call(self._door.to_find(query)))

    def find_by_id(self, id: str) -> Record | None:
        return self._read(self._call(self._door.to_find_by_id(id)))

    def delete(self, id: str) -> None:
        self._call(self._door.to_delete(Record(id=id)))

    def get_tokens(self) -> list[Record]:
        listed = self._call(Request("get_tokens", ()))
        return [self._door.read(token) for token in bounded(listed)]

    def clear(self) -> None:
        self._call(Request("delete_tokens", ()))

    def _read(self, answer: Any) -> Record | None:
        return None if answer is None else self._door.read(answer)

    def _call(self, request: Request) -> Any:
        limits.step()
        try:
            return getattr(self._store, request.method)(*request.arguments)
        except self._door.refusal as error:
            raise Refused(describe(error)) from error
        except (SystemExit, KeyboardInterrupt) as error:
            raise Raised(describe(error)) from error


class PlainByUser(Plain):
    """A store of the older generation, whose records have no ids of their own.

    A user has one client and one grant token here (see `Door.as_kept`), so the email tells as much
    as an id, and stands for it.
    """

    def save(self, record: Record) -> str | None:
        self._call(self._door.to_save(self._door.in_full(record)))
        return record.user if isinstance(record.user, str) else None

    def find(self, query: Record) -> Record | None:
        key = self._key(query.user)
        found = self._read(self._call(self._door.to_find(key)))
        if found is None:
            return None
        # A token that was found need not tell whose it is: the program knows.
        asked = self._named(key)
        return asked.updated_by(self._door.used(found)).but(id=asked.id)

    def find_by_id(self, id: str) -> Record | None:
        return self.find(Record(user=id))

    def delete(self, id: str) -> None:
        self._call(self._door.to_delete(self._key(id)))

    def get_tokens(self) -> list[Record]:
        return [self._named(record) for record in super().get_tokens()]

    def _key(self, email: Any) -> Record:
        name = str(email).partition("@")[0]
        login = Record(user=email, client_id=f"{name}.client", grant_token=f"{name}.grant")
        return self._door.key(self._door.in_full(login))

    def _named(self, record: Record) -> Record:
        kept = self._door.comparable(record)
        return kept.but(id=kept.user)
