"""Mutants wrong about the record that save_token updates: SAVE-2 to SAVE-7."""

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import KeyedMutant, Mutant

# SAVE-2: same user, one record


class _InsertsAgain(KeyedMutant):
    """A token that is known by this field is inserted again."""

    field = ""

    def _locate_for_save(self, new):
        known = super()._locate_for_save(new)
        return None if self._keyed_by(new) == self.field else known


class _MatchesOnly(KeyedMutant):
    """A token that is known by this field updates only some of the records."""

    field = ""

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        wrong = old and self._keyed_by(new) == self.field and not self.matches(old, new)
        return None if wrong else old

    def matches(self, old, new):
        raise NotImplementedError


class UserIsInsertedAgain(_InsertsAgain):
    """A token of a known user is inserted again."""

    clause = "SAVE-2"
    field = "user"


class UserMatchesWithTheAccessTokenAlone(_MatchesOnly):
    """A user's record is updated only by a token with the same access token."""

    clause = "SAVE-2"
    field = "user"

    def matches(self, old, new):
        return old["access_token"] == new["access_token"]


class UserMatchesWithTheRefreshTokenAlone(_MatchesOnly):
    """A user's record is updated only by a token with the same refresh token."""

    clause = "SAVE-2"
    field = "user"

    def matches(self, old, new):
        return old["refresh_token"] == new["refresh_token"]


class TheFirstTokenOfAUserStays(Mutant):
    """A second token of a user is ignored: insert or ignore."""

    clause = "SAVE-2"

    def _change(self, record, values):
        if blank(values["user"]):
            super()._change(record, values)


class EverySeventhUpdateKeepsTheToken(Mutant):
    """Each seventh update of a record leaves its access token as it was."""

    clause = "SAVE-2"

    def _change(self, record, values):
        record["updates"] = record.get("updates", 0) + 1
        if record["updates"] % 7 == 0:
            values = {**values, "access_token": record["access_token"]}
        super()._change(record, values)


# SAVE-3: same access token, no user, no client credentials


class AccessTokenIsInsertedAgain(_InsertsAgain):
    """A token that is known by its access token alone is inserted again."""

    clause = "SAVE-3"
    field = "access_token"


class AccessTokenMatchesTheUserlessAlone(_MatchesOnly):
    """An access token updates no record that has a user: it is inserted beside it."""

    clause = "SAVE-3"
    field = "access_token"

    def matches(self, old, new):
        return blank(old["user"])


class AccessTokenMatchesTheClientlessAlone(_MatchesOnly):
    """An access token updates no record that has client credentials."""

    clause = "SAVE-3"
    field = "access_token"

    def matches(self, old, new):
        return blank(old["client_id"])


# SAVE-4: same grant token


class GrantTokenIsInsertedAgain(_InsertsAgain):
    """A token that is known by its grant token is inserted again."""

    clause = "SAVE-4"
    field = "grant_token"


class GrantTokenIsSoughtAmongRefreshTokens(KeyedMutant):
    """A grant token is looked for in the column of the refresh tokens."""

    clause = "SAVE-4"

    def _locate_for_save(self, new):
        if self._keyed_by(new) == "grant_token":
            return self._seek("refresh_token", new["grant_token"])
        return super()._locate_for_save(new)


class GrantTokenMatchesWithTheRefreshTokenAlone(_MatchesOnly):
    """A grant token updates only a record with the same refresh token."""

    clause = "SAVE-4"
    field = "grant_token"

    def matches(self, old, new):
        return old["refresh_token"] == new["refresh_token"]


# SAVE-5: same refresh token


class RefreshTokenIsInsertedAgain(_InsertsAgain):
    """A token that is known by its refresh token is inserted again."""

    clause = "SAVE-5"
    field = "refresh_token"


class RefreshTokenMatchesTheGrantlessAlone(_MatchesOnly):
    """A refresh token updates no record that has a grant token."""

    clause = "SAVE-5"
    field = "refresh_token"

    def matches(self, old, new):
        return blank(old["grant_token"])


class RefreshTokenMatchesTheUserlessAlone(_MatchesOnly):
    """A refresh token updates no record that has a user."""

    clause = "SAVE-5"
    field = "refresh_token"

    def matches(self, old, new):
        return blank(old["user"])


# SAVE-6: users stay separate, though they share client credentials


class _OneRecordForEach(Mutant):
    """There is one record for each {field}: a second user overwrites the first."""

    clause = "SAVE-6"
    field = ""

    def _locate_for_save(self, new):
        shared = new[self.field]
        found = super()._locate_for_save(new)
        return found or (self._seek(self.field, shared) if shared and new["user"] else None)


globals().update(for_each_field(_OneRecordForEach, ("client_id", "client_secret")))


class AClientKeepsTwentyUsers(Mutant):
    """Of the users of one client, the newest 20 stay."""

    clause = "SAVE-6"

    def _insert(self, token, new):
        super()._insert(token, new)
        of_client = [r for r in self._rows() if r["user"] and r["client_id"] == new["client_id"]]
        for record in of_client[:-20]:
            self._remove(record)


# SAVE-7: user, then access, then grant / refresh; no falling through


class _MatchesFirstBy(Mutant):
    """The {field} is looked for before the user is."""

    clause = "SAVE-7"
    field = ""

    def _locate_for_save(self, new):
        wanted = new[self.field]
        first = None if blank(wanted) or blank(new["user"]) else self._seek(self.field, wanted)
        return first or super()._locate_for_save(new)


globals().update(for_each_field(_MatchesFirstBy, SECRETS))


class _UserFallsThroughTo(Mutant):
    """A token of an unknown user updates the record of its {field}: another user's."""

    clause = "SAVE-7"
    field = ""

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        if old is None and not blank(new["user"]) and not blank(new[self.field]):
            return self._seek(self.field, new[self.field])
        return old


globals().update(for_each_field(_UserFallsThroughTo, SECRETS))


class TakesOverTheNameless(Mutant):
    """A token of an unknown user names the record without a user that has its refresh token."""

    clause = "SAVE-7"

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        if old is None and not blank(new["user"]) and not blank(new["refresh_token"]):
            found = self._seek("refresh_token", new["refresh_token"])
            return found if found is not None and blank(found["user"]) else None
        return old


class AccessTokenCountsBesideClientCredentials(Mutant):
    """An access token is looked for before the grant token, client credentials or not."""

    clause = "SAVE-7"

    def _locate_for_save(self, new):
        if blank(new["user"]) and not blank(new["access_token"]):
            return self._seek("access_token", new["access_token"]) or super()._locate_for_save(new)
        return super()._locate_for_save(new)


class AccessTokenFallsThroughToRefreshToken(Mutant):
    """An unknown access token updates the record of the refresh token beside it."""

    clause = "SAVE-7"

    def _locate_for_save(self, new):
        old = super()._locate_for_save(new)
        if old or not blank(new["user"]) or blank(new["refresh_token"]) or new["client_id"]:
            return old
        return self._seek("refresh_token", new["refresh_token"])


# SAVE-3 to 5, with an id


class _WithAnId(KeyedMutant):
    """A token that has an id is taken in another way, if this key identifies it."""

    key = ""

    def _has_both(self, new):
        return new["id"] is not None and self._keyed_by(new) == self.key


class _UnknownIdsAreNew(_WithAnId):
    """A token with an unknown id is inserted, though its key is known."""

    def _locate_for_save(self, new):
        is_new = self._has_both(new) and self._by_id(new["id"]) is None
        return None if is_new else super()._locate_for_save(new)


class AccessTokenWithAnUnknownIdIsInserted(_UnknownIdsAreNew):
    """A token with an unknown id is inserted, though its access token is known."""

    clause = "SAVE-3"
    key = "access_token"


class GrantTokenWithAnUnknownIdIsInserted(_UnknownIdsAreNew):
    """A token with an unknown id is inserted, though its grant token is known."""

    clause = "SAVE-4"
    key = "grant_token"


class RefreshTokenWithAnUnknownIdIsInserted(_UnknownIdsAreNew):
    """A token with an unknown id is inserted, though its refresh token is known."""

    clause = "SAVE-5"
    key = "refresh_token"


class AnIdComesBeforeTheAccessToken(_WithAnId):
    """A token with the id of a record updates that one, though another has its access token."""

    clause = "SAVE-3"
    key = "access_token"

    def _locate_for_save(self, new):
        by_id = self._by_id(new["id"]) if self._has_both(new) else None
        return by_id or super()._locate_for_save(new)


class AnIdComesBeforeTheRefreshToken(AnIdComesBeforeTheAccessToken):
    """A token with the id of a record updates that one, though another has its refresh token."""

    clause = "SAVE-5"
    key = "refresh_token"


class _OverwritesItsLike(Mutant):
    """An update also changes records that lack the same fields, and have the same in another."""

    lacks: tuple[str, ...] = ()
    same = ""

    def _update(self, token, old, new):
        others = [
            each
            for each in self._rows()
            if each["id"] != old["id"]
            and all(blank(each[field]) and blank(old[field]) for field in self.lacks)
            and each[self.same] == old[self.same]
            and not blank(old[self.same])
        ]
        super()._update(token, old, new)
        for each in others:
            self._change(each, {**each, "access_token": new["access_token"]})


class RefreshOverwritesItsClient(_OverwritesItsLike):
    """An update by refresh token changes all records of its client without user and grant token."""

    clause = "SAVE-5"
    lacks = ("user", "grant_token")
    same = "client_id"


class GrantOverwritesItsClient(_OverwritesItsLike):
    """An update by grant token changes all records of its client without user and refresh token."""

    clause = "SAVE-4"
    lacks = ("user", "refresh_token")
    same = "client_id"


class UsersOfOneRefreshTokenAreUpdated(_OverwritesItsLike):
    """An update changes all records that share the refresh token."""

    clause = "SAVE-6"
    same = "refresh_token"
