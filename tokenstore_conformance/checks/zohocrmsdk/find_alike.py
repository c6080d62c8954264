"""FIND-14 and 15: keys that are alike are different keys."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.samples import ANNA, CREDENTIALS, EXPIRY
from tokenstore_conformance.checks.texts import LONG
from tokenstore_conformance.checks.zohocrmsdk.samples import readings
from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

CLIENT = ANNA.only(*CREDENTIALS)

UNLIKE = "a value like no other"

Alike = tuple[tuple[str, ...], tuple[str, ...]]
"""Values, and other values that a careless comparison confuses with them."""

ALIKE: tuple[Alike, ...] = (
    (("anna",), ("anna ", " anna", "ann\u00e1", "ann", "anna1")),
    (("anna",), ("ann%", "%", "_nna", "ann*", ".*", "ann?")),
    (
        ("m\u00fcller", "stra\u00dfe", "12", "ann lee"),
        ("muller", "m\u00f6ller", "strasse", "012", "12.0", "ann  lee", "annlee"),
    ),
)

_LEE, _ANN = "lee" * 14, "ann" * 14

OF_THE_SDK: tuple[Alike, ...] = (
    (
        ("ann@one.example:60001",),
        ("ann@one.example:60002", "ann@two.example:60001", "ann@one.example", "ann", "60001"),
    ),
    (("ann+crm@one.example:60001",), ("ann+shop@one.example:60001", "ann+@one.example:60001")),
    (
        ("ann+crm@one.example:60001",),
        ("ann_crm@one.example:60001", "ann-crm@one.example:60001", "anncrm@one.example:60001"),
    ),
    (
        ("ann@one.example:60001", "ann@two.example"),
        ("ann@one.example:060001", "ann@one.example: 60001", "ann@two.example:"),
    ),
    (
        ("ann@one.example:60001",),
        ("ann+crm@one.example:60001", "an.n@one.example:60001", "ann@crm.one.example:60001"),
    ),
    (
        ("\u674e\u5a1c@one.example:60001",),
        ("\u738b\u82b3@one.example:60001", "??@one.example:60001"),
    ),
    ((f"{_LEE}.one.{_ANN}:60001",), (f"{_LEE}.two.{_ANN}:60001",)),  # only the middle differs
)
"""User names as the SDK makes them: the email, a colon, the id of the organisation."""

_HALF = "0123456789abcdef" * 2

TOKENS_OF_ZOHO: tuple[Alike, ...] = (
    (
        (f"1000.{_HALF}.{_HALF}",),
        (
            *(f"1000.{_HALF}.{_HALF[:-1]}0", f"1000.{_HALF}.{_HALF[::-1]}", f"1000.{_HALF}."),
            *(f"1000.{_HALF[:-1]}0.{_HALF}", _HALF),  # only the middle differs
        ),
    ),
)
"""Tokens as Zoho makes them: 70 characters. Two tokens may have the same first half."""

ALIKE_TOKENS: tuple[Alike, ...] = (
    *ALIKE,
    *TOKENS_OF_ZOHO,
    (("Token", "\u00e9"), ("token", "TOKEN", "e\u0301")),
)

ALIKE_NAMES: tuple[Alike, ...] = (
    (("anna", "zo\u00eb", "\u212b"), ("Anna", "ANNA", "zoe\u0308", "\u00c5")),
    (("ann@one.example:60001",), ("ann@One.example:60001", "Ann@one.example:60001")),
)

TOKEN_FIELDS = ("access_token", "grant_token", "refresh_token")


@check("FIND-14", generation="zohocrmsdk")
def compares_keys_exactly(store: Subject) -> None:
    """Keys are compared exactly and in full. A key that differs in an accent, a blank at either
    end, a wildcard, or only in its last characters is another key: a user name with another
    organisation id, or a token that agrees in all but the end of its 70 characters. Another letter
    case makes another key too (for user names in zohocrmsdk, see FIND-15).
    """
    for alike in (*ALIKE, *OF_THE_SDK):
        _must_be_different(store, "FIND-14", "user", alike)
    for field in TOKEN_FIELDS:
        for alike in ALIKE_TOKENS:
            _must_be_different(store, "FIND-14", field, alike)
    for field in ("user", *TOKEN_FIELDS):
        if _comes_back(store.fresh(), field, LONG[0]):
            _must_be_different(store, "FIND-14", field, (LONG[:1], LONG[1:]))


@check("FIND-15")
def compares_names_exactly(store: Subject) -> None:
    """User names that differ only in letter case or in Unicode normal form are two users."""
    for alike in ALIKE_NAMES:
        _must_be_different(store, "FIND-15", "user", alike)


def _must_be_different(store: Subject, clause: str, field: str, alike: Alike) -> None:
    """Check that a value like the stored one finds nothing, or its own record once it is stored."""
    for stored, near in (alike, alike[::-1]):
        store = store.fresh()
        store.given(*(_with(field, value) for value in stored), verified=False)
        if store.find(_query(field, UNLIKE)) is not None:
            raise CannotJudge(f"a {field} unlike any that is stored is answered", "FIND-6", clause)
        suspects = [_found_though_not_stored(store, field, value) for value in near]
        _blame_one_that_comes_back(store, field, suspects)

    store.fresh().given(*(_with(field, value) for value in ("this one", "quite another")))

    store = store.fresh()
    values = alike[0] + alike[1]
    store.given(*(_with(field, value) for value in values), verified=False)
    suspects = [_found_as_another(store, field, value) for value in values]
    try:
        _blame_one_that_comes_back(store, field, suspects)
    except ClauseFailed as failure:
        why = "a save may have taken the place of another record"
        raise CannotJudge(why, "SAVE-14", clause, otherwise=failure) from failure


@dataclass(frozen=True)
class Suspect:
    """A value that the store confused with another, and the calls up to that point."""

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
    """Raise the first failure whose value comes back as saved. DATA-1 is about the others."""
    for suspect in filter(None, suspects):
        if _comes_back(store.fresh(), field, suspect.value):
            store.calls[:] = suspect.calls
            raise suspect.failure


def _with(field: str, value: str) -> Record:
    """Return a record with this key, and with an expiry that no other record has."""
    number = zlib.crc32(value.encode())
    access = f"access {number}" if field == "user" else None
    expiry = str(int(EXPIRY) + number % 10**7)
    return _query(field, value).updated_by(Record(access_token=access, expires_in=expiry))


def _query(field: str, value: str) -> Record:
    client = Record() if field in ("user", "access_token") else CLIENT
    return client.but(**{field: value})


def _comes_back(store: Subject, field: str, value: str) -> bool:
    """Whether the store keeps the value unchanged if it is stored alone."""
    record = _with(field, value)
    return record in [
        each.but(id=None) for each in readings(store, *store.given(record, verified=False))
    ]
