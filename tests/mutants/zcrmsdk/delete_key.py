"""Mutants that delete by more or by less than the key, or not for good: DEL-1, DEL-2 and DEL-4."""

from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, Mutant, ReplacedMutant

# DEL-1: that record, by each key that it has; and no other


class ARefreshTokenDeletesTheGrantlessAlone(Mutant):
    """A login that has a grant token is not deleted by its refresh token."""

    clause = "DEL-1"

    def _locate_for_delete(self, gone):
        return self._first(lambda r: self._same(r, gone) and self._equal(r, gone, GRANT))


class MissingRefreshTokensAreDeletedTogether(Mutant):
    """A deletion compares the refresh tokens too: it takes all of a user's logins without one."""

    clause = "DEL-1"

    def delete_token(self, token):
        gone = self._read(token)
        super().delete_token(token)
        if gone[GRANT] is not None and gone[REFRESH] is None:
            for each in self._rows():
                if self._equal(each, gone, "user_mail", "client_id", REFRESH):
                    self._remove(each)


# DEL-2: a token that matches nothing


class DeletingWithoutATokenDeletesAll(Mutant):
    """A token with neither grant nor refresh token deletes all logins of the user at the client."""

    clause = "DEL-2"

    def delete_token(self, token):
        gone = self._read(token)
        if gone[GRANT] is not None or gone[REFRESH] is not None:
            super().delete_token(token)
            return
        for each in self._rows():
            if self._equal(each, gone, "user_mail", "client_id"):
                self._remove(each)


class TheOldRefreshTokenStillDeletes(ReplacedMutant):
    """A refresh token that an update has replaced still deletes the login."""

    clause = "DEL-2"

    def _locate_for_delete(self, gone):
        return super()._locate_for_delete(gone) or self._formerly(gone)


# DEL-4: a new record


class SavingAgainRevives(Mutant):
    """A save of what was deleted brings the record back: it has what the new token leaves None."""

    clause = "DEL-4"

    def __init__(self):
        super().__init__()
        self.hidden = []

    def _remove(self, record):
        super()._remove(record)
        self.hidden.append(record)

    def _insert(self, new):
        old = next((each for each in self.hidden if self._same(each, new)), None)
        super()._insert(new if old is None else self._merge(old, new))
