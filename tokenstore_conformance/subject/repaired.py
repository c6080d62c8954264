"""A store with its known faults made good: it stands between the kit and the user's store.

It passes every call on, and changes an answer only where that shows a fault that a clause has named
already. It adds nothing that the store does not hold: a record that a find misses is taken from the
listing, a record that the listing misses is found by its key, and a field that a save is known to
lose is filled from what the kit saved.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import Door, Request
from tokenstore_conformance.sdk.values import Unreadable, as_said, as_text, elements, must_end
from tokenstore_conformance.subject.keys import (
    TELLING,
    identifies,
    is_recognized,
    key_field,
    query_for,
)
from tokenstore_conformance.subject.repairs import Pool, Repairs

NOTHING: Final = Record()

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

_KEYS: Final = frozenset({"user", "client_id", *_FOUND_BY}) - {"id"}
"""The fields by which records are found and deleted."""

_UPDATES: Final = (*(id for ids in _SAVED_BY.values() for id in ids), "SAVE-8", "SAVE-9", "SAVE-12")


class Repaired:
    """Has the methods of the user's store, and its attributes."""

    def __init__(self, store: Any, door: Door, pool: Pool, repairs: Repairs) -> None:
        self._store = store
        self._door = door
        self._pool = pool
        self._repairs = repairs
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
        if older is None:
            self._choose_an_id(token, given)
        elif self._put_in_place(token, given, newer):
            return None
        else:
            self._carry_on(token, given, older)
        answer = self._nothing(self._real(method, *arguments))
        if older is not None:
            self._restore(given, newer, token)
        self._identify(token, newer, is_new=older is None)
        if self._repairs.broken("SAVE-26"):
            self._put(token, Record(user=given.user), "SAVE-26")
        with contextlib.suppress(Unreadable):
            self._pool.know(self._door.read(token).id, newer)
        return answer

    def _find(self, method: str, *arguments: Any) -> Any:
        token = arguments[-1]
        if not isinstance(token, self._door.token_type):
            return self._real(method, *arguments)
        if self._repairs.broken("FIND-8"):
            return self._find_no_stranger(method, *arguments)
        query = self._given(*arguments)
        before = self._records() if self._repairs.broken("FIND-11") else []
        found = self._answer(("FIND-6",), query, method, *arguments)
        if before:
            self._put_back(before)
        if found is None:
            return self._found_in_the_listing(query, token)
        self._fill_lost(found, beside=query)
        clause = self._repairs.broken("FIND-7", "FIND-18")
        if clause is not None:
            self._complete(found, self._listed(query), clause)
        if found is not token and self._repairs.broken("FIND-9"):
            self._complete(token, found, "FIND-9")
        return found

    def _find_no_stranger(self, method: str, *arguments: Any) -> Any:
        """What the listing says that a query finds, where the store may answer with anything."""
        token = arguments[-1]
        query = self._given(*arguments)
        listed = self._listed(query)
        asked = self._door.build(self._door.written(token))
        found = self._answer(("FIND-6",), query, method, *arguments[:-1], asked)
        if listed is None:
            if found is not None:
                self._repairs.fire("FIND-8")
            return None
        is_right = found is not None and identifies(self._door, query, self._door.read(found))
        same = is_right and is_recognized(self._door.read(listed), self._door.read(found))
        self._complete(token, listed, "FIND-8", sure=True)
        if not same:
            self._repairs.fire("FIND-8")
        return token

    def _find_by_id(self, method: str, *arguments: Any) -> Any:
        query = Record(id=arguments[0])
        is_broken = self._repairs.broken("BYID-1") is not None
        before = self._records() if self._repairs.broken("FIND-11") else []
        try:
            found = self._answer(("BYID-2", "BYID-4"), query, method, *arguments)
        except Exception:
            if not is_broken or self._listed_by_id(query) is None:
                raise
            found = None
        if before:
            self._put_back(before)
        if found is not None:
            self._fill_lost(found)
        listed = self._listed_by_id(query) if is_broken else None
        if listed is None:
            return found
        if not isinstance(found, self._door.token_type):
            self._repairs.fire("BYID-1")
            return listed
        self._complete(found, listed, "BYID-1", sure=True)
        return found

    def _delete(self, method: str, *arguments: Any) -> Any:
        try:
            self._nothing(self._real(method, *arguments))
        except Exception:
            is_miss = self._can_list() and not self._is_there(arguments[0])
            if not self._repairs.broken("DEL-2") or not is_miss:
                raise
            self._repairs.fire("DEL-2")
        if not self._door.makes_ids and _KEYS & self._repairs.loses("SAVE-1"):
            with contextlib.suppress(Unreadable):
                if self._remove(self._door.read(arguments[0])):
                    self._repairs.fire("SAVE-1")
        with contextlib.suppress(Unreadable):
            by_id = self._door.makes_ids
            query = Record(id=arguments[0]) if by_id else self._door.read(arguments[0])
            self._pool.forget(self._door, query)
        return None

    def _list(self, method: str) -> Any:
        clause = self._repairs.broken("LIST-2")
        failure: Exception | None = None
        try:
            listed = self._real(method)
            must_end(listed)
        except Exception as error:
            raising = self._raising_so(error, "LIST-1", "LIST-2")
            if raising is None or (raising == "LIST-1" and self._pool.held()):
                raise
            self._repairs.fire(raising)
            listed, failure = [], error
        if not isinstance(listed, list) and self._repairs.broken("LIST-1", "LIST-2"):
            with contextlib.suppress(Unreadable):
                listed = elements(listed)
                self._repairs.fire(self._repairs.broken("LIST-1", "LIST-2"))
        if isinstance(listed, list):
            if self._repairs.broken("LIST-1"):
                listed = self._without_blank_ones(listed)
            for token in listed:
                self._fill_lost(token, "LIST-2", "LIST-3")
            if clause is not None:
                once = self._each_once(listed, clause)
                repeats = len(once) < len(listed)  # in place of others, so that these lack no field
                if repeats or not self._repairs.loses(clause) - {"id"}:
                    once = self._with_what_is_found(once, clause)
                listed = once
            if failure is not None and not listed and self._pool.held():
                raise failure  # what was saved cannot be found either
            self._tell_ids_apart(listed)
        return listed

    def _clear(self, method: str) -> Any:
        clause = self._repairs.broken("CLEAR-1", "CLEAR-2")
        in_its_place = clause is not None and self._can_list()
        if in_its_place:
            # Not after it: what it leaves behind may show at a later call.
            for record in self._records():
                with contextlib.suppress(Exception):
                    self._call(self._door.to_delete(self._door.in_full(record)))
            self._repairs.fire(clause)
        if not in_its_place or self._records():
            self._nothing(self._real(method))
        self._pool.forget(self._door)

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

    # -- what is saved -------------------------------------------------------------------------

    def _nothing(self, answer: Any) -> Any:
        """What a save or a delete returns: SHAPE-3 says None."""
        if answer is not None and self._repairs.broken("SHAPE-3"):
            self._repairs.fire("SHAPE-3")
            return None
        return answer

    def _choose_an_id(self, token: Any, given: Record) -> None:
        """Give a new token an id, where those that the store makes are no text."""
        if given.id is None and "id" in self._repairs.loses("SAVE-10"):
            self._put(token, Record(id=f"kit-{uuid.uuid4().hex}"), "SAVE-10")
        elif given.user and "user" in self._repairs.loses("SAVE-1") and self._pool.knows(given.id):
            self._wipe(token, ["id"], "SAVE-1")  # the store cannot tell that it is another user's

    def _carry_on(self, token: Any, given: Record, older: Record) -> None:
        """Give an update what it leaves out, where the store would wipe that.

        Not what would make another token its key: then the record is restored after the call.
        """
        key = key_field(self._door, given)
        changes_key = older.user is None and key_field(self._door, older.updated_by(given)) != key
        if self._door.makes_ids and self._repairs.broken("SAVE-8") and not changes_key:
            kept = [name for name, _ in older.items() if getattr(given, name) is None]
            self._put(token, older.only(*kept).without("id"), "SAVE-8")

    def _put_in_place(self, token: Any, given: Record, newer: Record) -> bool:
        """Save an updated record in place of the one that has lost the key of the update.

        Returns whether it was: the store cannot find that record itself.
        """
        key = key_field(self._door, given)
        if not self._door.makes_ids or key not in self._repairs.loses("SAVE-1"):
            return False
        there = [each for each in self._records() if identifies(self._door, given, each)]
        if len(there) != 1 or there[0].id is None:
            return False
        self._call(self._door.to_delete(there[0]))
        request = self._door.to_save(newer.but(id=there[0].id))
        self._call(request)
        self._repairs.fire("SAVE-1")
        saved = self._door.read(request.token).only("id")
        self._put(token, saved, "SAVE-1")
        self._pool.know(saved.id, newer)
        return True

    def _restore(self, given: Record, newer: Record, token: Any) -> None:
        """Make the records that an update should have reached the one that it should have left."""
        if not self._repairs.broken(*_UPDATES) and not self._repairs.loses("SAVE-1"):
            return
        with contextlib.suppress(Exception):
            there = [each for each in self._records() if identifies(self._door, given, each)]
            clause = self._fault_of_update(there, given, newer)
            if clause is None:
                return
            self._remove(given)
            again = newer.but(id=there[0].id) if self._door.makes_ids else given
            request = self._door.to_save(again)
            self._call(request)
            self._repairs.fire(clause)
            if self._door.makes_ids:
                self._put(token, self._door.read(request.token).only("id"), clause)

    def _remove(self, query: Record) -> int:
        """Delete every record that a query identifies, by what the store itself shows of it."""
        count = 0
        for token in elements(self._real("get_tokens")):
            with contextlib.suppress(Unreadable):
                shown = self._door.read(token)
                self._fill_lost(token, "LIST-2", "LIST-3")
                if identifies(self._door, query, self._door.read(token)):
                    self._call(self._door.to_delete(shown))
                    count += 1
        return count

    def _fault_of_update(self, there: list[Record], given: Record, newer: Record) -> str | None:
        if len(there) != 1:
            key = key_field(self._door, given)
            lost = "SAVE-1" if _KEYS & self._repairs.loses("SAVE-1") else None
            return (self._repairs.broken(*_SAVED_BY.get(key, ())) or lost) if there else None
        wanted, record = self._door.comparable(newer).without("id"), there[0].without("id")
        wrong = [name for name in FIELDS if getattr(record, name) != getattr(wanted, name)]
        if self._door.makes_ids and any(getattr(record, name) is None for name in wrong):
            return self._repairs.broken("SAVE-8")
        if not self._door.makes_ids:
            return self._repairs.broken(*_SAVED_BY[key_field(self._door, given)]) if wrong else None
        stale = wrong and "access_token" not in wrong  # else the update was none
        return self._repairs.broken("SAVE-9") if stale else None

    def _identify(self, token: Any, newer: Record, *, is_new: bool) -> None:
        """Set on a saved token the id of its record, from the listing."""
        clause = self._repairs.broken("SAVE-10") if is_new else None
        clause = clause or self._repairs.broken("SAVE-13", "SAVE-10")
        if not self._door.makes_ids or clause is None:
            return
        for record in self._records():
            if record.id and identifies(self._door, newer, record):
                self._put(token, record.only("id"), clause)
                return

    def _put_back(self, before: list[Record]) -> None:
        """Save what a find changed or took out, as it was before."""
        now = self._records()
        gone = [each for each in before if each not in now]
        for record in gone:
            with contextlib.suppress(Exception):
                self._call(self._door.to_delete(self._door.in_full(record)))
                self._call(self._door.to_save(self._door.in_full(record)))
                self._repairs.fire("FIND-11")

    # -- what is answered ----------------------------------------------------------------------

    def _answer(self, misses: tuple[str, ...], query: Record, method: str, *arguments: Any) -> Any:
        """An answer; None for a miss that raises as it is known to."""
        try:
            return self._real(method, *arguments)
        except BaseException as error:
            clause = self._repairs.broken(*misses)
            if clause is None or isinstance(error, limits.Hung) or from_the_keyboard(error):
                raise
            raised = self._repairs.faults[clause].raised
            if raised is None or raised.error != type(error).__name__:
                raise
            if not self._can_list() or self._listed(query) is not None:
                raise  # it may well be there
            self._repairs.fire(clause)
            return None

    def _found_in_the_listing(self, query: Record, token: Any) -> Any:
        """The token filled from the listing, where the store is known not to find by this key."""
        key = key_field(self._door, query)
        clause = self._repairs.broken(*_FOUND_BY[key])
        if clause is None and {key, "user", "client_id"} & self._repairs.loses("SAVE-1"):
            clause = "SAVE-1"
        listed = None if clause is None else self._listed(query)
        if clause is None or listed is None:
            return None
        self._complete(token, listed, clause, sure=True)
        return token

    def _complete(self, token: Any, whole: Any, clause: str, *, sure: bool = False) -> None:
        """Fill what a token leaves None from another token of the same record."""
        with contextlib.suppress(Unreadable):
            known = self._door.read(token)
            other = None if whole is None else self._door.read(whole)
            if other is not None and (sure or is_recognized(known, other)):
                missing = [name for name, _ in other.items() if getattr(known, name) is None]
                self._put(token, other.only(*missing), clause)

    def _fill_lost(self, token: Any, *clauses: str, beside: Record = NOTHING) -> None:
        """Fill what the store is known to lose or to change from what the kit saved.

        A token that was found may have kept what the query had ``beside`` its key.
        """
        for clause in ("SAVE-1", "DATA-3", "DATA-4", *clauses):
            lost = self._repairs.loses(clause) - {"id"}
            if not lost or not isinstance(token, self._door.token_type):
                continue
            with contextlib.suppress(Unreadable):
                read = self._door.read(token)
                given = {name for name, _ in beside.items()}
                saved = self._pool.like(self._door, read, lost)
                saved = saved or self._pool.like(self._door, read, lost | given)
                if saved is not None:
                    self._put(token, saved.only(*lost), clause)
                    self._wipe(
                        token, [name for name in lost if getattr(saved, name) is None], clause
                    )

    def _with_what_is_found(self, listed: list[Any], clause: str) -> list[Any]:
        """A listing with every record once that is listed or found, as it is found."""
        found: dict[Record, Any] = {}
        for record in self._pool.all():
            query = query_for(self._door, record)
            if query in found:
                continue
            request = self._door.to_find(query)
            with contextlib.suppress(Exception):
                answer = self._call(request)
                if answer is not None:
                    self._fill_lost(answer)
                    self._door.fill(answer, query.only("user"))
                    found[query] = answer
        whole: list[Any] = []
        records: list[Record] = []
        for token in (*found.values(), *listed):
            for record in self._readable([token]):
                is_empty = not record.only(*TELLING).items()
                if not is_empty and not any(_is_same(record, each) for each in records):
                    whole.append(token)
                    records.append(record)
        if sorted(map(str, self._readable(listed))) != sorted(map(str, records)):
            self._repairs.fire(clause)
        return whole

    def _raising_so(self, error: Exception, *clauses: str) -> str | None:
        """The first of the clauses that the store breaks by raising this."""
        for each in clauses:
            fault = self._repairs.faults.get(each)
            if fault and fault.raised and fault.raised.error == type(error).__name__:
                return each
        return None

    def _without_blank_ones(self, listed: list[Any]) -> list[Any]:
        """The listing without tokens in which nothing is set."""
        kept = [token for token in listed if list(self._readable([token])) != [Record()]]
        if len(kept) < len(listed):
            self._repairs.fire("LIST-1")
        return kept

    def _each_once(self, listed: list[Any], clause: str) -> list[Any]:
        """The listing without records that it repeats, ids included."""
        if not self._door.makes_ids or self._repairs.broken("SAVE-14"):
            return listed  # records that are alike may well be two
        seen: set[Record] = set()
        kept = []
        for token in listed:
            records = list(self._readable([token]))
            if not seen.issuperset(records) or not records:
                kept.append(token)
            seen.update(records)
        if len(kept) < len(listed):
            self._repairs.fire(clause)
        return kept

    def _tell_ids_apart(self, listed: list[Any]) -> None:
        """Give records that share an id ids of their own, by their position."""
        if not self._door.makes_ids or not self._repairs.broken("SAVE-14"):
            return
        seen: Counter[str] = Counter()
        for token in listed:
            for record in self._readable([token]):
                if record.id is not None:
                    seen[record.id] += 1
                    if seen[record.id] > 1:
                        apart = f"{record.id} ({seen[record.id]})"
                        self._put(token, Record(id=apart), "SAVE-14")

    def _put(self, token: Any, record: Record, clause: str) -> None:
        """Set fields on a token; the repair fires if that changes any."""
        known = self._door.fields(token)
        changed = [name for name, value in record.items() if as_said(known.get(name)) != value]
        if changed:
            self._door.fill(token, record.only(*changed))
            self._repairs.fire(clause)

    def _wipe(self, token: Any, names: Iterable[str], clause: str) -> None:
        """Take from a token what nobody saved there; the repair fires if there was something."""
        known = self._door.fields(token)
        invented = [name for name in names if as_text(known.get(name)) is not None]
        if invented:
            self._door.wipe(token, invented)
            self._repairs.fire(clause)

    # -- reading the store ---------------------------------------------------------------------

    def _real(self, method: str, *arguments: Any) -> Any:
        limits.step()
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
            return elements(self._list("get_tokens"))
        return []

    def _can_list(self) -> bool:
        """Whether the store answers to a listing: else nothing is known of what it holds."""
        try:
            self._list("get_tokens")
        except Exception:
            return False
        return True

    def _records(self) -> list[Record]:
        return list(self._readable(self._tokens()))

    def _readable(self, tokens: Iterable[Any]) -> Iterator[Record]:
        for token in tokens:
            with contextlib.suppress(Unreadable):
                yield self._door.comparable(self._door.read(token))

    def _listed(self, query: Record) -> Any:
        """The token in the listing that a query identifies, None where there is none."""
        for token in self._tokens():
            with contextlib.suppress(Unreadable):
                if identifies(self._door, query, self._door.read(token)):
                    return token
        return None

    def _listed_by_id(self, query: Record) -> Any:
        """The same of an id; one that the caller chose may be listed as another, or as none."""
        saved = () if self._door.makes_ids else self._pool.all()
        keys = (query_for(self._door, each) for each in saved if each.id == query.id)
        return next(filter(None, map(self._listed, (query, *keys))), None)

    def _is_there(self, argument: Any) -> bool:
        """Whether what is to be deleted is listed."""
        with contextlib.suppress(Unreadable):
            by_id = self._door.makes_ids
            query = Record(id=argument) if by_id else self._door.read(argument)
            return self._listed(query) is not None
        return False


def _is_same(record: Record, other: Record) -> bool:
    """Whether two answers are of one record."""
    if record.id is not None and other.id is not None:
        return record.id == other.id
    return is_recognized(record, other)
