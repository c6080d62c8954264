"""CLEAR: what delete_tokens leaves."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import ANNA, BERT, EVERY_KIND, MANY
from tokenstore_conformance.checks.zohocrmsdk.crowd import crowd
from tokenstore_conformance.checks.zohocrmsdk.gone import look_up, not_found
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("CLEAR-1", generation="zohocrmsdk")
def removes_everything(store: Subject) -> None:
    """delete_tokens removes all records. No key finds any of them afterwards."""
    stored = store.given(*EVERY_KIND)
    store.answer("delete_tokens")

    contents.holds(store)
    for record in stored:
        not_found(store, record)

    store = store.fresh()
    stored = store.given(*EVERY_KIND)
    for record in stored:
        look_up(store, record)
    store.answer("delete_tokens")
    for record in stored:
        not_found(store, record)

    store = store.fresh()
    crowd(store, MANY)
    store.answer("delete_tokens")
    contents.holds(store)


@check("CLEAR-2", generation="zohocrmsdk")
def works_on_after_clearing(store: Subject) -> None:
    """delete_tokens on an empty store raises nothing, and the store works as before after it."""
    try:
        _works(store.fresh())
    except ClauseFailed as failure:
        why = "a store that was never cleared does not work either"
        raise CannotJudge(why, "SAVE", "FIND", "DEL", "LIST", otherwise=failure) from failure

    store = store.fresh()
    store.answer("delete_tokens")
    contents.holds(store)
    for household in (EVERY_KIND, EVERY_KIND[::-1]):
        _works(store, household)
        store.answer("delete_tokens")
        store.answer("delete_tokens")
        contents.holds(store)


def _works(store: Subject, household: tuple[Record, ...] = EVERY_KIND) -> None:
    """Check that an empty store saves a household, updates, deletes, finds, and saves again."""
    expect.nothing_found(store, ANNA.only("user"), what="the store is empty")
    for number, record in enumerate(household, start=1):
        store.save(record)
        contents.holds(store, *household[:number])
    anna = ANNA.but(access_token=zoho_token("second.access"))
    store.save(anna)
    contents.holds(store, *(anna if each == ANNA else each for each in household))
    gone = contents.as_listed(store, anna)
    if gone.id is None or store.has_shared_ids():
        raise CannotJudge("no record has an id of its own", "SAVE-10", "SAVE-14")
    store.answer("delete_token", gone.id)
    contents.holds(store, *(each for each in household if each != ANNA))
    bert = contents.as_listed(store, BERT)
    expect.complete(store.find(BERT.only("user")), bert, Record(), what="by user, the token")
    store.save(ANNA)
    contents.holds(store, *household)
