"""LIST: what get_tokens returns."""

from __future__ import annotations

from collections.abc import Sequence

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.lookups import asked
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BY_ACCESS,
    BY_REFRESH,
    CARL,
    CREDENTIALS,
    EVERY_KIND,
    EXPIRED,
    MOST,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.samples import CLIENT, keys_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import in_short
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("LIST-1", generation="zohocrmsdk")
def lists_nothing_as_an_empty_list(store: Subject) -> None:
    """get_tokens of an empty store returns an empty list, not None."""
    expect.empty_list(store, "on a new store")
    (stored,) = store.given(EVERY_KIND[0])
    store.attempt("delete_token", stored.id)
    if not store.records():
        expect.empty_list(store, "after the last record was deleted")
    store.attempt("delete_tokens")
    if not store.records():
        expect.empty_list(store, "after delete_tokens")


@check("LIST-2", generation="zohocrmsdk")
def lists_every_record_once(store: Subject) -> None:
    """get_tokens returns a list with every record once, each as a complete OAuthToken. In zcrmsdk a
    token with a grant token may lack its refresh token here: LIST-3 requires it.
    """
    stored = []
    for record in EVERY_KIND:
        stored += store.given(record)
        listed = store.answer("get_tokens")
        if not isinstance(listed, list):
            raise ClauseFailed("a list", in_short(listed))
        contents.holds(store, *stored)

    more = store.room_for(MOST) - len(EVERY_KIND)
    named = more * 2 // 3
    many = [
        *(person(f"user{number}") for number in range(named)),
        *(_guest(number) for number in range(more - named)),
    ]
    stored += store.given(*many, verified=False)
    try:
        contents.holds(store, *stored)
    except ClauseFailed as failure:
        failure.calls = tuple(store.calls)
        _none_is_gone(store, many)
        raise

    for records in (
        (ANNA, BERT.but(expires_in=EXPIRED)),  # TIME-1 is about a store that does not keep it
        (BY_REFRESH, ANNA.updated_by(BY_REFRESH)),
        (ANNA, BY_ACCESS.but(id=ANNA.user)),
    ):
        _lists_all_that_is_found(store.fresh(), records)
    for shared in (CREDENTIALS, ("access_token",), ("refresh_token",), ("grant_token",)):
        users = [each.updated_by(ANNA.only(*shared)) for each in (ANNA, BERT, CARL)]
        _lists_all_that_is_found(store.fresh(), users, shared)


def _none_is_gone(store: Subject, many: Sequence[Record]) -> None:
    """Check that each record that is not listed is found: then the list lacks it, not the store."""
    listed = {each.but(id=None) for each in store.records()}
    missing = [each for each in many if each not in listed]
    for record in missing[:1] + missing[-1:]:
        _, key = next(iter(keys_of(record).items()))
        if not asked(store, Ask("find", key)).records:
            raise ClauseFailed(
                f"{len(many)} more records in the store, after as many logins",
                f"{len(many) - len(missing)} of them: {record.brief()} is gone",
                fault=Fault(shows=Shown.FULL),
                claim=contents.claim("includes", [record]),
            )


def _guest(number: int) -> Record:
    """Return a login without a user, of one of three kinds. All with a client have the same one."""
    guest = person(f"guest{number}").updated_by(CLIENT)
    return (
        guest.without("user", "refresh_token"),
        guest.without("user", "grant_token"),
        guest.only("access_token", "expires_in"),
    )[number % 3]


def _lists_all_that_is_found(
    store: Subject, records: Sequence[Record], shared: Sequence[str] = ()
) -> None:
    """Check that each record that its first key finds is listed, even if records share values."""
    for record in records:
        store.try_request(store.door.to_save(record))
    listed = [each.but(id=None) for each in store.records()]
    for record in (each.but(id=None) for each in records):
        way, key = next(iter(keys_of(record).items()))
        found = asked(store, Ask("find", key)).records
        if record not in listed and record in [each.but(id=None) for each in found]:
            among = f", of users who share {shared[-1]}" if shared else ""
            raise ClauseFailed(
                f"{record.brief()}, which find_token finds by its {way}, in what get_tokens lists",
                f"{contents.lacking(len(listed))}{among}",
                claim=f"includes(say(store.get_tokens), {record})",
            )
