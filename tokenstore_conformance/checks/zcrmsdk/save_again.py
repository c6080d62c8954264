"""SAVE-20 and 22: a login that is saved again, and what is not stored."""

from __future__ import annotations

from typing import Any

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.zcrmsdk.samples import holds, login, without_grant
from tokenstore_conformance.subject import Subject


@check("SAVE-20", generation="zcrmsdk")
def saves_the_same_again(store: Subject) -> None:
    """Saving the same values again, as the same object or as an equal one, leaves one record and
    raises nothing.
    """
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    store.fresh().given(anna, bert)

    store = store.fresh()
    for record in (anna, bert):
        request = store.door.to_save(record)
        for _ in range(3):
            store.request(request)
        store.save(record)
    holds(store, anna, bert)


@check("SAVE-22", generation="zcrmsdk")
def keeps_nothing_else(store: Subject) -> None:
    """Saving something that is not an OAuthToken (None, a str, a dict) does not change the store.
    The store may ignore it or raise an exception.
    """
    anna = login(store, "anna")
    user = store.door.to_save(anna).arguments[0]
    for before in ((), (anna,)):
        store.given(*before)
        junk: tuple[Any, ...] = (None, "junk", {"access_token": "a"}, 42)
        for each in junk:
            listed = store.records()
            store.attempt("save_token", user, each)
            what = "a save of something that is not a token"
            contents.same_records(store, listed, after=what)
