"""Mutants wrong about what a save keeps (SAVE-1) and what an update writes (SAVE-23, SAVE-24)."""

from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zcrmsdk.honest import FIELDS
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, USED, KeyedMutant, Mutant

# SAVE-1: a login that is saved is found by its keys, complete


class _InsertLoses(Mutant):
    """An insert loses the {field}."""

    clause = "SAVE-1"
    field = ""

    def _fresh(self, new):
        return {**super()._fresh(new), self.field: None}


globals().update(for_each_field(_InsertLoses, ("user_mail", GRANT, *USED)))


class InsertLosesClientId(_InsertLoses):
    """An insert loses the client id."""

    field = "client_id"
    spills = ("DEL-1",)


class InsertSwapsGrantAndRefresh(Mutant):
    """An insert stores the grant token as refresh token, and the other way round."""

    clause = "SAVE-1"
    spills = ("FIND-6", "FIND-20")

    def _fresh(self, new):
        return {**super()._fresh(new), GRANT: new[REFRESH], REFRESH: new[GRANT]}


class InsertBorrowsTheAccessToken(Mutant):
    """An insert takes the access token of the first record."""

    clause = "SAVE-1"

    def _fresh(self, new):
        first = next(iter(self._rows()), new)
        return {**super()._fresh(new), "access_token": first["access_token"]}


class _IsNotStored(KeyedMutant):
    """A login by {field} is not stored."""

    clause = "SAVE-1"

    def _insert(self, new):
        if not self._is_meant(new):
            super()._insert(new)


globals().update(for_each_field(_IsNotStored, (GRANT, REFRESH)))


class _Needs(Mutant):
    """A login without {field} is refused."""

    clause = "SAVE-1"
    field = ""

    def save_token(self, user, token):
        if self._of(user, token)[self.field] is None:
            raise SDKException("TOKEN_STORE", f"there is no {self.field}")
        super().save_token(user, token)


globals().update(for_each_field(_Needs, (REFRESH, "client_secret")))


class OneLoginIsEnough(Mutant):
    """An insert takes the place of what was stored."""

    clause = "SAVE-6"

    def _insert(self, new):
        self._clear()
        super()._insert(new)


class TheThirdLoginIsNotStored(Mutant):
    """A third login is not stored: the store is full."""

    clause = "SAVE-1"

    def _insert(self, new):
        if len(self._rows()) < 2:
            super()._insert(new)


class OneLoginForAUserAndClient(Mutant):
    """A login by another token takes the place of that user's earlier one at the client."""

    clause = "SAVE-25"

    def _locate_for_save(self, new):
        same = super()._locate_for_save(new)
        return same or self._first(lambda r: self._equal(r, new, "user_mail", "client_id"))


# SAVE-23: the new access token, expiry and refresh token


class _UpdateSkips(Mutant):
    """An update by grant token does not replace the {field}."""

    clause = "SAVE-23"
    key = GRANT
    field = ""

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        return {**merged, self.field: old[self.field]} if self._key(new) == self.key else merged


globals().update(for_each_field(_UpdateSkips, USED))


class UpdateFillsGapsAlone(Mutant):
    """An update fills what the record lacks, and replaces nothing."""

    clause = "SAVE-23"

    def _merge(self, old, new):
        return {f: new[f] if old[f] is None else old[f] for f in FIELDS}


class UpdateKeepsTheLaterExpiry(Mutant):
    """An update keeps the record's expiry where it is the later one."""

    clause = "SAVE-23"

    def _merge(self, old, new):
        later = max(old["expires_in"], new["expires_in"], key=lambda text: int(text or 0))
        return {**super()._merge(old, new), "expires_in": later}


# SAVE-24: the new access token and expiry


class _RefreshSkips(_UpdateSkips):
    """An update by refresh token does not replace the {field}."""

    clause = "SAVE-24"
    key = REFRESH


globals().update(for_each_field(_RefreshSkips, ("access_token", "expires_in")))
