"""The right answers of a six-method store, by the oracle of `zohocrmsdk`."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.failures import Call
from tokenstore_conformance.oracle.zohocrmsdk import Model, Refused
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.report.scripts.carried import Carried, Ids
from tokenstore_conformance.report.scripts.right_answers import (
    Left,
    Open,
    Option,
    Oracle,
    has,
    includes,
    lists,
)
from tokenstore_conformance.sdk import Door


class SixMethods(Oracle):
    """The oracle of `zohocrmsdk`."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        super().__init__(door, ids, clause)
        self._model = Model()
        self._others: list[Record] | None = None
        """The records of other users, after a save about which the contract says only that these
        records stay (SAVE-28); None before such a save.
        """

    def _save(self, call: Call, new_id: Carried) -> Iterator[Option]:
        (token,) = call.arguments
        if not isinstance(token, Record):
            return
        if not self._model.save_is_settled(token):
            if self._clause != "SAVE-28" or token.user is None or self._others is not None:
                raise Open
            known = self._model.records.values()
            self._others = [each for each in known if each.user not in (None, token.user)]
            return
        if self._model.updated_by_save(token) is None and token.id is None and call.made_id:
            before = self._ids.known(call.made_id) if self._clause == "SAVE-15" else []
            if before:
                saved = new_id.code.replace("id", "token")
                code = f"id_of({saved}) not in [{', '.join(map(repr, before))}]"
                yield Option(code, given=False)
                return
            self._ids.learn(call.made_id, new_id)
        try:
            stored = self._as_known(self._model.save(token, new_id))
        except Refused:
            yield self._refuses(call)
        else:
            carried = (name for name, _ in token.items() if name != "id")
            self.left = Left(token.but(id=stored.id), ("id", *carried))
            yield self._returns(call)

    def _find(self, call: Call) -> Iterator[Option]:
        (query,) = call.arguments
        if not isinstance(query, Record) or self._others is not None:
            raise Open
        if not self._model.find_is_settled(query) and self._clause != "FIND-13":
            raise Open
        answers = self._model.find(query)
        self.left = Left(query, FIELDS)
        if len(answers.records) == 1:
            record = self._as_known(answers.records[0])
            names = [name for name in FIELDS if getattr(query, name) is None]
            self.left = Left(record, tuple(n for n in names if n != "id" or record.id))
        for record in answers.records:
            yield self._has(call, record, query)
        if answers.records and self._clause == "FIND-10":
            return  # it asks for more than the other clauses
        if answers.none:
            yield self._misses(call)
        if answers.refusal:
            yield self._refuses(call)

    def _find_by_id(self, call: Call) -> Iterator[Option]:
        id = self._id(call)
        record = None if id is None else self._model.find_by_id(id)
        yield self._misses(call) if record is None else self._has(call, record, Record())

    def _delete(self, call: Call) -> Iterator[Option]:
        known = self._model.delete(self._id(call))
        yield self._returns(call)
        if not known:
            yield self._refuses(call)

    def _listing(self, call: Call) -> Option:
        if self._others is not None:
            return includes(call.answer, list(map(self._as_known, self._others)))
        stored = [self._as_known(each) for each in self._model.records.values()]
        return lists(call, call.answer, stored)

    def _clear(self) -> None:
        self._model.clear()

    def _id(self, call: Call) -> str | None:
        """Return the id in a call; None if no record has it. Raises `Open` if it is not a text."""
        (said,) = call.arguments
        for id in self._model.records:
            if said == repr(id):
                return id
        if said != "None" and not str(said).startswith(("id", "'", '"')):
            raise Open
        return None

    def _as_known(self, record: Record) -> Record:
        """Return the record, without its id if neither a caller nor the store told it."""
        return record if self._ids.is_known(record.id) else record.but(id=None)

    def _has(self, call: Call, stored: Record, query: Record) -> Option:
        """Return the option of a token with the stored values, unless the query has others."""
        stored = self._as_known(stored)
        names = [
            name
            for name in FIELDS
            if getattr(query, name) in (None, getattr(stored, name))
            and (name != "id" or stored.id is not None)
        ]
        telling = [name for name in names if getattr(query, name) is None]
        return has("answer", call.answer, stored, names, telling)
