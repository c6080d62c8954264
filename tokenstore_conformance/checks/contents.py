"""Assertions about everything that a store holds: the records that it lists, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tokenstore_conformance.checks.expect import equal, values
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.plural import counted, first_of
from tokenstore_conformance.records import FIELDS, Record, differing, nearest
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.keys import is_recognized


def holds(store: Subject, *expected: Record) -> None:
    """Fail unless the store lists just these records, in any order. An id of None fits any id."""
    are(store.records(), *expected)


def as_listed(store: Subject, record: Record) -> Record:
    """Return a record that was just listed, with its id. Fail if a new listing does not show it."""
    for each in store.records():
        if each.but(id=None) == record.but(id=None):
            return each
    raise ClauseFailed(f"the same listing as before, with {record.brief()}", "a listing without it")


def readable(store: Subject) -> list[Record]:
    """Return what the store lists. [] if that cannot be read: LIST-2 is about that."""
    try:
        return [
            store.read_whole(token) for token in store.elements(store.attempt("get_tokens").value)
        ]
    except ClauseFailed:
        return []


def are(listed: list[Record], *expected: Record) -> None:
    """Fail unless just these records were listed, in any order. An id of None fits any id."""
    if len(listed) == len(expected) == len(set(listed) & set(expected)):
        return  # the usual case: with many records, this is much faster
    missing, surplus = _unmatched(expected, listed)
    if missing or surplus:
        changed = _pairs(missing, surplus)
        fields = _fields_that_differ(changed)
        if changed:
            wanted, got = _the_first(changed, of=len(expected))
        else:
            wanted, got = _some(missing, of=len(expected)), _some(surplus, of=len(listed))
        raise ClauseFailed(
            f"{count(len(expected))} in the store{wanted}",
            f"{count(len(listed))}{got}",
            fault=Fault(
                fields=fields,
                shows=_number_that_differs(missing, surplus),
                only_expired=bool(changed or (missing and not surplus))
                and all(each.has_expired for each in missing),
            ),
            claim=claim("lists", expected),
        )


def has_added(store: Subject, *expected: Record) -> None:
    """Like `holds`, after the last of these was saved as a new record."""
    listed = store.records()
    try:
        are(listed, *expected)
    except ClauseFailed as failure:
        if not any(_unmatched(expected[:-1], listed)):
            failure.fault = replace(failure.fault, shows=Shown.NOT_ADDED)
        raise


def has_updated(store: Subject, updated: Record, *others: Record) -> None:
    """Like `holds`, after the first of these was updated."""
    listed = store.records()
    try:
        are(listed, updated, *others)
    except ClauseFailed as failure:
        is_alone = not _unmatched(others, listed)[0] and failure.fault.shows is Shown.OTHERS
        if is_alone:
            failure.fault = replace(failure.fault, shows=Shown.NO_UPDATE)
        raise


def leaves_others(store: Subject, others: Iterable[Record], updated: Record) -> None:
    """Fail unless an update left the other records as they were, and its user has a record.

    Other clauses are about whether the update changed that record, and whether there is only one.
    """
    listed = store.records()
    own = [each for each in listed if each.user == updated.user]
    are(listed, *others, *(own or [updated]))


def is_listed(listed: list[Record], record: Record) -> None:
    """Fail unless a record is among those that are listed, with every field equal."""
    if record in listed:
        return
    found = nearest(record, listed)
    if found is None:
        raise ClauseFailed(f"{record} in what get_tokens lists", "an empty list")
    equal(found, record, what="a record in what get_tokens lists,")


def same_records(store: Subject, before: Iterable[Record], *, after: str) -> None:
    """Fail unless the store lists what it listed before."""
    unchanged(list(before), store.records(), after=after)


def unchanged_if_raising(store: Subject, record: Record) -> None:
    """Fail if a save of this record raises but changes something. Ignore one that returns."""
    before = store.records()
    if store.try_request(store.door.to_save(record)).error is not None:
        same_records(store, before, after="a save that raised")


def unchanged(
    before: list[Record], now: list[Record], *, after: str, shows: Shown | None = None
) -> None:
    """Fail unless the same records are listed now as before, in any order.

    ``shows`` is what a failure shows. If it is not given, the numbers of records decide.
    """
    if sorted(map(repr, now)) != sorted(map(repr, before)):
        gone = [each for each in before if each not in now]
        new = [each for each in now if each not in before]
        raise ClauseFailed(
            f"the same records as before {after}",
            f"other records{_changed(gone, new)}; gone: {_list(gone)}; new: {_list(new)}",
            fault=Fault(shows=shows or _number_that_differs(before, now)),
            claim=claim("lists", before),
        )


def has_one(listed: list[Record], key: Record, value: Record, *, whose: str, after: str) -> None:
    """Fail unless exactly one of these has the key, and it also has the value.

    The key and the value are records of one field each.
    """
    ((key_field, wanted),), ((field, expected),) = key.items(), value.items()
    found = [getattr(each, field) for each in listed if getattr(each, key_field) == wanted]
    if found != [expected]:
        raise ClauseFailed(
            f"one record {whose}, with {field}={expected!r}, after a save with {after}",
            f"{count(len(found))} {whose}, with {field}={', '.join(map(repr, found)) or 'none'}",
            claim=f"[read(each)[{field!r}] for each in answer "
            f"if read(each)[{key_field!r}] == {wanted!r}] == [{expected!r}]",
        )


def has(name: str, record: Record) -> str:
    """Return Python that asks whether an answer or token in a script has this record's values."""
    return f"has({', '.join([name, *(f'{key}={value!r}' for key, value in record.items())])})"


def claim(function: str, records: Iterable[Record], *more: str) -> str:
    """Return Python that asks a function of a script about the last answer and these records."""
    return f"{function}({', '.join(['answer', *more, *map(str, records)])})"


def _changed(gone: list[Record], new: list[Record]) -> str:
    """Return in words which fields differ, if exactly one record was changed; else ""."""
    if len(gone) != 1 or len(new) != 1:
        return ""
    names = differing(gone[0], new[0])
    return f", with {values(new[0], names)} in place of {values(gone[0], names)}"


_IDS: Final = "len({read(each)['id'] for each in store.get_tokens()}) == len(store.get_tokens())"
"""Python that is true in a script if each stored record has an id of its own."""


def unique_ids(records: Iterable[Record]) -> None:
    """Fail if two records share an id, or if one has no id."""
    seen: dict[str | None, Record] = {}
    for record in records:
        if record.id is None:
            raise ClauseFailed("an id for every record", f"none for {record}", claim=_IDS)
        if record.id in seen:
            raise ClauseFailed(
                "an id of its own for every record",
                f"{record.id!r} for {_list([seen[record.id].but(id=None), record.but(id=None)])}",
                claim=_IDS,
            )
        seen[record.id] = record


def count(number: int) -> str:
    return counted(number, "record")


def lacking(number: int) -> str:
    """Return in words that a listing of so many records lacks one."""
    return f"{count(number)} without it" if number else "an empty list"


def _unmatched(
    expected: Iterable[Record], listed: Iterable[Record]
) -> tuple[list[Record], list[Record]]:
    """Return the expected records that are not listed, and the listed ones not expected."""
    missing = Counter(expected)
    surplus = []
    for record in listed:
        fits = record if missing[record] else record.but(id=None)
        if missing[fits]:
            missing[fits] -= 1
        else:
            surplus.append(record)
    return list(missing.elements()), surplus


def _pairs(missing: list[Record], surplus: list[Record]) -> list[tuple[Record, Record]]:
    """Return each missing record with what is listed in its place. [] if that is not clear."""
    if len(missing) != len(surplus):
        return []
    if len(missing) == 1:
        return [(missing[0], surplus[0])]
    left = list(surplus)
    pairs = []
    for wanted in missing:
        got = next((each for each in left if is_recognized(wanted, each)), None)
        if got is None:
            return []
        left.remove(got)
        pairs.append((wanted, got))
    return pairs


def _fields_that_differ(pairs: list[tuple[Record, Record]]) -> frozenset[str]:
    """Return the fields in which listed records differ from the expected ones."""
    return frozenset(
        name
        for wanted, got in pairs
        for name in FIELDS
        if getattr(wanted, name) != getattr(got, name) and (name != "id" or wanted.id is not None)
    )


def _number_that_differs(missing: list[Record], surplus: list[Record]) -> Shown:
    if len(missing) == len(surplus):
        return Shown.OTHERS
    return Shown.FEWER if len(missing) > len(surplus) else Shown.MORE


def _the_first(changed: list[tuple[Record, Record]], *, of: int) -> tuple[str, str]:
    """Return in words the fields in which the first changed record differs: expected, and got."""
    wanted, got = changed[0]
    fields = _fields_that_differ(changed[:1])
    wrong = [name for name in FIELDS if name in fields]
    one = "one of them with" if of > 1 else "with"
    others = f" ({len(changed) - 1} more differ)" if len(changed) > 1 else ""
    return f", {one} {values(wanted, wrong)}", f", {one} {values(got, wrong)}{others}"


def _some(records: list[Record], *, of: int) -> str:
    """Return in words some of so many records, or all of them."""
    if not records:
        return ""
    return f"{': ' if len(records) == of else ', among them '}{_list(records)}"


def _list(records: list[Record]) -> str:
    return " and ".join(first_of([each.brief() for each in records], 3)) or "none"
