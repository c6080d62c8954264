"""Mutants wrong about what a save does to the token that it is given: SAVE-26 and SAVE-21."""

import base64

from tests.correct.zcrmsdk.honest import get_field, set_field
from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, SECRETS, Mutant

# SAVE-26: the user's email, as user_mail


class TheEmailIsNotTold(Mutant):
    """A save does not set the user's email on the token."""

    clause = "SAVE-26"

    def _tell(self, token, new):
        pass


class _TellsSome(Mutant):
    """Whether a save sets the user's email on the token depends on what it came to."""

    clause = "SAVE-26"
    inserted = False

    def _insert(self, new):
        self.inserted = True
        super()._insert(new)

    def _update(self, old, new):
        self.inserted = False
        super()._update(old, new)


class AnInsertAloneTells(_TellsSome):
    """An update does not set the user's email on the token."""

    def _tell(self, token, new):
        if self.inserted:
            super()._tell(token, new)


class AnUpdateAloneTells(_TellsSome):
    """An insert does not set the user's email on the token."""

    def _tell(self, token, new):
        if not self.inserted:
            super()._tell(token, new)


class ChangesAloneAreTold(_TellsSome):
    """A save that changes nothing does not set the user's email on the token."""

    changes = True

    def _update(self, old, new):
        self.changes = self._merge(old, new) != old
        super()._update(old, new)

    def _tell(self, token, new):
        if self.inserted or self.changes:
            super()._tell(token, new)


class TheFirstEmailStays(Mutant):
    """A save sets the user's email on the token only if the token has none."""

    clause = "SAVE-26"

    def _tell(self, token, new):
        if get_field(token, "user_mail") is None:
            super()._tell(token, new)


class GrantLoginsAloneAreTold(Mutant):
    """A save by refresh token does not set the user's email on the token."""

    clause = "SAVE-26"

    def _tell(self, token, new):
        if new[GRANT] is not None:
            super()._tell(token, new)


class TheNameIsTold(Mutant):
    """A save sets on the token the part of the user's email before the at sign."""

    clause = "SAVE-26"

    def _tell(self, token, new):
        set_field(token, "user_mail", new["user_mail"].partition("@")[0])


# SAVE-21: the values of the caller's token stay


class _Spoils(Mutant):
    """A save changes the token that it was given."""

    clause = "SAVE-21"

    def _tell(self, token, new):
        super()._tell(token, new)
        self.spoil(token)

    def spoil(self, token):
        raise NotImplementedError


class _SaveWipes(_Spoils):
    """A save wipes the {field} of the token that it was given."""

    field = ""

    def spoil(self, token):
        set_field(token, self.field, None)


globals().update(for_each_field(_SaveWipes, (*SECRETS, "client_id", "expires_in", "redirect_url")))


class SaveWipesTheId(_SaveWipes):
    """A save wipes the id of the token that it was given."""

    needs_ids = True
    field = "id"


class SaveMasksTheSecret(_Spoils):
    """A save leaves its caller stars for the client secret."""

    def spoil(self, token):
        set_field(token, "client_secret", "***")


class SaveEncodesTheRefreshToken(_Spoils):
    """A save leaves the refresh token of its caller encoded, as it is stored."""

    def spoil(self, token):
        text = get_field(token, "refresh_token") or ""
        encoded = base64.b64encode(text.encode("utf-8", "surrogatepass"))
        set_field(token, "refresh_token", encoded.decode("ascii"))


class SaveCountsTheExpiryInSeconds(_Spoils):
    """A save leaves its caller the expiry in seconds."""

    def spoil(self, token):
        set_field(token, "expires_in", str(int(get_field(token, "expires_in")) // 1000))


class UpdateGivesBackWhatWasThere(_Spoils):
    """An update leaves its caller the access token that the record had before."""

    before = None

    def _update(self, old, new):
        self.before = old["access_token"]
        super()._update(old, new)

    def spoil(self, token):
        if self.before is not None:
            set_field(token, "access_token", self.before)
            self.before = None


class TellsNoUserOfARefresh(Mutant):
    """A save by the refresh token of a login by grant token sets no email."""

    clause = "SAVE-26"

    def _locate_for_save(self, new):
        found = super()._locate_for_save(new)
        self.tells = not (found and found["grant_token"] and new["grant_token"] is None)
        return found

    def _tell(self, token, new):
        if self.tells:
            super()._tell(token, new)
