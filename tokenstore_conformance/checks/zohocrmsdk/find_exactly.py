"""FIND-8, FIND-14 and FIND-15: never another's token."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import (
    ANNA,
    BY_ACCESS,
    CREDENTIALS,
    EXPIRY,
    FRUGAL,
    HOUSEHOLD,
    MODERN,
    UNKNOWN_IDS,
)
from tokenstore_conformance.checks.zohocrmsdk.save import readings
from tokenstore_conformance.failures import Call, ClauseFailed
from tokenstore_conformance.oracle.zohocrmsdk import Model
from tokenstore_conformance.records import NAMELESS, Record
from tokenstore_conformance.subject import Subject

CLIENT = ANNA.only(*CREDENTIALS)

IDENTIFY_NOTHING = (
    Record(user=""),
    Record(user=NAMELESS),
    Record(access_token=""),
    Record(grant_token=""),
    Record(refresh_token=""),
    Record(redirect_url=ANNA.redirect_url),
    Record(api_domain=ANNA.api_domain),
    Record(expires_in=ANNA.expires_in),
    CLIENT,
    CLIENT.only("client_id"),
    CLIENT.only("client_secret"),
    CLIENT.but(access_token="anna.access"),
    CLIENT.but(access_token=""),
    CLIENT.but(grant_token=""),
    CLIENT.but(refresh_token=""),
    CLIENT.but(grant_token="", refresh_token=""),
    CLIENT.only("client_id").but(access_token="anna.access"),
    CLIENT.but(access_token="only.access"),
    ANNA.only("refresh_token"),
    ANNA.only("grant_token"),
    ANNA.only("client_id", "refresh_token"),
    ANNA.only("client_secret", "grant_token"),
    *(Record(id=id) for id in UNKNOWN_IDS),
    Record(id=""),
    Record(id="1 or 1=1"),
    Record(id="' or ''='"),
    Record(id="%"),
)
"""Queries that identify no record."""

IDENTIFY_NOBODY = (
    CLIENT.but(user="nobody", refresh_token="anna.refresh"),
    CLIENT.but(user="nobody", grant_token="anna.grant"),
    Record(user="nobody", access_token="anna.access"),
    Record(user="nobody", refresh_token="anna.refresh"),
    CLIENT.but(user="nobody"),
    Record(access_token="no.access", refresh_token="anna.refresh"),
    Record(access_token="no.access", grant_token="anna.grant"),
    CLIENT.but(access_token="anna.access", refresh_token="no.refresh"),
)
"""Queries that identify a record which is not there."""


@check("FIND-8")
def never_answers_with_a_stranger(store: Subject) -> None:
    for ground in (HOUSEHOLD, HOUSEHOLD[::-1], (ANNA,), (BY_ACCESS,), (FRUGAL, MODERN)):
        store = store.fresh()
        model = Model()
        stored = store.given(*ground)
        for number, record in enumerate(stored):
            model.save(record, f"not told {number}")
        known_ids = (record.only("id") for record in stored if record.id is not None)
        for query in (*IDENTIFY_NOTHING, *IDENTIFY_NOBODY, *known_ids):
            _not_revealed(store, model, query)


def _not_revealed(store: Subject, model: Model, query: Record) -> None:
    answers = model.find(query)
    outcome = store.attempt("find_token", store.door.build(query))
    if outcome.error is not None:
        if answers.refusal:
            expect.silent_or_refused(outcome, store, what=f"{query} identifies nothing")
            return
        expect.silent_or_refused(outcome, store, what=f"no record is that of {query}")
        return  # FIND-6 says that it must be None
    found = store.read(outcome.value)
    if found is None:
        return
    for record in answers.records:
        if all(
            getattr(found, name) in (value, getattr(query, name)) for name, value in record.items()
        ):
            return
    raise ClauseFailed(
        f"None: {query} identifies no record" if not answers.records else "None, or that record",
        str(found),
    )


Alike = tuple[tuple[str, ...], tuple[str, ...]]
"""Values, and others that a careless comparison takes for them."""

ALIKE: tuple[Alike, ...] = (
    (("anna",), ("anna ", " anna", "ann\u00e1", "ann", "anna1")),
    (("anna",), ("ann%", "%", "_nna", "ann*", ".*", "ann?")),
    (("m\u00fcller", "stra\u00dfe", "12"), ("muller", "strasse", "012", "12.0")),
)

ALIKE_TOKENS: tuple[Alike, ...] = (
    *ALIKE,
    (("Token", "\u00e9"), ("token", "TOKEN", "e\u0301")),
)

ALIKE_NAMES: tuple[Alike, ...] = (
    (("anna", "zo\u00eb", "\u212b"), ("Anna", "ANNA", "zoe\u0308", "\u00c5")),
)

TOKEN_FIELDS = ("access_token", "grant_token", "refresh_token")


@check("FIND-14")
def compares_keys_exactly(store: Subject) -> None:
    for alike in ALIKE:
        _are_different(store, "user", alike)
    for field in TOKEN_FIELDS:
        for alike in ALIKE_TOKENS:
            _are_different(store, field, alike)


@check("FIND-15")
def compares_names_exactly(store: Subject) -> None:
    for alike in ALIKE_NAMES:
        _are_different(store, "user", alike)


def _are_different(store: Subject, field: str, alike: Alike) -> None:
    """What is stored is not found by a value alike; and, stored beside it, each by its own."""
    for stored, near in (alike, alike[::-1]):
        store = store.fresh()
        store.given(*(_with(field, value) for value in stored), verified=False)
        suspects = [_found_though_not_stored(store, field, value) for value in near]
        _blame_one_that_comes_back(store, field, suspects)

    store = store.fresh()
    values = alike[0] + alike[1]
    store.given(*(_with(field, value) for value in values), verified=False)
    suspects = [_found_as_another(store, field, value) for value in values]
    _blame_one_that_comes_back(store, field, suspects)


@dataclass(frozen=True)
class Suspect:
    """A value that was taken for another, and the calls up to there."""

    value: str
    failure: ClauseFailed
    calls: list[Call]


def _found_though_not_stored(store: Subject, field: str, value: str) -> Suspect | None:
    found = store.find(_query(field, value))
    if found is None:
        return None
    failure = ClauseFailed(f"None: no record has the {field} {value!r}", str(found))
    return Suspect(value, failure, list(store.calls))


def _found_as_another(store: Subject, field: str, value: str) -> Suspect | None:
    query, record = _query(field, value), _with(field, value)
    found = store.find(query)
    try:
        expect.identifies(
            found and found.but(id=None), record, query, what=f"the record of {value!r}"
        )
    except ClauseFailed as failure:
        return Suspect(value, failure, list(store.calls))
    return None


def _blame_one_that_comes_back(
    store: Subject, field: str, suspects: Iterable[Suspect | None]
) -> None:
    """A value that does not even come back as it was saved is DATA-1's matter."""
    for suspect in filter(None, suspects):
        if _comes_back(store.fresh(), field, suspect.value):
            store.calls[:] = suspect.calls
            raise suspect.failure


def _with(field: str, value: str) -> Record:
    """A record with such a key, and with an expiry that tells it from the others."""
    number = zlib.crc32(value.encode())
    access = f"access {number}" if field == "user" else None
    expiry = str(int(EXPIRY) + number % 10**7)
    return _query(field, value).updated_by(Record(access_token=access, expires_in=expiry))


def _query(field: str, value: str) -> Record:
    client = Record() if field in ("user", "access_token") else CLIENT
    return client.but(**{field: value})


def _comes_back(store: Subject, field: str, value: str) -> bool:
    """Whether the value, stored alone, is stored as it is."""
    record = _with(field, value)
    return record in [
        each.but(id=None) for each in readings(store, *store.given(record, verified=False))
    ]
