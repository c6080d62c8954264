"""Mutants wrong about the expiry: DATA-4."""

from datetime import datetime, timezone

from tests.correct.zcrmsdk.honest import get_field, set_field
from tests.mutants.zcrmsdk.mutant import Mutant


class _Tells(Mutant):
    """The expiry is given in another form."""

    clause = "DATA-4"

    def _told(self, token):
        expiry = None if token is None else get_field(token, "expires_in")
        if expiry is not None:
            set_field(token, "expires_in", self.tell(int(expiry)))
        return token

    def tell(self, expiry):
        return datetime.fromtimestamp(expiry / 1000, timezone.utc).isoformat()


class FindAnswersWithADate(_Tells):
    """get_token answers with a date for the expiry."""

    def get_token(self, user, token):
        return self._told(super().get_token(user, token))


class FindAnswersWithADatetime(FindAnswersWithADate):
    """get_token answers with a datetime for the expiry."""

    def tell(self, expiry):
        return datetime.fromtimestamp(expiry / 1000, timezone.utc)


class FindAnswersInSeconds(FindAnswersWithADate):
    """get_token answers with the expiry in seconds."""

    def tell(self, expiry):
        return str(expiry // 1000)


class FindAnswersWithAFloatInText(FindAnswersWithADate):
    """get_token answers with the text of a float, which int() does not take."""

    def tell(self, expiry):
        return str(float(expiry))


class FindAnswersNeverForNow(FindAnswersWithADate):
    """get_token answers with None for an expiry of 0: nothing is falsy but nothing."""

    def tell(self, expiry):
        return str(expiry) if expiry else None


class FindAnswersNoTimeBeforeTheEpoch(FindAnswersWithADate):
    """get_token answers with 0 for an expiry before the epoch: the column is unsigned."""

    def tell(self, expiry):
        return str(max(0, expiry))


class ListAnswersWithDates(_Tells):
    """get_tokens answers with dates for the expiries."""

    def get_tokens(self):
        return [self._told(token) for token in super().get_tokens()]


class ByIdAnswersWithADate(_Tells):
    """get_token_by_id answers with a date for the expiry."""

    needs_ids = True

    def get_token_by_id(self, id, token):
        return self._told(super().get_token_by_id(id, token))
