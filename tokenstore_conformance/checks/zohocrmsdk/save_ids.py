"""SAVE-10 to 13: the ids that a store sets on tokens, and those that callers choose."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    EVERY_KIND,
    LATER,
    ONLY_REFRESH,
)
from tokenstore_conformance.checks.texts import ODD_NUMBERS
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of, readings
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("SAVE-10")
def sets_an_id_on_the_token(store: Subject) -> None:
    """If a new token has no id, the store sets one on it: a str that is not empty and that no other
    record has. The record is stored under this id.
    """
    saved = []
    for record in EVERY_KIND:
        token = store.save(record)
        expect.are_str(store, token, "id", of="the saved token")
        id = store.read_whole(token).id
        if id is None:
            raise ClauseFailed("a non-empty str as the id of the saved token", "None")
        saved.append(record.but(id=id))
        ids = {each.id for each in readings(store, saved[-1]) if each.but(id=None) == record}
        if ids and id not in ids:
            raise ClauseFailed(f"the id of its record, {ids.pop()!r}, on the saved token", repr(id))

    for token in store.elements(store.attempt("get_tokens").value):
        if isinstance(token, store.door.token_type):
            expect.are_str(store, token, "id", of="a token from get_tokens")
    try:
        contents.unique_ids(saved)
    except ClauseFailed as failure:
        failure.claim = ""  # these are the ids that were set on tokens, not those that are listed
        why = "the store gives records the same id"
        raise CannotJudge(why, "SAVE-14", otherwise=failure) from failure


@check("SAVE-11")
def keeps_an_id_that_is_given(store: Subject) -> None:
    """If a new token has an id, it is stored under that id, numeric or not."""
    texts = ("Login-of-Anna", "3f1d9a52-0c1e-4c38-9f0e-0d6f2c1b7a55", "k" * 36)
    ids = ("42", "1", "007", *texts, *ODD_NUMBERS)
    stored = [record.but(id=id) for record, id in zip(EVERY_KIND, ids, strict=True)]
    for record in stored:
        store = store.fresh()
        token = store.save(record)

        if store.read_whole(token).id != record.id:
            expected = f"the id {record.id!r} kept on the token"
            failure = ClauseFailed(expected, repr(store.read_whole(token).id))
            if not str(record.id).isascii():
                raise CannotJudge("such text may be changed", "DATA-1", otherwise=failure)
            raise failure
        if record not in list(readings(store, record)):
            contents.holds(store, record)
        _keeps_it_once_more(store, record)


def _keeps_it_once_more(store: Subject, record: Record) -> None:
    """Save a deleted login with its id again. DEL-4 is about whether it is stored at all."""
    store.attempt("delete_token", record.id)
    token = store.door.build(record)
    if store.attempt("save_token", token).error is not None:
        return
    seen = [*readings(store, store.read_whole(token))]
    ids = [each.id for each in seen if each.id and each.but(id=None) == record.but(id=None)]
    if ids and record.id not in ids:
        raise ClauseFailed(
            f"the id {record.id!r} for a login that was deleted, and saved again", repr(ids[0])
        )


@check("SAVE-12")
def keeps_the_id_at_an_update(store: Subject) -> None:
    """An update keeps the id of the record."""
    for record in (ANNA, BY_ACCESS, BY_GRANT, BY_REFRESH):
        for query in keys_of(record).values():
            store = store.fresh()
            first, stored, last = store.identified(BERT, record, ONLY_REFRESH)
            store.save(query.but(expires_in=LATER))
            contents.holds(store, first, stored.but(expires_in=LATER), last)

    store = store.fresh()
    (anna,) = store.identified(ANNA)
    store.save(ANNA.but(id="caller-1", expires_in=LATER))
    listed = store.records()
    if all(each.id != anna.id for each in listed):
        raise ClauseFailed(
            f"the id {anna.id!r} kept, though the saved token has another",
            f"{listed[0].id!r} in its place" if listed else "no record",
        )


@check("SAVE-13")
def sets_the_id_at_an_update(store: Subject) -> None:
    """An update also sets the id of the record on the token that was saved."""
    for record in (ANNA, BY_ACCESS, BY_GRANT, BY_REFRESH):
        for query in keys_of(record).values():
            store = store.fresh()
            _, stored = store.identified(BERT, record)
            token = store.save(query.but(expires_in=LATER))
            got = store.read_whole(token).id
            if got != stored.id:
                raise ClauseFailed(f"the record's id {stored.id!r} on the saved token", repr(got))

    for again in (ANNA.but(id="caller-1", expires_in=LATER), ANNA):  # even if no value is new
        store = store.fresh()
        store.identified(ANNA, BERT)
        token = store.door.build(again)
        if store.attempt("save_token", token).error is not None:
            continue  # SAVE-19 and SAVE-20 are about that
        got = store.read_whole(token).id
        if all(each.id != got for each in store.records() if each.user == ANNA.user):
            expected = f"the id of the record of {ANNA.user!r} on the saved token"
            raise ClauseFailed(expected, repr(got))
