"""The right answers of a five-method store, by the oracle of `zcrmsdk`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.failures import Call
from tokenstore_conformance.oracle.zcrmsdk import Model, matches
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.scripts.carried import Carried, Ids, text_of
from tokenstore_conformance.report.scripts.right_answers import (
    Left,
    Open,
    Option,
    Oracle,
    has,
    lists,
)
from tokenstore_conformance.sdk import Door


class FiveMethods(Oracle):
    """The oracle of `zcrmsdk`."""

    USED: Final = ("access_token", "expires_in", "refresh_token")
    """The fields that the SDK takes from a token that was found."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        super().__init__(door, ids, clause)
        self._model = Model()

    def _save(self, call: Call, new_id: Carried) -> Iterator[Option]:
        login = self._login(call)
        if login is None:
            return
        if self._clause == "SAVE-26":
            self.left = Left(login, ("user",))
        old = self._only_match(login)
        carried = dict(login.items()).keys()
        # The contract leaves open whether an update keeps what the new token leaves out. SAVE-26
        # does not ask about it.
        whole = {"user", "client_id", "access_token", "refresh_token"}
        if self._clause != "SAVE-26" and old and not whole | dict(old.items()).keys() <= carried:
            raise Open
        self._model.save(login)
        token = login.without("user") if call.arguments[-1] != login else login
        if self._clause != "SAVE-26":
            self.left = Left(token, tuple(name for name, _ in token.items() if name != "id"))
        yield self._returns(call)

    def _find(self, call: Call) -> Iterator[Option]:
        query = self._login(call)
        if query is None:
            raise Open
        record = self._only_match(query)
        yield self._misses(call) if record is None else self._has(call, record)

    def _find_by_id(self, call: Call) -> Iterator[Option]:
        id = text_of(str(call.arguments[0]))
        records = [each for each in self._model.records if each.id == id]
        if id is None or len(records) > 1:
            raise Open
        if records:
            yield self._has(call, records[0])
        else:
            yield self._misses(call)
            yield self._refuses(call)

    def _delete(self, call: Call) -> Iterator[Option]:
        token = call.arguments[-1]
        if not isinstance(token, Record):
            return
        known = self._only_match(token) is not None
        self._model.delete(token)
        yield self._returns(call)
        if not known:
            yield self._refuses(call)

    def _listing(self, call: Call) -> Option:
        stored = [self._door.comparable(each) for each in self._model.records]
        listed = call.answer
        if isinstance(listed, tuple):
            listed = tuple(
                self._door.comparable(each) if isinstance(each, Record) else each for each in listed
            )
        return lists(call, listed, stored)

    def _clear(self) -> None:
        self._model.clear()

    def _login(self, call: Call) -> Record | None:
        """Return what is saved or looked for, the token with its user; None if it is no token."""
        if len(call.arguments) != 2:
            return None
        user, token = call.arguments
        if not isinstance(token, Record):
            return None
        if not (isinstance(user, str) and user.startswith("user(")):
            raise Open
        return token.but(user=text_of(user[len("user(") : -1]))

    def _only_match(self, token: Record) -> Record | None:
        """Return the record that a token identifies; raises `Open` if its values fit several."""
        found = {each for each in self._model.records if matches(each, token)}
        by_refresh = token.without("grant_token")
        if token.refresh_token is not None:
            found |= {each for each in self._model.records if matches(each, by_refresh)}
        if len(found) > 1:
            raise Open
        return next((each for each in found if matches(each, token)), None)

    def _has(self, call: Call, stored: Record) -> Option:
        return has("answer", call.answer, stored, self.USED)
