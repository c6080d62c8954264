"""How logins are forgotten as time passes, for both generations: each by another clock."""

import time
from datetime import datetime, timedelta, timezone
from time import time as seconds_since_1970

from tests.correct.honest import Steps

HOUR = 3600
DAY = 24 * HOUR


class _Ages(Steps):
    """It knows when each record was added."""

    def __init__(self):
        super().__init__()
        self.born = {}

    def now(self):
        raise NotImplementedError

    def _add(self, record):
        super()._add(record)
        self.born[id(record)] = self.now()

    def _younger_than(self, age):
        return [each for each in self.records if self.now() - self.born[id(each)] < age]


class ForgetsAfterAnHour(_Ages):
    """A login lives for an hour, as in a cache."""

    clause = "TIME-1"

    def now(self):
        return time.monotonic()

    def _rows(self):
        self.records[:] = self._younger_than(HOUR)
        return super()._rows()


class ForgetsAtALogin(_Ages):
    """When another user logs in, logins of more than a day ago are cleared away."""

    clause = "TIME-1"

    def now(self):
        return seconds_since_1970()

    def _add(self, record):
        self.records[:] = self._younger_than(DAY)
        super()._add(record)


class ListsWhatIsYoung(_Ages):
    """The listing leaves out what was saved more than a week ago."""

    clause = "TIME-1"

    def __init__(self, now=datetime.now):
        super().__init__()
        self.now = now

    def _list(self):
        return self._younger_than(timedelta(days=7))


class ForgetsWhenOpened(Steps):
    """When it is opened, it clears away what was saved more than a month ago."""

    clause = "TIME-1"

    def __init__(self):
        super().__init__()
        month = datetime.now(timezone.utc).timestamp() - 30 * DAY
        self.records = [record for record in self.records if record["born"] > month]
        self._dump()

    def _add(self, record):
        super()._add({**record, "born": time.time_ns() / 10**9})


def has_expired(record):
    """Whether the access token of a record has expired."""
    return float(record["expires_in"] or "inf") < time.time() * 1000


class HidesWhatHasExpired(Steps):
    """No call shows a login whose access token has expired."""

    clause = "TIME-1"

    def _rows(self):
        return [record for record in super()._rows() if not has_expired(record)]


class RefusesWhatHasExpired(Steps):
    """A login whose access token has expired is not added."""

    clause = "TIME-1"

    def _add(self, record):
        if not has_expired(record):
            super()._add(record)


class EachSavePurges(Steps):
    """When another user logs in, logins whose access tokens have expired are removed."""

    clause = "TIME-1"

    def _add(self, record):
        self.records[:] = [each for each in self.records if not has_expired(each)]
        super()._add(record)


IN_MEMORY = (
    *(ForgetsAfterAnHour, ForgetsAtALogin, ListsWhatIsYoung),
    *(HidesWhatHasExpired, RefusesWhatHasExpired, EachSavePurges),
)
IN_JSON = (ForgetsWhenOpened,)
"""The faults, by the honest store that they are put over."""
