"""Mutants wrong about the shape of a store: SHAPE-1 to SHAPE-4."""

import os
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.token import Token

from tests.correct.capable import owner_only
from tests.correct.zohocrmsdk.capable import InFile
from tests.correct.zohocrmsdk.honest import Honest, HonestFile
from tests.mutants.zohocrmsdk.mutant import Mutant

# SHAPE-1: an instance of the SDK's TokenStore


class DuckTyped:
    """It has the six methods, but is not a TokenStore."""

    clause = "SHAPE-1"

    def __init__(self):
        self._store = Honest()

    def __getattr__(self, name):
        return getattr(self._store, name)


class TokenInsteadOfTokenStore(DuckTyped, Token):
    """It inherits from the SDK's Token, where TokenStore was meant."""

    authenticate = remove = revoke = generate_token = None


# SHAPE-2: the SDK's arguments, positionally


class SaveWantsTheUserToo(Mutant):
    """save_token takes a user before the token, as SDKs did of old."""

    clause = "SHAPE-2"

    def save_token(self, user, token):
        super().save_token(token)


class FindByIdWantsTheTokenToo(Mutant):
    """find_token_by_id takes a token after the id, as SDKs did of old."""

    clause = "SHAPE-2"

    def find_token_by_id(self, id, token):
        return super().find_token_by_id(id)


class DeleteTakesItsIdByKeywordAlone(Mutant):
    """delete_token takes the id by keyword alone."""

    clause = "SHAPE-2"

    def delete_token(self, *, id):
        super().delete_token(id)


class ListWantsALimit(Mutant):
    """get_tokens wants an argument that the SDK does not send."""

    clause = "SHAPE-2"

    def get_tokens(self, limit):
        return super().get_tokens()[:limit]


class ClearWantsToBeSure(Mutant):
    """delete_tokens wants a confirmation that the SDK does not send."""

    clause = "SHAPE-2"

    def delete_tokens(self, sure):
        if sure:
            super().delete_tokens()


# SHAPE-3: save_token, delete_token and delete_tokens return None


class SaveReturnsTheToken(Mutant):
    """save_token returns the token."""

    clause = "SHAPE-3"

    def save_token(self, token):
        super().save_token(token)
        return token


class UpdateReturnsTrue(Mutant):
    """save_token returns None for a new token, but True for an update."""

    clause = "SHAPE-3"

    def save_token(self, token):
        known = len(self.records)
        super().save_token(token)
        return True if len(self.records) == known else None


class DeleteReturnsTrue(Mutant):
    """delete_token returns True where it deleted."""

    clause = "SHAPE-3"

    def delete_token(self, id):
        known = len(self.records)
        super().delete_token(id)
        return True if len(self.records) < known else None


class DeleteReturnsTheToken(Mutant):
    """delete_token returns the token that it deleted, like dict.pop."""

    clause = "SHAPE-3"

    def delete_token(self, id):
        token = self.find_token_by_id(id)
        super().delete_token(id)
        return token


class ClearReturnsTheCount(Mutant):
    """delete_tokens returns how many it deleted."""

    clause = "SHAPE-3"

    def delete_tokens(self):
        count = len(self.records)
        super().delete_tokens()
        return count or None


class ClearReturnsTheStore(Mutant):
    """delete_tokens returns the store, to be chained."""

    clause = "SHAPE-3"

    def delete_tokens(self):
        super().delete_tokens()
        return self


# SHAPE-4: a second store over the same storage


class LocksItsDirectory(Mutant):
    """A second store cannot be constructed while the lock file of a first is there."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        os.close(os.open("store.lock", os.O_CREAT | os.O_EXCL, 0o600))


class TakesAnEmptyStoreForNone(HonestFile):
    """A second store cannot be constructed over an empty one: it creates what is there."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        with open("schema.txt", "a" if self.records else "x", opener=owner_only):
            pass


class RefusesAFilledStore(HonestFile):
    """A second store cannot be constructed over one that holds tokens."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        if self.records:
            raise FileExistsError(self.path.name)


class OpeningArchives(HonestFile, Mutant):
    """A store that is opened keeps the newest 50 records."""

    clause = "SHAPE-4"
    spills = ("DUR",)

    def __init__(self):
        super().__init__()
        for record in self._rows()[:-50]:
            self._remove(record)


class RefusesAStoreThatWasCleared(HonestFile, Mutant):
    """A store cannot be opened over a storage that delete_tokens emptied."""

    clause = "SHAPE-4"
    spills = ("DUR",)

    def __init__(self):
        super().__init__()
        if os.path.exists("cleared"):
            raise RuntimeError("the table is not there")

    def _clear(self):
        super()._clear()
        with open("cleared", "w", encoding="utf-8", opener=owner_only):
            pass


class TakesEveryIdForANumber(HonestFile, Mutant):
    """A store cannot be opened over ids that are not numbers."""

    clause = "SHAPE-4"
    spills = ("DUR",)

    def __init__(self):
        super().__init__()
        self.newest = max((int(row["id"]) for row in self._rows()), default=0)


class TidiesUpWhenItIsOpened(InFile):
    """Opening it removes all but the last of the records that share a grant token."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        with self._turn("delete_tokens"):
            last = {record["grant_token"]: record for record in self.records}
            self.records = [
                record
                for record in self.records
                if record["grant_token"] is None or record is last[record["grant_token"]]
            ]


class KeepsOneOfTheNameless(InFile):
    """Opening it removes all but the last of the records that have the same user, or none."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        with self._turn("delete_tokens"):
            last = {record["user"]: record for record in self.records}
            self.records = [record for record in self.records if record is last[record["user"]]]


class OpeningForgetsWhoWasDeleted(InFile):
    """Who was deleted is noted. Opening removes all their records, also of later logins."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        self.gone = Path("gone").absolute()
        with self._turn("delete_tokens"):
            gone = self.gone.read_text().splitlines() if self.gone.exists() else []
            self.records = [record for record in self.records if record["user"] not in gone]

    def _remove(self, record):
        super()._remove(record)
        self.gone.touch(0o600)
        with self.gone.open("a") as noted:
            noted.write(f"{record['user']}\n")
