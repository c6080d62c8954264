"""FIND-21 and 22: what a token has in a field for which the store has no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.contents import has
from tokenstore_conformance.checks.samples import (
    ANNA,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CREDENTIALS,
    ONLY_ACCESS,
    ONLY_REFRESH,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.failures import ClauseFailed, named
from tokenstore_conformance.records import Record, is_blank
from tokenstore_conformance.subject import Subject

CARRIED = person("query").without("user", "grant_token")


@check("FIND-21")
def keeps_what_only_the_query_has(store: Subject) -> None:
    """If the store has no value for a field, the token that is found keeps the value that the query
    has.
    """
    store.given(ANNA, ONLY_REFRESH, ONLY_ACCESS, BY_ACCESS)
    for record, carried in (
        (ONLY_REFRESH, CARRIED),
        (ONLY_ACCESS, CARRIED),
        (BY_ACCESS, CARRIED.without(*CREDENTIALS)),  # with these, its access token is not a key
    ):
        query = carried.updated_by(record.only("user", "access_token"))
        own = query.without(*(name for name, _ in record.items()))
        token = store.door.build(query)
        answer = store.answer("find_token", token)
        if answer is None:
            continue  # FIND-1 and FIND-2 are about that
        for what, each in (("the token that is found", answer), ("the query", token)):
            kept = store.read_whole(each).only(*(name for name, _ in own.items()))
            if kept != own:
                wrong = own.only(*(n for n, value in own.items() if getattr(kept, n) != value))
                lost = kept.only(*(name for name, _ in wrong.items()))
                name = named(each, store.calls)
                raise ClauseFailed(
                    f"{what} with its own {wrong}, since none is stored",
                    str(lost),
                    claim=has(name, wrong) if name else "",
                )


@check("FIND-22")
def makes_up_no_signature(store: Subject) -> None:
    """A token whose record has no user name comes back without a user signature, from a find, by
    its id and in the list.
    """
    for record in store.given(BY_GRANT, BY_REFRESH, BY_ACCESS):
        for token, method in _answers(store, record):
            user = store.door.written(token).user
            if user is not None and is_blank(user):
                name = named(token, store.calls)
                raise ClauseFailed(
                    f"no user signature on the token from {method}: its record has no user name",
                    f"a signature with the name {user!r}",
                    claim=f"{name}.get_user_signature() is None" if name else "",
                )


def _answers(store: Subject, record: Record) -> Iterator[tuple[Any, str]]:
    """Yield the tokens that the store returns, each with the name of the method."""
    calls = [("find_token", store.door.build(query)) for query in keys_of(record).values()]
    if record.id is not None:
        calls.append(("find_token_by_id", record.id))
    answers = [(store.attempt(method, argument).value, method) for method, argument in calls]
    listed = store.elements(store.attempt("get_tokens").value)
    answers += [(token, "get_tokens") for token in listed]
    for token, method in answers:
        if isinstance(token, store.door.token_type):
            store.read_whole(token)
            yield token, method
