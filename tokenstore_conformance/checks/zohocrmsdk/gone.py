"""Look for records that were deleted."""

from __future__ import annotations

from collections.abc import Iterator

from tokenstore_conformance.checks.samples import UNKNOWN_IDS
from tokenstore_conformance.checks.zohocrmsdk.samples import UNKNOWN, keys_of
from tokenstore_conformance.failures import ClauseFailed, Fault, Raised
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.oracle.zohocrmsdk import differences
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome


def not_found(store: Subject, gone: Record) -> None:
    """Check that no key finds the deleted record. FIND-6 is about a key that finds another one."""
    for method, query in _lookups(gone):
        outcome = _ask(store, method, query)
        if outcome.error is not None and not _always_raises(store, method, query):
            raise ClauseFailed(
                f"None from {method} for a deleted token",
                f"the exception {describe(outcome.error)}",
                outcome.error,
                fault=Fault(Raised.by(method, outcome.error)),
            )
        answer = outcome.value
        if not isinstance(answer, store.door.token_type):
            continue
        found = store.read_whole(answer)
        if not differences(gone, found, query):
            raise ClauseFailed(f"no deleted token from {method}", str(found))


def look_up(store: Subject, record: Record) -> None:
    """Ask for a record by all its keys and its id, so that a cache has it."""
    for method, query in _lookups(record):
        _ask(store, method, query)


def _lookups(record: Record) -> Iterator[tuple[str, Record]]:
    yield from (("find_token", query) for query in keys_of(record).values())
    if record.id is not None:
        yield "find_token_by_id", record.only("id")


def _ask(store: Subject, method: str, query: Record) -> Outcome:
    argument = store.door.build(query) if method == "find_token" else query.id
    return store.attempt(method, argument)


def _always_raises(store: Subject, method: str, query: Record) -> bool:
    """Whether the method also raises for unknown records. FIND-6 and BYID-2 are about that."""
    unknown = [Record(id=UNKNOWN_IDS[0])]
    if method == "find_token":
        fields = [name for name, _ in query.items()]
        unknown = [each for each in UNKNOWN.values() if [n for n, _ in each.items()] == fields]
    calls = len(store.calls)
    raises = any(_ask(store, method, each).error is not None for each in unknown)
    store.calls.set_aside(calls)
    return raises
