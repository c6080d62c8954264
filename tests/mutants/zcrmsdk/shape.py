"""Mutants wrong about the shape of a store: SHAPE-1, SHAPE-2 and SHAPE-4."""

import os

from zcrmsdk.src.com.zoho.api.authenticator.token import Token

from tests.correct.capable import owner_only
from tests.correct.zcrmsdk.honest import Honest, HonestFile
from tests.mutants.zcrmsdk.mutant import Mutant

# SHAPE-1: an instance of the SDK's TokenStore


class DuckTyped:
    """It has the methods, but is not a TokenStore."""

    clause = "SHAPE-1"
    generation = "zcrmsdk"

    def __init__(self):
        self._store = Honest()

    def __getattr__(self, name):
        return getattr(self._store, name)


class TokenInsteadOfTokenStore(DuckTyped, Token):
    """It inherits from the SDK's Token, where TokenStore was meant."""

    authenticate = remove = generate_token = None


# SHAPE-2: the methods are there, and take the SDK's arguments, positionally


class SaveWantsNoUser(Mutant):
    """save_token takes a token alone, as SDKs do of late."""

    clause = "SHAPE-2"

    def save_token(self, token):
        super().save_token(None, token)


class SaveIsAsync(Mutant):
    """save_token is a coroutine, which the SDK does not wait for."""

    clause = "SHAPE-2"

    async def save_token(self, user, token):
        super().save_token(user, token)


class FindWantsNoUser(Mutant):
    """get_token takes a token alone."""

    clause = "SHAPE-2"

    def get_token(self, token):
        return super().get_token(None, token)


class DeleteWantsAReason(Mutant):
    """delete_token wants an argument that the SDK does not send."""

    clause = "SHAPE-2"

    def delete_token(self, token, reason):
        super().delete_token(token)


class DeleteTakesItsTokenByKeywordAlone(Mutant):
    """delete_token takes the token by keyword alone."""

    clause = "SHAPE-2"

    def delete_token(self, *, token):
        super().delete_token(token)


class ListWantsALimit(Mutant):
    """get_tokens wants an argument that the SDK does not send."""

    clause = "SHAPE-2"

    def get_tokens(self, limit):
        return super().get_tokens()[:limit]


class ClearIsNoMethod(Mutant):
    """delete_tokens is None."""

    clause = "SHAPE-2"
    delete_tokens = None


class ByIdWantsTheIdAlone(Mutant):
    """get_token_by_id takes an id alone."""

    clause = "SHAPE-2"
    needs_ids = True

    def get_token_by_id(self, id):
        return super().get_token_by_id(id, None)


# SHAPE-4: a second store over the same storage, which takes nothing from the first


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
        with open("schema.txt", "a" if self._rows() else "x", opener=owner_only):
            pass


class RefusesAFilledStore(HonestFile):
    """A second store cannot be constructed over one that holds tokens."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        if self._rows():
            raise FileExistsError(self.path.name)


class ConstructionEmptiesTheFile(HonestFile):
    """A second store begins with an empty file, even if one was there."""

    clause = "SHAPE-4"

    def __init__(self):
        super().__init__()
        self._clear()
