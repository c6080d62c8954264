"""Mutants wrong about tokens that are saved again: SAVE-17 to SAVE-20."""

from tests.correct.zohocrmsdk.honest import blank
from tests.mutants.zohocrmsdk.mutant import Mutant, refuse

# SAVE-17: the refresh flow


class FoundTokensAreInserted(Mutant):
    """A token that carries the id of a record is taken for new, and refused: the id is taken."""

    clause = "SAVE-17"

    def _update(self, token, old, new):
        if new["id"] == old["id"]:
            refuse("UNIQUE constraint failed")
        super()._update(token, old, new)


class FoundTokensAreNotChanged(Mutant):
    """A token that carries the id of its record leaves its access token as it was."""

    clause = "SAVE-17"

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        same = new["id"] == old["id"]
        return {**merged, "access_token": old["access_token"]} if same else merged


class UpdatesOfFoundTokensAreIgnored(Mutant):
    """A token that was found is taken for unchanged: its update is ignored, without a word."""

    clause = "SAVE-17"

    def __init__(self):
        super().__init__()
        self.found = []

    def _fill(self, token, record):
        found = super()._fill(token, record)
        self.found.append(found)
        return found

    def save_token(self, token):
        if not any(each is token for each in self.found):
            super().save_token(token)


class RefreshedAccessTokensAreInserted(Mutant):
    """A record with nothing but an access token is doubled when that is renewed."""

    clause = "SAVE-17"

    def _same_id(self, new):
        return None if blank(new["user"]) else super()._same_id(new)


# SAVE-18: a key that matches nothing, but a known id


class IdsAreNotLookedUp(Mutant):
    """A found token that is given a user is inserted a second time."""

    clause = "SAVE-18"

    def _same_id(self, new):
        return None


class KnownIdsAreRefused(Mutant):
    """A found token that is given a user is refused: its id is taken."""

    clause = "SAVE-18"

    def _insert(self, token, new):
        if self._same_id(new):
            refuse("UNIQUE constraint failed")
        super()._insert(token, new)

    def _locate_for_save(self, new):
        return self._match(new)


class UsersAreNotAdded(Mutant):
    """A found token that is given a user updates its record, except for the user."""

    clause = "SAVE-18"

    def _merge(self, old, new):
        return {**super()._merge(old, new), "user": old["user"]}


class UsersAreNotAddedToGrants(Mutant):
    """A found token that has a grant token and is given a user is inserted a second time."""

    clause = "SAVE-18"

    def _same_id(self, new):
        return None if new["grant_token"] else super()._same_id(new)


# SAVE-19: one record for a user, under any id


class IdsComeFirst(Mutant):
    """The record of the token's id is updated, though the user has another record."""

    clause = "SAVE-19"

    def _locate_for_save(self, new):
        return self._by_id(new["id"]) or self._match(new)


class IdsComeFirstUnlessAnothersUser(Mutant):
    """The record of the token's id is updated, though the user has one: both are the user's."""

    clause = "SAVE-19"

    def _locate_for_save(self, new):
        return self._same_id(new) or self._match(new)


class UnknownIdsAreInserted(Mutant):
    """A token with an unknown id is inserted, though the user has a record."""

    clause = "SAVE-19"

    def _locate_for_save(self, new):
        unknown = not blank(new["id"]) and not self._by_id(new["id"])
        return None if unknown and new["user"] else super()._locate_for_save(new)


class IdsOfOthersAreGivenTwice(Mutant):
    """The token of a new user keeps the id that it came with, though it is another record's."""

    clause = "SAVE-19"

    def _choose_id(self, wanted):
        return wanted or self._new_id()


class BothRecordsBecomeTheUsers(Mutant):
    """A user's record and the record of the token's id are both updated, and both the user's."""

    clause = "SAVE-19"

    def _update(self, token, old, new):
        other = self._by_id(new["id"])
        if other and other is not old:
            self._change(other, self._merge(other, new))
        super()._update(token, old, new)


class TokensThatAreReplacedAreNew(Mutant):
    """A record without a user is updated by its id only if its grant or refresh token stays."""

    clause = "SAVE-18"

    def _same_id(self, new):
        key = self._key(new)
        is_replaced = key is not None and key[0] in ("grant_token", "refresh_token")
        return None if is_replaced else super()._same_id(new)


# SAVE-20: the same values again


class EqualTokensAreInserted(Mutant):
    """An update that changes nothing is taken for a miss, and inserted."""

    clause = "SAVE-20"

    def _update(self, token, old, new):
        unchanged = self._merge(old, new) == old
        self._insert(token, new) if unchanged else super()._update(token, old, new)


class EqualTokensAreRefused(Mutant):
    """An update that changes nothing raises SDKException."""

    clause = "SAVE-20"

    def _change(self, record, values):
        if record == values:
            refuse("nothing was changed")
        super()._change(record, values)


class TheSameObjectIsRefused(Mutant):
    """An equal token is fine, but the same object is inserted under its id, and refused."""

    clause = "SAVE-20"

    def _update(self, token, old, new):
        if old == new:
            refuse("UNIQUE constraint failed")
        super()._update(token, old, new)


class TheSameObjectIsInserted(Mutant):
    """An equal token is fine, but the same object is inserted a second time."""

    clause = "SAVE-20"

    def _update(self, token, old, new):
        self._insert(token, new) if old == new else super()._update(token, old, new)


class AdoptionClears(Mutant):
    """A user's name comes to a record that was saved without: the record is as the token is."""

    clause = "SAVE-18"

    def _merge(self, old, new):
        if old["user"] is None and new["user"]:
            return {**new, "id": old["id"]}
        return super()._merge(old, new)
