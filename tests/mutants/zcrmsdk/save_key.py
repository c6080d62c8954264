"""Mutants that save by more or by less than the key of a token: SAVE-6 and SAVE-23 to SAVE-25."""

from tests.mutants.mutant import is_ahead
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, Mutant, ReplacedMutant

# SAVE-23: what is not part of the key


class TheSecretIsAKeyOfASave(Mutant):
    """A login is inserted again with another client secret."""

    clause = "SAVE-23"

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        return old if old and self._equal(old, new, "client_secret") else None


class SavesLookAtTheLastTwenty(Mutant):
    """A save looks for its login among the last twenty of the user at the client."""

    clause = "SAVE-23"

    def _locate_for_save(self, new):
        own = [r for r in self._rows() if self._equal(r, new, "user_mail", "client_id")]
        return next((r for r in own[-20:] if self._same(r, new)), None)


# SAVE-24: another login of the user


class ARefreshTokenReachesTheFirstGrant(Mutant):
    """A save by refresh token of a login with a grant token updates the user's first such login."""

    clause = "SAVE-24"

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        if old is None or new[GRANT] is not None or old[GRANT] is None:
            return old
        return self._first(lambda r: r[GRANT] and self._equal(r, new, "user_mail", "client_id"))

    def _merge(self, old, new):
        return {**super()._merge(old, new), REFRESH: new[REFRESH] if new[GRANT] else old[REFRESH]}


# SAVE-25: a refresh token that is missing, or was replaced


class MissingRefreshTokensAreEqual(Mutant):
    """A save compares the refresh tokens too: two logins of a user that have none are one."""

    clause = "SAVE-25"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        if same or new[REFRESH] is not None:
            return same
        return self._first(lambda r: self._equal(r, new, "user_mail", "client_id", REFRESH))


class ExpiredLoginsAreTakenOver(Mutant):
    """A save by a new refresh token takes the place of the only login of its user and client by
    refresh token, where that has expired.
    """

    clause = "SAVE-25"
    spills = ("TIME-1",)

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        if same or new[GRANT] is not None:
            return same
        own = [r for r in self._rows() if self._equal(r, new, "user_mail", "client_id")]
        if len(own) == 1 and own[0][GRANT] is None and not is_ahead(own[0]["expires_in"]):
            return own[0]
        return None


class TheOldRefreshTokenStillSaves(ReplacedMutant):
    """A save by a refresh token that an update has replaced still reaches the login."""

    clause = "SAVE-25"

    def _locate_for_save(self, new):
        return super()._locate_for_save(new) or self._formerly(new)


# SAVE-6: a token that users share


class AnAccessTokenHasOneUser(Mutant):
    """An insert takes the place of another user's login with the same access token."""

    clause = "SAVE-6"

    def _insert(self, new):
        for each in self._rows():
            if self._equal(each, new, "access_token") and not self._equal(each, new, "user_mail"):
                self._remove(each)
        super()._insert(new)
