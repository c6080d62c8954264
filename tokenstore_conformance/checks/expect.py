"""Assertions about one answer. Their messages tell a store's author what to fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.checks.samples import finding_requests
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault, named
from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.oracle.zohocrmsdk import differences
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.sdk.values import is_text
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome
from tokenstore_conformance.subject.keys import TELLING

UNTELLING: Final = tuple(name for name in FIELDS if name not in (*TELLING, "id"))
"""The fields in which records of different logins may have the same value."""


def equal(
    got: Record,
    expected: Record,
    *,
    what: str,
    ignore: Iterable[str] = (),
    others: Iterable[Record] = (),
    name: str = "",
) -> None:
    """Fail unless two records are equal in every field that is not ignored.

    ``name`` is what a script calls the token that must be equal. See `complete` for ``others``.
    """
    wrong = [
        name
        for name in FIELDS
        if name not in set(ignore) and getattr(got, name) != getattr(expected, name)
    ]
    if wrong:
        raise ClauseFailed(
            f"{what} with {values(expected, wrong)}",
            values(got, wrong),
            fault=Fault(fields=frozenset(wrong), shows=_whose(got, wrong, others)),
            claim=" and ".join(
                f"read({name})[{each!r}] == {getattr(expected, each)!r}" for each in wrong if name
            ),
        )


def complete(
    found: Record | None, stored: Record, query: Record, *, what: str, others: Iterable[Record] = ()
) -> None:
    """Fail unless an answer has the stored value in every field that the query left open.

    ``others`` are the other records. No value may come from them.
    """
    if found is None:
        raise ClauseFailed(f"{what}: {stored}", "None", fault=Fault(shows=Shown.NOT_FOUND))
    if stored.id is None:
        found = found.but(id=None)
    wrong = differences(stored, found, query)
    if wrong:
        raise ClauseFailed(
            f"{what} with {values(stored, wrong)}",
            values(found, wrong),
            fault=Fault(fields=frozenset(wrong), shows=_whose(found, wrong, others)),
        )


def _whose(found: Record, wrong: Iterable[str], others: Iterable[Record]) -> Shown:
    """Return what a failure shows: whether a wrong value is another record's."""
    known = {(name, value) for each in others for name, value in each.items()}
    is_anothers = any((name, getattr(found, name)) in known for name in wrong)
    return Shown.ANOTHERS if is_anothers else Shown.THE_USUAL


def identifies(
    found: Record | None, stored: Record, query: Record, *, what: str, others: Iterable[Record] = ()
) -> None:
    """Fail unless an answer is that record.

    In the fields that the query left open, it has only values of the record, and at least one.
    FIND-7 is about values where the record has none, except in the fields that tell records apart.
    """
    if found is None:
        raise ClauseFailed(f"{what}: {stored}", "None", fault=Fault(shows=Shown.NOT_FOUND))
    if stored.id is None:
        found = found.but(id=None)
    open_fields = [name for name in FIELDS if getattr(query, name) is None]
    may_differ = {name for name in UNTELLING if getattr(stored, name) is None}
    given = [
        name for name in open_fields if getattr(found, name) is not None and name not in may_differ
    ]
    foreign = [name for name in given if getattr(found, name) != getattr(stored, name)]
    if foreign:
        raise ClauseFailed(
            f"{what} with {values(stored, foreign)}",
            values(found, foreign),
            fault=Fault(shows=_whose(found, foreign, others)),
        )
    if not given and stored != query:
        raise ClauseFailed(f"{what}: {stored}", f"a token with none of its values: {found}")


def nothing_found(
    store: Subject, query: Record, *, what: str, stored: Iterable[Record] = ()
) -> None:
    """Fail unless the call returned None.

    Pass ``stored``, the stored records, if a user may have several of them.
    """
    found = store.find(query)
    if found is not None:
        shows = answered(found, query, stored)
        raise ClauseFailed(f"None: {what}", str(found), fault=Fault(shows=shows))


def answered(found: Record, query: Record, stored: Iterable[Record]) -> Shown:
    """Return whose token was found instead of None.

    It is `Shown.THE_USUAL` if the SDK cannot use the token: its access token and refresh token are
    missing, or are the query's.
    """
    tokens = [getattr(found, name) for name in ("access_token", "refresh_token")]
    known = {None, query.access_token, query.refresh_token}
    if known.issuperset(tokens):
        return Shown.THE_USUAL
    is_the_users = any(
        each.user == query.user and {each.access_token, each.refresh_token} & {*tokens} - known
        for each in stored
    )
    return Shown.ANOTHER_LOGIN if is_the_users else Shown.ANOTHERS


def returned_none(outcome: Outcome, method: str, store: Subject) -> None:
    """Fail if a call returned anything but None. Other clauses are about calls that raise."""
    if outcome.value is not None:
        raise ClauseFailed(f"None from {method}", str(store.said(outcome.value)))


def refused(outcome: Outcome, store: Subject, *, what: str) -> None:
    """Fail unless the call raised SDKException."""
    if outcome.error is None:
        raise ClauseFailed(f"SDKException: {what}", "no exception")
    if not is_refusal(store.door, outcome.error):
        raise ClauseFailed(
            f"SDKException: {what}", f"the exception {describe(outcome.error)}", outcome.error
        )


def silent_or_refused(outcome: Outcome, store: Subject, *, what: str) -> None:
    """Fail if the call raised anything but SDKException."""
    if outcome.error is not None and not is_refusal(store.door, outcome.error):
        raise ClauseFailed(
            f"None or SDKException: {what}",
            f"the exception {describe(outcome.error)}",
            outcome.error,
            fault=Fault(store.last_raised),
        )


def are_str(store: Subject, token: object, *fields: str, of: str) -> None:
    """Fail unless these fields of a token are str or None."""
    values = store.door.fields(token)
    for field in fields:
        value = values[field]
        if value is not None and not is_text(value):
            name = named(token, store.calls)
            raise ClauseFailed(
                f"a str as {'the id' if field == 'id' else field} of {of}",
                f"{in_short(value)}, of type {type(value).__name__}: put str() around it",
                fault=Fault(fields=frozenset({field})),
                claim=f"isinstance(read({name})[{field!r}], str)" if name else "",
            )


def empty_list(store: Subject, when: str) -> None:
    """Fail unless get_tokens returns an empty list. A subclass of list may claim any length."""
    listed = store.answer("get_tokens")
    try:
        is_empty = isinstance(listed, list) and not store.elements(listed) and len(listed) == 0
    except (OverflowError, ValueError):
        is_empty = False
    if not is_empty:
        raise ClauseFailed(f"[] {when}", in_short(listed))


def texts(store: Subject, *records: Record) -> None:
    """Fail unless each field of the tokens that the store returns for these is a str or None.

    The id and the expiry are left out: SAVE-10, DATA-3 and DATA-4 are about them.
    """
    answers = []
    for record in records:
        saved = store.door.to_save(store.door.in_full(record))
        store.try_request(saved)
        stored = record.but(id=store.read_whole(saved.token).id)
        for request in finding_requests(store.door, stored):
            answers.append((request.method, store.try_request(request).value))
    listed = store.elements(store.attempt("get_tokens").value)
    for method, token in (*answers, *(("get_tokens", each) for each in listed)):
        if isinstance(token, store.door.token_type):
            fields = [name for name in store.door.fields(token) if name not in ("id", "expires_in")]
            are_str(store, token, *fields, of=f"a token from {method}")


def values(record: Record, names: Iterable[str]) -> str:
    """Return some fields of a record, as a message shows them."""
    return ", ".join(f"{name}={_short(getattr(record, name))}" for name in names)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(str(value))} characters)"
