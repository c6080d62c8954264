"""The user's store as races and other processes see it: it takes and returns records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from tokenstore_conformance.guard import forks, limits
from tokenstore_conformance.guard.frames import describe, let_go
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Door, Request, is_refusal
from tokenstore_conformance.sdk.values import elements

ANY: Final = zoho_token("any")

AT_CLIENT: Final = "-at-client-"
"""A part of a login's name. The part before it is the name of the user."""


class RecordStore(Protocol):
    """A store that takes and returns records.

    Any call may raise. The exception that the contract wants is `StoreRefused`.
    """

    def save(self, record: Record, /) -> str | None:
        """Return the id that the store set on the token; None if it set none."""

    def find(self, query: Record, /) -> Record | None: ...

    def find_by_id(self, id: str, /) -> Record | None: ...

    def delete(self, id: str, /) -> object: ...

    def get_tokens(self) -> Sequence[Record]: ...

    def clear(self) -> object: ...


class StoreRefused(Exception):
    """The store raised the exception that the contract has it raise; the text names it."""


class StoreRaised(Exception):
    """The store raised something that is not an `Exception` (SystemExit, the outcome of a test).

    The text names it.
    """


def plain(door: Door, store: Any) -> RecordStore:
    """Return the user's store, called through the door of its SDK."""
    return Plain(door, store) if door.makes_ids else PlainByUser(door, store)


class Plain:
    """A store that gives its records ids."""

    def __init__(self, door: Door, store: Any) -> None:
        self._door = door
        self._store = store

    def save(self, record: Record) -> str | None:
        request = self._door.to_save(record)
        self._call(request)
        return self._door.read(request.token).id

    def find(self, query: Record) -> Record | None:
        return self._read(self._call(self._door.to_find(query)))

    def find_by_id(self, id: str) -> Record | None:
        return self._read(self._call(self._door.to_find_by_id(id)))

    def delete(self, id: str) -> None:
        self._call(self._door.to_delete(Record(id=id)))

    def get_tokens(self) -> list[Record]:
        listed = self._call(Request("get_tokens", ()))
        return [self._door.read(token) for token in elements(listed)]

    def clear(self) -> None:
        self._call(Request("delete_tokens", ()))

    def _read(self, answer: Any) -> Record | None:
        return None if answer is None else self._door.read(answer)

    def _call(self, request: Request) -> Any:
        limits.step(request.method)
        with forks.Watch(lambda: StoreRaised(forks.TWICE)):
            try:
                return getattr(self._store, request.method)(*request.arguments)
            except BaseException as error:
                let_go(error)
                if is_refusal(self._door, error):
                    raise StoreRefused(describe(error)) from error
                if isinstance(error, Exception) or is_ours(error):
                    raise
                raise StoreRaised(describe(error)) from error
            finally:
                limits.returned()


class PlainByUser(Plain):
    """A store of the older generation, whose records have no ids of their own.

    A user has one client and one key here (see `Door.as_kept`). So the email identifies a record as
    well as an id does, and replaces it. If the key is a grant token, each access token is saved
    with a refresh token of its own, and a query by the access token uses that refresh token.

    A login with `AT_CLIENT` in its name is another login of the same user.
    """

    def __init__(self, door: Door, store: Any) -> None:
        super().__init__(door, store)
        self._owners: dict[str, Any] = {}
        """By access token, the user who got it."""

    def save(self, record: Record) -> str | None:
        access = record.access_token
        if access is not None:
            self._owners[access] = record.user
            if record.grant_token is not None:
                record = record.but(refresh_token=_refresh_token_with(access))
        self._call(self._door.to_save(_with_email(self._door.in_full(record))))
        return record.user if isinstance(record.user, str) else None

    def find(self, query: Record) -> Record | None:
        if query.user is None and query.access_token is not None:
            return self._find_by_access(query.access_token)
        return self._find_by(self._key(query.user))

    def _find_by_access(self, access: str) -> Record | None:
        if access not in self._owners:
            return None
        key = self._key(self._owners[access])
        if key.grant_token is None:
            found = self._find_by(key)
            return found if found is not None and found.access_token == access else None
        refresh = _refresh_token_with(access)
        return self._find_by(self._door.key(key.but(grant_token=None, refresh_token=refresh)))

    def _find_by(self, key: Record) -> Record | None:
        return self._whose(key, self._call(self._door.to_find(_with_email(key))))

    def find_by_id(self, id: str) -> Record | None:
        if not self._door.by_id:
            return self.find(Record(user=id))
        key = self._key(id)
        try:
            request = self._door.to_find_by_id(self._door.in_full(key).id)
            return self._whose(key, self._call(request))
        except StoreRefused:  # the SDK's own stores raise this for an unknown id
            return None

    def _whose(self, key: Record, answer: Any) -> Record | None:
        """Return the record of an answer, with the user of the key: a token need not have it."""
        found = self._read(answer)
        if found is None:
            return None
        asked = self._named(self._key(key.user))
        return asked.updated_by(self._door.used(found)).but(id=asked.id)

    def delete(self, id: str) -> None:
        self._call(self._door.to_delete(_with_email(self._key(id))))

    def get_tokens(self) -> list[Record]:
        return [self._named(record) for record in super().get_tokens()]

    def _key(self, email: Any) -> Record:
        name = str(email).partition("@")[0]
        login = Record(user=email, client_id=f"{name}.client", grant_token=ANY, refresh_token=ANY)
        return self._door.key(self._door.in_full(self._door.as_kept(login)))

    def _named(self, record: Record) -> Record:
        kept = _with_login(self._door.comparable(record))
        return kept.but(id=kept.user)


def _with_email(record: Record) -> Record:
    """Return the record with its user's email, whichever login it is."""
    login = str(record.user).partition("@")[0]
    person = login.partition(AT_CLIENT)[0]
    return record if person == login else record.but(user=str(record.user).replace(login, person))


def _with_login(record: Record) -> Record:
    """Return the record with the login that the client's name tells. Reverses `_with_email`."""
    person = str(record.user).partition("@")[0]
    login = str(record.client_id).removesuffix(".client")
    if not login.startswith(f"{person}{AT_CLIENT}"):
        return record
    return record.but(user=str(record.user).replace(person, login))


def _refresh_token_with(access_token: str) -> str:
    """Return the refresh token that a user got with an access token."""
    return zoho_token(f"refresh token with {access_token}")
