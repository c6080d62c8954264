"""Correct stores in files of the working directory."""

import dbm.dumb
import hashlib
import json
import os
import pickle
import shelve
from pathlib import Path
from urllib.parse import quote, unquote

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS, HonestFile


class JsonFile(HonestFile):
    """A JSON file, another of which takes its place."""

    breaks_should: tuple[str, ...] = ("SEC-1",)
    name = "tokens.json"

    def _dump(self):
        draft = self.path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._state(), ensure_ascii=False), "utf-8")
        os.replace(draft, self.path)


class LineFile(HonestFile):
    """A text file with a line for each record: its values quoted as in a URL."""

    breaks_should: tuple[str, ...] = ("SEC-1",)
    name = "tokens.txt"

    def _load(self):
        first, *lines = self.path.read_text("ascii").splitlines()
        self.issued = int(first)
        self.records = [self._record(line) for line in lines]

    def _dump(self):
        lines = [str(self.issued), *map(self._line, self.records)]
        self.path.write_text("\n".join(lines), "ascii")

    def _line(self, record):
        values = (record[field] for field in FIELDS)
        return "&".join("-" if value is None else "+" + quote(value, safe="") for value in values)

    def _record(self, line):
        values = (None if value == "-" else unquote(value[1:]) for value in line.split("&"))
        return dict(zip(FIELDS, values, strict=True))


class PickleFile(HonestFile):
    """A pickle."""

    breaks_should: tuple[str, ...] = ()
    name = "tokens.pickle"

    def _load(self):
        self._restore(pickle.loads(self.path.read_bytes()))

    def _dump(self):
        self.path.write_bytes(pickle.dumps(self._state()))


class EventLog(HonestFile):
    """A log of what happened, to which lines are added, and which is read from its beginning."""

    breaks_should: tuple[str, ...] = ()
    name = "tokens.log"

    def _load(self):
        self.issued, by_id = 0, {}
        for line in self.path.read_text("ascii").splitlines():
            event, subject = json.loads(line)
            if event == "issued":
                self.issued = subject
            elif event == "saved":
                by_id[subject["id"]] = subject
            elif event == "deleted":
                del by_id[subject]
            else:
                by_id.clear()
        self.records = list(by_id.values())

    def _dump(self):
        self.path.touch()

    def _log(self, event, subject):
        with self.path.open("a", encoding="ascii") as file:
            print(json.dumps([event, subject]), file=file)

    def _new_id(self):
        id = super()._new_id()
        self._log("issued", self.issued)
        return id

    def _add(self, record):
        self._log("saved", record)

    def _change(self, record, values):
        self._log("saved", {**record, **values})

    def _remove(self, record):
        self._log("deleted", record["id"])

    def _clear(self):
        self._log("cleared", None)


class OneFileForEach(Correct):
    """A directory with a file for each record, whose name is a hash of the id."""

    def __init__(self):
        self.directory = Path("tokens").absolute()
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.counter = self.directory / "counter"

    @property
    def issued(self):
        return int(self.counter.read_text()) if self.counter.exists() else 0

    @issued.setter
    def issued(self, count):
        self.counter.write_text(str(count))

    def _rows(self):
        return [json.loads(file.read_bytes()) for file in self.directory.glob("*.json")]

    def _by_id(self, id):
        if id is None or not self._file(id).exists():
            return None
        return json.loads(self._file(id).read_bytes())

    def _file(self, id):
        return self.directory / (hashlib.sha256(id.encode("utf-8")).hexdigest() + ".json")

    def _add(self, record):
        self._file(record["id"]).write_text(json.dumps(record))

    def _change(self, record, values):
        self._add({**record, **values})

    def _remove(self, record):
        self._file(record["id"]).unlink()

    def _clear(self):
        for file in self.directory.glob("*.json"):
            file.unlink()


class _Mapped(Correct):
    """A mapping in a file, opened for each step."""

    def _open(self):
        raise NotImplementedError

    def _rows(self):
        with self._open() as file:
            return [self._from(file[key]) for key in file if len(key) > 1]

    def _add(self, record):
        with self._open() as file:
            file["#" + record["id"]] = self._to(record)

    def _change(self, record, values):
        self._add({**record, **values})

    def _remove(self, record):
        with self._open() as file:
            del file["#" + record["id"]]

    def _clear(self):
        with self._open() as file:
            for key in [key for key in file if len(key) > 1]:
                del file[key]

    @property
    def issued(self):
        with self._open() as file:
            return int(file.get("#", 0))

    @issued.setter
    def issued(self, count):
        with self._open() as file:
            file["#"] = str(count)


class Shelf(_Mapped):
    """A shelf: the record under its id."""

    def __init__(self):
        self.name = os.path.abspath("shelf")
        self._open().close()

    def _open(self):
        return shelve.Shelf(dbm.dumb.open(self.name, "c", 0o600))

    def _to(self, record):
        return record

    def _from(self, kept):
        return kept


class Dbm(_Mapped):
    """A database of keys and values: JSON under the id."""

    def __init__(self):
        self.name = os.path.abspath("dbm")
        self._open().close()

    def _open(self):
        return dbm.dumb.open(self.name, "c", 0o600)

    def _to(self, record):
        return json.dumps(record)

    def _from(self, kept):
        return json.loads(kept)


class LinksWithLongTargets(JsonFile):
    """Keeps a note in the target of a link that leads nowhere."""

    def _dump(self):
        super()._dump()
        note = self.path.with_name("note")
        note.unlink(missing_ok=True)
        note.symlink_to("0" * 300)
