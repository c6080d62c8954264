"""Which answers the oracle accepts, each as Python that a script asserts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tokenstore_conformance.failures import CLOCK, Call, Said
from tokenstore_conformance.oracle import zcrmsdk, zohocrmsdk
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.report.carried import Carried, Ids, text_of
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.keys import TELLING

NOT_RAISED: Final = "not isinstance(answer, BaseException)"
REFUSED: Final = "isinstance(answer, SDKException)"
NONE: Final = "answer is None"


class Option(NamedTuple):
    """An answer that the contract accepts: as Python, and whether the store gave it."""

    code: str
    given: bool


@dataclass(frozen=True)
class Left:
    """What the token that a call was given may look like afterwards, in some fields."""

    record: Record = field(default_factory=Record)
    names: tuple[str, ...] = ()


class Open(Exception):
    """The contract, or what is known of the calls, does not say what the answer must be."""


class _Oracle:
    """What the oracles of both generations share."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        self._door = door
        self._ids = ids
        self._clause = clause
        self.left = Left()
        """The token of the last call, as far as the oracle says what becomes of it."""

    def accepted(self, call: Call, new_id: str) -> list[Option]:
        """How the call may end; nothing where nothing is asked of it. Raises `Open`."""
        self.left = Left()
        if call.statement or call.store == CLOCK:
            return []
        if not call.method:
            return [Option(NOT_RAISED, given=not _raised(call))]
        if call.method == "save_token":
            return list(self._save(call, Carried(new_id)))
        if call.method == "get_tokens":
            return [self._listing(call)]
        if call.method == "delete_tokens":
            self._clear()
            return [self._returns(call)]
        if call.method == "delete_token":
            return list(self._delete(call))
        if call.method.endswith("by_id"):
            return list(self._find_by_id(call))
        return list(self._find(call))

    def _returns(self, call: Call) -> Option:
        """The call raises nothing; SHAPE-3 asks for None."""
        if self._clause == "SHAPE-3":
            return Option(NONE, given=call.answer == "None")
        return Option(NOT_RAISED, given=not _raised(call))

    def _refuses(self, call: Call) -> Option:
        return Option(REFUSED, given=call.refused)

    def _misses(self, call: Call) -> Option:
        return Option(NONE, given=call.answer == "None")

    def _save(self, call: Call, new_id: Carried) -> Iterator[Option]:
        raise NotImplementedError

    def _find(self, call: Call) -> Iterator[Option]:
        raise NotImplementedError

    def _find_by_id(self, call: Call) -> Iterator[Option]:
        raise NotImplementedError

    def _delete(self, call: Call) -> Iterator[Option]:
        raise NotImplementedError

    def _listing(self, call: Call) -> Option:
        raise NotImplementedError

    def _clear(self) -> None:
        raise NotImplementedError


class SixMethods(_Oracle):
    """The oracle of `zohocrmsdk`."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        super().__init__(door, ids, clause)
        self._model = zohocrmsdk.Model()

    def _save(self, call: Call, new_id: Carried) -> Iterator[Option]:
        (token,) = call.arguments
        if not isinstance(token, Record):
            return
        if not self._model.save_is_settled(token):
            raise Open
        if self._model.updated_by_save(token) is None and token.id is None and call.made_id:
            self._ids.learn(call.made_id, new_id)
        try:
            stored = self._as_known(self._model.save(token, new_id))
        except zohocrmsdk.Refused:
            yield self._refuses(call)
        else:
            carried = (name for name, _ in token.items() if name != "id")
            self.left = Left(token.but(id=stored.id), ("id", *carried))
            yield self._returns(call)

    def _find(self, call: Call) -> Iterator[Option]:
        (query,) = call.arguments
        if not isinstance(query, Record) or not self._model.find_is_settled(query):
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
            return  # which asks for more than the other clauses
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
        stored = [self._as_known(each) for each in self._model.records.values()]
        return _lists(call, call.answer, stored)

    def _clear(self) -> None:
        self._model.clear()

    def _id(self, call: Call) -> str | None:
        """The id that a call is about, None where none is known so; raises `Open` for no text."""
        (said,) = call.arguments
        for id in self._model.records:
            if said == repr(id):
                return id
        if said != "None" and not str(said).startswith(("id", "'", '"')):
            raise Open
        return None

    def _as_known(self, record: Record) -> Record:
        """Without an id that nobody has told."""
        return record if self._ids.is_known(record.id) else record.but(id=None)

    def _has(self, call: Call, stored: Record, query: Record) -> Option:
        """A token with the stored values, where the query does not have others."""
        stored = self._as_known(stored)
        names = [
            name
            for name in FIELDS
            if getattr(query, name) in (None, getattr(stored, name))
            and (name != "id" or stored.id is not None)
        ]
        telling = [name for name in names if getattr(query, name) is None]
        return has("answer", call.answer, stored, names, telling)


class FiveMethods(_Oracle):
    """The oracle of `zcrmsdk`."""

    USED: Final = ("access_token", "expires_in", "refresh_token")
    """What the SDK takes from a token that was found."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        super().__init__(door, ids, clause)
        self._model = zcrmsdk.Model()

    def _save(self, call: Call, new_id: Carried) -> Iterator[Option]:
        login = self._login(call)
        if login is None:
            return
        old = self._only_match(login)
        carried = dict(login.items()).keys()
        # Whether an update keeps what the new token leaves out is open.
        whole = {"user", "client_id", "access_token", "refresh_token"}
        if not (whole | dict((old or Record()).items()).keys()) <= carried:
            raise Open
        self._model.save(login)
        token = login.without("user") if call.arguments[-1] != login else login
        self.left = Left(token, tuple(name for name, _ in token.items() if name != "id"))
        yield self._returns(call)

    def _find(self, call: Call) -> Iterator[Option]:
        query = self._login(call)
        if query is None:
            raise Open
        record = self._only_match(query)
        yield self._misses(call) if record is None else self._has(call, record)

    def _find_by_id(self, call: Call) -> Iterator[Option]:
        id = text_of(str(call.arguments[0]))
        records = [each for each in self._model.records if each.id == id]
        if id is None or len(records) > 1:
            raise Open
        if records:
            yield self._has(call, records[0])
        else:
            yield self._misses(call)
            yield self._refuses(call)

    def _delete(self, call: Call) -> Iterator[Option]:
        token = call.arguments[-1]
        if not isinstance(token, Record):
            return
        known = self._only_match(token) is not None
        self._model.delete(token)
        yield self._returns(call)
        if not known:
            yield self._refuses(call)

    def _listing(self, call: Call) -> Option:
        stored = [self._door.comparable(each) for each in self._model.records]
        listed = call.answer
        if isinstance(listed, tuple):
            listed = tuple(
                self._door.comparable(each) if isinstance(each, Record) else each for each in listed
            )
        return _lists(call, listed, stored)

    def _clear(self) -> None:
        self._model.clear()

    def _login(self, call: Call) -> Record | None:
        """What is saved or looked for: the user and the token; None for what is no token."""
        if len(call.arguments) != 2:
            return None
        user, token = call.arguments
        if not isinstance(token, Record):
            return None
        if not (isinstance(user, str) and user.startswith("user(")):
            raise Open
        return token.but(user=text_of(user[len("user(") : -1]))

    def _only_match(self, token: Record) -> Record | None:
        """The record that a token identifies; raises `Open` where its values are of several."""
        found = {each for each in self._model.records if zcrmsdk.matches(each, token)}
        by_refresh = token.without("grant_token")
        if token.refresh_token is not None:
            found |= {each for each in self._model.records if zcrmsdk.matches(each, by_refresh)}
        if len(found) > 1:
            raise Open
        return next((each for each in found if zcrmsdk.matches(each, token)), None)

    def _has(self, call: Call, stored: Record) -> Option:
        return has("answer", call.answer, stored, self.USED)


def has(
    name_of_it: str,
    answer: Said,
    stored: Record,
    names: Iterable[str],
    telling: Iterable[str] | None = None,
) -> Option:
    """A token with the stored values: in the fields that are wrong, else in those that tell it."""
    names = list(names)
    if isinstance(answer, Record):
        names = [name for name in names if getattr(answer, name) != getattr(stored, name)]
    else:
        told = names if telling is None else list(telling)
        told = [name for name in told if getattr(stored, name) is not None]
        names = [name for name in told if name in TELLING] or told
    fields = "".join(f", {name}={getattr(stored, name)!r}" for name in names)
    return Option(f"has({name_of_it}{fields})", given=isinstance(answer, Record) and not names)


def _lists(call: Call, answer: Said, stored: list[Record]) -> Option:
    """Just these are listed, in any order, each with an id of its own; None is any id."""
    code = f"lists({', '.join(['answer', *map(str, stored)])})"
    return Option(code, given=_is_listed(call, answer, stored))


def _is_listed(call: Call, answer: Said, stored: list[Record]) -> bool:
    if not isinstance(answer, tuple):
        if isinstance(call.returned, list):
            raise Open  # a list of another class
        return False
    missing, ids = list(stored), set[str]()
    for each in answer:
        if not isinstance(each, Record) or each.id in ids:
            return False
        fits = (one for one in missing if one in (each, each.but(id=None)))
        found = next(fits, None)
        if found is None:
            return False
        missing.remove(found)
        ids |= {*filter(None, [each.id])}
    return not missing


def _raised(call: Call) -> bool:
    return isinstance(call.answer, str) and call.answer.startswith("raised ")
