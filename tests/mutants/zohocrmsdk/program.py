"""Mutants that only a running SDK finds out: SDK-1 to SDK-10.

Each answers every single call as it should. `from_line` is the first line of the SDK in which the
fault does harm, where that is not the first of all.
"""

import time

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import FIELDS, blank, set_field
from tests.mutants.mutant import for_each_field, is_ahead
from tests.mutants.zohocrmsdk.mutant import KeyedMutant, Mutant


def bare_token(record):
    """A whole token, except for what the constructor alone sets."""
    token = object.__new__(OAuthToken)
    for field in FIELDS:
        set_field(token, field, record[field])
    return token


# SDK-1: a first login is kept


class QueriesAreNotSaved(Mutant):
    """A token that was searched for and not found is taken for a query, and is not saved."""

    clause = "SDK-1"

    def __init__(self):
        super().__init__()
        self.queries = []

    def _miss(self, token):
        self.queries.append(token)

    def save_token(self, token):
        if not any(query is token for query in self.queries):
            super().save_token(token)


class QueriesAreRefused(QueriesAreNotSaved):
    """A token that was searched for and not found raises when it is saved."""

    def save_token(self, token):
        if any(query is token for query in self.queries):
            raise SDKException("TOKEN_STORE", "a query cannot be saved")
        super().save_token(token)


# SDK-2: nothing is asked at a second start


class _MissesAreRemembered(KeyedMutant):
    """What was not found by {field} stays missing, though it is saved later."""

    clause = "SDK-2"
    field = ""

    def __init__(self):
        super().__init__()
        self.missing = set()

    def _locate(self, query):
        if self._keyed_by(query) != self.field:
            return super()._locate(query)
        if query[self.field] in self.missing:
            return None
        found = super()._locate(query)
        if found is None:
            self.missing.add(query[self.field])
        return found


globals().update(for_each_field(_MissesAreRemembered, ("grant_token",)))


HALF_A_DAY = 12 * 3600 * 1000
"""Milliseconds."""


class NothingLastsHalfADay(Mutant):
    """An expiry half a day ahead is stored as the present, so that the token is refreshed."""

    clause = "SDK-2"

    def _fresh(self, new):
        return self._cut(super()._fresh(new))

    def _merge(self, old, new):
        return self._cut(super()._merge(old, new))

    def _cut(self, record):
        now = int(time.time() * 1000)
        ahead = is_ahead(record["expires_in"]) and int(record["expires_in"]) > now + HALF_A_DAY
        return {**record, "expires_in": str(now)} if ahead else record


# SDK-3: a refreshed token is kept


class FindsWithoutConstructor(Mutant):
    """find_token answers with a token that was made without the constructor."""

    clause = "SDK-3"
    spills = ("FIND-21",)
    from_line = 6

    def _fill(self, token, record):
        super()._fill(token, record)
        return bare_token(record)


class _HalfBuiltToken(OAuthToken):
    """A token whose constructor does not call the one that it overrides."""

    def __init__(self, record):
        for field in FIELDS:
            set_field(self, field, record[field])


class FindsHalfBuiltTokens(Mutant):
    """find_token answers with a subclass that does not call the SDK's constructor."""

    clause = "SDK-3"
    spills = ("FIND-21",)
    from_line = 6

    def _fill(self, token, record):
        super()._fill(token, record)
        return _HalfBuiltToken(record)


class NegativeExpiryIsNone(Mutant):
    """A negative expiry is stored as none: the token never expires."""

    clause = "SDK-3"
    spills = ("DATA-3",)

    def _fresh(self, new):
        record = super()._fresh(new)
        negative = (new["expires_in"] or "").startswith("-")
        return {**record, "expires_in": None} if negative else record


# SDK-4: an id is enough to start


class _LazyToken(OAuthToken):
    """A token whose getters read a record, and which has nothing of its own."""

    def __init__(self, record):
        super().__init__(id=record["id"])
        for field in FIELDS[1:]:
            set_field(self, field, record[field])
        self.record = {name: value for name, value in vars(self).items() if name.startswith("_O")}
        for name in self.record:
            if not name.endswith("find_user"):
                delattr(self, name)


def _getter(field):
    name = f"_OAuthToken__{field}"
    return lambda self: self.record[name] if name not in vars(self) else vars(self)[name]


for _field in (*FIELDS, "user_signature"):
    if _field != "user":
        setattr(_LazyToken, f"get_{_field}", _getter(_field))


class FindsLazyTokensById(Mutant):
    """find_token_by_id answers with a subclass that has the getters of a token, but no fields."""

    clause = "SDK-4"

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else _LazyToken(record)


class ExpiredTokensAreOfNoUseById(Mutant):
    """find_token_by_id finds no expired login of a token without a user."""

    clause = "SDK-4"
    spills = ("TIME-1",)

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        expiry = record and not record["user"] and record["expires_in"]
        if expiry and expiry.isdecimal() and not is_ahead(expiry):
            return None
        return super().find_token_by_id(id)


# SDK-5: two users of one store


class UsersAreSessions(Mutant):
    """After a search by user, grant and refresh tokens are searched for in that user's record."""

    clause = "SDK-5"
    session = None

    def _locate(self, query):
        found = super()._locate(query)
        if not blank(query["user"]):
            self.session = found and found["user"]
        elif found and self.session and not blank(query["client_id"]):
            return found if found["user"] in (self.session, None) else None
        return found


class TheUserBeforeIsUpdatedToo(Mutant):
    """A new access token is also given to the user of the same client who was found before."""

    clause = "SDK-5"
    found = before = None

    def _fill(self, token, record):
        if record is not self.found:
            self.found, self.before = record, self.found
        return super()._fill(token, record)

    def _change(self, record, values):
        other = self.before if record is self.found else None
        if other and other["client_id"] == record["client_id"]:
            super()._change(other, {"access_token": values["access_token"]})
        super()._change(record, values)


# SDK-6: remove deletes that record


class WhatIsInUseStays(Mutant):
    """The record that was found last, if by its user, cannot be deleted: it is in use."""

    clause = "SDK-6"
    spills = ("DEL-1",)
    in_use = None

    def _fill(self, token, record):
        by_user = token.get_user_signature() is not None
        self.in_use = record["id"] if by_user else None
        return super()._fill(token, record)

    def _locate_for_delete(self, id):
        if id is not None and id == self.in_use:
            raise SDKException("TOKEN_STORE", "the token is in use")
        return super()._locate_for_delete(id)


class ChosenIdsStayWhileOthersAreInUse(Mutant):
    """A record whose id a caller chose stays where another was found last, by its user."""

    clause = "SDK-6"
    is_in_use = False

    def _fill(self, token, record):
        self.is_in_use = token.get_user_signature() is not None
        return super()._fill(token, record)

    def _locate_for_delete(self, id):
        record = super()._locate_for_delete(id)
        is_chosen = record is not None and not record["id"].isdigit()
        return None if self.is_in_use and is_chosen else record


# SDK-7: revoke sends that record's refresh token


class IdsAreAnsweredAnew(Mutant):
    """A query with an id alone is answered with a new token, and stays as it was."""

    clause = "SDK-7"
    from_line = 8

    def _fill(self, token, record):
        by_id = self._key(self._read(token)) is None
        return self._token(record) if by_id else super()._fill(token, record)


class IdsGetNoRefreshToken(Mutant):
    """A query with only an id is filled except for the refresh token, which the answer has."""

    clause = "SDK-7"
    spills = ("FIND-21",)
    from_line = 8

    def _fill(self, token, record):
        by_id = self._key(self._read(token)) is None
        super()._fill(token, record)
        if by_id:
            token.set_refresh_token(None)
        return self._token(record)


# SDK-8: tokens can be handed to the SDK as they are


class ListsWithoutConstructor(Mutant):
    """get_tokens lists tokens that were made without the constructor."""

    clause = "SDK-8"
    from_line = 6

    def get_tokens(self):
        return [bare_token(record) for record in self._list()]


class FindsByIdWithoutConstructor(Mutant):
    """find_token_by_id answers with a token that was made without the constructor."""

    clause = "SDK-8"
    from_line = 6

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else bare_token(record)


# SDK-9: an access token alone


class AccessTokensAreRememberedAsMissing(_MissesAreRemembered):
    """What was not found by access token stays missing, though it is saved later."""

    clause = "SDK-9"
    field = "access_token"


class MissesAreRememberedWhereOthersAreStored(AccessTokensAreRememberedAsMissing):
    """The same, but only in a store that held a token when it was searched."""

    def _locate(self, query):
        return super()._locate(query) if self._rows() else None


# SDK-10: revoke and remove reach no other user


class UnknownIdsGetTheLastFound(Mutant):
    """A query with an unknown id gets the record that was found last by its user."""

    clause = "SDK-10"
    from_line = 8
    last = None

    def _locate(self, query):
        found = super()._locate(query)
        if not blank(query["user"]):
            self.last = found
        if found is None and query["id"] == "77":
            return self.last
        return found


class NoIdDeletesTheLastFound(Mutant):
    """Without an id, the record is deleted that was found last by its user."""

    clause = "SDK-10"
    last = None

    def _locate(self, query):
        found = super()._locate(query)
        if not blank(query["user"]):
            self.last = found
        return found

    def _locate_for_delete(self, id):
        return self.last if id is None else super()._locate_for_delete(id)


class UpdatesSetTheNewestId(Mutant):
    """An update sets on its token the id that was made last."""

    clause = "SDK-10"
    spills = ("SAVE-13",)

    def __init__(self):
        super().__init__()
        self.newest = None

    def _insert(self, token, new):
        super()._insert(token, new)
        self.newest = token.get_id()

    def _update(self, token, old, new):
        super()._update(token, old, new)
        token.set_id(self.newest or old["id"])


class NewUsersKeepABorrowedId(Mutant):
    """A new user's token keeps the id that it came with, though another record has it."""

    clause = "SDK-10"

    def _insert(self, token, new):
        super()._insert(token, new)
        if not blank(new["id"]):
            token.set_id(new["id"])
