"""Correct stores that look as if they gave secrets away, or left something open."""

import logging
import threading

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct import connections
from tests.correct.connections import Connection
from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import SECRETS

logger = logging.getLogger(__name__)


class LogsNamesAndIds(Correct):
    """It logs what it does, with users and ids, and with tokens without their end."""

    def _add(self, record):
        ends = {field: f"...{(record[field] or '')[-4:]}" for field in SECRETS}
        logger.info("%s is saved as %s: %s", record["user"], record["id"], ends)
        super()._add(record)

    def _miss(self, token):
        logger.debug("nothing found for %s", token, extra={"query": token})

    def __repr__(self):
        return f"<{type(self).__name__}: {[record['user'] for record in self.records]}>"


class HidesWhatWentWrong(Correct):
    """A refusal is raised from None, since what went before it would show the token."""

    def _insert(self, token, new):
        try:
            super()._insert(token, new)
        except SDKException:
            try:
                raise KeyError(new["client_secret"])
            except KeyError:
                raise SDKException("TOKEN_STORE", "nothing to store") from None


class HasAPool(Correct):
    """It opens a connection every hundred calls, up to five, and keeps them."""

    def __init__(self):
        super().__init__()
        self.calls = 0
        self.pool = []

    def _rows(self):
        self.calls += 1
        if self.calls % 100 == 1 and len(self.pool) < 5:
            self.pool.append(Connection())
        return super()._rows()


class LeavesItToTheCollector(Correct):
    """Every search leaves a file to the garbage collector, in a cycle."""

    def _locate(self, query):
        handle = Connection()
        handle.itself = handle
        return super()._locate(query)


class WritesBehind(Correct):
    """Every insert has a thread of its own, which ends a moment later."""

    def _add(self, record):
        super()._add(record)
        threading.Timer(0.05, len, args=(record,)).start()


class ConnectsEachThread(connections.ConnectsEachThread, Correct):
    """Each thread has a connection of its own, which is closed when the thread has ended."""


class HasAPoolForThreads(connections.HasAPoolForThreads, Correct):
    """Each thread gets a connection of a pool, which has twenty in the end."""


class HasALargePoolForThreads(connections.HasALargePoolForThreads, Correct):
    """Each thread gets a connection of a pool, which has forty in the end."""
