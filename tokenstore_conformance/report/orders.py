"""What a concurrent call could have answered, over all orders of the calls around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.oracle.step import PLACEHOLDER, token_store_step
from tokenstore_conformance.oracle.zohocrmsdk import Model
from tokenstore_conformance.records import Record

State = frozenset[Record]

Answers = dict[object, tuple[Operation, ...]]
"""Each right answer, with an order of calls that gives it."""


def is_before(one: Operation, other: Operation) -> bool:
    """Whether one call had returned when the other was made."""
    return one.returned is not None and one.returned < other.invoked


def orders(calls: Sequence[Operation], last: Operation, stored: State) -> Answers:
    """Return what ``last`` could have answered, over all orders that fit the other answers."""
    found: Answers = {}
    determinate = {each.invoked for each in calls if not each.indeterminate}
    seen: set[tuple[frozenset[int], State, object]] = set()
    untried: list[tuple[tuple[Operation, ...], State, object]] = [((), stored, None)]
    while untried:
        order, state, answer = untried.pop()
        placed = frozenset(each.invoked for each in order)
        if (placed, state, answer) in seen:
            continue
        seen.add((placed, state, answer))
        if determinate <= placed:
            found.setdefault(answer, order)
            continue
        rest = [each for each in calls if each.invoked not in placed]
        for call in rest:
            if any(is_before(other, call) for other in rest):
                continue
            if call is not last:
                for after in sorted(token_store_step(state, call), key=_in_text):
                    untried.append(((*order, call), after, answer))
                continue
            for right in _right_answers(state, call):
                after = _after(state, call)
                untried.append(((*order, call), after, right))
    return dict(sorted(found.items(), key=lambda each: str(each[1])))


def _in_text(state: State) -> list[str]:
    """Return the sort key of a state: the order of a set differs from process to process."""
    return sorted(map(repr, state))


def _right_answers(state: State, call: Operation) -> Iterator[object]:
    model = Model()
    model.records = {str(record.id): record for record in state}
    if call.call == "get_tokens":
        yield tuple(sorted(map(_settled, state), key=str))
    elif call.call == "find" and isinstance(call.argument, Record):
        answers = model.find(call.argument)
        yield from map(_settled, answers.records)
        if answers.none:
            yield None
    elif call.call == "find_by_id":
        found = model.find_by_id(str(call.argument))
        yield None if found is None else _settled(found)
    else:
        yield None


def _after(state: State, call: Operation) -> State:
    """Return what is stored after a call that answers as it should."""
    if call.call not in ("save", "delete", "clear"):
        return state
    return min(token_store_step(state, replace(call, result=None)), key=_in_text, default=state)


def _settled(record: Record) -> Record:
    """Return the record, without its id if no answer has shown the id yet."""
    return record.without("id") if str(record.id).startswith(PLACEHOLDER) else record
