"""Every way to look up a record, as data: by each of its keys, by its id, and in the listing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tokenstore_conformance.checks.zcrmsdk.samples import queries
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.plural import first_of
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject

Asking = Callable[[Sequence[Ask]], list[Answer]]
"""Makes calls on one store, and returns the answers."""


@dataclass(frozen=True)
class Lookup:
    """One way to look up records."""

    words: str
    """The way in words, such as "found by user"."""
    ask: Ask


LISTING = Lookup("listed", Ask("get_tokens"))


def lookups(door: Door, records: Iterable[Record]) -> list[Lookup]:
    """Return a lookup for each key and each id of the records, each once, and the listing."""
    found: dict[Ask, Lookup] = {}
    for record in records:
        full = door.in_full(record)
        for way, query in (keys_of(full) if door.makes_ids else queries(full)).items():
            ask = Ask("find", query)
            found[ask] = Lookup(f"found by {way}", ask)
        if door.by_id and full.id is not None:
            ask = Ask("find_by_id", full.only("id"))
            found[ask] = Lookup("found by its id", ask)
    return [*found.values(), LISTING]


def asked(store: Subject, ask: Ask) -> Answer:
    """Make a call, and return its answer. What the store raises is part of the answer."""
    outcome = store.try_request(ask.request(store.door))
    if outcome.error is not None:
        return Answer(error=describe(outcome.error))
    return ask.answer(store.door, outcome.value)


def asked_there(store: Subject, process: Process, asks: Iterable[Ask]) -> list[Answer]:
    """Make calls on a store in another process over the same storage. Return the answers."""
    answers = process.ask(list(asks))
    return [Answer(store.made_good(each.records), each.error) for each in answers]


def said(answer: Answer) -> str:
    """Return an answer in words."""
    if answer.error:
        return f"the exception {answer.error}"
    return " and ".join(first_of([each.brief() for each in answer.records], 3)) or "nothing"
