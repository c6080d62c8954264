"""SHAPE: what the SDK can call at all."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import ANNA, LATER
from tokenstore_conformance.failures import ClauseFailed, NotApplicable
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt


@check("SHAPE-1", touches_nothing=True)
def is_a_token_store(store: Subject) -> None:
    if not isinstance(store.raw, store.door.store_type):
        kind = type(store.raw)
        raise ClauseFailed(
            "an instance of the SDK's TokenStore: derive the class from it",
            f"{kind.__module__}.{kind.__qualname__}, which is not derived from it",
        )


@check("SHAPE-2", touches_nothing=True)
def has_the_methods(store: Subject) -> None:
    if store.unusable:
        raise ClauseFailed(
            "the six methods, callable with the SDK's arguments",
            "; ".join(store.unusable.values()),
        )


@check("SHAPE-3")
def returns_none(store: Subject) -> None:
    insert = store.door.build(ANNA)
    expect.returned_none(store.attempt("save_token", insert), "save_token", store)
    update = store.door.build(ANNA.but(expires_in=LATER))
    expect.returned_none(store.attempt("save_token", update), "save_token", store)

    for id in [*store.ids(), "no-such-id"]:
        expect.returned_none(store.attempt("delete_token", id), "delete_token", store)
    store.attempt("save_token", store.door.build(ANNA))
    expect.returned_none(store.attempt("delete_tokens"), "delete_tokens", store)


@check("SHAPE-4")
def is_constructed_again(store: Subject) -> None:
    construct_again(store, "an empty storage")
    store.given(ANNA)
    construct_again(store, "a storage that holds a token")

    expect.holds(store, ANNA)


def construct_again(store: Subject, over: str) -> None:
    """A second store can be built over the storage, while the first is open."""
    try:
        store.reopened()
    except NotBuilt as failure:
        got = f"raised {describe(failure.error)}"
        if not failure.in_store:
            raise NotApplicable(
                f"cannot be checked: what the target does around the store, the second time, {got}"
            ) from failure
        raise ClauseFailed(
            f"a second store over {over}, while the first is open", got, failure.error
        ) from failure
