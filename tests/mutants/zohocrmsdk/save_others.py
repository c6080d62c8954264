"""Mutants wrong about what a save does beside its own record: SAVE-27, SAVE-28, SAVE-29."""

import re
import unicodedata

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants.zohocrmsdk.mutant import Mutant

# SAVE-27: stored, or SDKException


class AccessTokensOfClientsAreDropped(Mutant):
    """A token with an access token and client credentials, and no key nor id, is ignored."""

    clause = "SAVE-27"

    def _insert(self, token, new):
        if self._key(new) is None and blank(new["id"]) and not blank(new["access_token"]):
            return
        super()._insert(token, new)


class KnownIdsWithoutKeyAreIgnored(Mutant):
    """A token without a key, whose id is stored, changes nothing, and nobody is told."""

    clause = "SAVE-27"

    def _update(self, token, old, new):
        if self._key(new) is not None:
            super()._update(token, old, new)


class TokensWithoutKeyBecomeAnyones(Mutant):
    """A token without a key is written over the first record."""

    clause = "SAVE-27"

    def _locate_for_save(self, new):
        found = super()._locate_for_save(new)
        keyless = self._key(new) is None and not all(blank(new[field]) for field in SECRETS)
        return next(iter(self._rows()), None) if found is None and keyless else found


# SAVE-28: the records of other users


class IdsOfOthersAreReplaced(Mutant):
    """A new user's record takes the place of the one that has its id: INSERT OR REPLACE."""

    clause = "SAVE-28"

    def _choose_id(self, wanted):
        taken = self._by_id(wanted)
        if taken is not None:
            self._remove(taken)
        return super()._choose_id(wanted)


class KnownUsersReplaceTheOther(Mutant):
    """A user's token that carries another user's id makes that user's record go."""

    clause = "SAVE-28"

    def _update(self, token, old, new):
        other = self._by_id(new["id"])
        if other is not None and other is not old:
            self._remove(other)
        super()._update(token, old, new)


class TheOtherGetsTheExpiry(Mutant):
    """The expiry of a token goes to the record of its key, and to that of its id."""

    clause = "SAVE-28"

    def _update(self, token, old, new):
        other = self._by_id(new["id"])
        super()._update(token, old, new)
        if other is not None and other is not old and not blank(new["expires_in"]):
            self._change(other, {**other, "expires_in": new["expires_in"]})


# SAVE-29: ids that are alike


class _UpdatesAlikeIds(Mutant):
    """An update reaches each record whose id is like the one that is meant."""

    clause = "SAVE-29"

    def _change(self, record, values):
        for each in self._rows():
            if each is not record and self._is_like(each["id"], record["id"]):
                super()._change(each, {**values, "id": each["id"], "user": each["user"]})
        super()._change(record, values)

    def _is_like(self, id, wanted):
        raise NotImplementedError


class UpdatesWhereIdIsLike(_UpdatesAlikeIds):
    """UPDATE ... WHERE id LIKE ?"""

    def _is_like(self, id, wanted):
        pattern = re.escape(wanted).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, id, re.DOTALL) is not None


class UpdatesInAnyCase(_UpdatesAlikeIds):
    """An update compares ids without letter case."""

    def _is_like(self, id, wanted):
        return id.lower() == wanted.lower()


class UpdatesWithoutBlanks(_UpdatesAlikeIds):
    """An update compares ids without blanks at their end."""

    def _is_like(self, id, wanted):
        return id.rstrip() == wanted.rstrip()


class UpdatesWithoutAccents(_UpdatesAlikeIds):
    """An update compares ids without accents."""

    def _is_like(self, id, wanted):
        plain = (unicodedata.normalize("NFD", each)[:2] + each[2:] for each in (id, wanted))
        return len({each.encode("ascii", "ignore") for each in plain}) == 1


class UpdatesByTheBeginningOfTheId(_UpdatesAlikeIds):
    """An update compares the first 36 characters of ids."""

    def _is_like(self, id, wanted):
        return id[:36] == wanted[:36]


class AddsTheUserInAnyCase(Mutant):
    """The id that a new user's token carries is looked up without letter case."""

    clause = "SAVE-29"
    spills = ("SAVE-11",)

    def _same_id(self, new):
        if blank(new["id"]) or blank(new["user"]):
            return super()._same_id(new)
        return self._first(lambda r: r["id"].lower() == new["id"].lower() and blank(r["user"]))


class NamelessIdsAreFolded(Mutant):
    """Ids of records without a user are looked up without letter case where they are not ASCII."""

    clause = "SAVE-29"
    spills = ("SAVE-11",)

    def _same_id(self, new):
        found = super()._same_id(new)
        if found or blank(new["id"]) or new["id"].isascii():
            return found
        folded = new["id"].casefold()
        return self._first(lambda r: r["id"].casefold() == folded and blank(r["user"]))


# SAVE-28: what users share


class OneSecretForAClient(Mutant):
    """The client secret is kept once for each client id: the last one that was saved."""

    clause = "SAVE-28"

    def __init__(self):
        super().__init__()
        self.secrets = {}

    def _note(self, record):
        if record["client_id"]:
            self.secrets[record["client_id"]] = record["client_secret"]

    def _add(self, record):
        super()._add(record)
        self._note(record)

    def _change(self, record, values):
        super()._change(record, values)
        self._note(record)

    def _rows(self):
        rows = super()._rows()
        for row in rows:
            if row["client_id"]:
                row["client_secret"] = self.secrets[row["client_id"]]
        return rows


class SameRefreshTokenRenames(Mutant):
    """A record with the token's id and refresh token is updated, whatever user it has."""

    clause = "SAVE-28"

    def _same_id(self, new):
        record = self._by_id(new["id"])
        if record and new["refresh_token"] and record["refresh_token"] == new["refresh_token"]:
            return record
        return super()._same_id(new)


class UserNamesAreIds(Mutant):
    """An id that is the name of a user means the record of that user."""

    clause = "SAVE-28"

    def _same_id(self, new):
        named = self._seek("user", new["id"]) if new["id"] and not new["user"] else None
        return named or super()._same_id(new)


class TakenIdsGetOneSuffix(Mutant):
    """A taken id gets the suffix "-2", and replaces a record that has that id."""

    clause = "SAVE-28"

    def _choose_id(self, wanted):
        if blank(wanted) or self._by_id(wanted) is None:
            return super()._choose_id(wanted)
        taken = self._by_id(f"{wanted}-2")
        if taken is not None:
            self._remove(taken)
        return f"{wanted}-2"


class ATokenIsItsRecord(Mutant):
    """A token object that was saved updates its record, whoever uses it then."""

    clause = "SAVE-28"

    def save_token(self, token):
        known = getattr(token, "record", None)
        new = self._read(token)
        if known is not None and any(each is known for each in self._rows()):
            self._change(known, {**new, "id": known["id"]})
            return
        super().save_token(token)
        token.__dict__["record"] = self._by_id(token.get_id())


class KnowsTokensByTheirPlace(Mutant):
    """A token without a user means the record that the token at its place in memory became."""

    clause = "SAVE-28"

    def __init__(self):
        super().__init__()
        self.became = {}

    def _locate_for_save(self, new):
        return super()._locate_for_save(new) or self._by_id(self.became.get(self.place, ""))

    def save_token(self, token):
        self.place = id(token)
        super().save_token(token)
        if token is not None and token.get_user_signature() is None:
            self.became[self.place] = token.get_id()
