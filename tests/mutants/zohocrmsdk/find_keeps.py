"""Mutants wrong about what a find does where nothing is stored: FIND-21, FIND-22."""

from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.correct.zohocrmsdk.honest import FIELDS, blank, set_field
from tests.mutants.zohocrmsdk.mutant import Mutant

# FIND-21: what only the query has


class WipesWhatIsNotStored(Mutant):
    """The query gets what is stored, None too."""

    clause = "FIND-21"

    def _fill(self, token, record):
        for field in FIELDS:
            set_field(token, field, record[field])
        return token


class WipesTheRefreshToken(Mutant):
    """A query by user loses its refresh token, where none is stored."""

    clause = "FIND-21"

    def _fill(self, token, record):
        if blank(record["refresh_token"]) and not blank(record["user"]):
            token.set_refresh_token(None)
        return super()._fill(token, record)


# FIND-22: no signature without a name


def unnamed(token):
    """The token, with a signature if it has none."""
    if token.get_user_signature() is None:
        token.set_user_signature(UserSignature(None))
    return token


class FindsWithASignature(Mutant):
    """A record without user is found with a signature that has no name."""

    clause = "FIND-22"

    def _fill(self, token, record):
        return unnamed(super()._fill(token, record))


class FindsByIdWithASignature(Mutant):
    """A record without user is found by its id with a signature that has no name."""

    clause = "FIND-22"

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        return found and unnamed(found)


class ListsWithASignature(Mutant):
    """A record without user is listed with a signature whose name is empty."""

    clause = "FIND-22"

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            if token.get_user_signature() is None:
                token.set_user_signature(UserSignature(""))
        return tokens
