"""The oracle as a step of the linearizability search.

A state is the set of stored records. If a save does not tell the id of the record that it inserts,
the record gets a placeholder as its id. The first answer that shows the record settles the id. If
an answer could be right in several ways, every way is a next state: the search never blames a
store for what was not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.oracle.linearizability import Operation
from tokenstore_conformance.oracle.zohocrmsdk import Model, Refused, accepts
from tokenstore_conformance.records import Record

Records = frozenset[Record]
NOTHING_STORED: Final[Records] = frozenset()
PLACEHOLDER: Final = "\0id not told yet "
"""The beginning of a record's id until an answer has shown the real one."""


def token_store_step(state: Records, operation: Operation) -> Iterator[Records]:
    """Yield what may be stored after a call, given its answer; nothing if the answer is wrong.

    The answer to ``save(Record)`` is the id that the store set on the token, or None; to
    ``find(Record)`` and ``find_by_id(id)`` a Record or None; to ``get_tokens()`` a tuple of
    Records; to ``delete(id)`` and ``clear()`` anything.
    """
    if operation.call == "clear":
        yield NOTHING_STORED
    elif operation.call == "delete":
        yield from _after_delete(state, operation)
    elif operation.call == "save":
        yield from _after_save(state, operation)
    elif not operation.indeterminate:
        yield from _READS[operation.call](state, operation)


def _after_delete(state: Records, operation: Operation) -> Iterator[Records]:
    yield frozenset(record for record in state if record.id != operation.argument)
    for record in filter(_is_unsettled, state):
        yield state - {record}


def _after_save(state: Records, operation: Operation) -> Iterator[Records]:
    token = operation.argument
    assert isinstance(token, Record)
    told = None if operation.indeterminate else operation.result or None
    model = _model(state)
    older = model.updated_by_save(token)
    if older is not None and _is_unsettled(older) and told is not None:
        for settled in _settled(state, older, told):
            yield from _after_save(settled, operation)
        return
    try:
        stored = model.save(token, str(told or f"{PLACEHOLDER}{operation.invoked}"))
    except Refused:
        return
    taken = older is None and any(record.id == stored.id for record in state)
    if told in (None, stored.id) and not taken:
        yield frozenset(model.records.values())


def _after_find(state: Records, operation: Operation) -> Iterator[Records]:
    query = operation.argument
    assert isinstance(query, Record)
    answers = _model(state).find(query)
    if operation.result is None and answers.none:
        yield state
    for record in answers.records:
        yield from _if_shown(state, record, operation.result, query)


def _after_find_by_id(state: Records, operation: Operation) -> Iterator[Records]:
    holders = [record for record in state if record.id == operation.argument]
    if operation.result is None and not holders:
        yield state
    for record in holders or filter(_is_unsettled, state):
        yield from _if_shown(state, record, operation.result, Record())


def _if_shown(state: Records, record: Record, found: object, query: Record) -> Iterator[Records]:
    """Yield the state if ``found`` is a right answer for this record, with its id settled."""
    if isinstance(found, Record):
        if not _is_unsettled(record) and accepts(record, found, query):
            yield state
        elif _is_unsettled(record) and accepts(record.but(id=found.id), found, query):
            yield from _settled(state, record, found.id)


def _settled(state: Records, unsettled: Record, id: object) -> Iterator[Records]:
    """Yield the state with this id instead of the placeholder, unless another record has it."""
    if id and all(record.id != id for record in state):
        yield state - {unsettled} | {unsettled.but(id=str(id))}


def _after_get_tokens(state: Records, operation: Operation) -> Iterator[Records]:
    listed = operation.result
    assert isinstance(listed, tuple)
    ids = {record.id for record in listed if record.id}
    known = {record for record in state if not _is_unsettled(record)}
    expected = Counter(record.without("id") for record in state - known)
    others = Counter(record.without("id") for record in set(listed) - known)
    if len(ids) == len(listed) and known <= set(listed) and others == expected:
        yield frozenset(listed)


def _is_unsettled(record: Record) -> bool:
    return record.id is not None and record.id.startswith(PLACEHOLDER)


def _model(state: Records) -> Model:
    model = Model()
    model.records = {record.id: record for record in state if record.id is not None}
    return model


_READS: Final = {
    "find": _after_find,
    "find_by_id": _after_find_by_id,
    "get_tokens": _after_get_tokens,
}
