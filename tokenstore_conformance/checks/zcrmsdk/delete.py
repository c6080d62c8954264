"""DEL: what delete_token removes, by the user's email, the client and the token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import CROWD, EXPIRED
from tokenstore_conformance.checks.zcrmsdk.by_id import is_no_id
from tokenstore_conformance.checks.zcrmsdk.samples import (
    OFTEN,
    TO_USE,
    alike,
    another_of,
    by_no_token,
    carries,
    excused_by,
    finds,
    found,
    given,
    holds,
    kept,
    login,
    nth_login,
    queries,
    replaced,
    without_grant,
    without_refresh,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject


@check("DEL-1", generation="zcrmsdk")
def deletes_that_record(store: Subject) -> None:
    """delete_token removes the record that its argument names, and no other. No key finds the
    record afterwards.
    """
    present = [
        *(login(store, name) for name in ("anna", "bert", "carl")),
        login(store, "hugo", expires_in=EXPIRED),
        *(without_grant(store, name) for name in ("dora", "emil")),
        *_relatives(store),
        another_of(login(store, "anna")),
        another_of(without_grant(store, "dora")).but(refresh_token=zoho_token("another.of.dora")),
    ]
    for named, known in ((_whole, False), (_stale, False), (_whole, True)):
        store = store.fresh()
        _delete_one_by_one(store, list(present), named, known=known)

    kate = without_refresh(store, "kate")
    for named in (_whole, _stale):
        store = store.fresh()
        with excused_by(store, "SAVE-1"):
            _delete_one_by_one(store, [kate, another_of(kate)], named, known=False)

    anna, fred = login(store, "anna"), login(store, "fred")
    same_token = fred.updated_by(anna.only("client_id", "client_secret", "refresh_token"))
    store = store.fresh()
    used = [another_of(anna), anna, same_token]
    _delete_one_by_one(store, used, _by_refresh_token, known=True)

    _deletes_a_login_that_changed_its_key(store.fresh())

    store = store.fresh()
    first, *others = (nth_login(anna, number) for number in range(OFTEN))
    store.given(first, *others)
    store.request(store.door.to_delete(first))
    holds(store, *others)

    _deletes_all_but_one_of_many(store.fresh())


def _deletes_all_but_one_of_many(store: Subject) -> None:
    """Delete all but one of many: a store may clean up, but must not restore what it deleted."""
    makers = (login, without_grant)
    present = [makers[number % 2](store, f"user{number}") for number in range(CROWD)]
    store.given(*present)
    while len(present) > 1:
        store.request(store.door.to_delete(present.pop()))
    holds(store, *present)


def _deletes_a_login_that_changed_its_key(store: Subject) -> None:
    """Delete a login that starts by grant token, and is then saved by refresh token."""
    bert, carl = login(store, "bert"), login(store, "carl")
    refreshed = carl.but(grant_token=None, access_token=zoho_token("access.new"))
    store.given(bert, carl)
    store.save(refreshed)
    is_old = any(finds(store, query, carl) for query in queries(carl).values())
    if len(store.records()) != 2 or is_old:
        return  # SAVE-24 is about that
    store.request(store.door.to_delete(refreshed))
    holds(store, bert)
    store.save(login(store, "dora"))  # a store may put it where the deleted login was
    finds_no_other(store, carl)


def _whole(record: Record) -> Record:
    """Return the token as it was saved."""
    return record


def _stale(record: Record) -> Record:
    """Return a token of yesterday, with the same key."""
    key = "refresh_token" if record.grant_token is None else "grant_token"
    stale = Record(
        client_secret="secret.of.yesterday",
        access_token=zoho_token("access.of.yesterday"),
        refresh_token=zoho_token("of.yesterday"),
        expires_in=EXPIRED,
        redirect_url="https://program.example/of.yesterday",
    )
    return stale.but(**dict(record.only("id", "user", "client_id", key).items()))


def _by_refresh_token(record: Record) -> Record:
    """Return the record without its grant token, so that its key is the refresh token."""
    return record.without("grant_token")


def _delete_one_by_one(
    store: Subject, present: list[Record], named: Callable[[Record], Record], *, known: bool
) -> None:
    """Delete each record by the token that ``named`` returns for it.

    If ``known``, look each record up first, so that a cache has it.
    """
    given(store, *present)
    while present:
        gone = present.pop(len(present) // 2)
        if known:
            look_up(store, gone)
        store.request(store.door.to_delete(named(gone)))
        holds(store, *present)
        is_gone(store, gone)
        if store.door.by_id:
            is_no_id(store, str(gone.id))


def look_up(store: Subject, record: Record) -> None:
    """Ask for a record by all its keys, so that a cache has it."""
    for query in queries(record).values():
        store.try_request(store.door.to_find(query))
    if store.door.by_id and record.id is not None:
        store.try_request(store.door.to_find_by_id(record.id))


def is_gone(store: Subject, gone: Record) -> None:
    """Check that no key finds the deleted login. FIND-6 is about a key that finds another one."""
    for way, query in queries(gone).items():
        answer = found(store, query)
        if answer is not None and answer.access_token == gone.access_token:
            raise ClauseFailed(f"None by {way}: the token was deleted", str(answer))


def finds_no_other(store: Subject, gone: Record) -> None:
    """Check that the keys of a deleted login find nothing, not even a login saved since.

    FIND-6 is about a store that answers keys that were never there.
    """
    for way, query in queries(gone).items():
        finds_whatever = found(store, by_no_token(query, way)) is not None
        answer = found(store, query)
        if answer is not None and not finds_whatever:
            raise ClauseFailed(f"None by {way}: the token was deleted", str(answer))


def _relatives(store: Subject) -> list[Record]:
    """Return logins that share a user, a client or a refresh token with others."""
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
    unknown = [login(store, "nobody"), without_grant(store, "nobody")]
    for record in (anna, bert):
        unknown += _unlike(record, str(unknown[0].user))
    _must_delete_nothing(store, unknown)
    store.given(anna, bert)
    _must_delete_nothing(store, unknown)
    with excused_by(store, "SAVE-1"):
        _must_delete_nothing(store, [*_crossed(anna), *_crossed(bert)])

    store = store.fresh()
    store.given(bert)
    replaced(store, anna)
    _must_delete_nothing(store, [anna.but(grant_token=None)])  # by the token that was replaced

    for record in (anna, bert):
        _must_stay_when_deleted_again(store.fresh(), record)


def _must_stay_when_deleted_again(store: Subject, record: Record) -> None:
    """Log out twice with one found token, and save another login of the user in between."""
    store.given(record)
    token = next(_found_tokens(store, record), None)
    if token is None:
        return  # FIND-16 and FIND-17 are about that
    again = Request("delete_token", (token,), token)
    store.try_request(again)
    if store.records():
        return  # DEL-1 is about that
    store.save(another_of(record))
    store.try_request(again)
    holds(store, another_of(record))


def _found_tokens(store: Subject, record: Record) -> Iterator[Any]:
    """Yield the found token for each key that finds the record."""
    for query in queries(record).values():
        token = store.try_request(store.door.to_find(query)).value
        if isinstance(token, store.door.token_type):
            yield token


def _unlike(record: Record, nobody: str) -> list[Record]:
    """Return the login with other keys, some of which are like its own."""
    key = "grant_token" if record.grant_token else "refresh_token"
    token = str(getattr(record, key))
    return [
        record.but(user=nobody),
        record.but(client_id="no.client"),
        *(
            record.but(**{key: text})
            for text in ("no.such.token", "x' or '1'='1", "%", *alike(token).values())
        ),
        *(record.but(client_id=text) for text in alike(str(record.client_id)).values()),
    ]


def _crossed(record: Record) -> list[Record]:
    """Return the login with one token in place of the other, an end of one, or a similar email."""
    key = "grant_token" if record.grant_token else "refresh_token"
    name, _, domain = str(record.user).partition("@")
    emails = (
        *(f"{name}+crm@{domain}", f"{name[0]}_{name[2:]}@{domain}", f"{name[:-1]}%@{domain}"),
        *(f"{name[0]}{name[1:].upper()}@{domain}", f"{name}@{domain[0]}{domain[1:].upper()}"),
    )
    return [
        record.but(grant_token=record.refresh_token),
        record.but(grant_token=None, refresh_token=record.grant_token),  # None for some
        record.but(**{key: str(getattr(record, key))[len("1000.") :]}),
        *(record.but(user=email) for email in emails),
    ]


def _must_delete_nothing(store: Subject, strangers: list[Record]) -> None:
    """Check that no deletion by the key of one of these changes anything."""
    before = store.records()
    for stranger in strangers:
        # Only the key is given: the other token may identify another record.
        key = "grant_token" if stranger.grant_token else "refresh_token"
        token = stranger.only("user", "client_id", "client_secret", "access_token", key)
        outcome = store.try_request(store.door.to_delete(token))
        what = "a token that matches nothing"
        expect.silent_or_refused(outcome, store, what=what)
        now = store.records()
        lost = [each for each in before if each not in now]
        own = len(now) < len(before) and all(each.user == token.user for each in lost)
        shows = Shown.FEWER_OF_THE_CALLER if own else None
        contents.unchanged(before, now, after=f"delete_token of {what}", shows=shows)
        before = now


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
    _saved_again_with_less(store.fresh())
    for record in (login(store, "anna"), without_grant(store, "bert")):
        store = store.fresh()
        save = store.door.to_save(record)  # a program saves the token object that it has
        store.request(save)
        saved = store.read_whole(save.token)
        if any(getattr(saved, name) != value for name, value in record.items() if name != "user"):
            return  # SAVE-21 is about that
        store.request(store.door.to_delete(record))
        if store.records():
            return  # DEL-1 is about that
        store.request(save)
        holds(store, record)
    for record in (login(store, "anna"), without_grant(store, "bert")):
        _saved_again_as_it_was_found(store.fresh(), record)


def _saved_again_as_it_was_found(store: Subject, record: Record) -> None:
    """Save a token that was found before its login was deleted, next to a new login."""
    renewed = zoho_token("access.renewed")
    for is_deleted in (False, True):
        store = store.fresh()
        store.given(record)
        token = next(_found_tokens(store, record), None)
        if token is None or not _is_whole(store, token, record):
            return  # FIND-18 and FIND-20 are about that
        if is_deleted:
            store.request(store.door.to_delete(record))
            if store.records():
                return  # DEL-1 is about that
        store.save(another_of(record))
        store.change(token, Record(access_token=renewed))
        user, _ = store.door.to_save(record).arguments
        save = store.try_request(Request("save_token", (user, token), token))
        try:
            store.completed("save_token", save)
            holds(store, record.but(access_token=renewed), another_of(record))
        except ClauseFailed:
            if is_deleted:
                raise
            return  # SAVE-25, SDK-3 and SDK-5 are about that


def _is_whole(store: Subject, token: Any, record: Record) -> bool:
    found = store.read_whole(token).but(user=record.user)
    return kept(store, found) == kept(store, record)


def _saved_again_with_less(store: Subject) -> None:
    """Check that a new record gets nothing from the deleted one."""
    anna, bert, carl = login(store, "anna"), without_refresh(store, "bert"), login(store, "carl")
    given(store, anna, bert, carl)
    new = []
    for record, missing in ((anna, "refresh_token"), (carl, "grant_token")):
        store.request(store.door.to_delete(record))
        new.append(record.but(access_token=zoho_token(f"new.{missing}"), **{missing: None}))
        store.save(new[-1])
    holds(store, bert, *new)
    pairs = list(zip((anna, carl), new, strict=True))
    for record, again in pairs:
        (way,) = queries(record).keys() - queries(again).keys()
        query = queries(record)[way]
        finds_whatever = finds(store, by_no_token(query, way), again)
        if finds(store, query, again) and not finds_whatever:
            raise ClauseFailed(f"None by the {way} of the record that was deleted", str(again))
    for _, again in pairs:
        for way, query in queries(again).items():
            answer = found(store, query)
            if answer is not None:  # the checks above are about a miss
                carries(answer, again, TO_USE, f"saved again, and found by {way}")
