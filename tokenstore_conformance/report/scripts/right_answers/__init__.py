"""The answers that the oracle accepts, each as Python that a script asserts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tokenstore_conformance.failures import NOT_RAISED, Call, Said
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.scripts.carried import Carried, Ids
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.keys import TELLING

REFUSED: Final = "isinstance(answer, SDKException)"
NONE: Final = "answer is None"


class Option(NamedTuple):
    """An answer that the contract accepts, as Python, and whether the store gave it."""

    code: str
    given: bool


@dataclass(frozen=True)
class Left:
    """What the token that a call was given must look like afterwards, in the fields ``names``."""

    record: Record = field(default_factory=Record)
    names: tuple[str, ...] = ()


class Open(Exception):
    """The contract, or what is known about the calls, does not say what the answer must be."""


class Oracle:
    """What the oracles of both generations share."""

    def __init__(self, door: Door, ids: Ids, clause: str) -> None:
        self._door = door
        self._ids = ids
        self._clause = clause
        self.left = Left()
        """What the oracle says that the token of the last call must look like afterwards."""

    def accepted(self, call: Call, new_id: str) -> list[Option]:
        """Return the ways in which a call may end; none if nothing is asked. Raises `Open`."""
        self.left = Left()
        if call.statement or call.moves_the_clocks or call.is_step:
            return []
        if call.is_opening:
            return [Option(NOT_RAISED, given=not raised(call))]
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
        """Return the option that the call raises nothing, or for SHAPE-3 that it returns None."""
        if self._clause == "SHAPE-3":
            return Option(NONE, given=call.answer == "None")
        return Option(NOT_RAISED, given=not raised(call))

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


def has(
    name_of_it: str,
    answer: Said,
    stored: Record,
    names: Iterable[str],
    telling: Iterable[str] | None = None,
) -> Option:
    """Return the option that the answer is a token with the stored values.

    The script compares the fields that are wrong. If the answer is no token, it compares those of
    ``names`` or ``telling`` that tell a token apart.
    """
    names = list(names)
    if isinstance(answer, Record):
        names = [name for name in names if getattr(answer, name) != getattr(stored, name)]
    else:
        told = names if telling is None else list(telling)
        told = [name for name in told if getattr(stored, name) is not None]
        names = [name for name in told if name in TELLING] or told
    fields = "".join(f", {name}={getattr(stored, name)!r}" for name in names)
    return Option(f"has({name_of_it}{fields})", given=isinstance(answer, Record) and not names)


def lists(call: Call, answer: Said, stored: list[Record]) -> Option:
    """Return the option that just these are listed, in any order, each with an id of its own.

    An id that is None stands for any id.
    """
    code = f"lists({', '.join(['answer', *map(str, stored)])})"
    return Option(code, given=_is_listed(call, answer, stored))


def includes(answer: Said, stored: list[Record]) -> Option:
    """Return the option that these are listed, perhaps with others. An id of None is any id."""
    listed = answer if isinstance(answer, tuple) else ()
    shown = [each for each in listed if isinstance(each, Record)]
    shown += [each.but(id=None) for each in shown]
    code = f"includes({', '.join(['answer', *map(str, stored)])})"
    return Option(code, given=all(each in shown for each in stored))


def _is_listed(call: Call, answer: Said, stored: list[Record]) -> bool:
    if not isinstance(answer, tuple):
        if isinstance(call.returned, list):
            raise Open  # it is of a subclass of list
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


def raised(call: Call) -> bool:
    return isinstance(call.answer, str) and call.answer.startswith("raised ")
