"""Correct stores with connections for threads, as far as the generations share them."""

import os
import threading

from tests.correct.honest import Record, Steps


class Connection:
    """A file that is open as long as this lives."""

    def __init__(self) -> None:
        self.descriptor = os.open(os.devnull, os.O_RDONLY)

    def __del__(self) -> None:
        os.close(self.descriptor)


class ConnectsEachThread(Steps):
    """Each thread has a connection of its own, which is closed when the thread has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.mine = threading.local()

    def _rows(self) -> list[Record]:
        if not hasattr(self.mine, "connection"):
            self.mine.connection = Connection()
        return super()._rows()


class HasAPoolForThreads(Steps):
    """Each thread gets a connection of a pool, which has twenty in the end, and keeps them."""

    size = 20

    def __init__(self) -> None:
        super().__init__()
        self.mine = threading.local()
        self.pool: list[Connection] = []
        self.threads = 0

    def _rows(self) -> list[Record]:
        if not hasattr(self.mine, "number"):
            self.mine.number = self.threads % self.size
            self.threads += 1
            if self.mine.number == len(self.pool):
                self.pool.append(Connection())
        return super()._rows()


class HasALargePoolForThreads(HasAPoolForThreads):
    """Each thread gets a connection of a pool, which has forty in the end."""

    size = 40
