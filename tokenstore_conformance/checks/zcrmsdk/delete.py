"""DEL: what delete_token removes, by the user's email, the client and the token."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.zcrmsdk.by_id import is_no_id
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    alike,
    another_of,
    carries,
    found,
    holds,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import NOW, Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("DEL-1", generation="zcrmsdk")
def deletes_that_record(store: Subject) -> None:
    """delete_token removes the record that its argument names, and no other. No key finds the
    record afterwards.
    """
    present = [
        *(login(store, name) for name in ("anna", "bert", "carl")),
        login(store, "hugo", expires_in=str(NOW - 3_600_000)),
        *(without_grant(store, name) for name in ("dora", "emil")),
        *_relatives(store),
        another_of(login(store, "anna")),
        another_of(without_grant(store, "dora")).but(refresh_token=zoho_token("another.of.dora")),
    ]
    for whole, known in ((True, False), (False, False), (True, True)):
        store = store.fresh()
        _delete_one_by_one(store, list(present), whole=whole, known=known)


def _delete_one_by_one(store: Subject, present: list[Record], *, whole: bool, known: bool) -> None:
    """By the token as it was saved, or by its key and a refresh token of yesterday.

    Where it is ``known``, a program has looked it up before: a cache has it then.
    """
    store.given(*present)
    while present:
        gone = present.pop(len(present) // 2)
        if known:
            look_up(store, gone)
        by_grant = gone.only("id", "user", "client_id", "client_secret", "grant_token")
        stale = (
            gone
            if gone.grant_token is None
            else by_grant.but(refresh_token=zoho_token("of.yesterday"))
        )
        store.request(store.door.to_delete(gone if whole else stale))
        holds(store, *present)
        is_gone(store, gone)
        if store.door.by_id:
            is_no_id(store, str(gone.id))


def look_up(store: Subject, record: Record) -> None:
    """Ask for a record by all its keys: a cache has it then."""
    for query in queries(record).values():
        store.try_request(store.door.to_find(query))
    if store.door.by_id and record.id is not None:
        store.try_request(store.door.to_find_by_id(record.id))


def is_gone(store: Subject, gone: Record) -> None:
    """It is found by no key. Another login may be answered, which FIND-6 is about."""
    for way, query in queries(gone).items():
        answer = found(store, query)
        if answer is not None and answer.access_token == gone.access_token:
            raise ClauseFailed(f"None by {way}: the token was deleted", str(answer))


def _relatives(store: Subject) -> list[Record]:
    """Logins that have a user, a client or a refresh token in common with others."""
    anna, dora = login(store, "anna"), without_grant(store, "dora")
    relatives = [
        anna.but(client_id="other.client", access_token=zoho_token("other.access")),
        login(store, "fred").updated_by(anna.only("client_id", "client_secret", "refresh_token")),
        dora.but(client_id="other.client", access_token=zoho_token("other.access")),
        without_grant(store, "gina").updated_by(
            dora.only("client_id", "client_secret", "refresh_token")
        ),
    ]
    if store.door.by_id:
        return [each.but(id=f"python_relative_{n}") for n, each in enumerate(relatives)]
    return relatives


@check("DEL-2", generation="zcrmsdk")
def deletes_nothing_else(store: Subject) -> None:
    """Deleting what matches no record changes nothing. delete_token returns None or raises
    SDKException, and nothing else. In zohocrmsdk this includes the id None.
    """
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    nobody = login(store, "nobody")
    for filled in (False, True):
        if filled:
            store.given(anna, bert)
        strangers = [nobody, without_grant(store, "nobody")]
        for record in (anna, bert):
            key = "grant_token" if record.grant_token else "refresh_token"
            strangers += [
                record.but(user=nobody.user),
                record.but(client_id="no.client"),
                record.but(**{key: "no.such.token"}),
                record.but(**{key: "x' or '1'='1"}),
                record.but(**{key: "%"}),
                *(record.but(**{key: text}) for text in alike(str(getattr(record, key))).values()),
                *(record.but(client_id=text) for text in alike(str(record.client_id)).values()),
            ]
        for stranger in strangers:
            before = store.records()
            # The rest of a login may identify another record of several: only the key is given.
            key = "grant_token" if stranger.grant_token else "refresh_token"
            token = stranger.only("user", "client_id", "client_secret", key)
            outcome = store.try_request(store.door.to_delete(token))
            what = "a token that matches nothing"
            expect.silent_or_refused(outcome, store, what=what)
            now = store.records()
            lost = [each for each in before if each not in now]
            own = len(now) < len(before) and all(each.user == token.user for each in lost)
            shows = Shown.FEWER_OF_THE_CALLER if own else None
            contents.unchanged(before, now, after=f"delete_token of {what}", shows=shows)


@check("DEL-4", generation="zcrmsdk")
def can_be_saved_again(store: Subject) -> None:
    """A token that was deleted can be saved again, as a new record."""
    store.given(login(store, "anna"), without_grant(store, "bert"))
    store = store.fresh()
    for record in (login(store, "anna"), without_grant(store, "bert")):
        store.given(record)
        store.request(store.door.to_delete(record))
        store.save(record)
    holds(store, login(store, "anna"), without_grant(store, "bert"))
    for record in (login(store, "anna"), without_grant(store, "bert")):
        for way, query in queries(record).items():
            carries(store.find(query), record, TO_USE, f"saved again, and found by {way}")
