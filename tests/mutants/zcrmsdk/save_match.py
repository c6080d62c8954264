"""Mutants wrong about which record a save reaches: SAVE-23 to SAVE-25."""

from tests.correct.zcrmsdk.honest import get_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import (
    GRANT,
    REFRESH,
    KeyedMutant,
    Mutant,
    ReplacedMutant,
    carried_by,
)


class _Inserts(KeyedMutant):
    """A save by this key does not reach some of the records, and inserts."""

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        reached = old is None or not self._is_meant(new) or self.reaches(old, new)
        return old if reached else None

    def reaches(self, old, new):
        raise NotImplementedError


# SAVE-23: by grant token


class GrantTokenIsNoKeyOfASave(_Inserts):
    """A login by grant token is inserted each time that it is saved with other values."""

    clause = "SAVE-23"
    field = GRANT

    def reaches(self, old, new):
        return old == new


class GrantTokenIsNoKeyOnceRefreshed(GrantTokenIsNoKeyOfASave):
    """A login by grant token is inserted again with another refresh token."""

    def reaches(self, old, new):
        return old[REFRESH] == new[REFRESH]


class GrantTokenIsNoKeyOnceExpired(GrantTokenIsNoKeyOfASave):
    """A login by grant token is inserted again with another expiry."""

    def reaches(self, old, new):
        return old["expires_in"] == new["expires_in"]


class TheFirstGrantAloneIsUpdated(GrantTokenIsNoKeyOfASave):
    """A login by grant token is updated if it is the first record, else inserted again."""

    def reaches(self, old, new):
        return old == new or old is self._rows()[0]


class GrantTokenIsSoughtAmongRefreshTokens(Mutant):
    """A save looks for its grant token among the refresh tokens."""

    clause = "SAVE-23"

    def _locate_for_save(self, new):
        return super()._locate_for_save({**new, REFRESH: new[GRANT] or new[REFRESH], GRANT: None})


class TheOldRefreshTokenStillFinds(ReplacedMutant):
    """An update that brings a new refresh token leaves the old one in the index of a find."""

    clause = "SAVE-23"

    def _locate(self, query):
        return super()._locate(query) or self._formerly(query)


class RefreshTokenComesBeforeGrantToken(Mutant):
    """A save with both is taken for one by refresh token."""

    clause = "SAVE-23"

    def _locate_for_save(self, new):
        return super()._locate_for_save({**new, GRANT: None} if new[REFRESH] else new)


# SAVE-24: by refresh token


class RefreshTokenIsNoKeyOfASave(_Inserts):
    """A login by refresh token is inserted each time that it is saved with other values."""

    clause = "SAVE-24"
    field = REFRESH

    def reaches(self, old, new):
        return old == new


class RefreshTokenIsNoKeyOnceExpired(RefreshTokenIsNoKeyOfASave):
    """A login by refresh token is inserted again with another expiry."""

    def reaches(self, old, new):
        return old["expires_in"] == new["expires_in"]


class RefreshTokenReachesTheGrantlessAlone(RefreshTokenIsNoKeyOfASave):
    """A save by refresh token does not reach a record that has a grant token."""

    def reaches(self, old, new):
        return old[GRANT] is None


# SAVE-6: the user


class _ReachesAnyUser(KeyedMutant):
    """A save by {field} reaches the record of any user."""

    clause = "SAVE-6"

    def _locate_for_save(self, new):
        if not self._is_meant(new):
            return super()._locate_for_save(new)
        same = super()._locate_for_save(new)
        return same or self._first(lambda r: self._equal(r, new, "client_id", self.field))


globals().update(for_each_field(_ReachesAnyUser, (REFRESH, GRANT)))


class OneUserForAClient(Mutant):
    """A save reaches the record of any user of the same client."""

    clause = "SAVE-6"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        return same or self._first(lambda r: self._equal(r, new, "client_id"))


class OneUserForARefreshToken(Mutant):
    """A save reaches the record of any user of the same client and refresh token."""

    clause = "SAVE-6"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        return same or self._first(lambda r: self._equal(r, new, "client_id", REFRESH))


class UsersAreTheirNames(Mutant):
    """A save reaches the record of a user of the same name at another domain."""

    clause = "SAVE-6"
    spills = ("FIND-14",)

    def _locate_for_save(self, new):
        name = new["user_mail"].partition("@")[0]
        same = super()._locate_for_save(new)
        return same or self._first(
            lambda r: (
                r["user_mail"].partition("@")[0] == name
                and self._equal(r, new, "client_id", self._key(new))
            )
        )


class SavesUnderTheEmailOfTheToken(Mutant):
    """A save goes to the user whose email the token carries, and not to the one who saves."""

    clause = "SAVE-6"

    def save_token(self, user, token):
        super().save_token(carried_by(token) or user, token)


# SAVE-25: the client


class _ReachesAnyClient(KeyedMutant):
    """A save by {field} reaches the user's record at any client."""

    clause = "SAVE-25"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        if same or not self._is_meant(new):
            return same
        return self._first(lambda r: self._equal(r, new, "user_mail", self.field))


globals().update(for_each_field(_ReachesAnyClient, (GRANT, REFRESH)))


class OneClientForAUser(Mutant):
    """A save at another client takes the place of the user's earlier login."""

    clause = "SAVE-25"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        return same or self._first(
            lambda r: self._equal(r, new, "user_mail") and r["client_id"] != new["client_id"]
        )


# SAVE-23 and SAVE-24: whatever of it is new


class TheSameAccessTokenIsNothingNew(Mutant):
    """A save with the access token that is stored is taken for no change."""

    clause = "SAVE-23"

    def _update(self, old, new):
        if old["access_token"] != new["access_token"]:
            super()._update(old, new)


class AFindKeepsWhatTheOldRefreshTokenFound(Mutant):
    """What a find has found is kept until a save or a deletion has one of its tokens."""

    clause = "SAVE-23"

    def __init__(self):
        super().__init__()
        self.kept = {}

    def _locate(self, query):
        name = (
            tuple(query[f] for f in ("user_mail", "client_id", self._key(query))),
            self._key(query),
        )
        if name not in self.kept:
            found = super()._locate(query)
            if found is None:
                return None
            self.kept[name] = dict(found)
        return self.kept[name]

    def _forget(self, record):
        tokens = {record[GRANT], record[REFRESH]}
        self.kept = {name: each for name, each in self.kept.items() if name[0][2] not in tokens}

    def _change(self, record, values):
        super()._change(record, values)
        self._forget(record)

    def _remove(self, record):
        super()._remove(record)
        self._forget(record)

    def _clear(self):
        super()._clear()
        self.kept.clear()


class EachKeyHasItsCopy(Mutant):
    """An update by refresh token leaves what the grant token finds as it was."""

    clause = "SAVE-24"

    def __init__(self):
        super().__init__()
        self.by_grant = []

    def _update(self, old, new):
        if new[GRANT] is None and old[GRANT] is not None:
            self.by_grant.append(dict(old))
        super()._update(old, new)

    def _locate(self, query):
        old = next((each for each in self.by_grant if self._same(each, query)), None)
        return old if old and query[GRANT] is not None else super()._locate(query)


class EverySeventhUpdateKeepsTheToken(Mutant):
    """Each seventh update of a login leaves its access token as it was."""

    clause = "SAVE-24"
    spills = ("SAVE-23",)

    def _change(self, record, values):
        record["updates"] = record.get("updates", 0) + 1
        if record["updates"] % 7 == 0:
            values = {**values, "access_token": record["access_token"]}
        super()._change(record, values)


# SAVE-25: a token that is used once more


class KnowsTheTokenAgain(Mutant):
    """A token that was saved once goes to the same record, whatever its keys are by then."""

    clause = "SAVE-25"

    def save_token(self, user, token):
        known = getattr(token, "_record", None)
        if known in self._rows() and known["user_mail"] == get_field(user, "email"):
            self._update(known, self._of(user, token))
            return
        super().save_token(user, token)
        token._record = self._match(self._of(user, token))
