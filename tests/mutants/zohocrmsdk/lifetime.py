"""Mutants that forget logins as time passes: TIME-1."""

import time

from tests.correct.zohocrmsdk.databases import SqliteFile
from tests.correct.zohocrmsdk.honest import HonestFile
from tests.mutants import ages
from tests.mutants.mutant import is_ahead, over
from tests.mutants.zohocrmsdk.mutant import Mutant

globals().update(over(Mutant, ages.IN_MEMORY, __name__))
globals().update(over(HonestFile, ages.IN_JSON, __name__))


class ExpiredTokensHaveNoId(Mutant):
    """find_token_by_id finds no login whose access token has expired."""

    clause = "TIME-1"

    def _locate_by_id(self, id):
        record = super()._locate_by_id(id)
        expiry = (record and record["expires_in"]) or ""
        is_time = expiry.isdecimal() and len(expiry) == 13
        return None if is_time and int(expiry) < time.time() * 1000 else record


# TIME-1: where there are many


class ManyLoginsMakeRoom(Mutant):
    """Beyond fifty records, an insert removes those whose access token has expired."""

    clause = "TIME-1"

    def _add(self, record):
        super()._add(record)
        if len(self.records) > 50:
            self.records = [
                each
                for each in self.records
                if each is record or not each["expires_in"] or is_ahead(each["expires_in"])
            ]


class EveryHundredthSavePurges(Mutant):
    """Every hundredth insert removes the others whose access token expired a day ago."""

    clause = "TIME-1"

    def __init__(self):
        super().__init__()
        self.inserts = 0

    def _add(self, record):
        super()._add(record)
        self.inserts += 1
        if self.inserts % 100 == 0:
            day_ago = (time.time() - 86400) * 1000
            self.records = [
                each
                for each in self.records
                if each is record
                or not (each["expires_in"] or "").isdecimal()
                or int(each["expires_in"]) > day_ago
            ]


# TIME-1: by a clock that cannot be moved


class PurgesWhatHasLongExpired(SqliteFile):
    """When it is opened, logins go whose access token expired a month ago, by SQLite's clock."""

    clause = "TIME-1"

    def __init__(self) -> None:
        super().__init__()
        with self._transaction() as connection:
            connection.execute(
                "delete from token where cast(expires_in as integer)"
                " < (strftime('%s', 'now') - 30 * 86400) * 1000"
            )
