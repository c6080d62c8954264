"""Tokens that are at the same place in memory, one after another: a store must not tell them apart
by `id`.

A program asks with a token, drops it, and asks for another user. CPython often makes the new token
where the old one was. So a cache by `id(token)` answers with the tokens of the previous user. For
the same reason, a save would update the record of the token that was there before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject

AT_ONCE: Final = 8
"""How many tokens ask for a user before all of them are dropped."""

BY_ID: Final = ": does the store use id(token) as a key? A later token can have the same id"

TRIES: Final = 500
"""How many tokens are made at most to get one where a dropped one was."""


def must_not_matter(store: Subject, one: Record, other: Record) -> None:
    """Check that no query finds the access token of another user, wherever it is in memory."""
    stored = store.given(one, other)
    users = {record.access_token: record.user for record in stored}
    places: set[int] = set()
    for record in (*stored, *stored):
        query = store.door.key(store.door.in_full(record))
        requests = [_made_at(partial(store.door.to_find, query), places) for _ in range(AT_ONCE)]
        for request in requests:
            found = store.read(store.request(request))
            if found is not None and users.get(found.access_token, record.user) != record.user:
                raise ClauseFailed(
                    f"with a new token, after others were dropped: the token of {record.user!r}",
                    f"the access token of {users[found.access_token]!r}{BY_ID}",
                )
        places = {id(each.token) for each in requests}
        store.drop_tokens()
        del request, requests  # last: otherwise an object of the kit takes their place


def must_not_matter_to_saves(store: Subject, one: Record, other: Record) -> None:
    """Check that a save of the other record leaves the one alone, wherever its token is in
    memory.
    """
    try:
        store.given(one, other)
    except CannotJudge:
        return  # other clauses are about that
    store = store.fresh()
    places: set[int] = set()
    for record in (one, other):
        requests = [_made_at(partial(store.door.to_save, record), places) for _ in range(AT_ONCE)]
        for request in requests:
            store.request(request)
        places = {id(each.token) for each in requests}
        store.drop_tokens()
        del request, requests  # last: otherwise an object of the kit takes their place
    try:
        contents.is_listed([each.but(id=None) for each in store.records()], one)
    except ClauseFailed as failure:
        raise failure.within("with new tokens, after others were dropped: ", but=BY_ID) from failure


def _made_at(make: Callable[[], Request], places: set[int]) -> Request:
    """Return the call, if possible with a token that is at one of these places in memory."""
    others = []
    for _ in range(TRIES if places else 1):
        request = make()
        if id(request.token) in places:
            break
        others.append(request)
    return request
