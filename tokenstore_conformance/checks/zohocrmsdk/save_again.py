"""SAVE-17 to 20: a token that is saved once more updates its record."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CREDENTIALS,
    EVERY_KIND,
    ONLY_REFRESH,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.samples import FRESH, keys_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject


@check("SAVE-17")
def updates_a_found_token(store: Subject) -> None:
    """If a token was found, got a new access token and expiry, and is saved, its record is
    updated.
    """
    for record in (ANNA, BY_GRANT, BY_REFRESH, BY_ACCESS):
        for way, query in keys_of(record).items():
            store = store.fresh()
            store.identified(BERT, record, ONLY_REFRESH)
            token = store.answer("find_token", store.door.build(query))
            if token is None:
                raise ClauseFailed(f"the token of that {way}", "None")
            store.change(token, FRESH)
            store.save(token)

            contents.holds(store, BERT, record.updated_by(FRESH), ONLY_REFRESH)


@check("SAVE-18")
def updates_by_id_what_names_no_other_user(store: Subject) -> None:
    """If the key of a token matches nothing, but a record has the token's id and names no other
    user, the save updates that record.
    """
    named = Record(user=zoho_user("grace"))
    cases = (
        (BY_GRANT, named.updated_by(FRESH)),
        (BY_REFRESH, named.updated_by(FRESH)),
        (BY_ACCESS, named.updated_by(FRESH)),
        (BY_ACCESS, named),
        (BY_ACCESS, FRESH),
        (BY_GRANT, FRESH.but(grant_token=zoho_token("grace.second.grant"))),
        (BY_REFRESH, FRESH.but(refresh_token=zoho_token("rita.rotated.refresh"))),
    )
    for record, change in cases:
        store = store.fresh()
        _, stored, _ = store.identified(ANNA, record, BERT)
        changed = stored.updated_by(change)
        store.save(changed)
        contents.holds(store, ANNA, changed, BERT)
        for way, query in keys_of(changed).items():
            what = f"by {way}, the updated record"
            expect.identifies(store.find(query), changed, query, what=what)

    for record in (BY_GRANT, BY_REFRESH):  # a token that leaves out what is stored
        store = store.fresh()
        (stored,) = store.identified(record)
        store.save(named.updated_by(FRESH).but(id=stored.id))
        contents.holds(store, stored.updated_by(named).updated_by(FRESH))

    for record in (BY_GRANT, BY_REFRESH):  # as the SDK does it, with the token that was found
        store = store.fresh()
        store.identified(ANNA, record)
        key = "grant_token" if record.grant_token else "refresh_token"
        token = store.attempt("find_token", store.door.build(record.only(*CREDENTIALS, key))).value
        if isinstance(token, store.door.token_type):
            store.change(token, named.updated_by(FRESH))
            store.save(token)
            contents.holds(store, ANNA, record.updated_by(named).updated_by(FRESH))


@check("SAVE-19")
def keeps_one_record_for_a_user(store: Subject) -> None:
    """A user has one record, even if the saved token has an unknown id or the id of another
    record.
    """
    for id in ("999999", "no-such-id"):
        store = store.fresh()
        store.identified(BERT, ANNA)
        store.save(ANNA.updated_by(FRESH).but(id=id))
        _one_of_anna(store, f"the unknown id {id!r}")

    client = ANNA.only(*CREDENTIALS)
    nameless = (BY_GRANT.updated_by(client), BY_REFRESH.updated_by(client), BY_ACCESS)
    for other in (*nameless, BERT):
        for order in ((other, ANNA), (ANNA, other)):
            store = store.fresh()
            stored = {each.but(id=None): each for each in store.identified(*order)}[other]
            token = stored.only("id") if other is BERT else stored
            store.save(token.but(user=zoho_user("anna")).updated_by(FRESH))
            _one_of_anna(store, "the id of another record")

    for record in (
        FRESH.but(user=zoho_user("dora")),
        person("dora"),
    ):  # a new user with another user's id
        store = store.fresh()
        anna, _ = store.identified(ANNA, BERT)
        outcome = store.attempt("save_token", store.door.build(record.but(id=anna.id)))
        listed = store.records()
        if record not in [each.but(id=None) for each in listed]:
            expect.refused(outcome, store, what="'dora', who came with another's id, is not stored")
        contents.unique_ids(listed)


def _one_of_anna(store: Subject, carrying: str) -> None:
    listed = store.records()
    user, access = ANNA.only("user"), FRESH.only("access_token")
    contents.has_one(listed, user, access, whose=f"for {ANNA.user!r}", after=carrying)
    contents.unique_ids(listed)


@check("SAVE-20", generation="zohocrmsdk")
def saves_the_same_again(store: Subject) -> None:
    """Saving the same values again, as the same object or as an equal one, leaves one record and
    raises nothing.
    """
    for record in EVERY_KIND:
        store = store.fresh()
        others = [each for each in (BERT, ONLY_REFRESH) if each != record]
        store.given(*others)
        same_object = store.save(record)
        for token in (same_object, record, store.read_whole(same_object), same_object):
            store.save(token)
            contents.holds(store, *others, record)
