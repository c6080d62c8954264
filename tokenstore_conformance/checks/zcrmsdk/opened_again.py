"""What a store holds when it is opened again over the same storage, as after a restart."""

from __future__ import annotations

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.other_stores import opened_again
from tokenstore_conformance.checks.zcrmsdk.samples import KEPT
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt


def is_durable(store: Subject) -> bool:
    """Whether a store keeps its plain logins when it is opened again. DUR-1 is about that."""
    before = len(store.calls)
    try:
        again = opened_again(store)
        return again is not None and set(_kept(again)) == set(_kept(store)) != set()
    except ClauseFailed:
        return False
    finally:
        store.calls.set_aside(before)


def must_hold(store: Subject) -> None:
    """Check that a durable store lists the same when opened again, whatever is in its tokens."""
    expected = _kept(store)
    try:
        again = store.reopened()
    except NotBuilt as failure:
        raise ClauseFailed(
            "a store that can be opened again over these tokens",
            f"the exception {describe(failure.error)}",
            failure.error,
        ) from failure
    try:
        contents.are(_kept(again), *expected)
    except ClauseFailed as failure:
        raise failure.within("in a store that was opened again, ") from failure


def _kept(store: Subject) -> list[Record]:
    return [each.only(*KEPT) for each in store.records()]
