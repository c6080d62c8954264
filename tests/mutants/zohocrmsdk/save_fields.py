"""Mutants wrong about what save_token keeps of a token: SAVE-1, SAVE-8, SAVE-9, SAVE-21."""

import base64

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.correct.zohocrmsdk.capable import Locked
from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, blank, get_field, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import VALUES, Mutant

# SAVE-1: an unknown token is stored complete


class _InsertLoses(Mutant):
    """An insert loses the {field}."""

    clause = "SAVE-1"
    field = ""

    def _fresh(self, new):
        return {**super()._fresh(new), self.field: None}


globals().update(for_each_field(_InsertLoses, VALUES))


class InsertSwapsGrantAndRefresh(Mutant):
    """An insert stores the grant token as refresh token, and the other way round."""

    clause = "SAVE-1"

    def _fresh(self, new):
        swapped = {"grant_token": new["refresh_token"], "refresh_token": new["grant_token"]}
        return {**super()._fresh(new), **swapped}


class InsertBorrowsFromTheFirst(Mutant):
    """An insert takes what the token leaves None from the first record."""

    clause = "SAVE-1"

    def _fresh(self, new):
        first = next(iter(self._rows()), new)
        return super()._fresh({f: first[f] if blank(new[f]) else new[f] for f in FIELDS})


class InsertInventsAnApiDomain(Mutant):
    """An insert gives a token that has none the usual API domain."""

    clause = "SAVE-1"

    def _fresh(self, new):
        return super()._fresh({**new, "api_domain": new["api_domain"] or "https://api.example"})


class TokensWithoutUserAreNotStored(Mutant):
    """A token without a user is not stored."""

    clause = "SAVE-1"

    def _add(self, record):
        if not blank(record["user"]):
            super()._add(record)


class TokensWithoutClientAreNotStored(Mutant):
    """A token with nothing but an access token is not stored."""

    clause = "SAVE-1"

    def _add(self, record):
        if not blank(record["client_id"]):
            super()._add(record)


class TokensWithoutExpiryAreNotStored(Mutant):
    """A token without an expiry is not stored."""

    clause = "SAVE-1"

    def _add(self, record):
        if not blank(record["expires_in"]):
            super()._add(record)


# SAVE-8: an update keeps what the new token leaves None


class UpdateKeepsNothing(Mutant):
    """An update replaces the whole record, with None too."""

    clause = "SAVE-8"

    def _merge(self, old, new):
        return {**new, "id": old["id"]}


class _UpdateWipes(Mutant):
    """An update wipes the {field} where the new token has none."""

    clause = "SAVE-8"
    field = ""

    def _merge(self, old, new):
        return {**super()._merge(old, new), self.field: new[self.field] or None}


globals().update(for_each_field(_UpdateWipes, VALUES))


class GrantTokenIsUsedUpByARefreshToken(Mutant):
    """An update drops the grant token of a record that has a refresh token: it was used."""

    clause = "SAVE-8"

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        used = merged["refresh_token"] and not new["grant_token"]
        return {**merged, "grant_token": None} if used else merged


class ANewGrantTokenBeginsALogin(Mutant):
    """An update with a new grant token drops the refresh token, unless it brings one."""

    clause = "SAVE-8"

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        is_new = not blank(new["grant_token"]) and new["grant_token"] != old["grant_token"]
        return {**merged, "refresh_token": new["refresh_token"]} if is_new else merged


# SAVE-9: an update replaces every field that the new token carries


class _UpdateSkips(Mutant):
    """An update does not replace the {field}."""

    clause = "SAVE-9"
    field = ""

    def _merge(self, old, new):
        kept = old[self.field] or new[self.field]
        return {**super()._merge(old, new), self.field: kept}


# Not the client id: the same user under two clients is open in the contract.
globals().update(for_each_field(_UpdateSkips, [f for f in VALUES[1:] if f != "client_id"]))


class UpdateFillsGapsAlone(Mutant):
    """An update fills what the record lacks, and replaces nothing."""

    clause = "SAVE-9"

    def _merge(self, old, new):
        return {f: new[f] if blank(old[f]) else old[f] for f in FIELDS}


class UpdateKeepsTheLaterExpiry(Mutant):
    """An update keeps the record's expiry where it is the later one."""

    clause = "SAVE-9"

    def _merge(self, old, new):
        later = max(old["expires_in"], new["expires_in"], key=lambda text: int(text or 0))
        return {**super()._merge(old, new), "expires_in": later}


class UpdateWithAnOlderExpiryIsDropped(Mutant, Locked):
    """An update is dropped where it expires before the record does."""

    clause = "SAVE-9"

    def _merge(self, old, new):
        is_older = new["expires_in"] and int(new["expires_in"]) < int(old["expires_in"] or 0)
        return old if is_older else super()._merge(old, new)


class AnExpiryAloneIsDropped(Mutant):
    """An update without a refresh token does not write its expiry."""

    clause = "SAVE-9"

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        return merged if new["refresh_token"] else {**merged, "expires_in": old["expires_in"]}


class KeepsTenVersions(Mutant):
    """A record has room for ten versions of it, and the eleventh and all later ones are dropped."""

    clause = "SAVE-9"

    def __init__(self):
        super().__init__()
        self.versions = {}

    def _change(self, record, values):
        number = self.versions[record["id"]] = self.versions.get(record["id"], 1) + 1
        if number <= 10:
            super()._change(record, values)

    def _remove(self, record):
        super()._remove(record)
        self.versions.pop(record["id"], None)

    def _clear(self):
        super()._clear()
        self.versions.clear()


class TheCacheDropsUpdates(Mutant):
    """Updates are kept in a cache of 128 records, and one that leaves it is not written back."""

    clause = "SAVE-9"

    def __init__(self):
        super().__init__()
        self.inserted = {}
        self.cached = []

    def _add(self, record):
        super()._add(record)
        self.inserted[record["id"]] = dict(record)
        self._use(record)

    def _change(self, record, values):
        super()._change(record, values)
        self._use(record)

    def _use(self, record):
        self.cached = [*(each for each in self.cached if each is not record), record]
        for each in self.cached[:-128]:
            each.update(self.inserted[each["id"]])
        self.cached = self.cached[-128:]


# SAVE-21: the caller's token keeps its values


class _SpoilsTheToken(Mutant):
    """A save changes the token that it was given."""

    clause = "SAVE-21"

    def _tell(self, token, record):
        super()._tell(token, record)
        self.spoil(token)

    def spoil(self, token):
        raise NotImplementedError


class _SaveWipes(_SpoilsTheToken):
    """A save wipes the {field} of the token that it was given."""

    field = ""

    def spoil(self, token):
        set_field(token, self.field, None)


globals().update(for_each_field(_SaveWipes, ("user", "client_secret", *SECRETS)))


class SaveEncodesTheSecret(_SpoilsTheToken):
    """A save leaves the client secret of its caller encoded, as it is stored."""

    def spoil(self, token):
        if token.get_client_secret():
            encoded = base64.b64encode(token.get_client_secret().encode("utf-8", "surrogatepass"))
            token.set_client_secret(encoded.decode("ascii"))


class SaveMakesANumberOfTheExpiry(_SpoilsTheToken):
    """A save leaves its caller an int for the expiry."""

    def spoil(self, token):
        if token.get_expires_in():
            token.set_expires_in(int(token.get_expires_in()))


class SaveRewritesTheUser(_SpoilsTheToken):
    """A save leaves its caller the user's name with a dot for the at sign."""

    def spoil(self, token):
        if token.get_user_signature() is not None:
            set_field(token, "user", token.get_user_signature().get_name().replace("@", "."))


class UpdateGivesBackWhatWasThere(Mutant):
    """An update leaves its caller the access token that the record had before."""

    clause = "SAVE-21"

    def _update(self, token, old, new):
        before = old["access_token"]
        super()._update(token, old, new)
        token.set_access_token(before or new["access_token"])


class RefusalKeepsItEncrypted(Mutant):
    """The client secret is encrypted on the token itself, and stays so if the save is refused."""

    clause = "SAVE-21"

    def _insert(self, token, new):
        secret = token.get_client_secret()
        if secret:
            token.set_client_secret(f"enc:{secret}")
        super()._insert(token, new)
        token.set_client_secret(secret)


# SAVE-8: an update of one field


class AnotherApiDomainEndsTheAccessToken(Mutant):
    """An update that brings another API domain alone drops the access token and its expiry."""

    clause = "SAVE-8"

    def _merge(self, old, new):
        merged = super()._merge(old, new)
        if merged["api_domain"] != old["api_domain"] and blank(new["access_token"]):
            merged |= {"access_token": None, "expires_in": None}
        return merged


class NamesTheNamelessNone(Mutant):
    """A signature without a name is stored as the user "None"."""

    clause = "SAVE-1"

    def save_token(self, token):
        signature = token.get_user_signature() if isinstance(token, OAuthToken) else None
        if signature is not None and signature.get_name() is None:
            token.set_user_signature(UserSignature("None"))
        super().save_token(token)


class DefaultsOfTheLast(Mutant):
    """A token without a client that has no API domain gets that of the last one that had it."""

    clause = "SAVE-1"

    def __init__(self) -> None:
        super().__init__()
        self.domain = None

    def _fresh(self, new):
        if self._key(new) == ("access_token", new["access_token"]):
            self.domain = new["api_domain"] or self.domain
            return super()._fresh({**new, "api_domain": self.domain})
        return super()._fresh(new)


class KeepsTwoHundredChanges(Mutant):
    """A record is put together from its last 200 changes."""

    clause = "SAVE-8"

    def __init__(self):
        super().__init__()
        self.changes = {}

    def _change(self, record, values):
        changed = {field: value for field, value in values.items() if value != record[field]}
        changes = self.changes.setdefault(record["id"], [])
        changes.append(changed)
        super()._change(record, values)
        if len(changes) > 200:
            kept = {field for each in changes[-200:] for field in each} | {"id", "user"}
            record.update(dict.fromkeys(set(record) - kept))


class ANewRefreshTokenIsNoChange(Mutant):
    """An update with the access token and the expiry that are stored is left out."""

    clause = "SAVE-9"

    def _update(self, token, old, new):
        same = [new[field] in (None, old[field]) for field in ("access_token", "expires_in")]
        if all(same) and new["refresh_token"] is not None:
            self._tell(token, old)
        else:
            super()._update(token, old, new)


class TheSameObjectIsSavedOnce(Mutant):
    """A token object that was saved before is passed over if its tokens are the same."""

    clause = "SAVE-9"

    def __init__(self):
        super().__init__()
        self.last = None

    def save_token(self, token):
        if self.last is None or self.last[0] is not token or self.last[1] != self._seen(token):
            super().save_token(token)
            self.last = (token, self._seen(token))

    def _seen(self, token):
        return [get_field(token, field) for field in ("id", *SECRETS)]

    def _remove(self, record):
        super()._remove(record)
        self.last = None

    def _clear(self):
        super()._clear()
        self.last = None
