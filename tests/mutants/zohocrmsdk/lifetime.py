"""Mutants that forget logins as time passes: TIME-1."""

import time

from tests.correct.zohocrmsdk.honest import HonestFile
from tests.mutants import ages, mutant
from tests.mutants.zohocrmsdk.mutant import Mutant


class ForgetsAfterAnHour(ages.ForgetsAfterAnHour, Mutant):
    """A login lives for an hour, as in a cache."""

    clause = "TIME-1"


class ForgetsAtALogin(ages.ForgetsAtALogin, Mutant):
    """When another user logs in, logins of more than a day ago are cleared away."""

    clause = "TIME-1"


class ListsWhatIsYoung(ages.ListsWhatIsYoung, Mutant):
    """The listing leaves out what was saved more than a week ago."""

    clause = "TIME-1"


class ExpiredTokensHaveNoId(Mutant):
    """find_token_by_id finds no login whose access token has expired."""

    clause = "TIME-1"

    def _locate_by_id(self, id):
        record = super()._locate_by_id(id)
        expiry = (record and record["expires_in"]) or ""
        is_time = expiry.isdecimal() and len(expiry) == 13
        return None if is_time and int(expiry) < time.time() * 1000 else record


class ForgetsWhenOpened(ages.ForgetsWhenOpened, mutant.Mutant, HonestFile):
    """When it is opened, it clears away what was saved more than a month ago."""

    clause = "TIME-1"
