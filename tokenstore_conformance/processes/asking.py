"""A call on a store and its answer, as data. The call is made in another process or in this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tokenstore_conformance.guard.frames import in_short
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door, Request, Unreadable
from tokenstore_conformance.sdk.values import elements


@dataclass(frozen=True)
class Ask:
    """A call on a store."""

    what: Literal["save", "find", "find_by_id", "delete", "get_tokens", "delete_tokens"]
    record: Record = field(default_factory=Record)
    """What to save or to delete, or the query. `find_by_id` uses only its id."""

    def request(self, door: Door) -> Request:
        """Return the call, with the SDK's own arguments."""
        if self.what == "save":
            return door.to_save(self.record)
        if self.what == "find":
            return door.to_find(self.record)
        if self.what == "find_by_id":
            return door.to_find_by_id(self.record.id)
        if self.what == "delete":
            return door.to_delete(self.record)
        return Request(self.what, ())

    def answer(self, door: Door, value: Any) -> Answer:
        """Return the answer, as data, from what the store returned."""
        try:
            if self.what == "get_tokens":
                listed = (door.comparable(door.read(token)) for token in elements(value))
                return Answer(tuple(sorted(listed, key=repr)))
            if self.what.startswith("find") and value is not None:
                return Answer((door.used(door.read(value)),))
        except (Unreadable, TypeError):
            return Answer(error=f"an answer that cannot be read: {in_short(value)}")
        return Answer()


@dataclass(frozen=True)
class Answer:
    """The result of a call."""

    records: tuple[Record, ...] = ()
    """What was found or listed. The order depends only on the records."""
    error: str = ""
    """What was raised, or what cannot be read, in one line; "" if all went well."""
