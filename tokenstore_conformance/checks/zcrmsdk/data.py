"""DATA: what a field can hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from tokenstore_conformance.checks import check, contents, expect, other_stores
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.samples import EXPIRY, FEW_MILLISECONDS, LATER
from tokenstore_conformance.checks.texts import CONTROLS, HALF, LONG_TOKEN, NUL, TEXTS
from tokenstore_conformance.checks.zcrmsdk import opened_again
from tokenstore_conformance.checks.zcrmsdk.samples import (
    another_of,
    carries,
    kept,
    login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import in_short
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk.values import as_text
from tokenstore_conformance.subject import Subject

LONG = "long" * 59

TEXT_FIELDS = ("access_token", "refresh_token")
"""The fields that the SDK takes as text from a found token. DATA-4 is about the expiry."""

MAY_SHOW = ("client_secret", "grant_token")
"""Other fields that a found token may have of its record. FIND-18 is about whether it does."""

AGAIN = "in a store that was opened again"

TEXTS_OF_A_LOGIN = ("client_id", "client_secret", "grant_token", "refresh_token", "access_token")

MAILS = (LONG, f"{LONG}er", "o'brien", "per%cent", "under_score", "bIg.lEtters", "dash-ed", "a+b")
"""Names in emails that the SDK's pattern allows: any one character between two that it lists."""


@check("DATA-1", generation="zcrmsdk")
def keeps_text(store: Subject) -> None:
    """Text comes back as it was saved, in every field, ids and keys included: Unicode, quotes,
    commas, backslashes, percent signs, and up to 255 characters in a field.
    """
    expect.texts(store, *(login(store, name) for name in ("anna", "bert")))
    _come_back(store, TEXTS)
    _must_be_told_apart(store.fresh())
    store = store.fresh()
    for number, name in enumerate(MAILS):
        _comes_back(store, login(store, f"user{number}").but(user=f"{name}@users.example"))


@check("DATA-2", generation="zcrmsdk")
def keeps_controls_and_long_text(store: Subject) -> None:
    """Line breaks of every kind, control characters, a byte order mark, and tokens of 4,096
    characters come back as they were saved. So does a NUL character, or the save raises
    SDKException. A save that raises, whatever the text in its token, changes no record.
    """
    _come_back(store, CONTROLS)
    for text in NUL:
        store = store.fresh()
        record = login(store, "anna").but(access_token=text, refresh_token=text)
        outcome = store.try_request(store.door.to_save(record))
        expect.silent_or_refused(outcome, store, what="a NUL character in the tokens")
        if outcome.error is None:
            _comes_back(store, record)
    for text in (*NUL, HALF):
        store = store.fresh()
        store.given(login(store, "anna"), without_grant(store, "bert"))
        broken = login(store, "carl").but(access_token=text, refresh_token=text)
        contents.unchanged_if_raising(store, broken)
        renewed = login(store, "anna").but(access_token=zoho_token("newer"), expires_in=LATER)
        for field in ("client_secret", "access_token", "redirect_url"):
            contents.unchanged_if_raising(store, renewed.but(**{field: text}))
        renewed = without_grant(store, "bert").but(access_token=text, expires_in=LATER)
        contents.unchanged_if_raising(store, renewed)

    store = store.fresh()
    tokens = dict.fromkeys(("refresh_token", "access_token", "grant_token"), LONG_TOKEN)
    _comes_back(store, login(store, "anna").but(**tokens))


def _come_back(store: Subject, texts: tuple[str, ...]) -> None:
    plain = store.fresh()
    plain.given(*(login(plain, f"user{number}") for number in range(4)))
    is_durable = opened_again.is_durable(plain)
    for few in (texts[start : start + 4] for start in range(0, len(texts), 4)):
        store = store.fresh()
        for number, text in enumerate(few):
            record = login(store, f"user{number}").but(**dict.fromkeys(TEXTS_OF_A_LOGIN, text))
            _comes_back(store, record)
            if store.door.by_id:
                record = login(store, f"guest{number}").but(id=text)
                _comes_back(store, record)
                carries(store.find_by_id(text), record, TEXT_FIELDS, "found by its id")
        if is_durable:
            opened_again.must_hold(store)


def _must_be_told_apart(store: Subject) -> None:
    """Check that a store tells apart long keys that differ only in the last character."""
    anna, bert = login(store, "anna"), without_grant(store, "bert")
    for record in (anna, bert):
        for field in ("id", "client_id", "refresh_token", "grant_token"):
            by_grant = record.grant_token is not None
            if getattr(record, field) is None or (by_grant and field == "refresh_token"):
                continue
            pair = [record.but(**{field: "k" * 254 + end, "access_token": end}) for end in "xy"]
            if field == "grant_token":
                pair = [
                    each.but(refresh_token=zoho_token(f"of.{each.access_token}")) for each in pair
                ]
            if field == "id":
                pair = [
                    another_of(pair[0]).but(id=pair[0].id, access_token=zoho_token("x")),
                    pair[1],
                ]
            elif record.id is not None:
                pair = [each.but(id=f"{record.id}_{each.access_token}") for each in pair]
            short = [_shortened(each) for each in pair]
            store.fresh().given(*short)
            try:
                _each_must_be_found(store.fresh(), pair, f"with a long {field}")
            except ClauseFailed as failure:
                _raise_unless_short_ones_fail(store, failure, short, field)


def _raise_unless_short_ones_fail(
    store: Subject, failure: ClauseFailed, short: list[Record], field: str
) -> None:
    def control() -> None:
        _each_must_be_found(store.fresh(), short, f"with a short {field}")

    raise_unless_alike(store, failure, control, "FIND", "BYID")


def _each_must_be_found(store: Subject, records: list[Record], what: str) -> None:
    for each in records:
        store.save(each)
    for each in records:
        for way, query in queries(each).items():
            carries(store.find(query), each, TEXT_FIELDS, f"found by {way}, {what}")
        if store.door.by_id:
            carries(store.find_by_id(each.id), each, TEXT_FIELDS, f"found by id, {what}")


def _shortened(record: Record) -> Record:
    """Return the same login with only the last character of its long key."""
    short = {
        name: value[-1]
        for name, value in record.items()
        if isinstance(value, str) and value.startswith("kkk")
    }
    return record.but(**short)


def _comes_back(store: Subject, record: Record) -> None:
    store.save(record)
    for way, query in queries(record).items():
        answer = store.find(query)
        shown = [name for name in MAY_SHOW if answer and getattr(answer, name) is not None]
        carries(answer, record, (*TEXT_FIELDS, *shown), f"found by {way}")
    listed = [each.without("expires_in") for each in store.records()]
    expected = kept(store, record).without("expires_in")
    contents.is_listed(listed, expected)


@check("DATA-4")
def gives_the_expiry_as_a_number(store: Subject) -> None:
    """The expiry comes back so that int() of it is the number that was saved."""
    lost: set[str] = set()
    """The ways to read that do not return a plain expiry. Other clauses are about those."""
    for expiry in (EXPIRY, FEW_MILLISECONDS, "0", "-1"):
        store = store.fresh()
        record = login(store, "anna").but(expires_in=expiry)
        store.given(record, verified=False)
        for way, answer in chain(_answers(store, record), _reopened(store)):
            found = store.door.fields(answer)["expires_in"]
            if expiry == EXPIRY and as_text(found) is None:
                lost.add(way)
            elif way not in lost:
                _must_be_the_expiry(found, int(expiry), way)


def _answers(store: Subject, record: Record) -> Iterator[tuple[str, Any]]:
    """Yield the tokens that the store returns for a record, each with the way to find it."""
    requests = {way: store.door.to_find(query) for way, query in queries(record).items()}
    if store.door.by_id:
        requests["id"] = store.door.to_find_by_id(record.id)
    answers = [(way, store.try_request(request).value) for way, request in requests.items()]
    listed = store.elements(store.attempt("get_tokens").value)
    for way, answer in (*answers, *(("list", each) for each in listed)):
        if isinstance(answer, store.door.token_type):
            yield way, answer


def _reopened(store: Subject) -> Iterator[tuple[str, Any]]:
    """Yield what the store lists when it is opened again: nothing if it is only in memory."""
    again = other_stores.opened_again(store)
    if again is None:
        return
    for each in again.elements(again.attempt("get_tokens").value):
        if isinstance(each, store.door.token_type):
            yield AGAIN, each


def _must_be_the_expiry(found: Any, expected: int, way: str) -> None:
    try:
        number = int(found)
    except Exception:  # the value may have any type
        number = None
    if number != expected:
        fault = Fault(fields=frozenset({"expires_in"}))
        where = f", {AGAIN}" if way == AGAIN else ""
        raise ClauseFailed(
            f"an expiry that int() turns into {expected}{where}", in_short(found), fault=fault
        )
