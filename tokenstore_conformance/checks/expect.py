"""What the checks assert, in words that tell a store's author what to fix."""

from __future__ import annotations

from collections.abc import Iterable

from tokenstore_conformance.checks.samples import finding_requests
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.oracle.zohocrmsdk import differences
from tokenstore_conformance.plural import counted, first_of
from tokenstore_conformance.records import FIELDS, Record, differing, nearest
from tokenstore_conformance.sdk import is_refusal
from tokenstore_conformance.sdk.values import is_text
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome


def holds(store: Subject, *expected: Record) -> None:
    """The store lists just these records, in any order; an id that is None is any id."""
    are(store.records(), *expected)


def are(listed: list[Record], *expected: Record) -> None:
    """What was listed are just these records, in any order; an id that is None is any id."""
    if len(listed) == len(expected) == len(set(listed) & set(expected)):
        return  # so it is nearly always, and with many records this is much quicker
    missing = list(expected)
    surplus = []
    for record in listed:
        fits = next((each for each in missing if _same(each, record)), None)
        if fits is None:
            surplus.append(record)
        else:
            missing.remove(fits)
    if missing or surplus:
        fields = _fields_that_differ(missing, surplus)
        wrong = [name for name in FIELDS if name in fields] if len(missing) == 1 else []
        raise ClauseFailed(
            f"{count(len(expected))} in the store{_these(missing, wrong, of=len(expected))}",
            f"{count(len(listed))}{_these(surplus, wrong, of=len(listed))}",
            fault=Fault(
                fields=fields,
                shows=_number_that_differs(missing, surplus),
            ),
        )


def is_listed(listed: list[Record], record: Record) -> None:
    """A record is among those that are listed, in every field."""
    if record in listed:
        return
    found = nearest(record, listed)
    if found is None:
        raise ClauseFailed(f"{record} in what get_tokens lists", "an empty list")
    equal(found, record, what="a record in what get_tokens lists,")


def same_records(store: Subject, before: Iterable[Record], *, after: str) -> None:
    """The store lists what it listed before."""
    unchanged(list(before), store.records(), after=after)


def unchanged_if_raising(store: Subject, record: Record) -> None:
    """A save of this record that raises changes nothing; one that returns is not looked at."""
    before = store.records()
    if store.try_request(store.door.to_save(record)).error is not None:
        same_records(store, before, after="a save that raised")


def unchanged(
    before: list[Record], now: list[Record], *, after: str, shows: Shown | None = None
) -> None:
    """What is listed now is what was listed before, in any order.

    ``shows`` is what a failure shows, if that is known better than by the number of records.
    """
    if sorted(map(repr, now)) != sorted(map(repr, before)):
        gone = [each for each in before if each not in now]
        new = [each for each in now if each not in before]
        raise ClauseFailed(
            f"the same records as before {after}",
            f"other records{_changed(gone, new)}; gone: {_list(gone)}; new: {_list(new)}",
            fault=Fault(shows=shows or _number_that_differs(before, now)),
        )


def _changed(gone: list[Record], new: list[Record]) -> str:
    """The fields that differ, if just one record was changed."""
    if len(gone) != 1 or len(new) != 1:
        return ""
    names = differing(gone[0], new[0])
    return f", with {_values(new[0], names)} in place of {_values(gone[0], names)}"


def equal(
    got: Record,
    expected: Record,
    *,
    what: str,
    ignore: Iterable[str] = (),
    others: Iterable[Record] = (),
) -> None:
    """Two records are the same in every field but the ignored ones; see `complete` for others."""
    wrong = [
        name
        for name in FIELDS
        if name not in set(ignore) and getattr(got, name) != getattr(expected, name)
    ]
    if wrong:
        raise ClauseFailed(
            f"{what} with {_values(expected, wrong)}",
            _values(got, wrong),
            fault=Fault(fields=frozenset(wrong), shows=_whose(got, wrong, others)),
        )


def complete(
    found: Record | None, stored: Record, query: Record, *, what: str, others: Iterable[Record] = ()
) -> None:
    """An answer has the stored value in every field that the query left open.

    ``others`` are the other records, from which no value may come.
    """
    if found is None:
        raise ClauseFailed(f"{what}: {stored}", "None")
    if stored.id is None:
        found = found.but(id=None)
    wrong = differences(stored, found, query)
    if wrong:
        raise ClauseFailed(
            f"{what} with {_values(stored, wrong)}",
            _values(found, wrong),
            fault=Fault(fields=frozenset(wrong), shows=_whose(found, wrong, others)),
        )


def _whose(found: Record, wrong: Iterable[str], others: Iterable[Record]) -> Shown:
    """Whether a wrong value is another record's."""
    known = {(name, value) for each in others for name, value in each.items()}
    is_anothers = any((name, getattr(found, name)) in known for name in wrong)
    return Shown.ANOTHERS if is_anothers else Shown.THE_USUAL


def identifies(
    found: Record | None, stored: Record, query: Record, *, what: str, others: Iterable[Record] = ()
) -> None:
    """An answer is that record: nothing in it, except what the query has, is of another."""
    if found is None:
        raise ClauseFailed(f"{what}: {stored}", "None")
    if stored.id is None:
        found = found.but(id=None)
    open_fields = [name for name in FIELDS if getattr(query, name) is None]
    given = [name for name in open_fields if getattr(found, name) is not None]
    foreign = [name for name in given if getattr(found, name) != getattr(stored, name)]
    if foreign:
        raise ClauseFailed(
            f"{what} with {_values(stored, foreign)}",
            _values(found, foreign),
            fault=Fault(shows=_whose(found, foreign, others)),
        )
    if not given and stored != query:
        raise ClauseFailed(f"{what}: {stored}", f"a token with none of its values: {found}")


def nothing_found(store: Subject, query: Record, *, what: str) -> None:
    """Fail unless the call returned None."""
    found = store.find(query)
    if found is not None:
        raise ClauseFailed(f"None: {what}", str(found))


def returned_none(outcome: Outcome, method: str, store: Subject) -> None:
    """A call that returned gave None. Other clauses are about one that raised."""
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
    """No exception, or SDKException."""
    if outcome.error is not None and not is_refusal(store.door, outcome.error):
        raise ClauseFailed(
            f"None or SDKException: {what}",
            f"the exception {describe(outcome.error)}",
            outcome.error,
            fault=Fault(store.last_raised),
        )


def unique_ids(records: Iterable[Record]) -> None:
    """No two records share an id, and none is without."""
    seen: dict[str | None, Record] = {}
    for record in records:
        if record.id is None:
            raise ClauseFailed("an id for every record", f"none for {record}")
        if record.id in seen:
            raise ClauseFailed(
                "an id of its own for every record",
                f"{record.id!r} for {_list([seen[record.id].but(id=None), record.but(id=None)])}",
            )
        seen[record.id] = record


def is_str(value: object, field: str, *, of: str) -> None:
    """A field of a token is a str, or None."""
    if value is not None and not is_text(value):
        raise ClauseFailed(
            f"a str as {field} of {of}",
            f"{in_short(value)}, of type {type(value).__name__}: put str() around it",
            fault=Fault(fields=frozenset({field.removeprefix("the ")})),
        )


def texts(store: Subject, *records: Record) -> None:
    """All that the store answers with about these is text.

    The id and the expiry are left out: SAVE-10, DATA-3 and DATA-4 are about those.
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
            for field, value in store.door.fields(token).items():
                if field not in ("id", "expires_in"):
                    is_str(value, field, of=f"a token from {method}")


def count(number: int) -> str:
    return counted(number, "record")


def lacking(number: int) -> str:
    """A listing of so many records in which one is not."""
    return f"{count(number)} without it" if number else "an empty list"


def _same(expected: Record, listed: Record) -> bool:
    return expected == (listed if expected.id is not None else listed.but(id=None))


def _fields_that_differ(missing: list[Record], surplus: list[Record]) -> frozenset[str]:
    """The fields in which records are listed otherwise than they should be, where that is all."""
    if len(missing) != len(surplus):
        return frozenset()
    return frozenset(
        name
        for wanted, got in zip(missing, surplus, strict=True)
        for name in FIELDS
        if getattr(wanted, name) != getattr(got, name) and (name != "id" or wanted.id is not None)
    )


def _number_that_differs(missing: list[Record], surplus: list[Record]) -> Shown:
    if len(missing) == len(surplus):
        return Shown.OTHERS
    return Shown.FEWER if len(missing) > len(surplus) else Shown.MORE


def _these(records: list[Record], wrong: list[str], *, of: int) -> str:
    """Some of so many records, or all; of one that is listed otherwise, the fields that differ."""
    if not records:
        return ""
    if wrong:
        return f", {'one of them ' if of > 1 else ''}with {_values(records[0], wrong)}"
    return f"{': ' if len(records) == of else ', among them '}{_list(records)}"


def _list(records: list[Record]) -> str:
    return " and ".join(first_of([each.brief() for each in records], 3)) or "none"


def _values(record: Record, names: Iterable[str]) -> str:
    return ", ".join(f"{name}={_short(getattr(record, name))}" for name in names)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(str(value))} characters)"
