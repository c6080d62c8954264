"""SAVE-1, 8, 9 and 21: the values that a save writes, keeps and leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import (
    ANNA,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CREDENTIALS,
    EVERY_KIND,
    EXPIRY,
    LATER,
    ONLY_ACCESS,
    ONLY_REFRESH,
    SOONER,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.crowd import crowd
from tokenstore_conformance.checks.zohocrmsdk.samples import (
    CLIENT,
    FRESH,
    keys_of,
    readings,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, named
from tokenstore_conformance.records import FIELDS, NAMELESS, Record, zoho_token, zoho_user
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.keys import TELLING

FEW: Final = 3
"""Records in a store at a time. A store that takes only five must fail SAVE-14, not SAVE-1."""

SOME: Final = 12

MANY_UPDATES: Final = 220
"""More changes than a log may keep (often 50, 100 or 200): nine days of hourly refreshes."""

LOOKED_AT: Final = (6, SOME, 30, 110)
"""Checks read one record after these numbers of updates. They exceed the versions of a record that
a store may keep (often 10, 25 or 100), and what Zoho allows in ten minutes."""


@check("SAVE-1", generation="zohocrmsdk")
def stores_unknown_tokens_complete(store: Subject) -> None:
    """A token that matches no record is stored complete, as a new record."""
    one_client = tuple(each.updated_by(CLIENT) for each in (ANNA, BY_GRANT, BY_REFRESH))
    richer = BY_ACCESS.updated_by(ANNA.only("redirect_url", "api_domain"))
    poorer = Record(access_token=zoho_token("poorer.access"))
    for ground in (EVERY_KIND, one_client, (richer, poorer)):
        for number, record in enumerate(ground):
            if number % FEW == 0:
                store = store.fresh()
            saved = store.save(record)

            seen = [each.but(id=None) for each in readings(store, store.read_whole(saved))]
            _must_be_among(seen, record, others=ground[:number])

    store = store.fresh()
    for record in (BY_GRANT, BY_REFRESH):
        nameless = store.door.to_save(record.but(user=NAMELESS))  # this names no user
        if store.try_request(nameless).error is None:  # the SDK's DBStore refuses it
            saved = store.read_whole(nameless.token)
            seen = [each.but(id=None) for each in readings(store, saved)]
            _must_be_among([each.but(user=each.user or None) for each in seen], record, others=())


def _must_be_among(seen: list[Record], record: Record, others: Iterable[Record]) -> None:
    """Check that one of the three ways to read the store shows the whole record."""
    if record in seen:
        return
    like = next((each for each in seen if _resembles(record, each)), None)
    if like is not None:
        expect.equal(like, record, what=f"the stored record {record.brief()}", others=others)
    raise ClauseFailed(f"the stored record {record}", "no such record")


def _resembles(record: Record, seen: Record) -> bool:
    """Whether a record that was read has the user or a token of the saved one."""
    saved = [value for name, value in record.items() if name in TELLING]
    return any(value in saved for name, value in seen.items() if name in TELLING)


@check("SAVE-8")
def keeps_what_an_update_leaves_out(store: Subject) -> None:
    """An update keeps the stored value of every field that is None in the new token."""
    for kind in (
        ANNA,
        BY_ACCESS.but(refresh_token=zoho_token("kept.refresh")),
        BY_GRANT,
        BY_REFRESH,
    ):
        for way, query in keys_of(kind).items():
            store = store.fresh()
            store.given(kind)
            fresh = FRESH.without("access_token") if way == "access token" else FRESH
            for change in (fresh, *_of_one_field(query)):
                calls = len(store.calls)
                before = _only_record(store)
                store.calls.set_aside(calls)
                update = query.updated_by(change)
                store.save(update)
                carried = [name for name, _ in update.items()]  # SAVE-9 is about these
                after = _only_record(store)
                expect.equal(after, before, what="the updated record", ignore=("id", *carried))

    store = store.fresh()
    (anna,) = store.given(ANNA)
    for name in CREDENTIALS:  # half of the same client: the other half stays
        store.save(ANNA.only("user", name).but(access_token=zoho_token(f"beside.{name}")))
        ignored = ("id", "access_token")
        expect.equal(_only_record(store), anna, what="the updated record", ignore=ignored)
    for number in range(MANY_UPDATES):
        update = _nth_refresh(number)
        store.save(update)
        if number + 1 in (SOME, MANY_UPDATES):
            carried = [name for name, _ in update.items()]
            what = f"after {number + 1} updates, the record"
            expect.equal(_only_record(store), anna, what=what, ignore=("id", *carried))
    _keeps_two_parts(store.fresh())


def _keeps_two_parts(store: Subject) -> None:
    """Update twice, and read nothing in between: a store may write the updates later."""
    store.given(ANNA)
    parts = (Record(access_token=zoho_token("part.1")), Record(redirect_url="https://part.example"))
    for part in parts:
        store.save(ANNA.only("user").updated_by(part))
    expected = ANNA.updated_by(parts[0]).updated_by(parts[1])
    expect.equal(_only_record(store), expected, what="the updated record", ignore=("id",))


def _of_one_field(query: Record) -> Iterable[Record]:
    """Return changes of one value each that do not give the update another key."""
    changes = [Record(redirect_url="https://new.example"), Record(api_domain="https://new.example")]
    changes += [Record(expires_in=EXPIRY), Record(refresh_token=zoho_token("new.refresh"))]
    if query.access_token is None:
        changes.append(Record(access_token=zoho_token("new.access")))
    if query.refresh_token is None:  # else the grant token would be the key
        changes.append(Record(grant_token=zoho_token("new.grant")))
    return [each for each in changes if not {*dict(each.items())} & {*dict(query.items())}]


@check("SAVE-9")
def replaces_what_an_update_carries(store: Subject) -> None:
    """An update replaces every field that has a value in the new token."""
    fresh = Record(
        refresh_token=zoho_token("new.refresh"),
        access_token=zoho_token("new.access"),
        grant_token=zoho_token("new.grant"),
        expires_in=LATER,
        redirect_url="https://new.example",
        api_domain="https://api.new.example",
    )
    for record in (ANNA, BY_ACCESS, BY_GRANT, BY_REFRESH, ONLY_REFRESH, ONLY_ACCESS):
        for query in keys_of(record).values():
            # The key stays. Beside a refresh token, a new grant token would be the key instead.
            keys = set(dict(query.items())) | _kept_beside(query)
            update = fresh.without(*keys & set(FIELDS)).updated_by(query)
            store = store.fresh()
            store.given(record)
            store.save(update)

            _must_be_now(store, record.updated_by(update))

            if "refresh_token" not in keys:  # the access token stays
                rotated = update.but(refresh_token=zoho_token("rotated"))
                store.save(rotated)
                _must_be_now(store, record.updated_by(rotated))
                update = rotated

            sooner = query.but(expires_in=SOONER)
            store.save(sooner)
            _must_be_now(store, record.updated_by(update).updated_by(sooner))

    for record, client in (
        (ONLY_REFRESH, ANNA.only(*CREDENTIALS)),
        (ANNA, Record(client_secret="new")),
    ):
        store = store.fresh()
        store.given(record)
        store.save(record.only("user").updated_by(client))
        _must_be_now(store, record.updated_by(client))
    _replaces_in_the_same_token(store.fresh())
    _replaces_each_time(store.fresh())


def _replaces_in_the_same_token(store: Subject) -> None:
    """Change the token object that was saved, and save it again, as a program may.

    SAVE-17 and SAVE-20 check that this works, and that it leaves one record.
    """
    token, change = store.save(ANNA), Record(expires_in=LATER, api_domain="https://api.new.example")
    store.change(token, change)
    if store.attempt("save_token", token).error is None and len(store.records()) == 1:
        _must_be_now(store, ANNA.updated_by(change))


def _replaces_each_time(store: Subject) -> None:
    """Update a login many times, as hourly refreshes do. SAVE-8 is about what else is kept."""
    store.given(ANNA)
    for number in range(1, LOOKED_AT[-1] + 1):
        update = _nth_update(number)
        store.save(update)
        if number in LOOKED_AT:
            now = _only_record(store).only(*(name for name, _ in update.items()))
            expect.equal(now, update, what=f"after {number} updates, the record")
    others = crowd(store)
    own = [each for each in store.records() if each.user == ANNA.user]
    if len(own) == 1:
        now = own[0].only(*(name for name, _ in update.items()))
        what = f"after {LOOKED_AT[-1]} updates and saves of {len(others)} other users, the record"
        expect.equal(now, update, what=what)


def _nth_update(number: int) -> Record:
    """Return one of the many updates that a login gets, each with new tokens."""
    tokens = {f"{kind}_token": zoho_token(f"{kind}.{number}") for kind in ("access", "refresh")}
    return ANNA.only("user").but(**tokens, expires_in=str(int(EXPIRY) + number))


def _nth_refresh(number: int) -> Record:
    """Return the update that an hourly refresh makes. The refresh token stays."""
    return _nth_update(number).without("refresh_token")


def _kept_beside(query: Record) -> set[str]:
    return {"grant_token"} if query.grant_token is None and query.refresh_token else set()


def _must_be_now(store: Subject, expected: Record) -> None:
    expect.equal(_only_record(store), expected, what="the updated record", ignore=("id",))


def _only_record(store: Subject) -> Record:
    listed = store.records()
    if len(listed) != 1:
        why = f"get_tokens lists {contents.count(len(listed))} after an update of the only one"
        raise CannotJudge(why, "SAVE-2", "SAVE-3", "SAVE-4", "SAVE-5")
    return listed[0]


@check("SAVE-21", generation="zohocrmsdk")
def leaves_the_saved_token_alone(store: Subject) -> None:
    """A save does not change the values of the token that it gets. It may set the id or user_mail,
    and it may fill fields that are None.
    """
    for record in (*EVERY_KIND, person("dora@mail.example")):
        _values_stay(store, record)
        for query in keys_of(record).values():
            fresh = FRESH if query.access_token is None else Record(expires_in=LATER)
            _values_stay(store, query.updated_by(fresh).but(redirect_url="https://new.example"))
    _values_stay(store, ANNA.only(*CREDENTIALS).but(user=zoho_user("eve")))  # refused: SAVE-16


def _values_stay(store: Subject, record: Record) -> None:
    token = store.door.build(record)
    before = store.door.written(token)
    outcome = store.attempt("save_token", token)
    if outcome.error is not None and not is_refusal(store.door, outcome.error):
        return  # SAVE-1 and SAVE-2 are about that
    after = store.door.written(token)
    given = [name for name, _ in before.items() if name != "id"]
    expect.equal(
        after.only(*given),
        before.only(*given),
        what="the saved token as it was,",
        name=named(token, store.calls),
    )
