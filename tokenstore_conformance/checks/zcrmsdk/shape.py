"""SHAPE: what the SDK can call at all."""

from __future__ import annotations

from tokenstore_conformance.checks import shape
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import holds, login
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.subject import Subject

five("SHAPE-1", touches_nothing=True)(shape.is_a_token_store)


@five("SHAPE-2", touches_nothing=True)
def has_the_methods(store: Subject) -> None:
    if store.unusable:
        raise ClauseFailed(
            "the SDK's methods, callable with its arguments", "; ".join(store.unusable.values())
        )


@five("SHAPE-4")
def is_constructed_again(store: Subject) -> None:
    shape.construct_again(store, "an empty storage")
    store.given(login(store, "anna"))
    shape.construct_again(store, "a storage that holds a token")

    holds(store, login(store, "anna"))
