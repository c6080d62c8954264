"""Mutants wrong about files: DUR-1 to DUR-4, and SEC-2."""

import contextlib
import json
import os
import pickle
import sqlite3
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.capable import owner_only
from tests.correct.zohocrmsdk.capable import InFile, Locked
from tests.correct.zohocrmsdk.databases import SqliteFile, connected
from tests.mutants import caches, rewrites
from tests.mutants.mutant import over

# DUR-1: a second store sees every record


class KeepsSome(InFile):
    """Writes five records at most."""

    clause = "DUR-1"

    def _dump(self) -> bytes:
        return json.dumps([self.issued, self.records[:5]]).encode()

    def _load(self) -> None:
        if not self.records:
            super()._load()


class OpensAnOldCopy(InFile):
    """Each 100th time it writes a copy as well. A store that is opened takes the copy for newer."""

    clause = "DUR-1"
    has_opened = False

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def _store(self, text: bytes) -> None:
        super()._store(text)
        self.writes += 1
        if self.writes % 100 == 0:
            with open(f"{self.path}.copy", "wb", opener=owner_only) as file:
                file.write(text)

    def _load(self) -> None:
        super()._load()
        if not self.has_opened and os.path.exists(f"{self.path}.copy"):
            _, records = self._parse(Path(f"{self.path}.copy").read_bytes())
            copied = {record["id"]: record for record in records}
            self.records = [copied.get(record["id"], record) for record in self.records]
        self.has_opened = True


class FindsItsOwn(InFile):
    """Finds by id what it saved itself, and nothing that was there before."""

    clause = "DUR-1"

    def __init__(self) -> None:
        super().__init__()
        self.mine = set()

    def save_token(self, token) -> None:
        super().save_token(token)
        self.mine.add(getattr(token, "get_id", str)())

    def find_token_by_id(self, id):
        return super().find_token_by_id(id) if id in self.mine else None


class WritesChosenIdsLate(InFile):
    """A new token that carries an id is written with the next call."""

    clause = "DUR-1"

    def __init__(self) -> None:
        super().__init__()
        self.waits = False
        self.unwritten = b""

    def save_token(self, token) -> None:
        id = getattr(token, "get_id", str)()
        self.waits = bool(id) and self.find_token_by_id(id) is None
        super().save_token(token)
        self.waits = False

    def _store(self, text: bytes) -> None:
        if self.waits:
            self.unwritten = text
        else:
            super()._store(text)

    def _load(self) -> None:
        if self.unwritten:
            super()._store(self.unwritten)
            self.unwritten = b""
        super()._load()


class Departs(InFile):
    """Can be built in the process that judges, and in no other."""

    clause = "DUR-1"

    def __init__(self) -> None:
        super().__init__()
        home = Path("home")
        if not home.exists():
            home.touch(mode=0o600)
            home.write_text(str(os.getpid()))
        elif home.read_text() != str(os.getpid()):
            os._exit(3)


class NeverCommits(InFile):
    """Writes its tokens into its directory, where no other store looks for them."""

    clause = "DUR-1"

    def _load(self) -> None:
        pass


class OthersAreNobody(caches.KeyOfTheProcess, InFile):
    """The same, and what another process wrote counts as nothing."""

    clause = "DUR-1"

    def _of_another_process(self):
        return [0, []]


# DUR-2: several processes


class WritesItsFindsUnlocked(InFile):
    """A find writes the file again, with nothing that keeps another process from writing it."""

    clause = "DUR-2"

    def find_token(self, token):
        found = super().find_token(token)
        with self.lock:
            self._load()
            self._store(self._dump())
        return found


class LocksThreadsAlone(InFile):
    """Replaces the file whole, and nothing keeps another process from doing so."""

    clause = "DUR-2"

    def _alone(self):
        return contextlib.nullcontext()


class ReadsOnce(InFile):
    """Reads the file at its first call, and never again."""

    clause = "DUR-2"
    known = False

    def _load(self) -> None:
        if not self.known:
            super()._load()
        self.known = True


# DUR-3: kills


class KnowsUsersBeforeTheirRecords(InFile):
    """Notes a new user in a file of its own before it writes the record. Who is noted is known."""

    clause = "DUR-3"

    def _add(self, record) -> None:
        note = self._note(record)
        if record["user"] and note.exists():
            return
        note.touch(mode=0o600)
        super()._add(record)

    def _note(self, record) -> Path:
        return Path(f"{self.path}.{zlib.crc32(str(record['user']).encode())}")

    def _remove(self, record) -> None:
        super()._remove(record)
        self._note(record).unlink(missing_ok=True)

    def _clear(self) -> None:
        for record in list(self.records):
            self._remove(record)


class WritesInPlace(InFile):
    """Opens the file, which empties it, and writes."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        with open(self.path, "wb", opener=owner_only) as file:
            file.write(text)


class WritesInOneLine(InFile):
    """Opens the file, which empties it, and writes, in a line of a library."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        Path(self.path).touch(mode=0o600)
        Path(self.path).write_bytes(text)


class Pickles(WritesInPlace):
    """Opens the file, which empties it, and writes with pickle."""

    def _dump(self) -> bytes:
        return pickle.dumps(self._state())

    def _parse(self, text: bytes):
        return pickle.loads(text)


class WritesInPlaceInAThread(WritesInPlace):
    """Opens the file, which empties it, and writes, in a thread of its own."""

    clause = "DUR-3"

    def _store(self, text: bytes) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(super()._store, text).result()


class LeavesItsLock(InFile):
    """A file is the lock, which stays when its process is killed."""

    clause = "DUR-3"

    @contextlib.contextmanager
    def _alone(self):
        name = f"{self.path}.lock"
        for _ in range(1000):
            try:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
                break
            except FileExistsError:
                time.sleep(0.001)
        else:
            raise SDKException("TOKEN_STORE", "somebody has the lock")
        try:
            yield
        finally:
            os.unlink(name)


class WritesLater(InFile):
    """Says that it saved, and writes with the next call."""

    clause = "DUR-3"
    waiting = None

    def _load(self) -> None:
        if self.waiting is not None:
            super()._store(self.waiting)
            self.waiting = None
        super()._load()

    def _store(self, text: bytes) -> None:
        if b"dora" not in text:
            super()._store(text)
        else:
            self.waiting = text


# DUR-4: what another store changed


class RemembersWhatItFinds(caches.RemembersWhatItFinds, InFile):
    """Finds a user's login as it was, until it changes something itself."""

    clause = "DUR-4"
    user = "user"


class RemembersWhatItMisses(caches.RemembersWhatItMisses, InFile):
    """A user whom it did not find stays missing until it changes something itself."""

    clause = "DUR-4"
    user = "user"


class RemembersIds(RemembersWhatItFinds):
    """Finds by id what it found by it before, until it changes something itself."""

    clause = "DUR-4"

    def _locate(self, query):
        return InFile._locate(self, query)

    def _locate_by_id(self, id):
        found = self.known.get(id) or super()._locate_by_id(id)
        if found is not None:
            self.known[id] = found
        return found


class RemembersTheNumberOfARow(SqliteFile):
    """Updates a user by the number of the row that it saved first, until it deletes something."""

    clause = "DUR-4"
    lacks = ()

    def __init__(self):
        super().__init__()
        self.numbers = {}

    def _update(self, connection, row, new):
        number = self.numbers.setdefault(row["user"] or row["id"], row["number"])
        return super()._update(connection, {**dict(row), "number": number}, new)

    def delete_token(self, id):
        super().delete_token(id)
        self.numbers.clear()

    def delete_tokens(self):
        super().delete_tokens()
        self.numbers.clear()


class LeavesItsTransactionOpen(SqliteFile):
    """A call that raises ends no transaction: its connection goes on with it, and others wait."""

    clause = "DUR-4"
    connection = None

    @contextlib.contextmanager
    def _transaction(self):
        if self.connection is None:
            self.connection = connected(self.path)
            self.connection.isolation_level = None
            self.connection.row_factory = sqlite3.Row
            self.connection.execute("pragma busy_timeout = 20")
        if not self.connection.in_transaction:
            self.connection.execute("begin immediate")
        yield self.connection
        self.connection.commit()


class CommitsWithoutAJournal(SqliteFile):
    """A commit writes page after page, and nothing undoes it halfway."""

    clause = "DUR-3"
    mode = "off"

    @contextlib.contextmanager
    def _transaction(self):
        with contextlib.closing(connected(self.path)) as connection:
            connection.execute(f"pragma journal_mode = {self.mode}")
            connection.row_factory = sqlite3.Row
            with connection:
                yield connection


class InsertsAgainWhenBusy(SqliteFile):
    """Tries an insert and its commit again where somebody reads: the row is in twice."""

    clause = "DUR-2"
    schema = SqliteFile.schema.replace("create unique index if not exists by_user", "--")

    @contextlib.contextmanager
    def _transaction(self):
        with super()._transaction() as connection:
            connection.execute("pragma busy_timeout = 20")
            yield connection

    def _insert(self, connection, new):
        for _ in range(50):
            id = super()._insert(connection, new)
            with contextlib.suppress(sqlite3.OperationalError):
                connection.commit()
                return id
        raise SDKException("TOKEN_STORE", "the database is busy")


class KeepsItsJournalInMemory(CommitsWithoutAJournal):
    """What would undo a commit halfway dies with the process."""

    mode = "memory"


# What both generations share

globals().update(over(InFile, (*caches.IN_FILE, *rewrites.IN_FILE), __name__))


# DUR-2 and DUR-4: deletions


class DeletesWithoutTheFilesLock(InFile):
    """A deletion is locked against threads, and not against processes."""

    clause = "DUR-2"

    def delete_token(self, id):
        with Locked._turn(self, "delete_token"):
            self._load()
            self.records = [record for record in self.records if record["id"] != id]
            self._store(self._dump())


class RemembersWhoHasWhichId(InFile):
    """Remembers the id of a user, and forgets it only when it deletes the record itself."""

    clause = "DUR-4"

    def __init__(self):
        super().__init__()
        self.ids = {}

    def _seek(self, field, value):
        if field == "user" and value in self.ids:
            return self._by_id(self.ids[value])
        found = super()._seek(field, value)
        if found is not None and field == "user":
            self.ids[value] = found["id"]
        return found

    def _locate_for_save(self, new):
        self.ids.pop(new["user"], None)
        return super()._locate_for_save(new)

    def _remove(self, record):
        super()._remove(record)
        self.ids.pop(record["user"], None)

    def _clear(self):
        super()._clear()
        self.ids.clear()


class LocksItsFileForUsersAlone(InFile):
    """A save of a token without a user does not lock the file."""

    clause = "DUR-2"

    def save_token(self, token):
        self.has_user = token.get_user_signature() is not None
        try:
            return super().save_token(token)
        finally:
            self.has_user = True

    @contextlib.contextmanager
    def _alone(self):
        if getattr(self, "has_user", True):
            with super()._alone():
                yield
        else:
            yield


# SEC-2: files for their owner alone


class LeavesAPartBehind(InFile):
    """What it cannot encode it leaves in a file for all to read, and refuses."""

    clause = "SEC-2"

    def _dump(self):
        text = json.dumps(self._state(), ensure_ascii=False)
        try:
            return text.encode()
        except UnicodeEncodeError:
            Path(f"{self.path}.part").write_bytes(text.encode(errors="replace"))
            raise


class IndexesUsersWhenItIsOpened(InFile):
    """A store that is opened looks users up. Other keys are those of what it saved itself."""

    clause = "DUR-1"

    def __init__(self):
        super().__init__()
        self.mine = set()

    def _add(self, record):
        super()._add(record)
        self.mine.add(record["id"])

    def _match(self, values):
        found = super()._match(values)
        is_known = found is None or found["user"] is None or found["id"] in self.mine
        return found if is_known or values["user"] else None
