"""Whether the calls that a report has of a sequence show its failure, when they are made alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed, NotApplicable
from tokenstore_conformance.guard import limits
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt


def note_what_it_takes(store: Subject, failure: ClauseFailed) -> None:
    """A script makes all calls of the failure, if those without what the kit looked up for itself
    are answered in another way: a store may remember what it was asked.
    """
    calls, whole = list(store.calls), store.calls.whole()
    answer = None
    with suppress(CannotJudge, NotApplicable, NotBuilt, limits.Hung, limits.OutOfTime):
        answer = _last_answer(store.fresh(), calls)
    store.calls[:] = calls
    if answer != calls[-1].answer:
        failure.replayed = whole


def _last_answer(store: Subject, calls: Sequence[Call]) -> object:
    stores = {store.name: store}
    for call in calls:
        if not call.method:
            stores[call.store] = store.reopened()
            continue
        arguments = [
            store.door.build(said) if isinstance(said, Record) else given
            for said, given in zip(call.arguments, call.given, strict=True)
        ]
        stores[call.store].attempt(call.method, *arguments)
    return store.calls[-1].answer
