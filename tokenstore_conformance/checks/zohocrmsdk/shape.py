"""SHAPE-3: what the methods that write return."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.samples import ANNA, LATER
from tokenstore_conformance.subject import Subject


@check("SHAPE-3")
def returns_none(store: Subject) -> None:
    """save_token, delete_token and delete_tokens return None."""
    insert = store.door.build(ANNA)
    expect.returned_none(store.attempt("save_token", insert), "save_token", store)
    update = store.door.build(ANNA.but(expires_in=LATER))
    expect.returned_none(store.attempt("save_token", update), "save_token", store)

    for id in [*store.ids(), "no-such-id"]:
        expect.returned_none(store.attempt("delete_token", id), "delete_token", store)
    store.attempt("save_token", store.door.build(ANNA))
    expect.returned_none(store.attempt("delete_tokens"), "delete_tokens", store)
