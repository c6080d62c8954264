"""Mutants that only a running SDK that removes a token finds out: SDK-6 and SDK-11.

Each answers every single call as it should.
"""

from tests.mutants.mutant import is_ahead
from tests.mutants.zcrmsdk.mutant import KnowingMutant, Mutant, refuse

# SDK-6: remove, of a token that was saved


class WhatLiesAheadStays(Mutant):
    """A token whose expiry lies ahead cannot be deleted: it is in use."""

    clause = "SDK-6"
    spills = ("DEL-1",)

    def _locate_for_delete(self, gone):
        found = super()._locate_for_delete(gone)
        if found is not None and is_ahead(found["expires_in"]):
            refuse("the token is in use")
        return found


class FirstLoginsAreNotDeleted(KnowingMutant):
    """A token that was searched for in vain is taken for a query, and deletes nothing."""

    clause = "SDK-6"

    def delete_token(self, token):
        if not self._was_missed(token):
            super().delete_token(token)


# SDK-11: remove, of a token that was found


class FindDoesNotSetTheEmail(Mutant):
    """What is found carries no user_mail, so that it deletes nothing."""

    clause = "SDK-11"

    def _fill(self, token, record):
        return super()._fill(token, {**record, "user_mail": None})


class FoundTokensAreNotDeleted(KnowingMutant):
    """A token that was found deletes nothing: it is the store's own."""

    clause = "SDK-11"

    def delete_token(self, token):
        if not self._was_found(token):
            super().delete_token(token)


class FoundTokensCannotBeDeleted(KnowingMutant):
    """A token that was found raises when it is deleted: it is in use."""

    clause = "SDK-11"

    def delete_token(self, token):
        if self._was_found(token):
            refuse("the token is in use")
        super().delete_token(token)


class TheEmailOfAQueryStays(Mutant):
    """What is found keeps the email that its query carries, though it is of another user."""

    clause = "SDK-11"

    def _fill(self, token, record):
        carried = self._read(token)["user_mail"]
        return super()._fill(token, {**record, "user_mail": carried or record["user_mail"]})
