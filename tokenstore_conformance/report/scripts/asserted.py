"""What a script asserts of the call that shows the fault: that it is answered as the oracle does.

The calls of a failure are made once more on the oracle. If the store's last answer is none that the
oracle accepts, an accepted one can be written as Python, and the script needs nothing of the kit.
The same holds for the answer before, which a check may judge after it has looked into the store,
and in some clauses for the token that a call was given.

Otherwise the fault shows in something else (a type, two threads, a file), or the contract leaves
the answer open: then there is no assertion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from tokenstore_conformance.failures import Call
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.report.scripts.carried import Ids
from tokenstore_conformance.report.scripts.right_answers import Left, Open, Option, has
from tokenstore_conformance.report.scripts.right_answers.zcrmsdk import FiveMethods
from tokenstore_conformance.report.scripts.right_answers.zohocrmsdk import SixMethods
from tokenstore_conformance.sdk import Door, Unreadable

JUDGED: Final = 2
"""The call that shows the fault is one of the last, at most this many from the end."""

ON_THE_TOKEN: Final = {
    "FIND-9": FIELDS,
    "FIND-12": FIELDS,
    "SAVE-10": ("id",),
    "SAVE-11": ("id",),
    "SAVE-13": ("id",),
    "SAVE-21": tuple(name for name in FIELDS if name != "id"),
    "SAVE-26": ("user",),
}
"""The clauses about the token that a call is given, and which of its fields they are about."""


@dataclass(frozen=True)
class Asserted:
    """The calls, with ids carried over, and what is true of the last one on a right store."""

    calls: tuple[Call, ...]
    code: str


def carried_over(door: Door, calls: Sequence[Call], clause: str) -> tuple[Call, ...]:
    """The calls with variables in place of the ids that the store made."""
    return claimed(door, calls, clause, "").calls


def claimed(door: Door, calls: Sequence[Call], clause: str, claim: str) -> Asserted:
    """A claim of the check about these calls, with variables in place of ids."""
    ids = Ids()
    oracle = _oracle(door, ids, clause)
    carried = []
    for number, call in enumerate(calls):
        carried.append(ids.carried(call))
        if call.by_sdk:  # the script does not make it, so it learns no id by it
            carried[-1] = replace(carried[-1], made_id="")
        with suppress(Open):
            oracle.accepted(carried[-1], f"id{number}")
    code = re.sub(r"\bid='([^']*)'", lambda found: f"id={ids.of(found[1])!r}", claim)
    return Asserted(tuple(carried), code)


def _oracle(door: Door, ids: Ids, clause: str) -> SixMethods | FiveMethods:
    return (SixMethods if door.makes_ids else FiveMethods)(door, ids, clause)


def asserted(door: Door, calls: Sequence[Call], clause: str) -> Asserted | None:
    """What to assert of which calls; None where the answers do not show the fault."""
    ids = Ids()
    oracle = _oracle(door, ids, clause)
    carried: list[Call] = []
    wanted: list[tuple[list[Option], Left]] = []
    try:
        for number, call in enumerate(calls):
            carried.append(ids.carried(call))
            options = oracle.accepted(carried[-1], f"id{number}")
            wanted.append((options, oracle.left))
    except Open:
        return None
    for number in range(len(calls))[: -JUDGED - 1 : -1]:
        options, left = wanted[number]
        code = _code(options)
        if not code:
            now = _token_now(door, ids, calls[number])
            code = _code(_of_the_token(f"token{number}", now, left, clause))
        if code:
            return Asserted(tuple(carried[: number + 1]), code)
    return None


def _code(options: Iterable[Option]) -> str:
    """Python that is true where the call ended in one of these ways; "" where it did."""
    options = list(options)
    if any(each.given for each in options):
        return ""
    return " or ".join(dict.fromkeys(each.code for each in options))


def _token_now(door: Door, ids: Ids, call: Call) -> Record | None:
    """The token that a call was given, as it is now; None where it was given none."""
    try:
        now = ids.read(door.written(call.given[-1])) if call.given else None
    except Unreadable:
        return None
    return now if isinstance(now, Record) else None


def _of_the_token(token: str, now: Record | None, left: Left, clause: str) -> list[Option]:
    """What is to be asserted of the token that the last call was given."""
    names = [name for name in left.names if name in ON_THE_TOKEN.get(clause, ())]
    if now is None or not names:
        return []
    if left.record.id is None and clause == "SAVE-10":
        return [Option(f"text(read({token})['id']) is not None", given=now.id is not None)]
    return [has(token, now, left.record, names)]
