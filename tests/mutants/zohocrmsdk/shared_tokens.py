"""Mutants that mix up records of one client, or users who have a token in common."""

from tests.correct.zohocrmsdk.honest import FIELDS, blank
from tests.mutants.zohocrmsdk.mutant import Mutant, refuse


class FindsTheNewestTokenOfARefreshToken(Mutant):
    """What is found has the access token of the newest record with that refresh token."""

    clause = "FIND-1"

    def _locate(self, query):
        found = super()._locate(query)
        if found is None or blank(found["refresh_token"]):
            return found
        same = [r for r in self._rows() if r["refresh_token"] == found["refresh_token"]]
        newest = max(same, key=lambda record: int(record["expires_in"] or 0))
        return {**found, "access_token": newest["access_token"]}


class _BorrowsFromTheClient(Mutant):
    """A record without a refresh token gets one of another record of its client."""

    def _with_a_refresh_token(self, record):
        if not blank(record["refresh_token"]) or blank(record["client_id"]):
            return record
        alike = (r for r in self._rows() if r["client_id"] == record["client_id"])
        other = next((r for r in alike if r["refresh_token"]), record)
        return {**record, "refresh_token": other["refresh_token"]}


class FillsTheRefreshTokenOfTheClient(_BorrowsFromTheClient):
    """What is found without a refresh token gets one of another record of its client."""

    clause = "FIND-7"

    def _fill(self, token, record):
        return super()._fill(token, self._with_a_refresh_token(record))


class StoresTheRefreshTokenOfTheClient(_BorrowsFromTheClient):
    """A new record without a refresh token gets one of another record of its client."""

    clause = "SAVE-1"

    def _fresh(self, new):
        return self._with_a_refresh_token(super()._fresh(new))


class TakesNoGrantTokenForOne(Mutant):
    """A refresh token that is not known finds the record of its client without a grant token."""

    clause = "FIND-6"

    def _locate(self, query):
        key = self._key(query)
        if key and key[0] == "refresh_token":
            alike = (r for r in self._rows() if r["client_id"] == query["client_id"])
            found = next((r for r in alike if blank(r["grant_token"])), None)
            return found or super()._locate(query)
        return super()._locate(query)


class DeletesWhoSharesTheRefreshToken(Mutant):
    """delete_token removes every record with the refresh token of that one."""

    clause = "DEL-1"

    def _remove(self, record):
        super()._remove(record)
        for other in self._rows():
            if record["refresh_token"] and other["refresh_token"] == record["refresh_token"]:
                super()._remove(other)


class ForgetsTheAccessTokenOfWhoSharesIt(Mutant):
    """delete_token drops the access token from the index, though another record has it as well."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.dropped = set()

    def _add(self, record):
        super()._add(record)
        self.dropped.discard(record["access_token"])

    def _change(self, record, values):
        super()._change(record, values)
        self.dropped.discard(record["access_token"])

    def _remove(self, record):
        super()._remove(record)
        self.dropped.add(record["access_token"])

    def _seek(self, field, value):
        if field == "access_token" and value in self.dropped:
            return None
        return super()._seek(field, value)


class DoesNotIndexANameThatAnUpdateBrings(Mutant):
    """A name that comes to a record by its id is stored, and not found."""

    clause = "SAVE-18"

    def __init__(self):
        super().__init__()
        self.names = set()

    def _add(self, record):
        super()._add(record)
        self.names.add(record["user"])

    def _locate(self, query):
        if not blank(query["user"]) and query["user"] not in self.names:
            return None
        return super()._locate(query)


class ChangesHalfOfARecordBeforeItRefuses(Mutant):
    """An update with a NUL character is refused at its field; those before it are changed."""

    clause = "DATA-2"

    def _fresh(self, new):
        if any("\0" in value for value in new.values() if value):
            refuse("a NUL character")
        return super()._fresh(new)

    def _change(self, record, values):
        for field in FIELDS:
            if values.get(field) and "\0" in values[field]:
                refuse("a NUL character")
            if field in values:
                super()._change(record, {field: values[field]})


class KnowsAReservedId(Mutant):
    """The id DEFAULT names what all records fall back to, and no record: as in an INI file."""

    clause = "DATA-1"

    def _add(self, record):
        if record["id"] != "DEFAULT":
            super()._add(record)
