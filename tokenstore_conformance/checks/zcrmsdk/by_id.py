"""BYID: what get_token_by_id returns, in the lines 2.0 and 2.1."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.samples import UNKNOWN_IDS
from tokenstore_conformance.checks.texts import hostile
from tokenstore_conformance.checks.zcrmsdk.samples import LATER, TO_USE, carries, login
from tokenstore_conformance.failures import ClauseFailed, NotApplicable
from tokenstore_conformance.subject import Subject


def must_know_ids(store: Subject) -> None:
    """Raise `NotApplicable` in the lines 3.x, where stores do not find tokens by id."""
    if not store.door.by_id:
        raise NotApplicable("this line of the SDK has no get_token_by_id")


@check("BYID-1", generation="zcrmsdk")
def finds_by_id(store: Subject) -> None:
    """The store finds a token by its id and returns it complete. In zcrmsdk this binds the lines
    2.x, and the token also has its id and its client secret.
    """
    must_know_ids(store)
    records = [login(store, name) for name in ("anna", "bert")]
    for record in (*records, *(each.but(expires_in=LATER) for each in records)):
        store.save(record)
        names = (*TO_USE, "id", "client_id", "client_secret", "grant_token")
        carries(store.find_by_id(record.id), record, names, "found by its id")


@check("BYID-4")
def misses_an_unknown_id(store: Subject) -> None:
    """For an unknown id get_token_by_id returns None or raises SDKException. It returns no other
    record and raises nothing else. This binds the lines 2.x.
    """
    must_know_ids(store)
    for record in (None, login(store, "anna")):
        if record is not None:
            store.given(record)
        for id in UNKNOWN_IDS:
            is_no_id(store, id)


def is_no_id(store: Subject, id: str) -> None:
    outcome = store.try_request(store.door.to_find_by_id(id))
    expect.silent_or_refused(outcome, store, what=f"no record has the id {id!r}")
    if outcome.error is None and outcome.value is not None:
        raise ClauseFailed(f"None: no record has the id {id!r}", str(store.read(outcome.value)))


@check("BYID-3", generation="zcrmsdk")
def hostile_ids_match_nothing(store: Subject) -> None:
    """An id matches only itself: not with quotes, SQL, wildcards, blanks or another letter case,
    and '01' is not '1'. In zcrmsdk this binds the lines 2.x.
    """
    must_know_ids(store)
    record = login(store, "anna")
    store.given(record)
    for id in hostile(str(record.id)):
        is_no_id(store, id)
