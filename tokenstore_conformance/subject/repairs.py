"""A store with its known faults made good: what a check says then shows what they explain.

A clause that fails may fail because of another one that the store breaks: where no save sets an id,
nothing can be deleted by its id. So the check is run once more, over a `Repaired` store. It passes
every call on to the real store, and changes an answer only where that shows a fault that a clause
has named already. A repair that changed something has *fired*, and its clause is noted: where the
check passes now, the clauses that fired are the causes.

Repairs add nothing that the store does not hold. A record that a find misses is taken from the
listing; a field that a save is known to lose is filled from what the kit saved.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from tokenstore_conformance.failures import Fault
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.guard.limits import Hung
from tokenstore_conformance.oracle import zcrmsdk, zohocrmsdk
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import Door, Request, Unreadable

SIMPLEST_FIRST: Final = (
    *("SHAPE-1", "SHAPE-2", "SHAPE-3", "LIST-1", "SAVE-1", "SAVE-14", "SAVE-10", "LIST-2"),
    *("LIST-3", "SAVE-6", "SAVE-11", "SAVE-13", "FIND-6", "BYID-2", "BYID-4"),
    *("SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5", "SAVE-23", "SAVE-24", "SAVE-8", "SAVE-9", "SAVE-12"),
    *("SAVE-26", "DATA-3", "DATA-4", "FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-16", "FIND-17"),
    *("FIND-7", "FIND-18", "FIND-9", "FIND-10", "BYID-1", "DEL-1", "DEL-2", "CLEAR-1", "CLEAR-2"),
)
"""Of two clauses, the one that comes first here may explain the other; all others come later."""

REPAIRED: Final = frozenset(SIMPLEST_FIRST) - {
    *("SHAPE-1", "SHAPE-2", "SAVE-6", "SAVE-11", "DEL-1"),
}
"""The clauses whose faults can be made good."""

_FOUND_BY: Final = {
    "user": ("FIND-1",),
    "access_token": ("FIND-2",),
    "grant_token": ("FIND-3", "FIND-16"),
    "refresh_token": ("FIND-4", "FIND-17"),
    "id": ("FIND-10",),
}
"""By the field of the key, the clause on finding by it."""

_SAVED_BY: Final = {
    "user": ("SAVE-2",),
    "access_token": ("SAVE-3",),
    "grant_token": ("SAVE-4", "SAVE-23"),
    "refresh_token": ("SAVE-5", "SAVE-24"),
}
"""By the field of the key, the clause on updating by it."""

_UPDATES: Final = (*(id for ids in _SAVED_BY.values() for id in ids), "SAVE-8", "SAVE-9", "SAVE-12")
_LOSES: Final = ("SAVE-1", "LIST-2", "LIST-3", "FIND-7", "FIND-18", "BYID-1", "DATA-3", "DATA-4")
"""The clauses whose failure names fields that are lost or changed."""


@dataclass
class Repairs:
    """The faults of a store that are made good, and which of the repairs changed something."""

    faults: dict[str, Fault]
    """By clause, how it fails."""
    fired: set[str] = field(default_factory=set)

    @property
    def capacity(self) -> int | None:
        """How many records the store takes, where it is known to take no more."""
        fault = self.faults.get("SAVE-14")
        return fault.capacity if fault else None

    def broken(self, *clauses: str) -> str | None:
        """The first of the clauses that the store is known to break."""
        return next((each for each in clauses if each in self.faults), None)

    def fire(self, clause: str | None) -> None:
        """Note that the repair of this clause changed something."""
        if clause is not None:
            self.fired.add(clause)


class Pool:
    """What the kit saved in one storage, from any thread: what a lost field is filled from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []

    def add(self, door: Door, given: Record) -> tuple[Record | None, Record]:
        """Take a token that is saved; returns the record before, if any, and as it should be."""
        with self._lock:
            older = next(
                (each for each in reversed(self._records) if identifies(door, given, each)), None
            )
            newer = given.without("id")
            if older is not None and door.makes_ids:
                newer = older.updated_by(given)
            self._records.append(newer)
            return older, newer

    def like(self, record: Record, lost: frozenset[str]) -> Record | None:
        """The newest that agrees with a record in all but the id and the fields that are lost."""
        others = lost | {"id"}
        with self._lock:
            for each in reversed(self._records):
                if each.without(*others) == record.without(*others):
                    return each
        return None

    def all(self) -> list[Record]:
        """The newest version of each, oldest first."""
        with self._lock:
            return list(dict.fromkeys(self._records))


def identifies(door: Door, query: Record, record: Record) -> bool:
    """Whether a query identifies a record, by the match rule of its generation."""
    if not door.makes_ids:
        return zcrmsdk.matches(record, query)
    key = zohocrmsdk.key_of(query)
    if key is None:
        return query.id is not None and record.id == query.id
    return key.fits(record)


class Repaired:
    """Stands before a user's store; has the same methods."""

    def __init__(self, store: Any, door: Door, pool: Pool, repairs: Repairs) -> None:
        self._store = store
        self._door = door
        self._pool = pool
        self._repairs = repairs
        self._lost = frozenset(
            name
            for clause in _LOSES
            for name in (repairs.faults[clause].fields if clause in repairs.faults else ())
        ) - {"id"}
        for method in door.methods:
            if callable(getattr(store, method, None)):
                setattr(self, method, partial(self._ways[method], self, method))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    # -- the methods ---------------------------------------------------------------------------

    def _save(self, method: str, *arguments: Any) -> Any:
        token = arguments[-1]
        if not isinstance(token, self._door.token_type):
            return self._nothing(self._real(method, *arguments))
        given = self._given(*arguments)
        older, newer = self._pool.add(self._door, given)
        if older is not None and self._door.makes_ids and self._repairs.broken("SAVE-8"):
            kept = Record().but(
                **{
                    name: value
                    for name, value in older.items()
                    if getattr(given, name) is None and name != "id"
                }
            )
            if kept.items():
                self._door.fill(token, kept)
                self._repairs.fire("SAVE-8")
        if older is None and given.id is None:
            self._choose_an_id(token)
        answer = self._nothing(self._real(method, *arguments))
        if older is not None:
            self._restore(given, newer, token)
        self._identify(token, newer, older is None)
        if not self._door.makes_ids and self._repairs.broken("SAVE-26"):
            self._fill(token, Record(user=given.user), "SAVE-26", over=True)
        return answer

    def _find(self, method: str, *arguments: Any) -> Any:
        token = arguments[-1]
        if not isinstance(token, self._door.token_type):
            return self._real(method, *arguments)
        query = self._given(*arguments)
        found = self._answer(method, *arguments, miss="FIND-6", query=query)
        if found is None:
            return self._found_in_the_listing(query, token)
        self._complete(found, "FIND-7", "FIND-18")
        if found is not token and self._repairs.broken("FIND-9"):
            self._fill(token, self._door.read(found), "FIND-9")
        return found

    def _find_by_id(self, method: str, *arguments: Any) -> Any:
        query = Record(id=arguments[0])
        try:
            found = self._answer(method, *arguments, miss="BYID-2", query=query)
        except Exception:
            if not self._repairs.broken("BYID-1") or not self._is_there(query):
                raise
            found = None
        if found is None and self._repairs.broken("BYID-1"):
            token = self._listed_with_id(arguments[0])
            if token is not None:
                self._repairs.fire("BYID-1")
                return token
        if found is not None:
            self._complete(found, "BYID-1")
        return found

    def _delete(self, method: str, *arguments: Any) -> Any:
        try:
            return self._nothing(self._real(method, *arguments))
        except Exception:
            if not self._repairs.broken("DEL-2") or self._is_listed(arguments[0]):
                raise
            self._repairs.fire("DEL-2")
            return None

    def _list(self, method: str) -> Any:
        try:
            listed = self._real(method)
        except Exception:
            listed = self._listed_by_finding()
            if listed is None:
                raise
        if not isinstance(listed, list) and self._repairs.broken("LIST-1", "LIST-2"):
            with contextlib.suppress(TypeError):
                listed = list(listed or ())
                self._repairs.fire(self._repairs.broken("LIST-2" if listed else "LIST-1", "LIST-1"))
        if isinstance(listed, list):
            for token in listed:
                self._complete(token, "LIST-2", "LIST-3")
            self._tell_ids_apart(listed)
        return listed

    def _clear(self, method: str) -> Any:
        error: BaseException | None = None
        try:
            self._nothing(self._real(method))
        except Exception as raised:
            error = raised
        clause = self._repairs.broken("CLEAR-1", "CLEAR-2")
        if clause is None:
            if error is not None:
                raise error
            return None
        left = self._records()
        for record in left:
            with contextlib.suppress(Exception):
                self._call(self._door.to_delete(record))
        if left or error is not None:
            self._repairs.fire(clause)
        return None

    _ways: Final[dict[str, Callable[..., Any]]] = {
        "save_token": _save,
        "find_token": _find,
        "get_token": _find,
        "find_token_by_id": _find_by_id,
        "get_token_by_id": _find_by_id,
        "delete_token": _delete,
        "get_tokens": _list,
        "delete_tokens": _clear,
    }

    # -- repairs -------------------------------------------------------------------------------

    def _nothing(self, answer: Any) -> Any:
        """What a save or a delete returns: SHAPE-3 says None."""
        if answer is not None and self._repairs.broken("SHAPE-3"):
            self._repairs.fire("SHAPE-3")
            return None
        return answer

    def _answer(self, method: str, *arguments: Any, miss: str, query: Record) -> Any:
        """An answer, None for a miss that raises as it is known to."""
        try:
            return self._real(method, *arguments)
        except BaseException as error:
            clause = self._repairs.broken(miss)
            if clause is None or isinstance(error, Hung) or from_the_keyboard(error):
                raise
            raised = self._repairs.faults[clause].raised
            if raised is None or raised.error != type(error).__name__ or self._is_there(query):
                raise
            self._repairs.fire(clause)
            return None

    def _is_there(self, query: Record) -> bool:
        if query.id is not None and self._door.makes_ids:
            return any(record.id == query.id for record in self._records())
        return any(identifies(self._door, query, record) for record in self._records())

    def _key_of(self, query: Record) -> str:
        """The field by which a query identifies a record."""
        if not self._door.makes_ids:
            return "refresh_token" if query.grant_token is None else "grant_token"
        key = zohocrmsdk.key_of(query)
        return "id" if key is None else key.field

    def _found_in_the_listing(self, query: Record, token: Any) -> Any:
        key = self._key_of(query)
        clause = self._repairs.broken(*_FOUND_BY[key])
        if clause is None:
            return None
        for record in self._records():
            if identifies(self._door, query, record):
                self._fill(token, record, clause)
                return token
        return None

    def _complete(self, token: Any, *clauses: str) -> None:
        """Fill what the store is known to lose or to change from what the kit saved."""
        if not self._lost or not isinstance(token, self._door.token_type):
            return
        try:
            read = self._door.read(token)
        except Unreadable:
            return
        saved = self._pool.like(read, self._lost)
        if saved is None:
            return
        changed = [n for n in self._lost if getattr(saved, n) != getattr(read, n)]
        if changed:
            # What no save loses, only this way of reading does.
            named = [*clauses, *_LOSES]
            clause = next(
                each
                for each in named
                if each in self._repairs.faults
                and set(changed) & set(self._repairs.faults[each].fields)
            )
            self._fill(token, saved.only(*changed), clause, over=True)

    def _fill(self, token: Any, record: Record, clause: str, *, over: bool = False) -> None:
        known = self._door.fields(token)
        missing = {
            name: value
            for name, value in record.items()
            if known.get(name) != value and (over or known.get(name) in (None, ""))
        }
        if missing:
            self._door.fill(token, Record().but(**missing))
            self._repairs.fire(clause)

    def _choose_an_id(self, token: Any) -> None:
        """Give a new token an id, where those that the store makes are no text."""
        fault = self._repairs.faults.get("SAVE-10")
        if fault is not None and "id" in fault.fields:
            self._door.fill(token, Record(id=f"kit-{uuid.uuid4().hex}"))
            self._repairs.fire("SAVE-10")

    def _identify(self, token: Any, newer: Record, is_new: bool) -> None:
        """Set the id on a saved token, from the listing."""
        clause = self._repairs.broken("SAVE-10") if is_new else None
        clause = clause or self._repairs.broken("SAVE-13", "SAVE-10")
        if not self._door.makes_ids or (clause is None and not self._repairs.broken("SAVE-14")):
            return
        with contextlib.suppress(Exception):
            for record in self._records():
                if record.without("id") == newer.without("id") and record.id:
                    if self._door.fields(token)["id"] != record.id:
                        self._door.fill(token, Record(id=record.id))
                        self._repairs.fire(clause or "SAVE-14")
                    return

    def _restore(self, given: Record, newer: Record, token: Any) -> None:
        """Make the records that an update should have reached the one that it should have left."""
        if not self._repairs.broken(*_UPDATES):
            return
        with contextlib.suppress(Exception):
            there = [each for each in self._records() if identifies(self._door, given, each)]
            kept = newer if self._door.makes_ids else self._door.comparable(newer)
            clause = self._fault_of_update(there, given, kept)
            if clause is None:
                return
            for record in there:
                self._call(self._door.to_delete(self._door.in_full(record)))
            again = newer.but(id=there[0].id) if self._door.makes_ids and there else given
            request = self._door.to_save(again)
            self._call(request)
            if self._door.makes_ids:
                self._door.fill(token, Record(id=self._door.read(request.token).id))
            self._repairs.fire(clause)

    def _fault_of_update(self, there: list[Record], given: Record, newer: Record) -> str | None:
        by_key = _SAVED_BY.get(self._key_of(given), ())
        if len(there) > 1:
            return self._repairs.broken(*by_key)
        if len(there) == 1:
            record = there[0].without("id")
            wrong = [n for n in FIELDS if getattr(record, n) != getattr(newer.without("id"), n)]
            if any(getattr(record, name) is None for name in wrong):
                return self._repairs.broken("SAVE-8")
            if wrong:
                return self._repairs.broken("SAVE-9", *by_key)
        return None

    def _tell_ids_apart(self, listed: list[Any]) -> None:
        """Give records that share an id ids of their own, by their position."""
        if not self._door.makes_ids or not self._repairs.broken("SAVE-14", "SAVE-10"):
            return
        seen: Counter[str] = Counter()
        for token in listed:
            with contextlib.suppress(Unreadable):
                id = self._door.read(token).id
                if id is not None:
                    seen[id] += 1
                    if seen[id] > 1:
                        self._door.fill(token, Record(id=f"{id} ({seen[id]})"))
                        self._repairs.fire(self._repairs.broken("SAVE-14", "SAVE-10"))

    # -- reading the real store ----------------------------------------------------------------

    def _real(self, method: str, *arguments: Any) -> Any:
        return getattr(self._store, method)(*arguments)

    def _call(self, request: Request) -> Any:
        return self._real(request.method, *request.arguments)

    def _given(self, *arguments: Any) -> Record:
        """What a call passes, as a record; in `zcrmsdk` the user comes beside the token."""
        record = self._door.read(arguments[-1])
        if len(arguments) > 1 and isinstance(arguments[0], self._door.user_type):
            record = record.but(user=self._door.email_of(arguments[0]))
        return record

    def _tokens(self) -> list[Any]:
        """What is listed, made good; [] where it cannot be read."""
        with contextlib.suppress(Exception):
            return list(self._list("get_tokens") or ())
        return []

    def _records(self) -> list[Record]:
        return list(self._readable(self._tokens()))

    def _readable(self, tokens: Iterable[Any]) -> Iterator[Record]:
        for token in tokens:
            with contextlib.suppress(Unreadable):
                yield self._door.comparable(self._door.read(token))

    def _listed_with_id(self, id: Any) -> Any:
        for token in self._tokens():
            with contextlib.suppress(Unreadable):
                if self._door.read(token).id == id:
                    return token
        return None

    def _is_listed(self, argument: Any) -> bool:
        """Whether what is to be deleted is there."""
        if self._door.makes_ids:
            return any(record.id == argument for record in self._records())
        with contextlib.suppress(Unreadable):
            query = self._door.read(argument)
            return any(identifies(self._door, query, record) for record in self._records())
        return False

    def _query_for(self, record: Record) -> Record | None:
        """A query that finds a record, by the first key that it has."""
        if not self._door.makes_ids:
            return self._door.key(self._door.in_full(record))
        client = ("client_id", "client_secret")
        by_grant, by_refresh = (*client, "grant_token"), (*client, "refresh_token")
        for names in (("user",), ("access_token",), by_grant, by_refresh):
            query = record.only(*names)
            if len(query.items()) == len(names):
                return query
        return None

    def _listed_by_finding(self) -> list[Any] | None:
        """Instead of a listing that raises: each record that the kit saved and that is found."""
        clause = self._repairs.broken("LIST-2")
        if clause is None:
            return None
        found, seen = [], set()
        for record in self._pool.all():
            key = self._query_for(record)
            if key is None or key in seen:
                continue
            seen.add(key)
            request = self._door.to_find(key)
            with contextlib.suppress(Exception):
                answer = self._real(request.method, *request.arguments)
                if answer is not None:
                    self._complete(answer, "LIST-2")
                    if not self._door.makes_ids:
                        self._door.fill(answer, key.only("user"))
                    found.append(answer)
        self._repairs.fire(clause)
        return found
