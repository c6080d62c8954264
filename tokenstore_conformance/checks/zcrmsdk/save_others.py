"""SAVE-29: a save changes no record but its own, in the lines 2.0 and 2.1."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.texts import SIMILAR_IDS
from tokenstore_conformance.checks.zcrmsdk.by_id import must_know_ids
from tokenstore_conformance.checks.zcrmsdk.samples import LATER, holds, login
from tokenstore_conformance.subject import Subject


@check("SAVE-29", generation="zcrmsdk")
def compares_ids_exactly(store: Subject) -> None:
    """A save compares ids exactly. A record whose id differs only in letter case, a blank, an
    accent, a wildcard, a leading zero or its last character is another record and stays as it is.
    In zcrmsdk this binds the lines 2.x.
    """
    must_know_ids(store)
    stored = []
    for number, id in enumerate(id for pair in SIMILAR_IDS for id in pair):
        stored.append(login(store, f"user{number}", id=id))
        store.save(stored[-1])
        holds(store, *stored)
    for number, record in enumerate(stored):
        stored[number] = record.but(access_token=f"second.{number}", expires_in=LATER)
        store.save(stored[number])
        holds(store, *stored)
