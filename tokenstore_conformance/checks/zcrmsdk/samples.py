"""The logins that the checks of the five methods work with. Every value is invented."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.samples import LATER as LATER
from tokenstore_conformance.checks.samples import OFTEN as OFTEN
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault
from tokenstore_conformance.records import NOW, Record, zoho_token
from tokenstore_conformance.sdk import Request, Unreadable
from tokenstore_conformance.subject import Subject

KEPT: Final = (
    *("user", "client_id", "grant_token", "refresh_token", "access_token", "expires_in"),
)
"""The fields of a login that a store has to keep."""


def login(store: Subject, name: str, **changes: str | None) -> Record:
    """Return the login of a user who logged in by grant token, and got a refresh token."""
    tokens = {"grant_token": zoho_token(f"{name}.grant")}
    return store.door.in_full(user_of(store.door, name)).but(**(tokens | changes))


def without_grant(store: Subject, name: str, **changes: str | None) -> Record:
    """Return the login of a user who started with a refresh token."""
    return login(store, name).but(grant_token=None, **changes)


def without_refresh(store: Subject, name: str, **changes: str | None) -> Record:
    """Return the login of a user who started with a grant token, but got no refresh token."""
    return login(store, name).but(refresh_token=None, **changes)


def another_of(record: Record) -> Record:
    """Return another login of the same user at the same client, with other tokens."""
    changes = {"access_token": zoho_token("another.access")}
    if record.refresh_token is not None:
        changes["refresh_token"] = zoho_token("another.refresh")
    if record.grant_token is not None:
        changes["grant_token"] = "another.grant"
    if record.id is not None:
        changes["id"] = f"{record.id}_another"
    return record.but(**changes)


def nth_login(record: Record, number: int) -> Record:
    """Return one of many logins of a user at the same client."""
    changes = {
        f"{kind}_token": zoho_token(f"{kind}.{number}")
        for kind in ("refresh", "access", "grant")
        if getattr(record, f"{kind}_token") is not None
    }
    if record.id is not None:
        changes["id"] = f"{record.id}_{number}"
    return record.but(**changes)


def kept(store: Subject, record: Record) -> Record:
    """Return the record with only the fields that a comparison with listed logins uses."""
    return store.door.comparable(record)


def queries(record: Record) -> dict[str, Record]:
    """Return the queries that identify a login, one for each kind of key that it has."""
    base = record.only("user", "client_id", "client_secret")
    found = {}
    if record.grant_token is not None:
        found["grant token"] = base.but(grant_token=record.grant_token)
    if record.refresh_token is not None:
        found["refresh token"] = base.but(refresh_token=record.refresh_token)
    return found


def holds(store: Subject, *expected: Record) -> None:
    """Check that the store lists exactly these logins, in the fields that `kept` compares."""
    contents.holds(store, *(kept(store, record) for record in expected))


def handed_on(store: Subject, request: Request, first: Record) -> Request:
    """Return the call with the email of ``first`` on its token, as if that user used it before.

    A program that continues as another user may keep its token. A listed token has an email too.
    """
    store.door.fill(request.token, first.only("user"))
    return request


def alike(text: str) -> dict[str, str]:
    """Return other values that a lenient comparison confuses with this one, by what differs."""
    accented = text.replace("n", "\u00f1", 1) if "n" in text else f"{text}\u00e9"
    every = {
        "another letter case": text.upper(),
        "a blank behind": f"{text} ",
        "a blank before": f" {text}",
        "a wildcard": f"{text[:-1]}%",
        "another wildcard": f"{text[:-1]}_",
        "a pattern": f"{text[:-1]}*",
        "its beginning": text[:-1],
        "an accent": accented,
        "another normal form": unicodedata.normalize("NFD", text),
    }
    return {what: value for what, value in every.items() if value != text}


def carries(
    found: Record | None,
    expected: Record,
    names: tuple[str, ...],
    what: str,
    *,
    shows: Shown = Shown.THE_USUAL,
    claim: str = "",
) -> None:
    """Check that what was found has the values of the expected record in these fields."""
    wanted = expected.only(*names)
    if found is None or found.only(*names) != wanted:
        got = "None" if found is None else str(found.only(*names))
        wrong = [n for n in names if found and getattr(found, n) != getattr(wanted, n)]
        fault = Fault(
            fields=frozenset(wrong),
            shows=shows if found else Shown.THE_USUAL,
            only_expired=found is None and expected.has_expired,
        )
        raise ClauseFailed(f"{what}: {wanted}", got, fault=fault, claim=claim)


def found(store: Subject, query: Record) -> Record | None:
    """Return what a query finds; None also for an unreadable answer, which other checks judge."""
    answer = store.try_request(store.door.to_find(query)).value
    try:
        return None if answer is None else store.door.read(answer)
    except Unreadable:
        return None


def finds(store: Subject, query: Record, record: Record) -> bool:
    """Whether a query finds this login. FIND clauses are about a query that finds another."""
    answer = found(store, query)
    return answer is not None and answer.access_token == record.access_token


def by_no_token(query: Record, way: str) -> Record:
    """Return the same query by a token that was never in the store."""
    return query.but(**{way.replace(" ", "_"): zoho_token("never")})


JUST_EXPIRED: Final = str(NOW - 1_000_000)

TO_USE: Final = ("access_token", "expires_in", "refresh_token")
"""What the SDK takes from a found token."""


def given(store: Subject, *records: Record) -> None:
    """Save the logins that a check starts from. Those without a refresh token get none.

    Raises `CannotJudge` if they are not there.
    """
    store.given(*(each for each in records if each.refresh_token is not None))
    try:
        for each in records:
            if each.refresh_token is None:
                store.save(each)
        holds(store, *records)
    except ClauseFailed as failure:
        why = "a login without a refresh token is not there once it was saved"
        raise CannotJudge(why, "SAVE", "LIST", otherwise=failure) from failure


def replaced(store: Subject, record: Record) -> Record:
    """Save a login, save it again with another refresh token, and return what is stored then.

    Raises `CannotJudge` if the first refresh token is not replaced, which SAVE-23 is about.
    """
    new = record.but(refresh_token=zoho_token("refresh.new"), access_token=zoho_token("new"))
    for each in (record, new):
        store.save(each)
    by_old, by_new = (found(store, queries(each)["refresh token"]) for each in (record, new))
    if by_old is not None or by_new is None:
        why = "a save does not replace the refresh token of a login"
        raise CannotJudge(why, "SAVE-1", "SAVE-23", "FIND")
    return new


@contextmanager
def excused_by(store: Subject, *clauses: str) -> Iterator[None]:
    """Raise `CannotJudge` for a failure if faults are being repaired.

    These logins are so alike that the faults of some clauses cannot be repaired for them.
    """
    try:
        yield
    except ClauseFailed as failure:
        if store.bench.repairs is None:
            raise
        why = "these logins cannot be told apart while other clauses fail"
        raise CannotJudge(why, *clauses, otherwise=failure) from failure


def three_logins(store: Subject) -> list[Record]:
    """Save logins by grant and by refresh token for a check to start from, and return them."""
    records = [login(store, "anna"), without_grant(store, "bert"), login(store, "carl")]
    store.given(*records)
    return records
