"""How a store writes its file, and finds what another one wrote, for both generations: over
`InFile`.
"""

import contextlib
import fcntl
import json
import shutil
from pathlib import Path

from tests.correct.capable import InFile, RefusesWhenBusy, owner_only


class CopiesOver(InFile):
    """Writes a new file in hundreds of pieces, and copies it over the old one, which empties it."""

    clause = "DUR-3"

    def _store(self, text):
        new = f"{self.path}.new"
        with open(new, "w", opener=owner_only) as file:
            json.dump(json.loads(text), file)
        Path(self.path).touch(mode=0o600)
        shutil.copyfile(new, self.path)


class WritesInPlaceAfterATrial(InFile):
    """Writes hundreds of pieces elsewhere, to see that it can, and then over the file at once."""

    clause = "DUR-3"

    def _store(self, text):
        with open(f"{self.path}.trial", "w", opener=owner_only) as trial:
            for _ in range(3):
                json.dump(json.loads(text), trial)
        with open(self.path, "wb", opener=owner_only) as file:
            file.write(text)


class KeepsTokensInAnotherFile(InFile):
    """Keeps the access tokens in another file, in the order of the records, and replaces one file
    after the other.
    """

    clause = "DUR-3"

    def _dump(self):
        records = self.records
        self.tokens = [each["access_token"] for each in records]
        self.records = [{**each, "access_token": None} for each in records]
        try:
            return super()._dump()
        finally:
            self.records = records

    def _store(self, text):
        super()._store(text)
        path, self.path = self.path, f"{self.path}.tokens"
        try:
            super()._store(json.dumps(self.tokens).encode())
        finally:
            self.path = path

    def _load(self):
        super()._load()
        try:
            tokens = json.loads(Path(f"{self.path}.tokens").read_bytes())
        except FileNotFoundError:
            tokens = []
        pairs = zip(self.records, tokens, strict=False)
        self.records = [{**record, "access_token": token} for record, token in pairs]


class AppendsToALog(InFile):
    """Appends all that it holds as a line, and raises where the last line is not whole."""

    clause = "DUR-3"

    def _store(self, text):
        with open(self.path, "ab", opener=owner_only) as file:
            file.write(text + b"\n")

    def _parse(self, text):
        return super()._parse(text.splitlines()[-1])


class RemovesItsFileToClear(InFile):
    """Removes its file when all is deleted, and makes an empty one, without which it raises."""

    clause = "DUR-3"

    def _clear(self):
        super()._clear()
        Path(self.path).unlink(missing_ok=True)

    def _store(self, text):
        Path(f"{self.path}.made").touch(mode=0o600)
        super()._store(text)

    def _load(self):
        if Path(f"{self.path}.made").exists() and not Path(self.path).exists():
            raise OSError("the file is gone")
        super()._load()


class FoldsItsJournalWhenItIsOpened(InFile):
    """Appends what it holds to a journal. A store that is opened removes the journal, and then
    writes what was in it.
    """

    clause = "DUR-3"

    def __init__(self):
        super().__init__()
        self.journal = f"{self.path}.journal"
        with self._alone():
            text = self._last_line()
            if text:
                Path(self.journal).unlink()
                super()._store(text)

    def _store(self, text):
        with open(self.journal, "ab", opener=owner_only) as file:
            file.write(b"\n" + text + b"\n")  # after what a killed process has begun

    def _last_line(self):
        try:
            whole, _, _ = Path(self.journal).read_bytes().rpartition(b"\n")
        except FileNotFoundError:
            return b""
        return whole.rpartition(b"\n")[2]

    def _load(self):
        text = self._last_line()
        if text:
            self._restore(self._parse(text))
        else:
            super()._load()


class RestoresInPlace(InFile):
    """Sets the old file aside while it writes over it. A store that is opened and finds it there
    removes it, and then writes it back.
    """

    clause = "DUR-3"

    def __init__(self):
        super().__init__()
        self.old = f"{self.path}.old"
        with self._alone(), contextlib.suppress(FileNotFoundError):
            text = Path(self.old).read_bytes()
            Path(self.old).unlink()
            super()._store(text)

    def _store(self, text):
        if not Path(self.path).exists():
            super()._store(text)
            return
        with open(f"{self.old}.new", "wb", opener=owner_only) as copy:
            copy.write(Path(self.path).read_bytes())
        Path(f"{self.old}.new").replace(self.old)
        Path(self.path).write_bytes(text)
        Path(self.old).unlink()


class MakesItsFileUnlocked(InFile):
    """A store that is opened makes its file where there is none, without the lock."""

    clause = "DUR-2"

    def __init__(self):
        super().__init__()
        if not Path(self.path).exists():
            self._forget()
            self._store(self._dump())


class ClearsUpWhenItIsOpened(InFile):
    """A store that is opened removes what a save that was killed has left beside its file."""

    clause = "DUR-2"

    def __init__(self):
        super().__init__()
        for each in Path(self.path).parent.glob(f"{Path(self.path).name}.?*"):
            if each.suffix != ".lock":
                each.unlink(missing_ok=True)


class WritesAgainWhenItIsOpened(InFile):
    """A store that is opened reads its file and writes it again, without the lock."""

    clause = "DUR-2"

    def __init__(self):
        super().__init__()
        if Path(self.path).exists():
            self._load()
            self._store(self._dump())


class FindsByHash(InFile):
    """Finds what has the hash that was written beside it, which is another in each process."""

    clause = "DUR-1"

    def _dump(self):
        hashes = [hash(each["access_token"]) for each in self.records]
        return json.dumps([hashes, self._state()]).encode()

    def _parse(self, text):
        self.hashes, state = json.loads(text)
        return state

    def _locate(self, query):
        found = super()._locate(query)
        if found is None or hash(found["access_token"]) in self.hashes:
            return found
        return None


class InsertsByHash(FindsByHash):
    """A save finds by hash alone: a user whom another process saved is a new one."""

    clause = "DUR-2"

    def _locate(self, query):
        return super(FindsByHash, self)._locate(query)

    def _locate_for_save(self, new):
        found = super()._locate_for_save(new)
        if found is None or hash(found["access_token"]) in self.hashes:
            return found
        return None


class GivesUpInSilence(RefusesWhenBusy):
    """A save that does not get the lock within 40 milliseconds is dropped without a word."""

    clause = "DUR-2"
    waits = 0.04
    has_lock = True

    @contextlib.contextmanager
    def _alone(self):
        with open(f"{self.path}.lock", "a", opener=owner_only) as file:
            self.has_lock = self._locks(file)
            yield

    def _store(self, text):
        if self.has_lock:
            super()._store(text)


class LocksWhatItReplaces(InFile):
    """The lock is on the file itself, in whose place each save puts another one."""

    clause = "DUR-2"

    @contextlib.contextmanager
    def _alone(self):
        with open(self.path, "a", opener=owner_only) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _parse(self, text):
        if text:
            return super()._parse(text)
        raise FileNotFoundError  # nothing was ever written


IN_FILE = (
    *(CopiesOver, WritesInPlaceAfterATrial, FindsByHash, InsertsByHash, GivesUpInSilence),
    *(LocksWhatItReplaces, KeepsTokensInAnotherFile, MakesItsFileUnlocked),
    *(ClearsUpWhenItIsOpened, WritesAgainWhenItIsOpened, AppendsToALog),
    *(RemovesItsFileToClear, FoldsItsJournalWhenItIsOpened, RestoresInPlace),
)
"""The faults that need nothing of a generation."""
