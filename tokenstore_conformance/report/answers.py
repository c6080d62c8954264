"""What a verdict says, in a sentence or two for each store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.plural import counted, first_of
from tokenstore_conformance.report.view import ReportView, StoreView
from tokenstore_conformance.report.wording import STATUSES


def headline(report: ReportView) -> str:
    """Return the result of the run in a sentence."""
    stores = report.stores
    if len(stores) == 1:
        return f"{stores[0].target} {judged(stores[0])}"
    conforming = sum(each.word == "conformant" for each in stores)
    return f"{conforming} of {len(stores)} stores conform"


def judged(store: StoreView) -> str:
    """Return the verdict on a store as words that complete "mypkg:MyStore ..."."""
    return {
        "conformant": "conforms",
        "known-deviations": "conforms, except for accepted failures",
        "not-conformant": "does not conform",
    }.get(store.word, "has no verdict yet")


def answer(store: StoreView) -> str:
    """Return the verdict on a store in a sentence or two."""
    failing = [each for each in store.failures if store.fails_the_run(each)]
    warnings = len(store.failures) - len(failing)
    known = store.with_status(Status.KNOWN)
    accepted = f"{counted(len(known), 'accepted failure')}" if known else ""
    if store.word == "incomplete" and store.target_failures:
        what = counted(len(store.target_failures), "clause")
        text = f"{what} could not be judged."
    elif store.word == "incomplete":
        ran = len(store.clauses) - len(store.with_status(Status.NOT_RUN))
        text = f"This run is incomplete: {ran} of {len(store.clauses)} clauses ran."
    elif store.word == "not-conformant":
        what = counted(len(failing), "clause") if store.strict else counted_must(len(failing))
        broken = f"The store breaks {what} of the contract" if failing else _unjudged(store)
        text = f"{broken}."
    elif store.word == "known-deviations":
        text = f"The store keeps the contract, except for {accepted}."
        accepted = ""
    else:
        text = f"The store keeps {'every clause' if not warnings else 'every MUST clause'}."
    if warnings and store.word != "not-conformant":
        text += f" {counted(warnings, 'SHOULD clause')} failed."
    elif warnings:
        text += f" It also fails {counted(warnings, 'SHOULD clause')}."
    if accepted:
        text += f" There {'is' if len(known) == 1 else 'are'} {accepted}."
    return text


def _unjudged(store: StoreView) -> str:
    return f"{counted(len(store.with_status(Status.NOT_JUDGED)), 'clause')} could not be judged"


def counts(store: StoreView) -> list[tuple[Status, int]]:
    """Return how many clauses have each status, passed first, without those that none has."""
    order = [Status.PASSED, *(each for each in STATUSES if each is not Status.PASSED)]
    found = [(status, len(store.with_status(status))) for status in order]
    return [(status, number) for status, number in found if number]


def in_words(words: Sequence[str]) -> str:
    """Return the words joined by commas and "and"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def effects(store: StoreView) -> list[tuple[str, list[str]]]:
    """Return what the store does to its users, as sentences, with the clauses that show it."""
    return [(f"It {effect}", ids) for effect, ids in store.effects().items()]


def counted_must(number: int) -> str:
    return counted(number, "MUST clause")


def listed(ids: Iterable[str], most: int = 6) -> str:
    """Return the ids in words; if there are many, the first ones and how many follow."""
    return in_words(first_of(list(ids), most))
