"""What a script asserts about the call that shows the fault: that the oracle accepts its answer.

The calls of a failure are made again on the oracle. If the oracle does not accept the store's last
answer, the script asserts one that it accepts, and needs nothing from the kit. The same holds for
the answer before it, since a check may look into the store before it judges an answer, and in some
clauses for the token that a call was given.

Otherwise the fault shows in something else (a type, two threads, a file), or the contract leaves
the answer open. Then there is no assertion.
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
"""The call that shows the fault is among this many of the last calls."""

ON_THE_TOKEN: Final = {
    "FIND-9": FIELDS,
    "FIND-12": FIELDS,
    "SAVE-10": ("id",),
    "SAVE-11": ("id",),
    "SAVE-13": ("id",),
    "SAVE-21": tuple(name for name in FIELDS if name != "id"),
    "SAVE-26": ("user",),
}
"""The clauses about the token that a call is given, and the fields that they are about."""


@dataclass(frozen=True)
class Asserted:
    """The calls, with variables in place of ids, and Python that is true if the store is right."""

    calls: tuple[Call, ...]
    code: str


def carried_over(door: Door, calls: Sequence[Call], clause: str) -> tuple[Call, ...]:
    """Return the calls with variables in place of the ids that the store made."""
    return claimed(door, calls, clause, "").calls


def claimed(door: Door, calls: Sequence[Call], clause: str, claim: str) -> Asserted:
    """Return the check's claim about these calls, with variables in place of ids."""
    ids = Ids()
    oracle = _oracle(door, ids, clause)
    carried = []
    for number, call in enumerate(calls):
        carried.append(ids.carried(call))
        if call.by_sdk:  # the script does not make it, so it learns no id from it
            carried[-1] = replace(carried[-1], made_id="")
        with suppress(Open):
            oracle.accepted(carried[-1], f"id{number}")
    code = re.sub(r"\bid='([^']*)'", lambda found: f"id={ids.of(found[1])!r}", claim)
    return Asserted(tuple(carried), code)


def _oracle(door: Door, ids: Ids, clause: str) -> SixMethods | FiveMethods:
    return (SixMethods if door.makes_ids else FiveMethods)(door, ids, clause)


def asserted(door: Door, calls: Sequence[Call], clause: str) -> Asserted | None:
    """Return what to assert about which calls; None if the answers do not show the fault."""
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
    """Return Python that is true if the call ends in one of these ways; "" if it already did."""
    options = list(options)
    if any(each.given for each in options):
        return ""
    return " or ".join(dict.fromkeys(each.code for each in options))


def _token_now(door: Door, ids: Ids, call: Call) -> Record | None:
    """Return the token that a call was given, as it is now; None if there is none to read."""
    try:
        now = ids.read(door.written(call.given[-1])) if call.given else None
    except Unreadable:
        return None
    return now if isinstance(now, Record) else None


def _of_the_token(token: str, now: Record | None, left: Left, clause: str) -> list[Option]:
    """Return what to assert about the token that the call was given."""
    names = [name for name in left.names if name in ON_THE_TOKEN.get(clause, ())]
    if now is None or not names:
        return []
    if left.record.id is None and clause == "SAVE-10":
        return [Option(f"text(read({token})['id']) is not None", given=now.id is not None)]
    return [has(token, now, left.record, names)]
