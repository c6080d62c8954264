"""SAVE-21 and 26: what a save does to the token that it gets."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.zcrmsdk.samples import LATER, handed_on, login, without_grant
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


@check("SAVE-26")
def sets_the_user_mail(store: Subject) -> None:
    """A save sets the user's email on the token, as its user_mail, in place of another user's."""
    capital = login(store, "cArl")
    for first in (login(store, "anna"), without_grant(store, "bert"), capital):
        updated = first.but(access_token=zoho_token("new"), expires_in=LATER)
        for record in (first, updated):
            _must_be_told(store, store.door.to_save(record), record)
        again = store.door.to_save(updated)
        if store.try_request(again).error is None:  # SAVE-20 asks whether it raises
            _must_have_been_told(store, again, updated, before=None)

    emil = login(store, "emil")
    for record in (emil, emil.but(grant_token=None, access_token=zoho_token("newer"))):
        _must_be_told(store, store.door.to_save(record), record)
    for record in (login(store, "dora"), without_grant(store, "bert")):
        _must_be_told(store, handed_on(store, store.door.to_save(record), capital), record)


def _must_be_told(store: Subject, save: Request, record: Record) -> None:
    """Save, and check that the token has the user's email, even if it had another one before."""
    before = store.read_whole(save.token).user
    store.request(save)
    _must_have_been_told(store, save, record, before=before)


def _must_have_been_told(store: Subject, save: Request, record: Record, *, before: object) -> None:
    mail = store.read_whole(save.token).user
    if mail != record.user:
        is_anothers = mail is not None and mail == before
        fault = Fault(shows=Shown.ANOTHERS_EMAIL if is_anothers else Shown.THE_USUAL)
        expected = f"user_mail={record.user!r} on the token that was saved"
        raise ClauseFailed(expected, repr(mail), fault=fault)


@check("SAVE-21", generation="zcrmsdk")
def leaves_the_given_token(store: Subject) -> None:
    """A save does not change the values of the token that it gets. It may set the id or user_mail,
    and it may fill fields that are None.
    """
    anna = login(store, "anna")
    for record in (
        anna,
        anna.but(access_token=zoho_token("new"), expires_in=LATER),
        anna.but(access_token=zoho_token("newer"), refresh_token=zoho_token("new.refresh")),
        without_grant(store, "b"),
    ):
        after = store.read_whole(store.save(record))
        given = record.without("user")  # which a save sets: SAVE-26
        wrong = [name for name, value in given.items() if getattr(after, name) != value]
        if wrong:
            raise ClauseFailed(
                f"the saved token as it was: {record.only(*wrong)}",
                str(after.only(*wrong)),
            )
