"""Stores that are right in other ways than the honest one."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

from tests.zcrmsdk.honest import DOOR, Honest, refuse
from tokenstore_conformance.records import Record


class Replaces(Honest):
    """An update puts the new record into the place of the old one, as the SDK's stores do."""

    def _update(self, old: Record, new: Record) -> None:
        self.rows[self.rows.index(old)] = new


class GivesNewTokens(Honest):
    """What is found is a new token; the one that was given stays as it was."""

    def _answer(self, token: Any, found: Record) -> Any:
        return DOOR.build(found)

    breaks_should = ("SDK-7",)


class ListsAtRandom(Honest):
    """In another order each time."""

    def get_tokens(self) -> list[Any]:
        tokens = super().get_tokens()
        random.shuffle(tokens)
        return tokens


class RefusesUnknown(Honest):
    """What matches nothing cannot be deleted, what is no token cannot be saved."""

    def _seek_for_delete(self, token: Record) -> Record | None:
        found = super()._seek_for_delete(token)
        if found is None:
            refuse("no such token")
        return found

    def save_token(self, user: Any, token: Any) -> None:
        if not isinstance(token, DOOR.token_type):
            refuse("no token")
        super().save_token(user, token)


class RefusesUnknownIds(Honest):
    """As both of the SDK's stores of 2.x do."""

    def get_token_by_id(self, id: str, token: Any) -> Any:
        return super().get_token_by_id(id, token) or refuse("no such id")


class ListsLess(Honest):
    """Neither client secret nor redirect url, as the SDK's stores."""

    def _listed(self, record: Record) -> Any:
        return DOOR.build(record.without("client_secret", "redirect_url"))


class CountsTime(Honest):
    """The expiry is a number in the listing."""

    def _listed(self, record: Record) -> Any:
        return DOOR.build(record.but(expires_in=int(record.expires_in or 0)))  # type: ignore[arg-type]


class ReturnsTokens(Honest):
    """As the docstrings of the SDK promise."""

    def save_token(self, user: Any, token: Any) -> Any:
        super().save_token(user, token)
        return token

    def delete_token(self, token: Any) -> Any:
        super().delete_token(token)
        return token


class FillsLittle(Honest):
    """What is found gets what the SDK needs, and no user_mail."""

    def _answer(self, token: Any, found: Record) -> Any:
        DOOR.fill(token, found.only("id", "access_token", "expires_in", "refresh_token"))
        if DOOR.by_id and DOOR.read(token).client_id is None:
            DOOR.fill(token, found.only("client_id", "client_secret", "grant_token"))
        return token

    breaks_should = ("SDK-7",)


class InSqlite(Honest):
    """Rows in a database in memory, written anew at each change."""

    def __init__(self) -> None:
        super().__init__()
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE tokens (text TEXT)")

    def save_token(self, user: Any, token: Any) -> None:
        with self.lock:
            super().save_token(user, token)
            self.database.execute("DELETE FROM tokens")
            self.database.executemany(
                "INSERT INTO tokens VALUES (?)", [(repr(each),) for each in self.rows]
            )


CORRECT = [
    Honest,
    Replaces,
    GivesNewTokens,
    ListsAtRandom,
    RefusesUnknown,
    *([RefusesUnknownIds] if DOOR.by_id else []),
    ListsLess,
    CountsTime,
    ReturnsTokens,
    FillsLittle,
    InSqlite,
]
