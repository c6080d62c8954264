"""SAVE-1: a login is stored with all its values."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.zcrmsdk.samples import (
    KEPT,
    TO_USE,
    carries,
    found,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("SAVE-1", generation="zcrmsdk")
def keeps_a_login(store: Subject) -> None:
    """A token that matches no record is stored complete, as a new record."""
    saved: list[Record] = []
    for record in (login(store, "anna"), without_grant(store, "bert"), login(store, "carl")):
        store.save(record)
        saved.append(record)
        _must_be_kept(store, record)
        for each in saved[:-1]:
            _must_still_be_kept(store, each)

    for record in (
        login(store, "dora", refresh_token=None),  # the server need not send one
        login(store, "emil", client_secret=None),  # the SDK's constructor allows it
    ):
        store = store.fresh()
        store.save(record)
        _must_be_kept(store, record)


def _must_still_be_kept(store: Subject, record: Record) -> None:
    """Raise `CannotJudge` if another save removed or changed a login, which SAVE-6 is about."""
    try:
        _must_be_kept(store, record)
    except ClauseFailed as failure:
        why = "a save of another login changes one that was kept"
        raise CannotJudge(why, "SAVE-6", "SAVE-25", otherwise=failure) from failure


def _must_be_kept(store: Subject, record: Record) -> None:
    """Check that each key of the login is stored, and that a key or the listing shows it whole.

    Other clauses require every way to find it, and the listing.
    """
    answers = {way: found(store, query) for way, query in queries(record).items()}
    listed = contents.readable(store)
    for way, answer in answers.items():
        key = ("user", "client_id", way.replace(" ", "_"))
        if answer is None and record.only(*key) not in [each.only(*key) for each in listed]:
            _must_not_raise(store, queries(record)[way])
            expected = f"the login that was saved, found by {way}: {record}"
            raise ClauseFailed(expected, "None", fault=Fault(fields=_lost(record, listed)))
    if record.only(*KEPT) in [each.only(*KEPT) for each in listed]:
        return
    some = [each for each in answers.values() if each is not None]
    if not any(each.only(*TO_USE) == record.only(*TO_USE) for each in some):
        what = "the login that was saved, found by its key"
        carries(some[-1] if some else None, record, TO_USE, what)


def _must_not_raise(store: Subject, query: Record) -> None:
    """Raise `CannotJudge` if a find raises, which shows nothing of what is stored."""
    try:
        store.find(query)
    except ClauseFailed as failure:
        why = "what was saved cannot be found, since a find raises"
        raise CannotJudge(why, "FIND", otherwise=failure) from failure


def _lost(record: Record, listed: list[Record]) -> frozenset[str]:
    """Return the fields whose listed values differ from the saved login."""
    tokens = {record.access_token, record.refresh_token, record.grant_token}
    for each in listed:
        if tokens & ({each.access_token, each.refresh_token, each.grant_token} - {None}):
            names = (name for name in KEPT if getattr(each, name) != getattr(record, name))
            return frozenset(names)
    return frozenset()
