"""ISO: no token outside the store is the store's own copy."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import ANNA, BERT, BY_ACCESS, LATER
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

CHANGED = Record(
    id="changed",
    user="changed",
    client_id="changed",
    client_secret="changed",
    refresh_token="changed",
    access_token="changed",
    grant_token="changed",
    expires_in="1",
    redirect_url="https://changed.example",
    api_domain="https://api.changed.example",
)


IDENTIFYING: Final = ("id", "user")
"""With these fields, a store that keeps the token itself may know which record it belongs to."""


@check("ISO-1", generation="zohocrmsdk")
def holds_a_copy_of_what_was_saved(store: Subject) -> None:
    """Changing a token after it was saved changes nothing in the store."""
    for record, changed in product((ANNA, BY_ACCESS), (CHANGED, CHANGED.without(*IDENTIFYING))):
        store.fresh().given(record)

        store = store.fresh()
        store.change(store.save(record), changed)
        _still_holds(store, record, "the saved token was changed")
        _is_still_found_by_id(store, "the saved token was changed")

        store.change(store.save(record.but(expires_in=LATER)), changed)
        _still_holds(store, record.but(expires_in=LATER), "the token of an update was changed")


@check("ISO-2", generation="zohocrmsdk")
def gives_away_copies(store: Subject) -> None:
    """Changing a token that was found or listed changes nothing in the store, and nothing in the
    answer to another call.
    """
    anna, bert = store.given(ANNA, BERT)
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("get_tokens", ()),
        *([("find_token_by_id", (anna.id,))] if anna.id is not None else []),
        *(("find_token", (query,)) for query in keys_of(ANNA).values()),
    ]
    for method, arguments in calls:
        kept = _tokens(store, method, arguments)
        before = [store.read_whole(token) for token in kept]
        for token in _tokens(store, method, arguments):
            _spoil(store, token)

        contents.holds(store, anna, bert)
        for token, earlier in zip(kept, before, strict=True):
            if store.read_whole(token) != earlier:
                raise ClauseFailed(
                    f"the token from an earlier {method}, unchanged: {earlier}",
                    f"{store.read_whole(token)}, after a token from a later call was changed",
                )

    listed = store.answer("get_tokens")
    if isinstance(listed, list):
        store.empty(listed)
        contents.holds(store, anna, bert)


def _tokens(store: Subject, method: str, arguments: tuple[Any, ...]) -> list[Any]:
    built = [store.door.build(each) if isinstance(each, Record) else each for each in arguments]
    answer = store.answer(method, *built)
    if answer is None:
        raise ClauseFailed(f"the token from {method}", "None")
    if method != "get_tokens":
        return [answer]
    return store.elements(answer)


def _spoil(store: Subject, token: Any) -> None:
    store.change(token, CHANGED)


def _still_holds(store: Subject, record: Record, after: str) -> None:
    listed = [each.but(id=None) for each in store.records()]
    if listed != [record]:
        raise ClauseFailed(f"the record as it was saved, after {after}: {record}", _list(listed))
    for way, query in keys_of(record).items():
        found = store.find(query)
        expect.identifies(
            found and found.but(id=None),
            record,
            query,
            what=f"the token found by {way} after {after}",
        )


def _is_still_found_by_id(store: Subject, after: str) -> None:
    for stored in store.records():
        found = None if stored.id is None else store.find_by_id(stored.id)
        if found is not None:  # else BYID-1 is about that
            what = f"the token of the id after {after}"
            expect.identifies(found, stored, stored.only("id"), what=what)


def _list(records: list[Record]) -> str:
    return " and ".join(map(str, records)) or "no record"
