"""CLEAR: what delete_tokens leaves."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.samples import MANY
from tokenstore_conformance.checks.zcrmsdk.by_id import is_no_id
from tokenstore_conformance.checks.zcrmsdk.delete import finds_no_other, is_gone, look_up
from tokenstore_conformance.checks.zcrmsdk.samples import (
    LATER,
    TO_USE,
    carries,
    given,
    holds,
    login,
    queries,
    without_grant,
    without_refresh,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import zoho_token
from tokenstore_conformance.subject import Subject


@check("CLEAR-1", generation="zcrmsdk")
def deletes_all(store: Subject) -> None:
    """delete_tokens removes all records. No key finds any of them afterwards."""
    few = [login(store, "anna"), login(store, "carl"), without_grant(store, "bert")]
    many = [login(store, f"user{number}") for number in range(MANY)]
    for records in (few, [*few, without_refresh(store, "dora")], many):
        store = store.fresh()
        given(store, *records)
        look_up(store, records[0])
        store.answer("delete_tokens")
        holds(store)
        for record in (records[0], *records[-2:]):
            is_gone(store, record)
            if store.door.by_id:
                is_no_id(store, str(record.id))
    _finds_no_new_login_by_an_old_key(store.fresh())


def _finds_no_new_login_by_an_old_key(store: Subject) -> None:
    """Save new logins after a clear: a store may put them where the old ones were."""
    old = [login(store, "anna"), without_grant(store, "bert")]
    store.given(*old)
    store.answer("delete_tokens")
    for name in ("carl", "dora"):
        newcomer = store.door.to_save(login(store, name))
        if store.try_request(newcomer).error is not None:
            return  # CLEAR-2 is about that
    for record in old:
        finds_no_other(store, record)


@check("CLEAR-2", generation="zcrmsdk")
def works_on(store: Subject) -> None:
    """delete_tokens on an empty store raises nothing, and the store works as before after it."""
    try:
        _works(store.fresh())
    except ClauseFailed as failure:
        why = "a store that was never cleared does not work either"
        raise CannotJudge(why, "SAVE", "FIND", "DEL", "LIST", otherwise=failure) from failure

    store = store.fresh()
    for _ in range(2):
        store.answer("delete_tokens")
    holds(store)
    store.save(login(store, "anna"))
    holds(store, login(store, "anna"))
    store.answer("delete_tokens")
    _works(store)


def _works(store: Subject) -> None:
    """Check that an empty store saves, updates, finds and deletes logins."""
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    for record in (anna, bert):
        store.save(record)
    anna = anna.but(access_token=zoho_token("new"), expires_in=LATER)
    store.save(anna)
    holds(store, anna, bert)
    for record in (anna, bert):
        for way, query in queries(record).items():
            carries(store.find(query), record, TO_USE, f"after delete_tokens, found by {way}")
    store.request(store.door.to_delete(anna))
    holds(store, bert)
