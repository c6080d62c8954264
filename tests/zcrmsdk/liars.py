"""Stores that are wrong in exactly one way: the docstring says which, `clause` what it breaks."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

from tests.zcrmsdk.honest import DOOR, Honest
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Unreadable


class NoTokenStore:
    """Has every method, and is not derived from the SDK's TokenStore."""

    clause = "SHAPE-1"
    __init__ = Honest.__init__


for _name, _method in vars(Honest).items():
    if callable(_method) and _name != "__init__":
        setattr(NoTokenStore, _name, _method)


class TakesMore(Honest):
    """delete_token wants an argument more."""

    clause = "SHAPE-2"

    def delete_token(self, token: Any, reason: str) -> None:
        super().delete_token(token)


class OnlyOne(Honest):
    """A second construction where it stands raises."""

    clause = "SHAPE-4"

    def __init__(self) -> None:
        super().__init__()
        Path("tokens").touch(exist_ok=False)


class LosesTheRefreshToken(Honest):
    """An insert drops the refresh token of a login by grant token."""

    clause = "SAVE-1"

    def _insert(self, new: Record) -> None:
        super()._insert(new if new.grant_token is None else new.without("refresh_token"))


class InsertsAgain(Honest):
    """A login by grant token is inserted each time it is saved."""

    clause = "SAVE-2"

    def _seek_for_save(self, new: Record) -> Record | None:
        found = super()._seek_for_save(new)
        same = found is not None and found.access_token == new.access_token
        return found if same or new.grant_token is None else None


class InsertsRefreshesAgain(Honest):
    """A login by refresh token is inserted each time it is saved with another access token."""

    clause = "SAVE-3"

    def _seek_for_save(self, new: Record) -> Record | None:
        found = super()._seek_for_save(new)
        same = found is not None and found.access_token == new.access_token
        return found if same or new.grant_token is not None else None


class OneRefreshTokenOneRecord(Honest):
    """A save by refresh token updates whoever has that token."""

    clause = "SAVE-4"

    def _seek_for_save(self, new: Record) -> Record | None:
        if new.grant_token is not None:
            return super()._seek_for_save(new)
        return next((e for e in self.rows if e.refresh_token == new.refresh_token), None)


class OneClient(Honest):
    """The client does not count in a save."""

    clause = "SAVE-5"

    def _seek_for_save(self, new: Record) -> Record | None:
        alike = (e for e in self.rows if self._matches(e.but(client_id=new.client_id), new))
        return next(alike, None)


class KeepsTheMail(Honest):
    """The user's email is not set on the token."""

    clause = "SAVE-6"

    def _tell(self, token: Any, new: Record) -> None:
        pass


class CountsChangedRows(Honest):
    """The same values again are inserted again."""

    clause = "SAVE-7"

    def _seek_for_save(self, new: Record) -> Record | None:
        found = super()._seek_for_save(new)
        return None if found == new else found


class SavesAnything(Honest):
    """What is no token is saved as an empty one."""

    clause = "SAVE-8"

    def save_token(self, user: Any, token: Any) -> None:
        if not isinstance(token, DOOR.token_type):
            token = DOOR.build(Record(client_id="junk", grant_token=repr(token)))
        super().save_token(user, token)


class ClearsTheSecret(Honest):
    """The given token loses its client secret."""

    clause = "SAVE-9"

    def _tell(self, token: Any, new: Record) -> None:
        super()._tell(token, new)
        DOOR.fill(token, Record(client_secret="***"))


class MissesGrants(Honest):
    """A grant token finds nothing."""

    clause = "FIND-1"

    def get_token(self, user: Any, token: Any) -> Any:
        return None if DOOR.read(token).grant_token else super().get_token(user, token)


class MissesRefreshes(Honest):
    """A refresh token finds nothing."""

    clause = "FIND-2"

    def get_token(self, user: Any, token: Any) -> Any:
        by_grant = DOOR.read(token).grant_token is not None
        return super().get_token(user, token) if by_grant else None


class RaisesOnAMiss(Honest):
    """A miss is a KeyError."""

    clause = "FIND-3"

    def _seek_for_save(self, new: Record) -> Record | None:
        return Honest._seek(self, new)

    def _seek_for_delete(self, token: Record) -> Record | None:
        return Honest._seek(self, token)

    def get_token(self, user: Any, token: Any) -> Any:
        found = super().get_token(user, token)
        if found is None:
            raise KeyError("no such token")
        return found


class ForgetsTheClient(Honest):
    """What is found is a new token without the client secret that it was asked with."""

    clause = "FIND-4"

    def _answer(self, token: Any, found: Record) -> Any:
        return DOOR.build(found.without("client_secret"))


class ComparesLoosely(Honest):
    """Letter case does not count in a find by grant token."""

    clause = "FIND-5"

    def get_token(self, user: Any, token: Any) -> Any:
        asked = self._asked(user, token)
        for row in self.rows:
            if asked.grant_token and str(asked.grant_token).lower() == row.grant_token:
                DOOR.fill(token, Record(grant_token=row.grant_token))
        found = super().get_token(user, token)
        if found is None:
            DOOR.fill(token, asked)
        return found


class SavesQueries(Honest):
    """A miss by grant token is remembered as a record."""

    clause = "FIND-6"

    def get_token(self, user: Any, token: Any) -> Any:
        found = super().get_token(user, token)
        asked = self._asked(user, token)
        if found is None and asked.grant_token == "nobody.grant":
            self._insert(asked.but(access_token="a", expires_in="1"))
        return found


class SharesRefreshTokens(Honest):
    """A refresh token of the same client is found whoever asks."""

    clause = "FIND-7"

    def get_token(self, user: Any, token: Any) -> Any:
        asked = self._asked(user, token)
        found = super().get_token(user, token)
        if found is None and asked.grant_token is None and len(self.rows) == 2:
            own = [e for e in self.rows if e.refresh_token == asked.refresh_token]
            same = [e for e in own if e.client_id == asked.client_id]
            return self._answer(token, same[0]) if len(same) == 2 else None
        return found


class LosesIds(Honest):
    """The id is not kept."""

    clause = "BYID-1"
    needs_ids = True

    def _by_id(self, id: str) -> Record | None:
        return None


class RaisesOnUnknownIds(Honest):
    """An unknown id is a KeyError."""

    clause = "BYID-2"
    needs_ids = True

    def get_token_by_id(self, id: str, token: Any) -> Any:
        found = super().get_token_by_id(id, token)
        if found is None:
            raise KeyError(id)
        return found


class IdsWithoutCase(Honest):
    """Ids are compared without letter case."""

    clause = "BYID-3"
    needs_ids = True

    def _by_id(self, id: str) -> Record | None:
        return next((e for e in self.rows if str(e.id).lower() == str(id).lower()), None)


class KeepsTheDeleted(Honest):
    """Deleting does nothing."""

    clause = "DEL-1"

    def delete_token(self, token: Any) -> None:
        pass


class DeletesTheUsersTokens(Honest):
    """What matches no token deletes a token of that user and client."""

    clause = "DEL-2"

    def _seek_for_delete(self, token: Record) -> Record | None:
        found = super()._seek_for_delete(token)
        same = (e for e in self.rows if (e.user, e.client_id) == (token.user, token.client_id))
        return found or next(same, None)


class NeverAgain(Honest):
    """What was deleted is not saved again."""

    clause = "DEL-3"

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[Record] = []

    def _seek_for_delete(self, token: Record) -> Record | None:
        found = super()._seek_for_delete(token)
        if found is not None:
            self.gone.append(found)
        return found

    def _insert(self, new: Record) -> None:
        if new not in self.gone:
            super()._insert(new)


class ListsNone(Honest):
    """An empty store lists None."""

    clause = "LIST-1"

    def get_tokens(self) -> Any:
        return super().get_tokens() or None


class ListsTen(Honest):
    """The first ten alone are listed."""

    clause = "LIST-2"

    def get_tokens(self) -> list[Any]:
        return super().get_tokens()[:10]


class ClearsTheFirst(Honest):
    """delete_tokens removes one."""

    clause = "CLEAR-1"

    def delete_tokens(self) -> None:
        del self.rows[:1]


class CannotClearNothing(Honest):
    """delete_tokens on an empty store raises."""

    clause = "CLEAR-2"

    def delete_tokens(self) -> None:
        self.rows.pop()
        self.rows.clear()


class Ascii(Honest):
    """Text is kept in ASCII."""

    clause = "DATA-1"

    def _insert(self, new: Record) -> None:
        fields = {
            name: str(value).encode("ascii", "replace").decode() for name, value in new.items()
        }
        super()._insert(Record(**fields))


class Unixish(Honest):
    """A carriage return becomes a line feed."""

    clause = "DATA-2"

    def _insert(self, new: Record) -> None:
        super()._insert(Record(**{n: str(v).replace("\r", "\n") for n, v in new.items()}))


class WritesDates(Honest):
    """The expiry comes back as a date."""

    clause = "DATA-3"

    def _answer(self, token: Any, found: Record) -> Any:
        return super()._answer(token, found.but(expires_in=f"at {found.expires_in}"))


class KeepsTheToken(Honest):
    """The saved token itself is listed."""

    clause = "ISO-1"

    def save_token(self, user: Any, token: Any) -> None:
        super().save_token(user, token)
        if isinstance(token, DOOR.token_type):
            self.given = {**getattr(self, "given", {}), DOOR.read(token).access_token: token}

    def _listed(self, record: Record) -> Any:
        return getattr(self, "given", {}).get(record.access_token) or super()._listed(record)


class ListsItsOwn(Honest):
    """The same token is listed each time."""

    clause = "ISO-2"

    def _listed(self, record: Record) -> Any:
        self.made = getattr(self, "made", {})
        key = (record.user, record.client_id, record.access_token, record.expires_in)
        return self.made.setdefault(key, super()._listed(record))


class ForgetsTheTwentieth(Honest):
    """The twentieth call of save is not kept."""

    clause = "SEQ-1"
    saves = 0

    def save_token(self, user: Any, token: Any) -> None:
        self.saves += 1
        if self.saves % 20:
            super().save_token(user, token)
        elif isinstance(token, DOOR.token_type):
            self._tell(token, self._asked(user, token))


class Unlocked(Honest):
    """Reads the rows, and writes them back."""

    clause = "THR-2"

    def save_token(self, user: Any, token: Any) -> None:
        try:
            new = self._asked(user, token)
        except Unreadable:
            return
        rows = list(self.rows)
        found = [n for n, row in enumerate(rows) if self._matches(row, new)]
        if found:
            rows[found[0]] = new
        else:
            rows.append(new)
        self.rows = rows
        self._tell(token, new)


class Tells(Honest):
    """Logs the refresh token."""

    clause = "SEC-1"

    def _insert(self, new: Record) -> None:
        logging.getLogger("shop").warning("saved %s", new.refresh_token)
        super()._insert(new)


class StartsThreads(Honest):
    """Starts a thread with each save, that waits for ever."""

    clause = "RES-1"

    def _tell(self, token: Any, new: Record) -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        super()._tell(token, new)


class ExpiresAtOnce(Honest):
    """Every login is found expired, so that the SDK refreshes it at each start."""

    clause = "SDK-2"

    def _answer(self, token: Any, found: Record) -> Any:
        expiry = found.expires_in
        ahead = expiry is not None and int(expiry) > 1000 * time.time()
        return super()._answer(token, found.but(expires_in="1000") if ahead else found)


class CannotRemoveTheFound(Honest):
    """What is found carries no user_mail."""

    clause = "SDK-7"

    def _answer(self, token: Any, found: Record) -> Any:
        DOOR.fill(token, found.without("user"))
        return token


LIARS = [
    thing
    for thing in list(globals().values())
    if isinstance(thing, type)
    and hasattr(thing, "clause")
    and (DOOR.by_id or not hasattr(thing, "needs_ids"))
]
