"""The smallest store that keeps every clause of the five-method contract.

Works with tokens that have attributes (3.x) and with tokens that have accessors (2.x). Every step
is a method, so that a liar overrides one.
"""

from __future__ import annotations

import threading
from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Unreadable
from tokenstore_conformance.sdk.zcrmsdk import Door

DOOR = Door()


def refuse(why: str) -> None:
    """Raise what a store raises."""
    raise SDKException("TOKEN_STORE", why)


class Honest(TokenStore):
    """Correct, in a list of records."""

    def __init__(self) -> None:
        self.rows: list[Record] = []
        self.lock = threading.RLock()

    def get_token(self, user: Any, token: Any) -> Any:
        with self.lock:
            found = self._seek(self._asked(user, token))
            return None if found is None else self._answer(token, found)

    def get_token_by_id(self, id: str, token: Any) -> Any:
        with self.lock:
            found = self._by_id(id)
            return None if found is None else self._answer(token, found)

    def save_token(self, user: Any, token: Any) -> None:
        with self.lock:
            try:
                new = self._asked(user, token)
            except Unreadable:
                return
            old = self._seek_for_save(new)
            if old is None:
                self._insert(new)
            else:
                self._update(old, new)
            self._tell(token, new)

    def delete_token(self, token: Any) -> None:
        with self.lock:
            record = self._seek_for_delete(DOOR.read(token))
            if record is not None:
                self.rows.remove(record)

    def get_tokens(self) -> list[Any]:
        with self.lock:
            return [self._listed(each) for each in self.rows]

    def delete_tokens(self) -> None:
        with self.lock:
            self.rows.clear()

    # The steps

    def _asked(self, user: Any, token: Any) -> Record:
        return DOOR.read(token).but(user=DOOR.email(user))

    def _seek(self, asked: Record) -> Record | None:
        return next((each for each in self.rows if self._matches(each, asked)), None)

    def _seek_for_save(self, new: Record) -> Record | None:
        return self._seek(new)

    def _seek_for_delete(self, token: Record) -> Record | None:
        return self._seek(token)

    def _by_id(self, id: str) -> Record | None:
        return next((each for each in self.rows if each.id == id), None)

    def _matches(self, row: Record, asked: Record) -> bool:
        if (row.user, row.client_id) != (asked.user, asked.client_id):
            return False
        if asked.grant_token is not None:
            return row.grant_token == asked.grant_token
        return asked.refresh_token is not None and row.refresh_token == asked.refresh_token

    def _insert(self, new: Record) -> None:
        self.rows.append(new)

    def _update(self, old: Record, new: Record) -> None:
        self.rows[self.rows.index(old)] = old.updated_by(new).but(id=new.id or old.id)

    def _tell(self, token: Any, new: Record) -> None:
        DOOR.fill(token, Record(user=new.user))

    def _answer(self, token: Any, found: Record) -> Any:
        DOOR.fill(token, found)
        return token

    def _listed(self, record: Record) -> Any:
        return DOOR.build(record)
