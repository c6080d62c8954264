"""Mutants that only a running SDK finds out: SDK-1 to SDK-5.

Each answers every single call as it should.
"""

import time

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zcrmsdk.honest import FIELDS, get_field, set_field
from tests.mutants.mutant import is_ahead
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, KnowingMutant, Mutant, refuse

# SDK-1: a first login is kept


class QueriesAreNotSaved(KnowingMutant):
    """A token that was searched for in vain is taken for a query, and is not saved."""

    clause = "SDK-1"

    def save_token(self, user, token):
        if not self._was_missed(token):
            super().save_token(user, token)


class QueriesAreRefused(KnowingMutant):
    """A token that was searched for in vain raises when it is saved."""

    clause = "SDK-1"

    def save_token(self, user, token):
        if self._was_missed(token):
            refuse("a query cannot be saved")
        super().save_token(user, token)


class FirstLoginsLoseTheirRefreshToken(KnowingMutant):
    """A token that was searched for in vain is saved without its refresh token."""

    clause = "SDK-1"
    query = False

    def save_token(self, user, token):
        self.query = self._was_missed(token)
        super().save_token(user, token)

    def _fresh(self, new):
        fresh = super()._fresh(new)
        return {**fresh, REFRESH: None} if self.query else fresh


# SDK-2: nothing is asked at a second start


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


class GrantMissesAreRemembered(Mutant):
    """A grant token that was searched for in vain stays missing, though it is saved later."""

    clause = "SDK-2"

    def __init__(self):
        super().__init__()
        self.missing = set()

    def _locate(self, query):
        key = query["user_mail"], query["client_id"], query[GRANT]
        if key in self.missing:
            return None
        found = super()._locate(query)
        if found is None and query[GRANT] is not None:
            self.missing.add(key)
        return found


# SDK-3: a refreshed token is kept


class UpdatesOfFoundTokensAreIgnored(KnowingMutant):
    """A token that was found is taken for unchanged: its update is ignored, without a word."""

    clause = "SDK-3"

    def save_token(self, user, token):
        if not self._was_found(token):
            super().save_token(user, token)


class FoundTokensAreInserted(KnowingMutant):
    """A token that was found is inserted a second time when it is saved."""

    clause = "SDK-3"
    again = False

    def save_token(self, user, token):
        self.again = self._was_found(token)
        super().save_token(user, token)

    def _locate_for_save(self, new):
        return None if self.again else super()._locate_for_save(new)


class FoundTokensAreRefused(KnowingMutant):
    """A token that was found cannot be saved: it is the store's own."""

    clause = "SDK-3"

    def save_token(self, user, token):
        if self._was_found(token):
            refuse("UNIQUE constraint failed")
        super().save_token(user, token)


# SDK-4: an id is enough to start


class TokensFoundByIdAreNotSaved(KnowingMutant):
    """A token that was found by its id is not saved again."""

    clause = "SDK-4"
    needs_ids = True

    def get_token(self, user, token):
        found = super().get_token(user, token)
        self.found.clear()
        return found

    def save_token(self, user, token):
        if not self._was_found(token):
            super().save_token(user, token)


class _LazyToken(OAuthToken):
    """A token whose getters read a record, and which has nothing of its own."""

    def __init__(self, record):
        super().__init__("", "", "")
        for field in FIELDS:
            set_field(self, field, record[field])
        self.record = {name: value for name, value in vars(self).items() if name.startswith("_O")}
        for name in self.record:
            delattr(self, name)


def _getter(field):
    name = f"_OAuthToken__{field}"
    return lambda self: self.record[name] if name not in vars(self) else vars(self)[name]


for _field in FIELDS:
    setattr(_LazyToken, f"get_{_field}", _getter(_field))


class FindsLazyTokensById(Mutant):
    """get_token_by_id answers with a subclass that has the getters of a token, but no fields."""

    clause = "SDK-4"
    needs_ids = True

    def get_token_by_id(self, id, token):
        record = self._locate_by_id(id)
        return record and _LazyToken(record)


# SDK-5: two users of one store


class RefreshesGoToTheFirstUser(Mutant):
    """What lies ahead is written to the record of the client that was found first."""

    clause = "SDK-5"
    spills = ("SAVE-6", "SAVE-23")
    session = None

    def _fill(self, token, record):
        self.session = self.session or record
        return super()._fill(token, record)

    def _change(self, record, values):
        one_client = self.session and self.session["client_id"] == values["client_id"]
        if one_client and is_ahead(values["expires_in"]):
            used = ("access_token", "expires_in")
            super()._change(self.session, {field: values[field] for field in used})
        else:
            super()._change(record, values)


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


class UsersAreSessions(Mutant):
    """While a token of a user is used that lies ahead, other users of the client get it."""

    clause = "SDK-5"
    spills = ("FIND-16", "FIND-17", "FIND-19")
    session = None

    def _locate(self, query):
        found = super()._locate(query)
        if found is None or not is_ahead(found["expires_in"]):
            return found
        if self.session is None or self.session["client_id"] != found["client_id"]:
            self.session = found
        return self.session


# SDK-1: the user that every call gets


class QuotesTheUser(Mutant):
    """Each call escapes the email of the user that it gets, in place."""

    clause = "SDK-1"

    def get_token(self, user, token):
        return super().get_token(self._quoted(user), token)

    def save_token(self, user, token):
        super().save_token(self._quoted(user), token)

    def _quoted(self, user):
        email = get_field(user, "email")
        (name,) = (name for name, value in vars(user).items() if value == email)
        setattr(user, name, email.replace("%", "%25").replace("+", "%2B"))
        return user

    def _token(self, record):
        return super()._token({**record, "user_mail": self._unquoted(record["user_mail"])})

    def _tell(self, token, new):
        super()._tell(token, {**new, "user_mail": self._unquoted(new["user_mail"])})

    def _locate_for_delete(self, gone):
        email = gone["user_mail"]
        quoted = email and email.replace("%", "%25").replace("+", "%2B")
        return super()._locate_for_delete({**gone, "user_mail": quoted})

    def _unquoted(self, email):
        return email.replace("%2B", "+").replace("%25", "%")
