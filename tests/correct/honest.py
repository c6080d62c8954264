"""The smallest correct store, as far as the generations share it: its steps, and its storage.

A record is a plain dictionary of a token's fields; the store is a list of records. Every step of a
call is a method of its own, so that a store which is wrong in exactly one way (`tests/mutants/`)
overrides exactly one step:

    a save             _locate_for_save, then _insert or _update
    a find             _locate, then _fill or _miss
    a find by id       _locate_by_id
    a deletion         _locate_for_delete, then _remove
    get_tokens         _list, then _token for each
    delete_tokens      _clear

The storage is touched by `_rows`, `_add`, `_change`, `_remove` and `_clear` alone. A generation
adds the match rule, and how the SDK calls a store: `zohocrmsdk/honest.py` and `zcrmsdk/honest.py`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Steps:
    """The steps of a call, over a list of records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def get_tokens(self):
        return [self._token(record) for record in self._list()]

    def delete_tokens(self):
        self._clear()

    # Which record a call is about

    def _locate_for_save(self, new: Record) -> "Record | None":
        return self._match(new)

    def _locate(self, query: Record) -> "Record | None":
        return self._match(query)

    def _match(self, values: Record) -> "Record | None":
        raise NotImplementedError

    def _locate_by_id(self, id: "str | None") -> "Record | None":
        return self._by_id(id)

    def _by_id(self, id: "str | None") -> "Record | None":
        return self._first(lambda record: record["id"] == id)

    def _first(self, test: "Callable[[Record], Any]") -> "Record | None":
        """The first record that a test is true of."""
        return next(filter(test, self._rows()), None)

    # Answering

    def _token(self, record: Record) -> Any:
        """A new token with the values of a record."""
        raise NotImplementedError

    def _miss(self, token: Any) -> Any:
        return None

    # Storage

    def _list(self) -> list[Record]:
        return self._rows()

    def _rows(self) -> list[Record]:
        return list(self.records)

    def _add(self, record: Record) -> None:
        self.records.append(record)

    def _change(self, record: Record, values: Record) -> None:
        record.update(values)

    def _remove(self, record: Record) -> None:
        self.records.remove(record)

    def _clear(self) -> None:
        self.records.clear()

    # What is kept, where it is kept elsewhere too

    def _state(self) -> Any:
        return self.records

    def _restore(self, state: Any) -> None:
        self.records = state


class InJson(Steps):
    """The same, in a JSON file of the working directory: a second store sees what a first saved."""

    name = "honest.json"

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(self.name).absolute()
        if self.path.exists():
            self._load()
        else:
            self.path.touch(mode=0o600)
            self._dump()

    def _load(self) -> None:
        self._restore(json.loads(self.path.read_text("utf-8")))

    def _dump(self) -> None:
        self.path.write_text(json.dumps(self._state()), "utf-8")

    def _rows(self) -> list[Record]:
        self._load()
        return super()._rows()

    def _add(self, record: Record) -> None:
        super()._add(record)
        self._dump()

    def _change(self, record: Record, values: Record) -> None:
        super()._change(record, values)
        self._dump()

    def _remove(self, record: Record) -> None:
        super()._remove(record)
        self._dump()

    def _clear(self) -> None:
        super()._clear()
        self._dump()
