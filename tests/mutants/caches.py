"""How a store answers from what it read before, for both generations: over `InFile`."""

import contextlib
import copy
import os
from typing import Any

from tests.correct.capable import WRITES, InFile
from tests.correct.honest import Record, Steps

KEY = os.urandom(8)
"""Of this process."""


class KeyOfTheProcess(InFile):
    """Encrypts with a key that every process makes for itself."""

    clause = "DUR-1"

    def __init__(self):
        super().__init__()
        self.get_tokens()

    def _dump(self):
        return KEY + super()._dump()

    def _parse(self, text):
        if not text.startswith(KEY):
            return self._of_another_process()
        return super()._parse(text[len(KEY) :])

    def _of_another_process(self) -> Any:
        raise ValueError("the tokens cannot be decrypted")


class LocksWhatIsThere(InFile):
    """Where nothing is stored yet, nothing is locked."""

    clause = "DUR-2"

    @contextlib.contextmanager
    def _alone(self):
        with contextlib.suppress(FileNotFoundError):
            self._load()
        with super()._alone() if self.records else contextlib.nullcontext():
            yield


class _Remembers(InFile):
    """Until it changes something itself."""

    def __init__(self):
        super().__init__()
        self.known = {}

    @contextlib.contextmanager
    def _turn(self, name):
        with super()._turn(name):
            yield
            if not name.startswith(("find", "get")):
                self.known.clear()


class RemembersWhatItFinds(_Remembers):
    user: str
    """What a query calls the user."""

    def _locate(self, query):
        asked = tuple(query.values())
        if asked in self.known:
            return self.known[asked]
        found = super()._locate(query)
        if found is not None and query[self.user] is not None:
            self.known[asked] = found
        return found


class RemembersWhatItMisses(_Remembers):
    user: str

    def _locate(self, query):
        if query[self.user] in self.known:
            return None
        found = super()._locate(query)
        if found is None and query[self.user] is not None:
            self.known[query[self.user]] = None
        return found


class OneListForAProcess(_Remembers):
    """All stores of a process list what one of them read, until one changes something."""

    clause = "DUR-4"

    of_all: dict[str, Any] = {}  # noqa: RUF012 - shared on purpose

    def __init__(self):
        super().__init__()
        self.known = self.of_all.setdefault(self.path, {})

    def _list(self):
        if "all" not in self.known:
            self.known["all"] = super()._list()
        return self.known["all"]


class FindsInACopyUntilItLists(InFile):
    """Finds look in a copy of the records, until the store lists or changes something itself."""

    clause = "DUR-4"
    copied: list[Record] | None = None

    @contextlib.contextmanager
    def _turn(self, name):
        with super()._turn(name):
            is_find = name.startswith("find") or name == "get_token"
            if is_find and self.copied is not None:
                self.records = copy.deepcopy(self.copied)
            yield
            self.copied = copy.deepcopy(self.records) if is_find else None


class _KnowsItsLastChange(InFile):
    """Remembers the records as its own last change left them, until it lists them."""

    clause = "DUR-4"

    def __init__(self):
        super().__init__()
        self.known: list[Record] = []

    @contextlib.contextmanager
    def _turn(self, name):
        with super()._turn(name):
            before = copy.deepcopy(self.records)
            yield
            if name in WRITES and self.records != before:
                self.known = copy.deepcopy(self.records)

    def _list(self):
        self.known = []
        return super()._list()

    def _locate_among_known(self, new):
        records, self.records = self.records, self.known
        try:
            return super()._locate_for_save(new)
        finally:
            self.records = records


class SkipsASaveItMade(_KnowsItsLastChange):
    """A save that would not change what it wrote itself is skipped, whoever changed it since."""

    def _locate_for_save(self, new):
        known = self._locate_among_known(new)
        if known is not None and self._merge(known, new) == known:
            return known
        return super()._locate_for_save(new)


class UpdatesWhatIsGone(_KnowsItsLastChange):
    """A login that it saved is updated, though another store has deleted it since."""

    def _locate_for_save(self, new):
        return super()._locate_for_save(new) or self._locate_among_known(new)


class SkipsADeletionItMade(InFile):
    """A record that it deleted is not deleted again until it saves something itself."""

    clause = "DUR-4"

    def __init__(self):
        super().__init__()
        self.gone: list[Record] = []

    @contextlib.contextmanager
    def _turn(self, name):
        if name == "save_token":
            self.gone = []
        with super()._turn(name):
            yield

    def _remove(self, record):
        if record not in self.gone:
            super()._remove(record)
            self.gone.append(record)


class SkipsAClearItMade(InFile):
    """delete_tokens does nothing until it has saved something itself since it last did that."""

    clause = "DUR-4"
    is_clear = False

    @contextlib.contextmanager
    def _turn(self, name):
        with super()._turn(name):
            yield
        if name in ("save_token", "delete_tokens"):
            self.is_clear = name == "delete_tokens"

    def _clear(self):
        if not self.is_clear:
            super()._clear()


class SkipsAWriteLikeItsLast(InFile):
    """Writes nothing if the records are those that it wrote last, whatever the file holds now."""

    clause = "DUR-4"
    written: list[Record] | None = None

    def _store(self, text):
        if self.records != self.written:
            super()._store(text)
            self.written = copy.deepcopy(self.records)


class _WritesLater(InFile):
    """Writes what some methods change at the next call, whatever that is."""

    clause = "DUR-1"
    late = ""
    waiting: bytes | None = None

    @contextlib.contextmanager
    def _turn(self, name):
        self.name = name
        with super()._turn(name):
            yield

    def _load(self):
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            super()._store(waiting)
        super()._load()

    def _store(self, text):
        if self.name == self.late:
            self.waiting = text
        else:
            super()._store(text)


class WritesASaveLater(_WritesLater):
    """A save is written at the next call."""

    late = "save_token"
    spills = ("SAVE-15",)  # an id that is not written is given again after a restart


class WritesADeletionLater(_WritesLater):
    """A deletion is written at the next call: a restart brings the login back."""

    late = "delete_token"


class WritesAClearLater(_WritesLater):
    """What delete_tokens deletes is deleted from the file at the next call."""

    late = "delete_tokens"


class _KeepsItsAnswers(Steps):
    """Answers a find from a cache, which all but one kind of change clears."""

    keeps_at = ""

    def __init__(self):
        super().__init__()
        self.known = {}

    def _locate(self, query):
        asked = tuple(query.values())
        found = self.known.get(asked) or super()._locate(query)
        if found is not None:
            self.known[asked] = found
        return found

    def _changes(self, how):
        if how != self.keeps_at:
            self.known.clear()

    def _add(self, record):
        self._changes("save")
        super()._add(record)

    def _change(self, record, values):
        self._changes("save")
        super()._change(record, values)

    def _remove(self, record):
        self._changes("deletion")
        super()._remove(record)

    def _clear(self):
        self._changes("clear")
        super()._clear()


class FindsWhatItDeleted(_KeepsItsAnswers):
    """What was found before it was deleted is found afterwards, by the same key."""

    clause = "DEL-1"
    keeps_at = "deletion"


class FindsWhatItCleared(_KeepsItsAnswers):
    """What was found before delete_tokens is found afterwards, by the same key."""

    clause = "CLEAR-1"
    keeps_at = "clear"


OF_FINDS = (FindsWhatItDeleted, FindsWhatItCleared)
"""The faults of a store in memory, that need nothing of a generation."""

IN_FILE = (
    *(KeyOfTheProcess, LocksWhatIsThere, OneListForAProcess, FindsInACopyUntilItLists),
    *(SkipsASaveItMade, UpdatesWhatIsGone),
    *(SkipsADeletionItMade, SkipsAClearItMade, SkipsAWriteLikeItsLast),
    *(WritesASaveLater, WritesADeletionLater, WritesAClearLater),
)
"""The faults that need nothing of a generation."""
