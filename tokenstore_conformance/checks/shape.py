"""SHAPE: what the SDK needs before it can call a store at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.samples import CROWD, EVERY_KIND, user_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.records import zoho_token
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt


@check("SHAPE-1", touches_nothing=True)
def is_a_token_store(store: Subject) -> None:
    """The store is an instance of the SDK's TokenStore."""
    if not isinstance(store.raw, store.door.store_type):
        kind, base = type(store.raw), store.door.store_type
        bases = ", ".join(map(_named, kind.__bases__))
        raise ClauseFailed(
            f"an instance of the SDK's TokenStore ({_named(base)}): derive the class from it",
            f"an instance of {_named(kind)}, whose base is {bases}",
        )


def _named(kind: type) -> str:
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


@check("SHAPE-2", touches_nothing=True)
def has_the_methods(store: Subject) -> None:
    """The store has all methods of the SDK's TokenStore, and they take the SDK's arguments by
    position.
    """
    if store.unusable:
        raise ClauseFailed(
            "the SDK's methods to be callable with its arguments",
            "; ".join(store.unusable.values()),
        )


@check("SHAPE-4")
def is_constructed_again(store: Subject) -> None:
    """A second store can be opened over the same storage while the first one is open, in any state
    of the storage: empty, with records, after delete_tokens, after a deletion, after an update, and
    with ids that callers chose. Opening it removes nothing.
    """
    anna = user_of(store.door, "anna")
    _construct_again(store, "an empty storage")
    store.given(anna)
    _construct_again(store, "a storage that holds a token")

    contents.holds(store, anna)

    for state, calls in STATES.items():
        again = store.fresh()
        calls(again)
        before = again.records()
        over = f"a storage in which {state}"
        _construct_again(again, over)
        try:
            contents.are(again.records(), *before)
        except ClauseFailed as failure:
            raise failure.within(f"after a second store was opened over {over}: ") from None


def _update(store: Subject) -> None:
    for nth in ("1", "2"):
        renewed = user_of(store.door, "anna").but(access_token=zoho_token(f"anna.access.{nth}"))
        store.try_request(store.door.to_save(store.door.in_full(renewed)))


def _delete(store: Subject) -> None:
    for record in store.given(*(user_of(store.door, name) for name in ("anna", "bert")))[:1]:
        store.try_request(store.door.to_delete(store.door.in_full(record)))


def _delete_and_save_again(store: Subject) -> None:
    _delete(store)
    anna = store.door.in_full(user_of(store.door, "anna"))
    store.try_request(store.door.to_save(anna))


def _clear(store: Subject) -> None:
    store.given(user_of(store.door, "anna"))
    store.attempt("delete_tokens")


def _choose_ids(store: Subject) -> None:
    for name, id in (("anna", "caller-1"), ("bert", "77")):
        chosen = store.door.in_full(user_of(store.door, name)).but(id=id)
        store.try_request(store.door.to_save(chosen))


def _share(store: Subject) -> None:
    anna, bert = (user_of(store.door, name) for name in ("anna", "bert"))
    shared = anna.only("client_id", "refresh_token", "access_token", "grant_token")
    for record in (anna, bert.updated_by(shared)):
        store.try_request(store.door.to_save(store.door.in_full(record)))


def _have_every_kind(store: Subject) -> None:
    anna, bert = (store.door.in_full(user_of(store.door, name)) for name in ("anna", "bert"))
    of_one_user = (anna, bert.but(user=anna.user))  # in zcrmsdk every login has a user
    for record in EVERY_KIND if store.door.makes_ids else of_one_user:
        store.try_request(store.door.to_save(record))


def _have_several(store: Subject) -> None:
    """As in zcrmsdk, save two logins of a user at one client, and one with no refresh token."""
    anna = store.door.in_full(user_of(store.door, "anna"))
    again = {name: zoho_token(f"anna.second.{name}") for name in ("refresh_token", "grant_token")}
    for record in (anna, anna.but(access_token=zoho_token("anna.second"), **again)):
        store.try_request(store.door.to_save(record))
    alone = store.door.in_full(user_of(store.door, "dora")).but(refresh_token=None)
    store.try_request(store.door.to_save(alone))


def _are_many(store: Subject) -> None:
    for number in range(store.room_for(CROWD)):
        record = store.door.in_full(user_of(store.door, f"user{number}"))
        if store.try_request(store.door.to_save(record)).error is not None:
            return


STATES: Final[dict[str, Callable[[Subject], None]]] = {
    "a token was updated": _update,
    "a token was deleted": _delete,
    "a deleted token was saved again": _delete_and_save_again,
    "delete_tokens deleted all": _clear,
    "callers chose the ids": _choose_ids,
    "two users share their tokens": _share,
    "there are logins of every kind": _have_every_kind,
    "a user has logged in twice": _have_several,
    "there are many logins": _are_many,
}
"""What a program may have done before it is started again."""


def _construct_again(store: Subject, over: str) -> None:
    """Check that a second store can be built over the storage while the first is open."""
    try:
        store.reopened()
    except NotBuilt as failure:
        raise ClauseFailed(
            f"a second store over {over}, while the first is open",
            f"the exception {describe(failure.error)}",
            failure.error,
        ) from failure
