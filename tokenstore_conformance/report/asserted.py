"""What a script asserts of the last call: that it is answered as the oracle answers it.

The calls of a failure are made once more on the oracle. If the store's last answer is none that the
oracle accepts, an accepted one can be written as Python, and the script needs nothing of the kit.
Otherwise the fault shows in something that answers do not say (a type, a token that was changed,
two threads, a file), or the contract leaves the answer open: then there is no assertion.

Ids that the store made are carried over as variables, for the next store may make others.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from tokenstore_conformance.failures import CLOCK, Call, Said
from tokenstore_conformance.oracle import zcrmsdk, zohocrmsdk
from tokenstore_conformance.records import FIELDS, Record, is_blank
from tokenstore_conformance.sdk import Door, Unreadable
from tokenstore_conformance.subject.keys import TELLING

NOT_RAISED: Final = "not isinstance(answer, BaseException)"
REFUSED: Final = "isinstance(answer, SDKException)"
NONE: Final = "answer is None"

DISTINCT: Final = 6
"""An id of so many characters is known again as a part of another text."""


class Carried(str):
    """An id that the store made: Python that a script has in place of the text."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str) -> Carried:
        made = super().__new__(cls, f"\0{code}")  # equal to no text
        made.code = code
        return made

    def __repr__(self) -> str:
        return self.code


class Option(NamedTuple):
    """An answer that the contract accepts: as Python, and whether the store gave it."""

    code: str
    given: bool


@dataclass(frozen=True)
class Asserted:
    """The calls, with ids carried over, and what is true of the last answer of a right store."""

    calls: tuple[Call, ...]
    code: str


ON_THE_TOKEN: Final = {
    "FIND-9": FIELDS,
    "FIND-12": FIELDS,
    "SAVE-10": ("id",),
    "SAVE-11": ("id",),
    "SAVE-13": ("id",),
    "SAVE-21": tuple(name for name in FIELDS if name != "id"),
}
"""The clauses about the token that a call is given, and which of its fields they are about."""


@dataclass(frozen=True)
class Left:
    """What the token that a call was given may look like afterwards, in some fields."""

    record: Record = field(default_factory=Record)
    names: tuple[str, ...] = ()

    def options(self, token: str, now: Record | None, clause: str) -> list[Option]:
        """What to assert of it; nothing where it is as it may be."""
        names = [name for name in self.names if name in ON_THE_TOKEN.get(clause, ())]
        if now is None or not names:
            return []
        if "id" in names and self.record.id is None:
            return [] if now.id else [Option(f"text(read({token})['id']) is not None", False)]
        wanted = _has(token, now, self.record, names, names)
        return [] if wanted.given else [wanted]


class Open(Exception):
    """The contract, or what is known of the calls, does not say what the answer must be."""


def asserted(door: Door, calls: Sequence[Call], clause: str) -> Asserted | None:
    """What to assert; None where neither the last answer nor, in a clause about that, the token
    that the last call was given shows the fault.
    """
    ids = _Ids()
    oracle = (_SixMethods if door.makes_ids else _FiveMethods)(door, ids)
    carried = []
    options: list[Option] = []
    try:
        for number, call in enumerate(calls):
            carried.append(ids.carried(call))
            options = list(_options(oracle, carried[-1], f"id{number}"))
    except Open:
        return None
    if not options:
        return None
    if any(each.given for each in options):
        token = f"token{len(calls) - 1}"
        options = oracle.left.options(token, ids.read(door, calls[-1]), clause)
        if not options:
            return None
    code = " or ".join(dict.fromkeys(each.code for each in options))
    return Asserted(tuple(carried), code)


def _options(oracle: _SixMethods | _FiveMethods, call: Call, new_id: str) -> Iterator[Option]:
    """The accepted answers to a call; none where nothing is asked of it."""
    if call.statement or call.store == CLOCK:
        return iter(())
    if not call.method:
        return iter([Option(NOT_RAISED, not _raised(call))])
    if call.method.startswith("save"):
        return oracle.save(call, new_id)
    answer: Callable[[Call], Iterator[Option]] = {
        "find_token": oracle.find,
        "get_token": oracle.find,
        "find_token_by_id": oracle.find_by_id,
        "get_token_by_id": oracle.find_by_id,
        "delete_token": oracle.delete,
        "get_tokens": oracle.listing,
        "delete_tokens": oracle.clear,
    }[call.method]
    return answer(call)


class _Ids:
    """The ids that the store made, and the variables of a script for them."""

    def __init__(self) -> None:
        self._known: dict[str, Carried] = {}

    def learn(self, id: str, carried: Carried) -> None:
        """Raises `Open` where the store gave this id before: then it tells nothing apart."""
        if id in self._known:
            raise Open
        self._known[id] = carried

    def carried(self, call: Call) -> Call:
        """The call with variables in place of ids."""
        arguments = tuple(map(self._in_argument, call.arguments))
        return replace(call, arguments=arguments, answer=self._in_answer(call.answer))

    def is_known(self, id: object) -> bool:
        """Whether it is one that a caller chose, or that the store told."""
        return not isinstance(id, Carried) or any(each is id for each in self._known.values())

    def read(self, door: Door, call: Call) -> Record | None:
        """The token that a call was given, as it is now; None where it was given none."""
        try:
            read = self._read(door.written(call.given[-1])) if call.given else None
        except Unreadable:
            return None
        return read if isinstance(read, Record) else None

    def _in_argument(self, said: Said) -> Said:
        if isinstance(said, Record):
            return said.but(id=self._of(said.id))
        text = _text(said) if isinstance(said, str) else None
        return said if text is None else repr(self._of(text))

    def _in_answer(self, said: Said) -> Said:
        if isinstance(said, tuple):
            return tuple(self._read(each) for each in said)
        return self._read(said)

    def _read(self, said: Record | str) -> Record | str:
        """A token as it is compared: "" and None are one, and so are 1 and "1"."""
        if isinstance(said, str):
            return said
        plain = {name: _plain(value) for name, value in said.items()}
        return Record(**plain).but(id=self._of(plain.get("id")))  # type: ignore[arg-type]

    def _of(self, id: str | None) -> str | None:
        if not isinstance(id, str) or id in self._known:
            return self._known[id] if id is not None and id in self._known else id
        for known, carried in self._known.items():
            if len(known) >= DISTINCT:
                code = _derived(id, known, carried.code)
                if code:
                    return Carried(code)
        return id


def _plain(value: object) -> object:
    if is_blank(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value)


def _derived(text: str, known: str, code: str) -> str:
    """Python that makes a text of an id, such as "id3.upper()"; "" where it has no part in it."""
    for method in ("upper", "lower", "swapcase"):
        if text == getattr(known, method)():
            return f"{code}.{method}()"
    for part, slice in ((known, ""), (known[:-1], "[:-1]"), (known[1:], "[1:]")):
        before, found, after = text.partition(part)
        if found:
            pieces = (before and repr(before), f"{code}{slice}", after and repr(after))
            return " + ".join(filter(None, pieces))
    return ""


def _text(said: str) -> str | None:
    """The text of an argument that is one."""
    try:
        value = ast.literal_eval(said)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def _raised(call: Call) -> bool:
    return isinstance(call.answer, str) and call.answer.startswith("raised ")

    return isinstance(call.answer, str) and call.answer.startswith("raised SDKException")


def _none(call: Call) -> Option:
    return Option(NONE, call.answer == "None")


class _SixMethods:
    """The oracle of `zohocrmsdk`, and the answers that it accepts."""

    def __init__(self, door: Door, ids: _Ids) -> None:
        self._ids = ids
        self._model = zohocrmsdk.Model()
        self.left = Left()
        """The token of the last call, as far as the oracle says what becomes of it."""

    def save(self, call: Call, new_id: str) -> Iterator[Option]:
        (token,) = call.arguments
        if not isinstance(token, Record):
            return
        if not self._model.save_is_settled(token):
            raise Open
        id = Carried(new_id)
        if self._model.updated_by_save(token) is None and token.id is None and call.made_id:
            self._ids.learn(call.made_id, id)
        try:
            stored = self._as_known(self._model.save(token, id))
        except zohocrmsdk.Refused:
            yield Option(REFUSED, call.refused)
        else:
            carried = [name for name, _ in token.items() if name != "id"]
            self.left = Left(token.but(id=stored.id), ("id", *carried))
            yield Option(NOT_RAISED, not _raised(call))

    def find(self, call: Call) -> Iterator[Option]:
        (query,) = call.arguments
        if not isinstance(query, Record) or not self._model.find_is_settled(query):
            raise Open
        answers = self._model.find(query)
        self.left = Left(query, FIELDS)
        if len(answers.records) == 1:
            record = self._as_known(answers.records[0])
            open_names = [name for name in FIELDS if getattr(query, name) is None]
            self.left = Left(record, tuple(n for n in open_names if n != "id" or record.id))
        for record in answers.records:
            yield self._has(call, record, query)
        if answers.none:
            yield _none(call)
        if answers.refusal:
            yield Option(REFUSED, call.refused)

    def find_by_id(self, call: Call) -> Iterator[Option]:
        id = self._id(call)
        record = None if id is None else self._model.find_by_id(id)
        yield _none(call) if record is None else self._has(call, record, Record())

    def delete(self, call: Call) -> Iterator[Option]:
        known = self._model.delete(self._id(call))
        yield Option(NOT_RAISED, not _raised(call))
        if not known:
            yield Option(REFUSED, call.refused)

    def listing(self, call: Call) -> Iterator[Option]:
        stored = [self._as_known(each) for each in self._model.records.values()]
        yield Option(_lists(stored), _is_listed(call.answer, stored))

    def clear(self, call: Call) -> Iterator[Option]:
        self._model.clear()
        yield Option(NOT_RAISED, not _raised(call))

    def _id(self, call: Call) -> str | None:
        """The id that a call is about; raises `Open` where that is no text and not None."""
        (said,) = call.arguments
        if said == "None":
            return None
        for id in self._model.records:
            if said == repr(id):
                return id
        text = _text(said) if isinstance(said, str) else None
        if text is None and not str(said).startswith(("id", "'", '"')):
            raise Open
        return text

    def _as_known(self, record: Record) -> Record:
        """Without an id that nobody has told."""
        return record if self._ids.is_known(record.id) else record.but(id=None)

    def _has(self, call: Call, stored: Record, query: Record) -> Option:
        """A token with the stored values, in the fields that the query leaves open."""
        stored = self._as_known(stored)
        names = [
            name
            for name in FIELDS
            if getattr(query, name) in (None, getattr(stored, name))
            and (name != "id" or stored.id is not None)
        ]
        open_names = [name for name in names if getattr(query, name) is None]
        return _has("answer", call.answer, stored, names, open_names)


class _FiveMethods:
    """The oracle of `zcrmsdk`, and the answers that it accepts."""

    USED: Final = ("access_token", "expires_in", "refresh_token")
    """What the SDK takes from a token that was found."""

    def __init__(self, door: Door, ids: _Ids) -> None:
        self._door = door
        self._model = zcrmsdk.Model()
        self.left = Left()

    def save(self, call: Call, new_id: str) -> Iterator[Option]:
        login = self._login(call)
        if login is None:
            return
        old = self._only_match(login)
        carried = dict(login.items())
        if not {"user", "client_id", "access_token", "refresh_token"} <= carried.keys():
            raise Open  # whether an update keeps what the new token leaves out is open
        if old is not None and not dict(old.items()).keys() <= carried.keys():
            raise Open
        self._model.save(login)
        token = call.arguments[-1]
        assert isinstance(token, Record)
        self.left = Left(token, tuple(name for name, _ in token.items() if name != "id"))
        yield Option(NOT_RAISED, not _raised(call))

    def find(self, call: Call) -> Iterator[Option]:
        query = self._login(call)
        if query is None:
            raise Open
        record = self._only_match(query)
        yield _none(call) if record is None else self._has(call, record)

    def find_by_id(self, call: Call) -> Iterator[Option]:
        id = _text(str(call.arguments[0]))
        records = [each for each in self._model.records if each.id == id]
        if id is None or len(records) > 1:
            raise Open
        if records:
            yield self._has(call, records[0])
        else:
            yield _none(call)
            yield Option(REFUSED, call.refused)

    def delete(self, call: Call) -> Iterator[Option]:
        token = call.arguments[-1]
        if not isinstance(token, Record):
            return
        known = self._only_match(token) is not None
        self._model.delete(token)
        yield Option(NOT_RAISED, not _raised(call))
        if not known:
            yield Option(REFUSED, call.refused)

    def listing(self, call: Call) -> Iterator[Option]:
        stored = [self._door.comparable(each) for each in self._model.records]
        listed = call.answer
        if isinstance(listed, tuple):
            listed = tuple(
                self._door.comparable(each) if isinstance(each, Record) else each for each in listed
            )
        yield Option(_lists(stored), _is_listed(listed, stored))

    def clear(self, call: Call) -> Iterator[Option]:
        self._model.clear()
        yield Option(NOT_RAISED, not _raised(call))

    def _login(self, call: Call) -> Record | None:
        """What is saved or looked for: the user and the token; None for what is no token."""
        if len(call.arguments) != 2:
            return None
        user, token = call.arguments
        if not isinstance(token, Record):
            return None
        if not (isinstance(user, str) and user.startswith("user(")):
            raise Open
        return token.but(user=_text(user[len("user(") : -1]))

    def _only_match(self, token: Record) -> Record | None:
        """The record that a token identifies, where nothing in it is of another one."""
        found = [each for each in self._model.records if zcrmsdk.matches(each, token)]
        by_refresh = token.without("grant_token")
        if token.refresh_token is not None:
            found += [each for each in self._model.records if zcrmsdk.matches(each, by_refresh)]
        if len(set(found)) > 1:
            raise Open
        return found[0] if found and zcrmsdk.matches(found[0], token) else None

    def _has(self, call: Call, stored: Record) -> Option:
        return _has("answer", call.answer, stored, list(self.USED), list(self.USED))


def _has(
    name_of_it: str, answer: Said, stored: Record, names: list[str], telling: list[str]
) -> Option:
    """A token with the stored values: in the fields that are wrong, else in those that tell it."""
    if isinstance(answer, Record):
        names = [name for name in names if getattr(answer, name) != getattr(stored, name)]
        if not names:
            return Option("", given=True)
    else:
        told = [name for name in telling if getattr(stored, name) is not None]
        names = [name for name in told if name in TELLING] or told
    fields = "".join(f", {name}={getattr(stored, name)!r}" for name in names)
    return Option(f"has({name_of_it}{fields})", given=False)


def _lists(stored: list[Record]) -> str:
    return f"lists({', '.join(['answer', *map(str, stored)])})"


def _is_listed(answer: Said, stored: list[Record]) -> bool:
    """Whether just these are listed, in any order; an id that is None is any id.

    Raises `Open` where the answer is no list of tokens, but not what a script would know as that.
    """
    if not isinstance(answer, tuple):
        if answer == "None" or answer.startswith("raised "):  # type: ignore[union-attr]
            return False
        raise Open
    missing = list(stored)
    for each in answer:
        if not isinstance(each, Record):
            return False
        fits = (one for one in missing if each == one or each.but(id=None) == one)
        found = next(fits, None)
        if found is None:
            return False
        missing.remove(found)
    return not missing
