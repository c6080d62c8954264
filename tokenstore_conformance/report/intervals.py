"""A concurrent history as text: a line for each call, with its thread, interval and answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from tokenstore_conformance.history import History
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.records import FIELDS, Record, shortened

SWITCHES: Final = 6
"""At most this many switches are shown; the JSON report has them all."""


def as_lines(history: History) -> list[str]:
    """Return the switches, then the calls as intervals."""
    switches = [each.of(history.callers) for each in history.switches[:SWITCHES]]
    if len(history.switches) > SWITCHES:
        switches.append(f"... and {len(history.switches) - SWITCHES} more switches")
    return [*switches, *drawn(history.operations, history.stored, history.callers).splitlines()]


def drawn(
    history: Iterable[Operation], stored: Iterable[Record] = (), callers: str = "thread"
) -> str:
    """Return the history as text: what was ``stored`` at first, then a line for each call, with
    its thread, its interval and its answer.

    A record is shown by its id, its user, and the other fields that tell it apart in this history.
    """
    at_first = tuple(stored)
    operations = sorted(history, key=lambda operation: operation.invoked)
    moments = sorted({m for o in operations for m in (o.invoked, o.returned) if m is not None})
    column = {moment: 2 * i for i, moment in enumerate(moments)}
    width = 2 * len(moments) + 1
    telling = telling_fields([*at_first, *itertools.chain(*map(records_of, operations))])
    lines = [f"at first {shown(at_first, telling)}"]
    for operation in operations:
        start = column[operation.invoked]
        end = width if operation.returned is None else column[operation.returned]
        bar = " " * start + "[" + "=" * (end - start - 1) + ("]" if end < width else ">")
        argument = "" if operation.argument == () else shown(operation.argument, telling)
        call = f"{operation.call}({argument})"
        answer = _answer(operation, telling)
        lines.append(f"{_name(operation.thread, callers)} {bar:<{width + 1}} {call} {answer}")
    return "\n".join(lines)


def _name(thread: int, callers: str) -> str:
    name = f"{callers} {thread + 1}"
    return "after".ljust(len(name)) if thread == MAIN_THREAD else name


def _answer(operation: Operation, telling: Sequence[str]) -> str:
    if operation.error is not None:
        return f"raised {operation.error}"
    if operation.returned is None:
        return "had not returned"
    return f"-> {shown(operation.result, telling)}"


def shown(value: object, telling: Sequence[str]) -> str:
    """Return an argument or an answer as text, with only the telling fields of its records."""
    if isinstance(value, Record):
        return shortened(str(value.only(*telling)))
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(item, telling) for item in value) + "]"
    return repr(value)


def telling_fields(records: Sequence[Record]) -> list[str]:
    """Return the fields that tell the records of a user apart, no more than needed. The expiry is
    one of them if a user has several expiries, since a store may go by it. The access token is one
    of them if a record has neither id nor user.
    """
    telling = ["id", "user"]
    if not all(record.id or record.user for record in records):
        telling.append("access_token")
    for name in ("access_token", *FIELDS):
        others = telling[1:2] if name == "expires_in" else telling[1:]
        if name not in telling and not any(_follows(name, other, records) for other in others):
            telling.append(name)
    return telling


def records_of(operation: Operation) -> list[Record]:
    """Return the records that a call was given, and those in its answer."""
    answered = operation.result if isinstance(operation.result, tuple) else (operation.result,)
    return [each for each in (operation.argument, *answered) if isinstance(each, Record)]


def _follows(name: str, other: str, records: Iterable[Record]) -> bool:
    """Whether records of a user that agree in field ``other`` also agree in field ``name``."""
    seen: dict[tuple[object, object], object] = {}
    return all(
        seen.setdefault((record.user, getattr(record, other)), getattr(record, name))
        == getattr(record, name)
        for record in records
        if getattr(record, name) is not None and getattr(record, other) is not None
    )
