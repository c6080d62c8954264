"""What goes wrong around a store, for both generations: clocks, loops, files and forks.

A generation puts each of these before an honest store of its own.
"""

import asyncio
import contextlib
import fcntl
import os
import re
import time
from datetime import datetime, timezone
from pathlib import Path

from tests.correct.honest import InJson, Steps

# Time zones


class _KeepsTimes(Steps):
    """The expiry is kept in another form, if it is a time."""

    def keep(self, milliseconds: int) -> int:
        return milliseconds

    def tell(self, kept: int) -> int:
        return kept

    def _add(self, record):
        super()._add(self._each(record, self.keep))

    def _change(self, record, values):
        is_new = values["expires_in"] != record["expires_in"]
        super()._change(record, self._each(values, self.keep) if is_new else values)

    def _token(self, record):
        return super()._token(self._each(record, self.tell))

    def _fill(self, token, record):
        return super()._fill(token, self._each(record, self.tell))

    def _each(self, record, change):
        expiry = record["expires_in"]
        is_time = isinstance(expiry, str) and re.fullmatch(r"-?[1-9][0-9]{0,12}", expiry)
        return {**record, "expires_in": str(change(int(expiry)))} if is_time else record


class TakesUtcForLocalTime(_KeepsTimes):
    """The expiry goes in as UTC and comes out as local time."""

    clause = "TIME-2"

    def keep(self, milliseconds):
        naive = datetime.fromtimestamp(milliseconds / 1000, timezone.utc).replace(tzinfo=None)
        return round(naive.timestamp() * 1000)


class KeepsLocalTimes(_KeepsTimes):
    """The expiry is kept as local time: the repeated hour is taken for the first of the two."""

    clause = "TIME-2"

    def keep(self, milliseconds):
        naive = datetime.fromtimestamp(milliseconds / 1000).replace(fold=0)
        return round(naive.timestamp() * 1000)


class KeepsTheOffsetOfNow(_KeepsTimes):
    """The expiry is kept as local time, by the offset from UTC that the clock has at the call."""

    clause = "TIME-2"

    def keep(self, milliseconds):
        return milliseconds + time.localtime().tm_gmtoff * 1000

    def tell(self, kept):
        return kept - time.localtime().tm_gmtoff * 1000


# Event loops


async def _later(function, *arguments):
    return function(*arguments)


class RunsALoop(Steps):
    """What is stored is read by asyncio.run."""

    clause = "HOST-1"

    def _rows(self):
        return asyncio.run(_later(super()._rows))


class ClearsInALoop(Steps):
    """delete_tokens alone calls asyncio.run."""

    clause = "HOST-1"

    def _clear(self):
        asyncio.run(_later(super()._clear))


class SavesInATask(Steps):
    """Where a loop is running, it saves a new record later, and says that it has saved it."""

    clause = "HOST-1"

    def _add(self, record):
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            super()._add(record)
        else:
            loop.call_soon(super()._add, record)


class StartsInALoop(Steps):
    """It is built with asyncio.run."""

    clause = "HOST-1"

    def __init__(self):
        asyncio.run(asyncio.sleep(0))
        super().__init__()


# The working directory


class OpensARelativePath(InJson):
    """It opens a relative path at each call."""

    clause = "HOST-2"

    def __init__(self):
        super().__init__()
        self.path = Path(self.name)


class CopiesToARelativePath(InJson):
    """Beside its file it keeps a copy, by a relative path."""

    clause = "HOST-2"

    def _dump(self):
        super()._dump()
        copy = Path(f"{self.name}.copy")
        copy.touch(mode=0o600)
        copy.write_bytes(self.path.read_bytes())


class WritesToARelativePath(OpensARelativePath):
    """It answers from what it remembers, and writes to a relative path."""

    clause = "HOST-2"

    def _rows(self):
        return list(self.records)


# Modes of files


class LeavesTheModeToTheUmask(InJson):
    """It creates its file as open() does: everybody can read it."""

    clause = "SEC-2"

    def _dump(self):
        self.path.unlink(missing_ok=True)
        super()._dump()


class LetsTheGroupRead(InJson):
    """The group of its owner can read its file."""

    clause = "SEC-2"

    def _dump(self):
        super()._dump()
        self.path.chmod(0o640)


class HidesItsFileTooLate(InJson):
    """A draft that everybody can read takes the place of its file, whose mode is set then."""

    clause = "SEC-2"

    def _dump(self):
        path, self.path = self.path, self.path.with_suffix(".draft")
        try:
            super()._dump()
            os.replace(self.path, path)
        finally:
            self.path = path
        path.chmod(0o600)


class HidesItsDraftTooLate(InJson):
    """A draft that everybody can read is hidden before it takes the place of its file."""

    clause = "SEC-2"

    def _dump(self):
        path, self.path = self.path, self.path.with_suffix(".draft")
        try:
            super()._dump()
            self.path.chmod(0o600)
            os.replace(self.path, path)
        finally:
            self.path = path


class KeepsAnOpenDirectory(InJson):
    """Everybody can write to a directory that it makes."""

    clause = "SEC-2"

    def _dump(self):
        super()._dump()
        backups = self.path.parent / "backups"
        backups.mkdir(exist_ok=True)
        backups.chmod(0o777)


# Forks, over a store in a file that is replaced whole


class BelongsToItsMaker:
    """It refuses every call in another process than the one that made it."""

    clause = "DUR-5"

    def __init__(self):
        super().__init__()
        self.maker = os.getpid()

    @contextlib.contextmanager
    def _turn(self, name):
        with super()._turn(name):
            if os.getpid() != self.maker:
                raise self.refused("TOKEN_STORE", "the connection belongs to another process")
            yield


class SharesItsLock:
    """It opens its lock file once, so that a parent and its child hold one lock together."""

    clause = "DUR-5"

    def __init__(self):
        super().__init__()
        self.lock_file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def __del__(self):
        os.close(self.lock_file)

    @contextlib.contextmanager
    def _alone(self):
        fcntl.flock(self.lock_file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self.lock_file, fcntl.LOCK_UN)


IN_MEMORY = (
    *(TakesUtcForLocalTime, KeepsLocalTimes, KeepsTheOffsetOfNow),
    *(RunsALoop, ClearsInALoop, SavesInATask, StartsInALoop),
)
IN_JSON = (
    *(OpensARelativePath, CopiesToARelativePath, WritesToARelativePath),
    *(LeavesTheModeToTheUmask, LetsTheGroupRead, HidesItsFileTooLate, HidesItsDraftTooLate),
    KeepsAnOpenDirectory,
)
IN_FILE = (BelongsToItsMaker, SharesItsLock)
"""The faults, by the honest store that they are put over."""
