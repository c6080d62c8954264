"""Mutants wrong about what find_token gives back, and leaves behind: FIND-7, FIND-9, FIND-11."""

from tests.correct.zohocrmsdk.honest import FIELDS, SECRETS, blank
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import Mutant

# FIND-7: what is found is complete


class _FindLeavesOut(Mutant):
    """What is found lacks the {field}, where the query lacked it."""

    clause = "FIND-7"
    field = ""

    def _fill(self, token, record):
        return super()._fill(token, {**record, self.field: None})


globals().update(for_each_field(_FindLeavesOut, (*FIELDS[:3], *SECRETS[1:], "expires_in")))


class FindFillsTheAccessTokenAlone(Mutant):
    """What is found has an access token and an expiry, and what the query had."""

    clause = "FIND-7"

    def _fill(self, token, record):
        kept = ("access_token", "expires_in")
        return super()._fill(token, {f: record[f] if f in kept else None for f in FIELDS})


class FindKeepsTheSecretFromItsClient(Mutant):
    """A query with a client id gets no client secret: who has the one has the other."""

    clause = "FIND-7"

    def _fill(self, token, record):
        if not blank(token.get_client_id()):
            record = {**record, "client_secret": None}
        return super()._fill(token, record)


# FIND-9: in place


class FindAnswersWithANewToken(Mutant):
    """What is found is a new token; the query stays as it was."""

    clause = "FIND-9"

    def _fill(self, token, record):
        return super()._fill(self._token(self._read(token)), record)

    def _token(self, record):
        return super()._token({**record, "id": record["id"] or ""})


class FindKeepsTheRefreshTokenFromTheQuery(Mutant):
    """What is found is complete, but the query gets no refresh token."""

    clause = "FIND-9"

    def _fill(self, token, record):
        super()._fill(token, {**record, "refresh_token": None})
        return super()._fill(self._token(self._read(token)), record)


# FIND-11: finding changes nothing in the store


class FindingTouchesTheExpiry(Mutant):
    """What is found expires a second later in the store."""

    clause = "FIND-11"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        if record["expires_in"]:
            self._change(record, {"expires_in": str(int(record["expires_in"]) + 1000)})
        return found


class FindingUsesUpTheGrantToken(Mutant):
    """What is found has no grant token in the store any more."""

    clause = "FIND-11"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        self._change(record, {"grant_token": None})
        return found


class FindingWritesTheQueryBack(Mutant):
    """What the query carries is written into the record that it finds."""

    clause = "FIND-11"

    def _fill(self, token, record):
        self._change(record, self._merge(record, self._read(token)))
        return super()._fill(token, record)


class FindingTakesTheTokenOut(Mutant):
    """What is found by its refresh token is not in the store any more."""

    clause = "FIND-11"

    def _fill(self, token, record):
        if (self._key(self._read(token)) or [""])[0] == "refresh_token":
            self._remove(record)
        return super()._fill(token, record)


class MissCreatesARecord(Mutant):
    """A query by user that finds nothing is stored: get or create."""

    clause = "FIND-11"

    def _locate(self, query):
        record = super()._locate(query)
        if record is None and query["user"]:
            self._add(self._fresh(query))
        return record


class MissDeletesTheUserless(Mutant):
    """A query that finds nothing deletes the first record that has no user."""

    clause = "FIND-11"

    def _miss(self, token):
        for record in self._rows():
            if blank(record["user"]):
                return self._remove(record)
        return None


class FindFillsTheRecord(Mutant):
    """The redirect URL of a query is written to a record that has none."""

    clause = "FIND-11"

    def _fill(self, token, record):
        url = token.get_redirect_url()
        if url and blank(record["redirect_url"]):
            self._change(record, {**record, "redirect_url": url})
        return super()._fill(token, record)


class RemembersAnAnswerByItsId(Mutant):
    """What a find answered, with what its query brought, is what its id finds next."""

    clause = "FIND-11"

    def __init__(self):
        super().__init__()
        self.answers = {}

    def _fill(self, token, record):
        filled = super()._fill(token, record)
        self.answers[record["id"]] = self._read(filled)
        return filled

    def _locate_by_id(self, id):
        found = super()._locate_by_id(id)
        return found and self.answers.get(id, found)

    def _change(self, record, values):
        super()._change(record, values)
        self.answers.clear()

    def _remove(self, record):
        super()._remove(record)
        self.answers.clear()

    def _clear(self):
        super()._clear()
        self.answers.clear()


class FindMakesUpADomain(Mutant):
    """A token that is found has a usual API domain if none is stored."""

    clause = "FIND-7"

    def _fill(self, token, record):
        domain = record["api_domain"] or "https://www.zohoapis.com"
        return super()._fill(token, {**record, "api_domain": domain})
